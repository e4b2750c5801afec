# The rows there were before the constraints of 0051, 0070 and 0080 are looked at here, while orders go on being written.

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("orders", "0081_a_hold_for_each_wanted_piece")]

    operations = [
        ValidateConstraint(model_name="arrival", name="accepted_on_a_document"),
        ValidateConstraint(model_name="arrival", name="exchange_waits_for_its_piece"),
        ValidateConstraint(model_name="orderline", name="order_line_adds_up"),
        ValidateConstraint(model_name="orderline", name="only_what_comes_back_loses_value"),
        ValidateConstraint(model_name="orderline", name="only_what_was_to_come_back_is_withdrawn"),
        ValidateConstraint(model_name="return", name="only_a_courier_comes_for_it"),
        ValidateConstraint(model_name="returnline", name="exchange_of_one_piece_for_one"),
    ]
