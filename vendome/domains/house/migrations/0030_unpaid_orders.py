"""How many orders a client may leave unpaid online at once."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("house", "0020_lanes_dated")]

    operations = [
        migrations.AddField(
            model_name="maison",
            name="unpaid_orders",
            field=models.SmallIntegerField(db_default=5, default=5),
        ),
        migrations.AddConstraint(
            model_name="maison",
            constraint=models.CheckConstraint(
                condition=models.Q(("unpaid_orders__gte", 1)), name="some_orders_may_wait_for_their_payment"
            ),
        ),
    ]
