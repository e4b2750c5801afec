"""Baskets that were merged point on; selections of advisors; how an order is to be delivered."""

import django.db.models.deletion
import vendome.kit.ids
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalogue", "0001_initial"),
        ("clients", "0002_append_only"),
        ("house", "0001_initial"),
        ("orders", "0031_return_numbers"),
        ("people", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Selection",
            fields=[
                (
                    "id",
                    models.UUIDField(default=vendome.kit.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("DRAFT", "DRAFT"), ("SENT", "SENT"), ("TAKEN", "TAKEN"), ("WITHDRAWN", "WITHDRAWN")],
                        max_length=9,
                    ),
                ),
                ("note", models.TextField(blank=True, db_default="", default="")),
                ("created_at", models.DateTimeField()),
                ("sent_at", models.DateTimeField(null=True)),
                ("seen_at", models.DateTimeField(null=True)),
                ("taken_at", models.DateTimeField(null=True)),
                ("expires_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="SelectionItem",
            fields=[
                (
                    "id",
                    models.UUIDField(default=vendome.kit.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("position", models.SmallIntegerField()),
                ("note", models.TextField(blank=True, db_default="", default="")),
                ("hold_id", models.UUIDField(null=True)),
            ],
        ),
        migrations.AddField(
            model_name="basket",
            name="merged_into",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="orders.basket",
            ),
        ),
        migrations.AddField(
            model_name="basketline",
            name="hold_id",
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name="basketline",
            name="selection_id",
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name="order",
            name="delivery",
            field=models.JSONField(db_default={}, default=dict),
        ),
        migrations.AddIndex(
            model_name="basket",
            index=models.Index(
                condition=models.Q(("order_id__isnull", False)), fields=["order_id"], name="basket_of_order"
            ),
        ),
        migrations.AddField(
            model_name="selection",
            name="advisor",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.staff"
            ),
        ),
        migrations.AddField(
            model_name="selection",
            name="client",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clients.client"
            ),
        ),
        migrations.AddField(
            model_name="selection",
            name="maison",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="house.maison"
            ),
        ),
        migrations.AddField(
            model_name="selection",
            name="market",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="house.market"
            ),
        ),
        migrations.AddField(
            model_name="selectionitem",
            name="place",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="house.place",
            ),
        ),
        migrations.AddField(
            model_name="selectionitem",
            name="reference",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalogue.reference"
            ),
        ),
        migrations.AddField(
            model_name="selectionitem",
            name="selection",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="items", to="orders.selection"
            ),
        ),
        migrations.AddIndex(
            model_name="selection",
            index=models.Index(fields=["client", "-created_at"], name="selection_of_client"),
        ),
        migrations.AddConstraint(
            model_name="selection",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["DRAFT", "SENT", "TAKEN", "WITHDRAWN"])), name="selection_state_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="selection",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["DRAFT", "WITHDRAWN"]), ("sent_at__isnull", False), _connector="OR"),
                name="sent_selection_says_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="selection",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "DRAFT")),
                fields=("client", "advisor", "market"),
                name="one_selection_in_the_making",
            ),
        ),
        migrations.AddConstraint(
            model_name="selectionitem",
            constraint=models.UniqueConstraint(fields=("selection", "reference"), name="reference_selected_once"),
        ),
        migrations.AddConstraint(
            model_name="selectionitem",
            constraint=models.CheckConstraint(
                condition=models.Q(("hold_id", None), ("place__isnull", False), _connector="OR"),
                name="kept_piece_has_a_place",
            ),
        ),
        migrations.AddConstraint(
            model_name="selectionitem",
            constraint=models.UniqueConstraint(
                condition=models.Q(("hold_id__isnull", False)), fields=("hold_id",), name="hold_in_one_selection"
            ),
        ),
    ]
