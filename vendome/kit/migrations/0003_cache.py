"""The table of the shared cache. It is unlogged: after a crash it is empty, and sign-ins are counted from none."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("kit", "0002_initial")]

    operations = [
        migrations.RunSQL(
            "CREATE UNLOGGED TABLE kit_cache (key text PRIMARY KEY, value text NOT NULL, until_at timestamptz NOT NULL)",
            "DROP TABLE kit_cache",
        ),
    ]
