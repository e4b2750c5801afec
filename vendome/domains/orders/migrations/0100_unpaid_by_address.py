"""Orders placed without an account that wait for their payment, by the address they were placed under."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Lower, Trim


class Migration(migrations.Migration):
    atomic = False  # the index is made while orders go on being placed
    dependencies = [("orders", "0090_returns_checked")]

    operations = [
        AddIndexConcurrently(
            model_name="order",
            index=models.Index(
                Lower(Trim(KeyTextTransform("email", "contact"))),
                condition=models.Q(("channel", "web"), ("client", None), ("state", "AWAITING_PAYMENT")),
                name="order_unpaid_by_address",
            ),
        ),
    ]
