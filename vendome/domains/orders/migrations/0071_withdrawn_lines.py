"""The lines there were, while tills go on selling: what was to come back with an exchange that ended never did."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("orders", "0070_line_withdrawn")]

    operations = [
        migrations.RunSQL(
            "UPDATE orders_orderline l SET state = 'WITHDRAWN' FROM orders_order o "
            "WHERE o.id = l.order_id AND o.state = 'CANCELLED' AND l.direction = 'IN' AND l.state = 'HELD'",
            migrations.RunSQL.noop,
        ),
    ]
