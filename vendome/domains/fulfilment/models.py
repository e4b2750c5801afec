"""Tables of fulfilment."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from vendome.domains.fulfilment.types import (
    Booking,
    DeliveryMode,
    ExceptionKind,
    ParcelState,
    RefusalReason,
    Resolution,
    RuleKind,
    Tracked,
)
from vendome.kit.rows import Row


class HandOver(Row):
    """A line given to the client: who gave it, where, and how she was known. Never changed, never deleted."""

    order_line = models.OneToOneField("orders.OrderLine", on_delete=models.PROTECT, related_name="+")
    piece = models.ForeignKey("stock.Piece", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    place = models.ForeignKey("house.Place", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    client = models.ForeignKey("clients.Client", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    actor = models.TextField()
    proof = models.TextField()  # IDENTITY_SEEN, ORDER_CODE, KNOWN_TO_ADVISOR, CARRIER
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(proof=""), name="hand_over_names_its_proof")]


class CarrierService(Row):
    """What one carrier offers, as data: where to, how much it insures, what it asks at the door, how clean it is."""

    maison = models.ForeignKey("house.Maison", on_delete=models.PROTECT, related_name="+")
    carrier = models.TextField()  # the name of a port; `house` for the house's own concierge
    code = models.TextField()  # as the carrier calls it
    name = models.TextField()
    mode = models.CharField(max_length=12, choices=[(m.value, m.name) for m in DeliveryMode])
    countries = ArrayField(models.CharField(max_length=2), default=list, db_default=[])  # empty: everywhere
    origins = ArrayField(models.CharField(max_length=2), default=list, db_default=[])
    limits = models.JSONField(default=dict)  # currency -> minor units that one parcel may be insured for
    needs_signature = models.BooleanField(default=True)
    checks_identity = models.BooleanField(default=False)
    days = models.SmallIntegerField()
    cut_off = models.TimeField()  # at the origin
    windows = ArrayField(models.TextField(), default=list, db_default=[])  # white glove: "10:00-12:00"
    slot_seats = models.SmallIntegerField(default=0, db_default=0)  # deliveries at one time
    base_grams = models.IntegerField(default=0, db_default=0)  # CO2e of handling and the last mile
    grams_per_tonne_km = models.IntegerField(default=0, db_default=0)
    footprint_source = models.TextField()
    rank = models.SmallIntegerField(default=0, db_default=0)
    is_offered = models.BooleanField(default=True, db_default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["maison", "carrier", "code"], name="carrier_service_once"),
            models.CheckConstraint(condition=Q(mode__in=[m.value for m in DeliveryMode]), name="service_mode_known"),
            models.CheckConstraint(
                condition=~Q(mode="WHITE_GLOVE") | Q(slot_seats__gt=0), name="white_glove_has_somebody_to_send"
            ),
            models.CheckConstraint(condition=~Q(footprint_source=""), name="footprint_names_its_source"),
        ]


class Parcel(Row):
    """What travels to a client's home: insured within its service's limit, sealed, in the carrier's custody."""

    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="+")
    origin = models.ForeignKey("house.Place", on_delete=models.PROTECT, related_name="+")
    number = models.SmallIntegerField(default=1, db_default=1)
    state = models.CharField(max_length=16, choices=[(s.value, s.name) for s in ParcelState])
    address = ArrayField(models.TextField())
    promised_date = models.DateField()
    wanted = models.CharField(max_length=12, default="STANDARD", db_default="STANDARD")
    service = models.ForeignKey(CarrierService, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    carrier = models.TextField(default="", db_default="")
    why = models.TextField(default="", db_default="")  # why this service
    carrier_reference = models.TextField(default="", db_default="")
    tracking_number = models.TextField(default="", db_default="")
    currency = models.CharField(max_length=3, default="", db_default="")
    insured_amount = models.BigIntegerField(default=0, db_default=0)
    insured_limit = models.BigIntegerField(default=0, db_default=0)
    needs_signature = models.BooleanField(default=False, db_default=False)
    checks_identity = models.BooleanField(default=False, db_default=False)
    seal = models.TextField(default="", db_default="")
    slot_start = models.DateTimeField(null=True)
    slot_end = models.DateTimeField(null=True)
    slot_seat = models.SmallIntegerField(null=True)
    footprint_grams = models.IntegerField(default=0, db_default=0)
    booking = models.CharField(max_length=10, default="NONE", db_default="NONE")
    booking_tries = models.SmallIntegerField(default=0, db_default=0)
    booking_due_at = models.DateTimeField(null=True)
    booking_problem = models.TextField(default="", db_default="")
    tracked_at = models.DateTimeField(null=True)
    received_by = models.TextField(default="", db_default="")
    identity_seen = models.TextField(default="", db_default="")  # the kind of document, never its number
    problem = models.TextField(default="", db_default="")
    packed_at = models.DateTimeField(null=True)
    dispatched_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "origin", "number"], name="parcel_number_once"),
            models.CheckConstraint(condition=Q(state__in=[s.value for s in ParcelState]), name="parcel_state_known"),
            models.CheckConstraint(condition=Q(booking__in=[b.value for b in Booking]), name="parcel_booking_known"),
            models.CheckConstraint(
                condition=Q(insured_amount__gte=0, insured_amount__lte=F("insured_limit")),
                name="parcel_within_what_is_insured",
            ),
            models.UniqueConstraint(fields=["seal"], condition=~Q(seal=""), name="seal_used_once"),
            models.UniqueConstraint(
                fields=["carrier", "tracking_number"], condition=~Q(tracking_number=""), name="tracking_number_once"
            ),
            models.UniqueConstraint(
                fields=["service", "slot_start", "slot_seat"],
                condition=Q(slot_seat__isnull=False),
                name="slot_seat_taken_once",
            ),
            models.CheckConstraint(
                condition=Q(slot_start=None, slot_end=None) | Q(slot_end__gt=F("slot_start")), name="slot_has_an_end"
            ),
            models.CheckConstraint(
                condition=Q(state="PREPARING") | Q(service=None) | ~Q(seal=""), name="packed_parcel_is_sealed"
            ),
            models.CheckConstraint(
                condition=~Q(state="DELIVERED") | Q(delivered_at__isnull=False), name="delivered_parcel_says_when"
            ),
        ]
        indexes = [
            models.Index(fields=["promised_date"], condition=~Q(state="DELIVERED"), name="parcel_under_way"),
            models.Index(
                fields=["origin", "promised_date"],
                condition=~Q(state__in=["DELIVERED", "RETURNED", "LOST"]),
                name="parcel_open_at",
            ),
            models.Index(fields=["booking_due_at"], condition=Q(booking="REQUESTED"), name="parcel_to_book"),
        ]


class RoutingRule(Row):
    """One rule of a maison, for one channel or (empty) for all others; the first that separates two places decides."""

    maison = models.ForeignKey("house.Maison", on_delete=models.PROTECT, related_name="+", db_index=False)
    channel = models.TextField(blank=True, default="")
    position = models.SmallIntegerField()
    kind = models.CharField(max_length=16, choices=[(k.value, k.name) for k in RuleKind])
    step = models.IntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["maison", "channel", "kind"], name="routing_rule_once"),
            models.UniqueConstraint(
                fields=["maison", "channel", "position"],
                name="routing_rules_in_one_order",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.CheckConstraint(condition=Q(kind__in=[k.value for k in RuleKind]), name="routing_rule_known"),
            models.CheckConstraint(condition=Q(step__gte=1, step__lte=10_000), name="routing_step_sane"),
        ]


class OrderException(Row):
    """Something of an order that waits for a person, with what it is worth; nothing is ever nowhere."""

    maison = models.ForeignKey("house.Maison", on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=12, choices=[(k.value, k.name) for k in ExceptionKind])
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="+", db_index=False)
    order_line = models.ForeignKey("orders.OrderLine", on_delete=models.PROTECT, null=True, related_name="+")
    parcel = models.ForeignKey(Parcel, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    place = models.ForeignKey("house.Place", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    reason = models.CharField(max_length=16, blank=True, default="")
    note = models.TextField(blank=True, default="")
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    raised_at = models.DateTimeField()
    raised_by = models.TextField()
    owner = models.ForeignKey("people.Staff", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    waits_until = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.TextField(blank=True, default="")
    resolution = models.CharField(max_length=16, blank=True, default="")
    resolution_note = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["order", "order_line", "parcel", "kind"],
                condition=Q(resolved_at=None),
                name="exception_open_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(condition=Q(kind__in=[k.value for k in ExceptionKind]), name="exception_kind_known"),
            models.CheckConstraint(
                condition=~Q(kind=ExceptionKind.REFUSED)
                | Q(reason__in=[r.value for r in RefusalReason], order_line__isnull=False, place__isnull=False),
                name="refusal_says_why",
            ),
            models.CheckConstraint(
                condition=Q(resolved_at=None, resolution="")
                | Q(resolved_at__isnull=False, resolution__in=[r.value for r in Resolution]),
                name="exception_ends_with_a_resolution",
            ),
        ]
        indexes = [
            models.Index(fields=["maison", "raised_at"], condition=Q(resolved_at=None), name="exception_open"),
            models.Index(fields=["order"], name="exception_of_order"),
        ]


class ParcelLine(Row):
    """Which line travels in which parcel; a line is in one that still counts."""

    parcel = models.ForeignKey(Parcel, on_delete=models.CASCADE, related_name="lines")
    order_line = models.ForeignKey("orders.OrderLine", on_delete=models.PROTECT, related_name="+")
    is_current = models.BooleanField(default=True, db_default=True)  # false once the parcel came back or was lost
    scanned_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["order_line"], condition=Q(is_current=True), name="line_travels_in_one_parcel"
            )
        ]


class ParcelDocument(Row):
    """A label or a signature, with its digest. Never changed."""

    parcel = models.ForeignKey(Parcel, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10)  # LABEL, SIGNATURE
    media_type = models.TextField()
    sha256 = models.BinaryField()
    content = models.BinaryField()
    actor = models.TextField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["LABEL", "SIGNATURE"]), name="parcel_document_kind_known"),
            models.UniqueConstraint(
                fields=["parcel"], condition=Q(kind="SIGNATURE"), name="one_signature_for_each_parcel"
            ),
        ]


class TrackingEvent(Row):
    """What the carrier reported, each scan once however often it is told. Never changed, never deleted."""

    parcel = models.ForeignKey(Parcel, on_delete=models.PROTECT, related_name="+")
    carrier = models.TextField()
    event_id = models.TextField()
    kind = models.CharField(max_length=16, choices=[(t.value, t.name) for t in Tracked])
    message = models.TextField(default="", db_default="")
    where = models.TextField(default="", db_default="")
    at = models.DateTimeField()
    heard_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["parcel", "event_id"], name="tracking_event_once"),
            models.CheckConstraint(condition=Q(kind__in=[t.value for t in Tracked]), name="tracking_kind_known"),
        ]
