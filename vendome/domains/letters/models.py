"""Tables of the letters domain."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from vendome.domains.letters.types import UNPROVED_A_DAY, LetterKind, LetterState
from vendome.kit.rows import Row


class Letter(Row):
    """One letter the house owes a client, and what became of it. Its text is written when it leaves, and not kept."""

    maison = models.ForeignKey("house.Maison", on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=12, choices=[(k.value, k.name) for k in LetterKind])
    about_id = models.UUIDField()  # the order, line, link, parcel, refund, hold it tells of
    event_id = models.UUIDField()
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    client = models.ForeignKey("clients.Client", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    state = models.CharField(max_length=12, choices=[(s.value, s.name) for s in LetterState])
    address = models.TextField(default="", db_default="")  # masked
    language = models.CharField(max_length=8, default="", db_default="")
    attempts = models.SmallIntegerField(default=0, db_default=0)
    next_try_at = models.DateTimeField(null=True)  # while it is being sent: when another worker may
    problem = models.TextField(default="", db_default="")
    owed_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event_id", "kind"], name="letter_once_for_an_event"),
            models.UniqueConstraint(fields=["kind", "about_id"], name="letter_told_once"),
            models.CheckConstraint(condition=Q(kind__in=[k.value for k in LetterKind]), name="letter_kind_known"),
            models.CheckConstraint(
                condition=Q(state=LetterState.WAITING, next_try_at__isnull=False, ended_at=None)
                | (~Q(state=LetterState.WAITING) & Q(next_try_at=None, ended_at__isnull=False)),
                name="letter_waits_for_a_moment_or_has_ended",
            ),
            models.CheckConstraint(condition=~Q(address__regex=r"^[^@•]{2,}@"), name="letter_address_is_masked"),
        ]
        indexes = [
            models.Index(fields=["next_try_at"], condition=Q(state=LetterState.WAITING), name="letter_due"),
            models.Index(fields=["client", "-owed_at"], condition=Q(client__isnull=False), name="letters_to_client"),
            models.Index(fields=["order"], condition=Q(order__isnull=False), name="letters_about_order"),
            models.Index(fields=["maison", "-owed_at"], name="letters_newest_first"),
        ]


class UnprovedLetter(Row):
    """A letter to an address that nobody proved: one of so many a day. The address is kept as a keyed digest."""

    letter = models.ForeignKey(Letter, on_delete=models.PROTECT, related_name="+", db_index=False)
    address = models.BinaryField()
    day = models.DateField()
    slot = models.SmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["letter"], name="unproved_letter_counts_once"),
            models.UniqueConstraint(fields=["address", "day", "slot"], name="unproved_address_slot_once"),
            models.CheckConstraint(
                condition=Q(slot__gte=1, slot__lte=UNPROVED_A_DAY), name="unproved_address_written_to_seldom"
            ),
        ]
