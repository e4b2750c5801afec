# The rows there were before the constraint of 0031 are looked at here, while payments go on being written.

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("payments", "0080_old_credits")]

    operations = [ValidateConstraint(model_name="payment", name="gift_card_tender_names_its_card")]
