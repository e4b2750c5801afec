"""Consent and opened files are logs: added to, never changed."""

from django.db import migrations

from vendome.kit.rows import append_only


class Migration(migrations.Migration):
    dependencies = [("clients", "0001_initial"), ("kit", "0001_extensions")]

    operations = [append_only("clients_consent"), append_only("clients_fileopening")]
