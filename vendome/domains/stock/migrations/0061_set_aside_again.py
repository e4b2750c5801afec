"""What an order took over from a set-aside remembers what it was, and until when."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("stock", "0060_kept_without_paying")]

    operations = [
        migrations.AddField(
            model_name="hold",
            name="set_aside_as",
            field=models.CharField(blank=True, db_default="", default="", max_length=12),
        ),
        migrations.AddField(model_name="hold", name="set_aside_until", field=models.DateTimeField(null=True)),
    ]
