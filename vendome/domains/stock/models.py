"""Tables of the stock domain. Only the SQL functions and services here write them."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from vendome.domains.stock.counting import ANSWERS, CountKind, CountState, FindingKind, ReadSource, Resolution
from vendome.domains.stock.replenishing import ProposalState
from vendome.domains.stock.scarcity_models import Allocation, AllocationNote, Entry, Invitation, QuotaRule, QuotaUse
from vendome.domains.stock.types import (
    OPEN_TRANSFERS,
    Discrepancy,
    HoldKind,
    HoldState,
    MovementKind,
    PieceState,
    TransferState,
)
from vendome.kit.rows import Row

__all__ = [
    "Allocation",
    "AllocationNote",
    "Entry",
    "Hold",
    "Invitation",
    "Level",
    "Movement",
    "Piece",
    "QuotaRule",
    "QuotaUse",
]


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
    allocation_id = models.UUIDField(null=True)  # one of the pieces of an allocation, with or without a client yet
    reason = models.TextField(blank=True, default="", db_default="")
    held_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    set_aside_as = models.CharField(
        max_length=12, blank=True, default="", db_default=""
    )  # its kind until an order took it
    set_aside_until = models.DateTimeField(null=True)  # and its own end; it is that again if she does not pay
    due_date = models.DateField(null=True)  # when a loan should be back; unlike a hold that runs out, nothing ends then

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
            models.Index(
                fields=["client_id", "reference"],
                condition=Q(
                    state__in=["RELEASED", "EXPIRED"],
                    client_id__isnull=False,
                    advisor_id=None,
                    expires_at__isnull=False,
                ),
                name="hold_ended_unpaid",
            ),
            models.Index(
                fields=["allocation_id"],
                condition=Q(state="ACTIVE", allocation_id__isnull=False, client_id=None),
                name="hold_to_be_offered",
            ),
            models.Index(
                fields=["allocation_id"],
                condition=Q(state="ACTIVE", allocation_id__isnull=False),
                name="hold_of_allocation",
            ),
        ]


_BEFORE_APPROVAL = (TransferState.REQUESTED, TransferState.REFUSED, TransferState.CANCELLED)
_AFTER_DISPATCH = (TransferState.DISPATCHED, TransferState.RECEIVED, TransferState.CLOSED_WITH_DISCREPANCY)
_GIVEN_UP = (TransferState.REFUSED, TransferState.CANCELLED)


class Transfer(Row):
    """Pieces asked for, let go, picked, sent and received: who and when of every step. Moves forward only."""

    maison = models.ForeignKey("house.Maison", on_delete=models.PROTECT, related_name="+", db_index=False)
    number = models.TextField()
    from_place = models.ForeignKey("house.Place", on_delete=models.PROTECT, related_name="+", db_index=False)
    to_place = models.ForeignKey("house.Place", on_delete=models.PROTECT, related_name="+", db_index=False)
    state = models.CharField(max_length=24, choices=[(s.value, s.name) for s in TransferState])
    reason = models.TextField()
    client = models.ForeignKey("clients.Client", on_delete=models.PROTECT, null=True, related_name="+")
    order_line_id = models.UUIDField(null=True)
    waybill = models.TextField(blank=True, default="", db_default="")  # the carrier's number, or the seal's
    requested_at = models.DateTimeField()
    requested_by = models.TextField()
    approved_at = models.DateTimeField(null=True)
    approved_by = models.TextField(blank=True, default="", db_default="")
    picked_at = models.DateTimeField(null=True)
    picked_by = models.TextField(blank=True, default="", db_default="")
    dispatched_at = models.DateTimeField(null=True)
    dispatched_by = models.TextField(blank=True, default="", db_default="")
    ended_at = models.DateTimeField(null=True)  # received, closed, refused or cancelled
    ended_by = models.TextField(blank=True, default="", db_default="")
    ended_reason = models.TextField(blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["maison", "number"], name="transfer_number_once"),
            models.CheckConstraint(condition=~Q(from_place=F("to_place")), name="transfer_goes_somewhere"),
            models.CheckConstraint(condition=~Q(reason=""), name="transfer_says_why"),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in TransferState]), name="transfer_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[s.value for s in _BEFORE_APPROVAL]) | Q(approved_at__isnull=False),
                name="transfer_approved_before_it_goes",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[s.value for s in _AFTER_DISPATCH]) | Q(dispatched_at__isnull=False),
                name="transfer_sent_before_it_arrives",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[s.value for s in OPEN_TRANSFERS], ended_at=None)
                | (~Q(state__in=[s.value for s in OPEN_TRANSFERS]) & Q(ended_at__isnull=False)),
                name="transfer_ends_once",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[s.value for s in _GIVEN_UP]) | ~Q(ended_reason=""),
                name="transfer_given_up_with_a_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["to_place", "state"], name="transfer_into"),
            models.Index(fields=["from_place", "state"], name="transfer_out_of"),
            models.Index(fields=["maison", "-requested_at", "-id"], name="transfer_newest_first"),
        ]


class TransferLine(Row):
    """One piece, or one quantity, of a transfer, with its hold; settled once."""

    transfer = models.ForeignKey(Transfer, on_delete=models.PROTECT, related_name="lines", db_index=False)
    position = models.SmallIntegerField()
    reference = models.ForeignKey("catalogue.Reference", on_delete=models.PROTECT, related_name="+", db_index=False)
    quantity = models.IntegerField()
    piece = models.ForeignKey(Piece, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    hold_id = models.UUIDField(null=True)
    received_quantity = models.IntegerField(null=True)
    discrepancy = models.CharField(
        max_length=12, choices=[(d.value, d.name) for d in Discrepancy], blank=True, default="", db_default=""
    )
    note = models.TextField(blank=True, default="", db_default="")
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["transfer", "position"], name="transfer_line_position_once"),
            models.UniqueConstraint(
                fields=["hold_id"],
                condition=Q(hold_id__isnull=False, settled_at=None),
                name="hold_in_one_open_transfer",
            ),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="transfer_line_of_something"),
            models.CheckConstraint(condition=Q(piece=None) | Q(quantity=1), name="transfer_line_of_a_piece_is_one"),
            models.CheckConstraint(
                condition=Q(received_quantity=None)
                | Q(received_quantity=F("quantity"), settled_at__isnull=False)
                | (
                    Q(received_quantity__gte=0, received_quantity__lt=F("quantity"), settled_at__isnull=False)
                    & ~Q(discrepancy="")
                ),
                name="what_did_not_arrive_is_told",
            ),
            models.CheckConstraint(
                condition=Q(discrepancy="") | (Q(discrepancy__in=[d.value for d in Discrepancy]) & ~Q(note="")),
                name="discrepancy_says_what",
            ),
        ]
        indexes = [
            models.Index(fields=["hold_id"], condition=Q(hold_id__isnull=False), name="transfer_of_hold"),
            models.Index(fields=["reference"], condition=Q(settled_at=None), name="transfer_of_reference"),
        ]


# -- counts ------------------------------------------------------------------------------------------------------


class Count(Row):
    """What stands at a place, looked at: whole or some families of it. One at a time for each place."""

    maison = models.ForeignKey("house.Maison", on_delete=models.PROTECT, related_name="+", db_index=False)
    place = models.ForeignKey("house.Place", on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=5, choices=[(k.value, k.name) for k in CountKind])
    families = ArrayField(models.TextField(), default=list)
    reference_ids = ArrayField(models.UUIDField(), default=list)
    state = models.CharField(max_length=9, choices=[(s.value, s.name) for s in CountState], default=CountState.OPEN)
    after_movement = models.UUIDField()  # the ledger's last line when it was opened; later ones are "since"
    opened_at = models.DateTimeField()
    opened_by = models.TextField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.TextField(default="", db_default="")
    expected = models.IntegerField(default=0, db_default=0)
    found = models.IntegerField(default=0, db_default=0)
    missing = models.IntegerField(default=0, db_default=0)
    misplaced = models.IntegerField(default=0, db_default=0)
    strangers = models.IntegerField(default=0, db_default=0)
    surplus = models.IntegerField(default=0, db_default=0)
    moved = models.IntegerField(default=0, db_default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["place"], condition=Q(state="OPEN"), name="place_counted_once_at_a_time"),
            models.CheckConstraint(
                condition=Q(kind=CountKind.FULL, families=[], reference_ids=[])
                | (Q(kind=CountKind.CYCLE) & ~Q(families=[], reference_ids=[])),
                name="count_names_its_scope",
            ),
            models.CheckConstraint(
                condition=Q(state=CountState.OPEN, closed_at=None)
                | Q(state__in=[CountState.CLOSED, CountState.CANCELLED], closed_at__isnull=False),
                name="count_ends_once",
            ),
            models.CheckConstraint(condition=Q(found__gte=0, found__lte=F("expected")), name="count_found_of_expected"),
        ]
        indexes = [
            models.Index(fields=["place", "-closed_at"], name="count_of_place"),
            models.Index(fields=["maison", "-opened_at"], name="count_newest_first"),
        ]


class CountBatch(Row):
    """One list, scan or quantity as it came in; the last one can be taken back."""

    count = models.ForeignKey(Count, on_delete=models.PROTECT, related_name="+")
    source = models.CharField(max_length=4, choices=[(s.value, s.name) for s in ReadSource])
    lines = models.IntegerField()
    distinct = models.IntegerField()
    fresh = models.IntegerField()
    here = models.IntegerField()
    elsewhere = models.IntegerField()
    strangers = models.IntegerField()
    after_movement = models.UUIDField()  # a quantity is compared with the level as it was here in the ledger
    at = models.DateTimeField()
    actor = models.TextField()
    undone_at = models.DateTimeField(null=True)


class CountRead(Row):
    """One tag read, or one quantity counted. Never changed; taking a batch back dates it (`undone_at`), once."""

    count = models.ForeignKey(Count, on_delete=models.PROTECT, related_name="+", db_index=False)
    batch = models.ForeignKey(CountBatch, on_delete=models.PROTECT, related_name="+")
    tag = models.TextField()  # the EPC of our piece, else what was read
    piece = models.ForeignKey(Piece, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    reference = models.ForeignKey(
        "catalogue.Reference", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    quantity = models.IntegerField(default=1, db_default=1)
    source = models.CharField(max_length=4, choices=[(s.value, s.name) for s in ReadSource])
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["count", "tag"], condition=Q(undone_at=None), name="tag_counts_once"),
            models.CheckConstraint(
                condition=Q(piece=None) | Q(quantity=1, reference__isnull=False), name="read_of_a_piece_is_one"
            ),
            models.CheckConstraint(condition=Q(quantity__gte=0), name="read_quantity_not_negative"),
        ]


class CountFinding(Row):
    """What a closed count found that the books do not say. A person answers it, with a reason."""

    count = models.ForeignKey(Count, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=11, choices=[(k.value, k.name) for k in FindingKind])
    piece = models.ForeignKey(Piece, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    reference = models.ForeignKey(
        "catalogue.Reference", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    expected = models.IntegerField()
    found = models.IntegerField()
    resolution = models.CharField(max_length=10, default="", db_default="")
    reason = models.TextField(default="", db_default="")
    resolved_by = models.TextField(default="", db_default="")
    resolved_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["count", "kind", "piece", "reference"], name="finding_told_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(resolution="", resolved_at=None) | (~Q(resolution="") & Q(resolved_at__isnull=False)),
                name="finding_answered_once",
            ),
            models.CheckConstraint(condition=Q(resolution="") | ~Q(reason=""), name="answer_has_a_reason"),
            models.CheckConstraint(
                condition=Q(resolution="")
                | Q(kind=FindingKind.MISSING, resolution__in=list(ANSWERS[FindingKind.MISSING]))
                | Q(kind=FindingKind.MISPLACED, resolution__in=list(ANSWERS[FindingKind.MISPLACED]))
                | Q(kind=FindingKind.STRANGER, resolution__in=list(ANSWERS[FindingKind.STRANGER]))
                | Q(kind__in=[FindingKind.SURPLUS, FindingKind.SHORT], resolution__in=list(ANSWERS[FindingKind.SHORT]))
                | Q(kind=FindingKind.MOVED_SINCE, resolution=Resolution.EXPLAINED),
                name="answer_fits_the_finding",
            ),
        ]
        indexes = [
            models.Index(fields=["reference"], condition=Q(resolution=""), name="finding_open_of_reference"),
        ]


# -- replenishment -----------------------------------------------------------------------------------------------


class ReplenishmentRule(Row):
    """How much a place keeps: of one reference, one model, one family, or of everything. The narrowest rule wins."""

    maison = models.ForeignKey("house.Maison", on_delete=models.PROTECT, related_name="+")
    place = models.ForeignKey("house.Place", on_delete=models.PROTECT, related_name="+", db_index=False)
    reference = models.ForeignKey("catalogue.Reference", on_delete=models.PROTECT, null=True, related_name="+")
    model = models.ForeignKey("catalogue.Model", on_delete=models.PROTECT, null=True, related_name="+")
    family = models.CharField(max_length=16, default="", db_default="")
    minimum_display = models.IntegerField(default=0)
    weeks_of_cover = models.DecimalField(max_digits=4, decimal_places=1, default=0)
    maximum = models.IntegerField(null=True)
    changed_by = models.TextField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["place", "reference", "model", "family"], name="rule_once_per_scope", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(reference=None, model=None) | Q(family="", reference=None) | Q(family="", model=None),
                name="rule_names_one_scope",
            ),
            models.CheckConstraint(
                condition=Q(minimum_display__gte=0, weeks_of_cover__gte=0)
                & (Q(minimum_display__gt=0) | Q(weeks_of_cover__gt=0)),
                name="rule_asks_for_something",
            ),
            models.CheckConstraint(
                condition=Q(maximum=None) | Q(maximum__gte=F("minimum_display"), maximum__gt=0),
                name="rule_maximum_not_below_minimum",
            ),
        ]


class ReplenishmentProposal(Row):
    """What a place should be sent, from where and why; a person accepts it, changes the quantity or says no."""

    maison = models.ForeignKey("house.Maison", on_delete=models.PROTECT, related_name="+", db_index=False)
    from_place = models.ForeignKey("house.Place", on_delete=models.PROTECT, related_name="+")
    to_place = models.ForeignKey("house.Place", on_delete=models.PROTECT, related_name="+", db_index=False)
    reference = models.ForeignKey("catalogue.Reference", on_delete=models.PROTECT, related_name="+", db_index=False)
    quantity = models.IntegerField()
    state = models.CharField(max_length=9, choices=[(s.value, s.name) for s in ProposalState])
    facts = models.JSONField(default=dict)  # the figures its sentence is made of
    accepted_quantity = models.IntegerField(null=True)
    proposed_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.TextField(default="", db_default="")
    reason = models.TextField(default="", db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["to_place", "reference", "from_place"],
                condition=Q(state="PROPOSED"),
                name="proposed_once_per_way",
            ),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="proposal_of_something"),
            models.CheckConstraint(condition=~Q(from_place=F("to_place")), name="proposal_between_two_places"),
            models.CheckConstraint(
                condition=Q(state="PROPOSED", decided_at=None) | (~Q(state="PROPOSED") & Q(decided_at__isnull=False)),
                name="proposal_decided_once",
            ),
            models.CheckConstraint(
                condition=~Q(state="ACCEPTED") | Q(accepted_quantity__isnull=False, accepted_quantity__gt=0),
                name="acceptance_names_its_quantity",
            ),
            models.CheckConstraint(condition=~Q(state="DISMISSED") | ~Q(reason=""), name="dismissal_has_a_reason"),
        ]
        indexes = [
            models.Index(fields=["maison", "to_place"], condition=Q(state="PROPOSED"), name="proposal_waiting"),
            models.Index(fields=["reference", "to_place", "-decided_at"], name="proposal_of_level"),
        ]
