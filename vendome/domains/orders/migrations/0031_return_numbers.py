"""Return numbers come from a sequence of their own; lines that came back before are counted once."""

from django.db import migrations

COUNT_WHAT_CAME_BACK = """
    UPDATE orders_orderline s SET
        returned_quantity = least(b.quantity, s.quantity), credited_quantity = least(b.quantity, s.quantity),
        returned_amount = least(b.amount, s.amount), returned_tax_amount = least(b.tax, s.tax_amount)
    FROM (SELECT returned_line_id, sum(quantity)::integer AS quantity, sum(amount)::bigint AS amount,
                 sum(tax_amount)::bigint AS tax
          FROM orders_orderline WHERE returned_line_id IS NOT NULL GROUP BY 1) b
    WHERE s.id = b.returned_line_id
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0030_returns")]

    operations = [
        migrations.RunSQL("CREATE SEQUENCE orders_return_number START 20001", "DROP SEQUENCE orders_return_number"),
        migrations.RunSQL(COUNT_WHAT_CAME_BACK, migrations.RunSQL.noop),
    ]
