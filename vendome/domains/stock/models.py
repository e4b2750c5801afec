"""Tables of the stock domain. Only the SQL functions and services here write them."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from vendome.domains.stock.types import HoldKind, HoldState, MovementKind, PieceState
from vendome.kit.rows import Row


class Level(models.Model):
    """What one place has of one reference: on hand and held; what is free is the difference."""

    id = models.BigAutoField(primary_key=True)
    reference = models.ForeignKey("catalogue.Reference", on_delete=models.PROTECT, related_name="+", db_index=False)
    place = models.ForeignKey("house.Place", on_delete=models.PROTECT, related_name="+")
    on_hand = models.IntegerField(default=0)
    held = models.IntegerField(default=0)
    safety = models.IntegerField(default=0, db_default=0)  # kept for who stands at the counter, never promised afar

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["reference", "place"],
                name="level_one_per_reference_and_place",
                include=["on_hand", "held", "safety"],
            ),
            models.CheckConstraint(condition=Q(held__lte=F("on_hand")), name="stock_never_oversold"),
            models.CheckConstraint(condition=Q(held__gte=0), name="stock_held_not_negative"),
            models.CheckConstraint(condition=Q(safety__gte=0), name="safety_stock_not_negative"),
        ]


class Piece(Row):
    """One watch or jewel: one serial number, one owner, one place, one state."""

    maison = models.ForeignKey("house.Maison", on_delete=models.PROTECT, related_name="+")
    reference = models.ForeignKey("catalogue.Reference", on_delete=models.PROTECT, related_name="+", db_index=False)
    serial = models.TextField()
    epc = models.TextField(unique=True)
    state = models.CharField(max_length=12, choices=[(s.value, s.name) for s in PieceState])
    owner = models.TextField(default="HOUSE")  # HOUSE, a partner's name, or CLIENT
    place = models.ForeignKey("house.Place", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    client = models.ForeignKey("clients.Client", on_delete=models.PROTECT, null=True, related_name="+")
    hold_id = models.UUIDField(null=True)
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["maison", "serial"], name="serial_exists_once"),
            models.UniqueConstraint(
                fields=["hold_id"], condition=Q(hold_id__isnull=False), name="hold_keeps_one_piece"
            ),
            models.CheckConstraint(
                condition=Q(hold_id=None) | Q(state__in=[state.value for state in PieceState if state.is_standing]),
                name="only_stock_is_held",
            ),
            models.CheckConstraint(
                condition=~Q(hold_id=None)
                | ~Q(state__in=[PieceState.IN_TRANSIT, PieceState.QUARANTINED, PieceState.ON_LOAN]),
                name="what_is_not_for_sale_is_held",
            ),
            models.CheckConstraint(
                condition=Q(state=PieceState.WITH_CLIENT, place=None)
                | Q(state__in=[PieceState.LOST, PieceState.WRITTEN_OFF])
                | (~Q(state=PieceState.WITH_CLIENT) & Q(place__isnull=False)),
                name="piece_is_in_one_place",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in PieceState]), name="piece_state_known"
            ),
        ]
        indexes = [
            models.Index(fields=["reference", "place"], condition=Q(state="IN_STOCK", hold_id=None), name="piece_free"),
            models.Index(fields=["place", "reference"], condition=Q(place__isnull=False), name="piece_at_place"),
        ]


class Movement(models.Model):
    """One line of the ledger. The only explanation a quantity has; never changed, never deleted."""

    id = models.UUIDField(primary_key=True, editable=False)
    at = models.DateTimeField()
    kind = models.CharField(max_length=16, choices=[(k.value, k.name) for k in MovementKind])
    place = models.ForeignKey("house.Place", on_delete=models.PROTECT, related_name="+", db_index=False)
    reference = models.ForeignKey("catalogue.Reference", on_delete=models.PROTECT, related_name="+", db_index=False)
    piece = models.ForeignKey(Piece, on_delete=models.PROTECT, null=True, related_name="+")
    on_hand_change = models.IntegerField(default=0)
    held_change = models.IntegerField(default=0)
    on_hand_after = models.IntegerField()
    held_after = models.IntegerField()
    order_id = models.UUIDField(null=True)
    hold_id = models.UUIDField(null=True)
    actor = models.TextField()
    reason = models.TextField(blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind__in=["CORRECTED", "WRITTEN_OFF", "LOST"]) | ~Q(reason=""),
                name="correction_has_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(held_after__lte=F("on_hand_after"), held_after__gte=0), name="ledger_never_oversold"
            ),
        ]
        indexes = [models.Index(fields=["reference", "place", "id"], name="ledger_of_level")]


class Hold(Row):
    """A promise of stock: for whom, why, where and until when. Hand-over consumes this very row."""

    kind = models.CharField(max_length=12, choices=[(k.value, k.name) for k in HoldKind])
    state = models.CharField(max_length=8, choices=[(s.value, s.name) for s in HoldState], default=HoldState.ACTIVE)
    reference = models.ForeignKey("catalogue.Reference", on_delete=models.PROTECT, related_name="+", db_index=False)
    piece = models.ForeignKey(Piece, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    place = models.ForeignKey("house.Place", on_delete=models.PROTECT, related_name="+", db_index=False)
    is_place_flexible = models.BooleanField(default=False)  # sourcing may move it to another place
    quantity = models.IntegerField()
    client_id = models.UUIDField(null=True)
    advisor_id = models.UUIDField(null=True)
    order_id = models.UUIDField(null=True)
    order_line_id = models.UUIDField(null=True)
    basket_id = models.UUIDField(null=True)
    reason = models.TextField(blank=True, default="", db_default="")
    held_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["piece"], condition=Q(state="ACTIVE", piece__isnull=False), name="piece_held_once"
            ),
            models.UniqueConstraint(
                fields=["order_line_id"],
                condition=Q(state="ACTIVE", order_line_id__isnull=False),
                name="order_line_held_once",
            ),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="hold_of_something"),
            models.CheckConstraint(condition=Q(piece=None) | Q(quantity=1), name="hold_of_a_piece_is_one"),
            models.CheckConstraint(
                condition=Q(state="ACTIVE", ended_at=None) | (~Q(state="ACTIVE") & Q(ended_at__isnull=False)),
                name="hold_ends_once",
            ),
        ]
        indexes = [
            models.Index(fields=["place", "reference"], condition=Q(state="ACTIVE"), name="hold_active_at"),
            models.Index(fields=["expires_at"], condition=Q(state="ACTIVE", expires_at__isnull=False), name="hold_due"),
            models.Index(
                fields=["client_id"], condition=Q(state="ACTIVE", client_id__isnull=False), name="hold_of_client"
            ),
        ]
