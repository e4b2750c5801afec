"""A gift card's ledger and what providers told us are added to, never changed."""

from django.db import migrations

from vendome.kit.rows import append_only


class Migration(migrations.Migration):
    dependencies = [("payments", "0010_tenders"), ("kit", "0001_extensions")]

    operations = [append_only("payments_giftcardentry"), append_only("payments_providerevent")]
