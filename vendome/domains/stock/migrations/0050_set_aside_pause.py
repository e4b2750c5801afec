"""What a client has set aside for herself is found again after it has ended, for the pause before the next time."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # the index is made while holds go on being written
    dependencies = [("stock", "0040_safety")]

    operations = [
        AddIndexConcurrently(
            model_name="hold",
            index=models.Index(
                fields=["client_id", "reference"],
                condition=models.Q(("advisor_id", None), ("client_id__isnull", False), ("kind", "RESERVATION")),
                name="hold_set_aside_by_herself",
            ),
        ),
    ]
