"""Carrier services as data; parcels that are insured, sealed and tracked; what the carrier reported."""

import django.contrib.postgres.fields
import django.db.models.deletion
import vendome.kit.ids
from django.db import migrations, models


from vendome.kit.rows import append_only

LINES_OF_EARLIER_PARCELS = """
    INSERT INTO fulfilment_parcelline (id, parcel_id, order_line_id, is_current)
    SELECT vendome_new_id(), p.id, l.id, true
    FROM fulfilment_parcel p JOIN orders_orderline l ON l.order_id = p.order_id AND l.place_id = p.origin_id
    WHERE l.mode = 'DELIVER' AND l.direction = 'OUT'
"""


class Migration(migrations.Migration):
    dependencies = [
        ("fulfilment", "0010_sourcing"),
        ("house", "0001_initial"),
        ("orders", "0050_selections"),
    ]

    operations = [
        migrations.CreateModel(
            name="CarrierService",
            fields=[
                (
                    "id",
                    models.UUIDField(default=vendome.kit.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("carrier", models.TextField()),
                ("code", models.TextField()),
                ("name", models.TextField()),
                (
                    "mode",
                    models.CharField(
                        choices=[("STANDARD", "STANDARD"), ("EXPRESS", "EXPRESS"), ("WHITE_GLOVE", "WHITE_GLOVE")],
                        max_length=12,
                    ),
                ),
                (
                    "countries",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=2), db_default=[], default=list
                    ),
                ),
                (
                    "origins",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=2), db_default=[], default=list
                    ),
                ),
                ("limits", models.JSONField(default=dict)),
                ("needs_signature", models.BooleanField(default=True)),
                ("checks_identity", models.BooleanField(default=False)),
                ("days", models.SmallIntegerField()),
                ("cut_off", models.TimeField()),
                (
                    "windows",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), db_default=[], default=list
                    ),
                ),
                ("slot_seats", models.SmallIntegerField(db_default=0, default=0)),
                ("base_grams", models.IntegerField(db_default=0, default=0)),
                ("grams_per_tonne_km", models.IntegerField(db_default=0, default=0)),
                ("footprint_source", models.TextField()),
                ("rank", models.SmallIntegerField(db_default=0, default=0)),
                ("is_offered", models.BooleanField(db_default=True, default=True)),
            ],
        ),
        migrations.CreateModel(
            name="ParcelDocument",
            fields=[
                (
                    "id",
                    models.UUIDField(default=vendome.kit.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("kind", models.CharField(max_length=10)),
                ("media_type", models.TextField()),
                ("sha256", models.BinaryField()),
                ("content", models.BinaryField()),
                ("actor", models.TextField()),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="ParcelLine",
            fields=[
                (
                    "id",
                    models.UUIDField(default=vendome.kit.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("is_current", models.BooleanField(db_default=True, default=True)),
                ("scanned_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="TrackingEvent",
            fields=[
                (
                    "id",
                    models.UUIDField(default=vendome.kit.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("carrier", models.TextField()),
                ("event_id", models.TextField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("ANNOUNCED", "ANNOUNCED"),
                            ("PICKED_UP", "PICKED_UP"),
                            ("IN_TRANSIT", "IN_TRANSIT"),
                            ("OUT_FOR_DELIVERY", "OUT_FOR_DELIVERY"),
                            ("DELIVERED", "DELIVERED"),
                            ("REFUSED", "REFUSED"),
                            ("RETURNING", "RETURNING"),
                            ("FAILURE", "FAILURE"),
                        ],
                        max_length=16,
                    ),
                ),
                ("message", models.TextField(db_default="", default="")),
                ("where", models.TextField(db_default="", default="")),
                ("at", models.DateTimeField()),
                ("heard_at", models.DateTimeField()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="parcel",
            name="one_parcel_per_order_and_origin",
        ),
        migrations.RemoveConstraint(
            model_name="parcel",
            name="parcel_state_known",
        ),
        migrations.AddField(
            model_name="parcel",
            name="booking",
            field=models.CharField(db_default="NONE", default="NONE", max_length=10),
        ),
        migrations.AddField(
            model_name="parcel",
            name="booking_due_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="parcel",
            name="booking_problem",
            field=models.TextField(db_default="", default=""),
        ),
        migrations.AddField(
            model_name="parcel",
            name="booking_tries",
            field=models.SmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="parcel",
            name="carrier",
            field=models.TextField(db_default="", default=""),
        ),
        migrations.AddField(
            model_name="parcel",
            name="carrier_reference",
            field=models.TextField(db_default="", default=""),
        ),
        migrations.AddField(
            model_name="parcel",
            name="checks_identity",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="parcel",
            name="currency",
            field=models.CharField(db_default="", default="", max_length=3),
        ),
        migrations.AddField(
            model_name="parcel",
            name="ended_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="parcel",
            name="footprint_grams",
            field=models.IntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="parcel",
            name="identity_seen",
            field=models.TextField(db_default="", default=""),
        ),
        migrations.AddField(
            model_name="parcel",
            name="insured_amount",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="parcel",
            name="insured_limit",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="parcel",
            name="needs_signature",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="parcel",
            name="number",
            field=models.SmallIntegerField(db_default=1, default=1),
        ),
        migrations.AddField(
            model_name="parcel",
            name="packed_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="parcel",
            name="problem",
            field=models.TextField(db_default="", default=""),
        ),
        migrations.AddField(
            model_name="parcel",
            name="received_by",
            field=models.TextField(db_default="", default=""),
        ),
        migrations.AddField(
            model_name="parcel",
            name="seal",
            field=models.TextField(db_default="", default=""),
        ),
        migrations.AddField(
            model_name="parcel",
            name="slot_end",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="parcel",
            name="slot_seat",
            field=models.SmallIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="parcel",
            name="slot_start",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="parcel",
            name="tracked_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="parcel",
            name="tracking_number",
            field=models.TextField(db_default="", default=""),
        ),
        migrations.AddField(
            model_name="parcel",
            name="wanted",
            field=models.CharField(db_default="STANDARD", default="STANDARD", max_length=12),
        ),
        migrations.AddField(
            model_name="parcel",
            name="why",
            field=models.TextField(db_default="", default=""),
        ),
        migrations.AlterField(
            model_name="parcel",
            name="state",
            field=models.CharField(
                choices=[
                    ("PREPARING", "PREPARING"),
                    ("PACKED", "PACKED"),
                    ("DISPATCHED", "DISPATCHED"),
                    ("OUT_FOR_DELIVERY", "OUT_FOR_DELIVERY"),
                    ("DELIVERED", "DELIVERED"),
                    ("REFUSED", "REFUSED"),
                    ("RETURNING", "RETURNING"),
                    ("RETURNED", "RETURNED"),
                    ("LOST", "LOST"),
                ],
                max_length=16,
            ),
        ),
        migrations.AddField(
            model_name="carrierservice",
            name="maison",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="house.maison"),
        ),
        migrations.AddField(
            model_name="parcel",
            name="service",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="fulfilment.carrierservice",
            ),
        ),
        migrations.AddIndex(
            model_name="parcel",
            index=models.Index(
                condition=models.Q(("state__in", ["DELIVERED", "RETURNED", "LOST"]), _negated=True),
                fields=["origin", "promised_date"],
                name="parcel_open_at",
            ),
        ),
        migrations.AddIndex(
            model_name="parcel",
            index=models.Index(
                condition=models.Q(("booking", "REQUESTED")), fields=["booking_due_at"], name="parcel_to_book"
            ),
        ),
        migrations.AddConstraint(
            model_name="parcel",
            constraint=models.UniqueConstraint(fields=("order", "origin", "number"), name="parcel_number_once"),
        ),
        migrations.AddConstraint(
            model_name="parcel",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        [
                            "PREPARING",
                            "PACKED",
                            "DISPATCHED",
                            "OUT_FOR_DELIVERY",
                            "DELIVERED",
                            "REFUSED",
                            "RETURNING",
                            "RETURNED",
                            "LOST",
                        ],
                    )
                ),
                name="parcel_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="parcel",
            constraint=models.CheckConstraint(
                condition=models.Q(("booking__in", ["NONE", "REQUESTED", "BOOKED", "FAILED"])),
                name="parcel_booking_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="parcel",
            constraint=models.CheckConstraint(
                condition=models.Q(("insured_amount__gte", 0), ("insured_amount__lte", models.F("insured_limit"))),
                name="parcel_within_what_is_insured",
            ),
        ),
        migrations.AddConstraint(
            model_name="parcel",
            constraint=models.UniqueConstraint(
                condition=models.Q(("seal", ""), _negated=True), fields=("seal",), name="seal_used_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="parcel",
            constraint=models.UniqueConstraint(
                condition=models.Q(("tracking_number", ""), _negated=True),
                fields=("carrier", "tracking_number"),
                name="tracking_number_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="parcel",
            constraint=models.UniqueConstraint(
                condition=models.Q(("slot_seat__isnull", False)),
                fields=("service", "slot_start", "slot_seat"),
                name="slot_seat_taken_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="parcel",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("slot_end", None), ("slot_start", None)),
                    ("slot_end__gt", models.F("slot_start")),
                    _connector="OR",
                ),
                name="slot_has_an_end",
            ),
        ),
        migrations.AddConstraint(
            model_name="parcel",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state", "PREPARING"), ("service", None), models.Q(("seal", ""), _negated=True), _connector="OR"
                ),
                name="packed_parcel_is_sealed",
            ),
        ),
        migrations.AddConstraint(
            model_name="parcel",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "DELIVERED"), _negated=True), ("delivered_at__isnull", False), _connector="OR"
                ),
                name="delivered_parcel_says_when",
            ),
        ),
        migrations.AddField(
            model_name="parceldocument",
            name="parcel",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="fulfilment.parcel"
            ),
        ),
        migrations.AddField(
            model_name="parcelline",
            name="order_line",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="orders.orderline"
            ),
        ),
        migrations.AddField(
            model_name="parcelline",
            name="parcel",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="lines", to="fulfilment.parcel"
            ),
        ),
        migrations.AddField(
            model_name="trackingevent",
            name="parcel",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="fulfilment.parcel"
            ),
        ),
        migrations.AddConstraint(
            model_name="carrierservice",
            constraint=models.UniqueConstraint(fields=("maison", "carrier", "code"), name="carrier_service_once"),
        ),
        migrations.AddConstraint(
            model_name="carrierservice",
            constraint=models.CheckConstraint(
                condition=models.Q(("mode__in", ["STANDARD", "EXPRESS", "WHITE_GLOVE"])), name="service_mode_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="carrierservice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("mode", "WHITE_GLOVE"), _negated=True), ("slot_seats__gt", 0), _connector="OR"
                ),
                name="white_glove_has_somebody_to_send",
            ),
        ),
        migrations.AddConstraint(
            model_name="carrierservice",
            constraint=models.CheckConstraint(
                condition=models.Q(("footprint_source", ""), _negated=True), name="footprint_names_its_source"
            ),
        ),
        migrations.AddConstraint(
            model_name="parceldocument",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["LABEL", "SIGNATURE"])), name="parcel_document_kind_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="parceldocument",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "SIGNATURE")), fields=("parcel",), name="one_signature_for_each_parcel"
            ),
        ),
        migrations.AddConstraint(
            model_name="parcelline",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_current", True)), fields=("order_line",), name="line_travels_in_one_parcel"
            ),
        ),
        migrations.AddConstraint(
            model_name="trackingevent",
            constraint=models.UniqueConstraint(fields=("parcel", "event_id"), name="tracking_event_once"),
        ),
        migrations.AddConstraint(
            model_name="trackingevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "ANNOUNCED",
                            "PICKED_UP",
                            "IN_TRANSIT",
                            "OUT_FOR_DELIVERY",
                            "DELIVERED",
                            "REFUSED",
                            "RETURNING",
                            "FAILURE",
                        ],
                    )
                ),
                name="tracking_kind_known",
            ),
        ),
        append_only("fulfilment_trackingevent"),
        append_only("fulfilment_parceldocument"),
        migrations.RunSQL(LINES_OF_EARLIER_PARCELS, migrations.RunSQL.noop),
    ]
