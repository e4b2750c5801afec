"""Postings are added, never changed."""

from django.db import migrations

from vendome.kit.rows import append_only


class Migration(migrations.Migration):
    dependencies = [("payments", "0001_initial"), ("kit", "0001_extensions")]

    operations = [append_only("payments_posting")]
