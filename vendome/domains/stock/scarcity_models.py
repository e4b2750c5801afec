"""Tables of scarcity: allocations, who stands in line, who was invited, what each person had (ADR 0019)."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from vendome.domains.stock.types_of_scarcity import AllocationPolicy, AllocationState, EntryState
from vendome.kit.rows import Row


class QuotaRule(Row):
    """How many pieces of a model one person may have, over every channel."""

    maison = models.ForeignKey("house.Maison", on_delete=models.PROTECT, related_name="+")
    model = models.OneToOneField("catalogue.Model", on_delete=models.PROTECT, related_name="+")
    per_person = models.SmallIntegerField()
    counts_household = models.BooleanField(default=False)  # a household counts as one person
    set_by = models.TextField()
    set_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(per_person__gte=1), name="quota_of_at_least_one")]


class QuotaUse(Row):
    """One piece that counts against a person's quota, from the order to its return. A slot is used by one at a time."""

    maison = models.ForeignKey("house.Maison", on_delete=models.PROTECT, related_name="+", db_index=False)
    model = models.ForeignKey("catalogue.Model", on_delete=models.PROTECT, related_name="+", db_index=False)
    person_id = models.UUIDField()  # the record all her records stood for when she ordered
    client_id = models.UUIDField()
    slot = models.SmallIntegerField()
    allowed = models.SmallIntegerField()
    hold_id = models.UUIDField()
    order_line_id = models.UUIDField()
    piece_id = models.UUIDField(null=True)
    taken_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)  # the order was given up, or the piece came back

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["model", "person_id", "slot"], condition=Q(ended_at=None), name="quota_slot_used_once"
            ),
            models.CheckConstraint(condition=Q(slot__gte=1, slot__lte=F("allowed")), name="quota_never_exceeded"),
        ]
        indexes = [
            models.Index(fields=["client_id", "model"], condition=Q(ended_at=None), name="quota_of_client"),
            models.Index(fields=["hold_id"], condition=Q(ended_at=None), name="quota_of_hold"),
            models.Index(
                fields=["piece_id"], condition=Q(ended_at=None, piece_id__isnull=False), name="quota_of_piece"
            ),
        ]


class Allocation(Row):
    """Limited pieces and the written policy by which they find their owners."""

    maison = models.ForeignKey("house.Maison", on_delete=models.PROTECT, related_name="+")
    code = models.SlugField(max_length=60)
    title = models.TextField()
    words = models.JSONField(default=dict)  # what it is, by language
    reference = models.ForeignKey("catalogue.Reference", on_delete=models.PROTECT, related_name="+")
    place = models.ForeignKey("house.Place", on_delete=models.PROTECT, related_name="+")  # where the pieces stand
    pieces = models.IntegerField()
    policy = models.CharField(max_length=12, choices=[(p.value, p.name) for p in AllocationPolicy])
    state = models.CharField(max_length=8, choices=[(s.value, s.name) for s in AllocationState], default="DRAFT")
    opens_at = models.DateTimeField()  # entries from then on; for a drop the doors of the sale
    closes_at = models.DateTimeField(null=True)  # no entries from then on
    early_from = models.DateTimeField(null=True)  # for invited clients
    room_opens_at = models.DateTimeField(null=True)  # the waiting room of a drop
    only_invited = models.BooleanField(default=False)
    counts_household = models.BooleanField(default=False)
    standings = ArrayField(models.TextField(), default=list)  # for STANDING: the order of the house's regard
    hold_seconds = models.IntegerField(default=900)  # how long an offer is kept
    seed = models.BinaryField()  # secret until it is revealed
    commitment = models.BinaryField()  # its digest, published before anybody enters
    list_digest = models.BinaryField(null=True)  # of the frozen list of entries
    frozen_at = models.DateTimeField(null=True)
    revealed_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    created_by = models.TextField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["maison", "code"], name="allocation_code_once"),
            models.CheckConstraint(condition=Q(pieces__gt=0), name="allocation_of_something"),
            models.CheckConstraint(
                condition=Q(hold_seconds__gte=5, hold_seconds__lte=60 * 86_400), name="offer_is_kept_for_a_while"
            ),
            models.CheckConstraint(
                condition=Q(closes_at=None) | Q(closes_at__gt=F("opens_at")), name="allocation_closes_after_it_opens"
            ),
            models.CheckConstraint(
                condition=~Q(policy__in=["BALLOT", "NOMINATIONS", "STANDING"]) | Q(closes_at__isnull=False),
                name="what_is_ranked_closes_first",
            ),
            models.CheckConstraint(
                condition=Q(revealed_at=None) | Q(list_digest__isnull=False), name="seed_revealed_after_the_list_froze"
            ),
            models.CheckConstraint(
                condition=Q(state="ENDED", ended_at__isnull=False) | (~Q(state="ENDED") & Q(ended_at=None)),
                name="allocation_ends_once",
            ),
        ]
        indexes = [models.Index(fields=["opens_at"], condition=~Q(state="ENDED"), name="allocation_running")]


class Entry(Row):
    """A client in line for an allocation: one for each person, however many records, devices or clicks she has."""

    allocation = models.ForeignKey(Allocation, on_delete=models.PROTECT, related_name="+", db_index=False)
    client = models.ForeignKey("clients.Client", on_delete=models.PROTECT, related_name="+")
    person_id = models.UUIDField()
    token = models.UUIDField(unique=True)  # what the public list shows instead of her
    rank = models.BigIntegerField()  # her turn; a draw exchanges the turns of those who are drawn
    state = models.CharField(max_length=8, choices=[(s.value, s.name) for s in EntryState])
    joined_at = models.DateTimeField()
    hold_id = models.UUIDField(null=True)
    offered_at = models.DateTimeField(null=True)
    until_at = models.DateTimeField(null=True)  # until when the offer is kept
    ended_at = models.DateTimeField(null=True)
    nominated_by = models.ForeignKey("people.Staff", on_delete=models.PROTECT, null=True, related_name="+")
    case_text = models.TextField(blank=True, default="", db_default="")
    decided_by = models.TextField(blank=True, default="", db_default="")
    decided_at = models.DateTimeField(null=True)
    is_chosen = models.BooleanField(null=True)  # by the committee
    is_listed = models.BooleanField(default=False, db_default=False)  # on the frozen list that was drawn from
    reason = models.TextField(blank=True, default="", db_default="")  # of the decision, or why it ended

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["allocation", "client"], name="one_entry_per_client"),
            models.UniqueConstraint(fields=["allocation", "person_id"], name="one_entry_per_person"),
            models.UniqueConstraint(fields=["allocation", "rank"], name="one_turn_each"),
            models.UniqueConstraint(
                fields=["hold_id"], condition=Q(state__in=["OFFERED", "BOUGHT"]), name="piece_offered_to_one"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["OFFERED", "BOUGHT"]) | Q(hold_id__isnull=False), name="offer_is_a_kept_piece"
            ),
            models.CheckConstraint(
                condition=Q(is_chosen=None) | (~Q(reason="") & ~Q(decided_by="")), name="decision_has_a_reason"
            ),
        ]
        indexes = [
            models.Index(fields=["allocation", "rank"], condition=Q(state="WAITING"), name="entry_waiting"),
            models.Index(fields=["allocation", "state"], name="entry_by_state"),
        ]


class Invitation(Row):
    """Early access, or access at all where only invited clients may enter."""

    allocation = models.ForeignKey(Allocation, on_delete=models.PROTECT, related_name="+", db_index=False)
    client = models.ForeignKey("clients.Client", on_delete=models.PROTECT, related_name="+")
    invited_by = models.TextField()
    invited_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["allocation", "client"], name="invited_once")]


class AllocationNote(Row):
    """One line of an allocation's history. Never changed, never deleted."""

    allocation = models.ForeignKey(Allocation, on_delete=models.PROTECT, related_name="+")
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    actor = models.TextField()
    kind = models.TextField()
    text = models.TextField(blank=True, default="", db_default="")
