# The rows there were before the constraints of 0051 are looked at here, while orders go on being written.

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("orders", "0080_exchanges_from_afar")]

    operations = [
        ValidateConstraint(model_name="arrival", name="accepted_on_a_document"),
        ValidateConstraint(model_name="arrival", name="exchange_waits_for_its_piece"),
        ValidateConstraint(model_name="orderline", name="order_line_adds_up"),
        ValidateConstraint(model_name="orderline", name="only_what_comes_back_loses_value"),
    ]
