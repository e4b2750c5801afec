"""The ledger is added to, never changed."""

from django.db import migrations

from vendome.kit.rows import append_only


class Migration(migrations.Migration):
    dependencies = [("stock", "0001_initial"), ("kit", "0001_extensions")]

    operations = [append_only("stock_movement")]
