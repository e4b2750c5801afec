"""What was to come back with an exchange that ended is not held any more: the line says that it never did."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

STATES = ["HELD", "ON_THE_WAY", "ARRIVED", "READY", "HANDED_OVER", "DISPATCHED", "RETURNED", "CANCELLED", "WITHDRAWN"]


class Migration(migrations.Migration):
    dependencies = [
        ("catalogue", "0001_initial"),
        ("house", "0010_sourcing"),
        ("orders", "0051_returns_whole"),
        ("stock", "0040_safety"),
    ]

    operations = [
        *(
            migrations.AlterField(
                model_name=name,
                name="state",
                field=models.CharField(choices=[(state, state) for state in STATES], max_length=12),
            )
            for name in ("linestep", "orderline")
        ),
        AddConstraintNotValid(
            model_name="orderline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "WITHDRAWN"), _negated=True), ("direction", "IN"), _connector="OR"
                ),
                name="only_what_was_to_come_back_is_withdrawn",
            ),
        ),
    ]
