"""Tables of the clients domain. Fields that hold personal data are declared in `types.PERSONAL`."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Reverse

from vendome.domains.clients.types import IdentifierKind, Purpose, WardrobeSource
from vendome.kit.rows import Row


class FoldedName(Func):
    """Given and family name, lower case without accents, in the database, so that it can be indexed."""

    template = "vendome_fold(%(expressions)s)"
    arg_joiner = " || ' ' || "
    output_field = models.TextField()


class Client(Row):
    maison = models.ForeignKey("house.Maison", on_delete=models.PROTECT, related_name="+")
    given_name = models.TextField(blank=True)
    family_name = models.TextField(blank=True)
    salutation = models.TextField(blank=True)
    language = models.CharField(max_length=8, default="en")
    home_city = models.TextField(blank=True)
    home_country = models.CharField(max_length=2, blank=True)
    birthday = models.DateField(null=True)
    persona = models.TextField(blank=True)
    standing = models.TextField(blank=True)
    is_protected = models.BooleanField(default=False)
    advisor = models.ForeignKey("people.Staff", on_delete=models.PROTECT, null=True, related_name="+")
    home_place = models.ForeignKey("house.Place", on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    search_name = models.GeneratedField(
        expression=FoldedName(F("given_name"), F("family_name")),
        output_field=models.TextField(),
        db_persist=True,
    )

    class Meta:
        indexes = [
            GinIndex(fields=["search_name"], opclasses=["gin_trgm_ops"], name="client_by_name"),
            models.Index(fields=["advisor"], condition=Q(advisor__isnull=False), name="client_by_advisor"),
        ]


class Identifier(Row):
    """Something a client is known by. Several clients may share one (a couple's e-mail, an assistant's phone)."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="identifiers")
    maison = models.ForeignKey("house.Maison", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16, choices=[(k.value, k.name) for k in IdentifierKind])
    value = models.TextField()  # normalised: e-mail folded, phone E.164
    source = models.TextField()
    noted_at = models.DateTimeField()
    attested_at = models.DateTimeField(null=True)  # proven by the client; empty: asserted only
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "value", "client"], condition=Q(ended_at=None), name="identifier_once_per_client"
            ),
            models.UniqueConstraint(
                fields=["maison", "kind", "value"],
                condition=Q(ended_at=None) & ~Q(attested_at=None),
                name="attested_identifier_has_one_client",
            ),
        ]
        indexes = [
            models.Index(fields=["value", "kind"], name="identifier_by_value"),
            models.Index(
                OpClass(Reverse("value"), "text_pattern_ops"), condition=Q(kind="PHONE"), name="phone_by_its_end"
            ),
        ]


class Preference(Row):
    """A fact about her with its source, and whether it may be mentioned to her."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="preferences")
    topic = models.TextField()  # ring_size, stone, hospitality, travel, note…
    value = models.TextField()
    source = models.TextField()
    confidence = models.SmallIntegerField(default=100)
    may_mention = models.BooleanField(default=False)
    noted_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(confidence__gte=0, confidence__lte=100), name="preference_confidence_percent"
            )
        ]


class Consent(Row):
    """One line of the consent log: the newest of a purpose and channel counts. Never changed, never deleted."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=24, choices=[(p.value, p.name) for p in Purpose])
    channel = models.CharField(max_length=16)
    is_given = models.BooleanField()
    law = models.TextField()
    proof = models.TextField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["client", "purpose", "channel", "-at"], name="consent_newest_first")]


class Tie(Row):
    """Two clients who belong together: a household, or a gift given."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    other = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    kind = models.TextField()  # HOUSEHOLD, GIFT
    label = models.TextField(blank=True)
    noted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "other", "kind"], name="tie_once"),
            models.CheckConstraint(condition=~Q(client=F("other")), name="tie_joins_two"),
        ]


class Merge(Row):
    """Two records found to be one client. The absorbed record stays; ending the merge parts them again."""

    kept = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    absorbed = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    actor = models.TextField()
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["absorbed"], condition=Q(undone_at=None), name="absorbed_by_one"),
            models.CheckConstraint(condition=~Q(kept=F("absorbed")), name="merge_joins_two"),
        ]


class WardrobePiece(Row):
    """A piece she owns, bought here or not. `piece` is set for pieces of ours."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    piece_id = models.UUIDField(null=True)
    reference_id = models.UUIDField(null=True)
    order_line_id = models.UUIDField(null=True)
    description = models.TextField(blank=True)
    source = models.CharField(max_length=12, choices=[(s.value, s.name) for s in WardrobeSource])
    quantity = models.IntegerField(default=1)
    acquired_date = models.DateField()
    left_at = models.DateTimeField(null=True)  # returned, sold, given away

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["piece_id"], condition=Q(left_at=None, piece_id__isnull=False), name="piece_worn_by_one"
            ),
            models.UniqueConstraint(
                fields=["order_line_id"], condition=Q(order_line_id__isnull=False), name="line_enters_wardrobe_once"
            ),
        ]
        indexes = [models.Index(fields=["client", "-acquired_date"], name="wardrobe_of_client")]


class FileOpening(Row):
    """A protected file opened with a reason, for a limited time (break the glass)."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    actor = models.TextField()
    reason = models.TextField()
    opened_at = models.DateTimeField()
    until_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(until_at__gt=F("opened_at")), name="opening_ends"),
            models.CheckConstraint(condition=~Q(reason=""), name="opening_has_a_reason"),
        ]
        indexes = [models.Index(fields=["client", "actor", "until_at"], name="openings_of_file")]


class FileReading(models.Model):
    """Whose file a member of staff has read on a day; how many says when reading has become scraping."""

    pk = models.CompositePrimaryKey("actor", "day", "client")
    actor = models.TextField()
    day = models.DateField()
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+")
