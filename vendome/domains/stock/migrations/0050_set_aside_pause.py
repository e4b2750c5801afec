"""What a client has set aside for herself is found again after it has ended, for the pause before the next time."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("stock", "0040_safety")]

    operations = [
        migrations.AddIndex(
            model_name="hold",
            index=models.Index(
                fields=["client_id", "reference"],
                condition=models.Q(("advisor_id", None), ("client_id__isnull", False), ("kind", "RESERVATION")),
                name="hold_set_aside_by_herself",
            ),
        ),
    ]
