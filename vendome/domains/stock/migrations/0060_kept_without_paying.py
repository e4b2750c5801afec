"""What a client kept without paying is found again after it has ended, set aside or in an order; orders write nothing more."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # the indexes change while holds go on being written
    dependencies = [("stock", "0050_set_aside_pause")]

    operations = [
        AddIndexConcurrently(
            model_name="hold",
            index=models.Index(
                fields=["client_id", "reference"],
                condition=models.Q(
                    ("advisor_id", None),
                    ("client_id__isnull", False),
                    ("expires_at__isnull", False),
                    ("state__in", ["RELEASED", "EXPIRED"]),
                ),
                name="hold_ended_unpaid",
            ),
        ),
        RemoveIndexConcurrently(model_name="hold", name="hold_set_aside_by_herself"),
    ]
