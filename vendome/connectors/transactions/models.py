"""The runs of an import, and the rows and documents they stage until they are booked."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from vendome.connectors.transactions.types import Direction, Outcome, RunState
from vendome.kit.rows import Row

UNFINISHED = [RunState.READING, RunState.BOOKING]


class Run(Row):
    """One file read with one mapping. Its digests say what it was; its counters say how far it came."""

    maison_id = models.UUIDField()
    source = models.TextField()
    file_name = models.TextField()
    file_digest = models.TextField()
    mapping_digest = models.TextField()
    state = models.CharField(max_length=12, choices=[(s.value, s.name) for s in RunState])
    rows_read = models.BigIntegerField(default=0)
    unreadable_rows = models.BigIntegerField(default=0)
    file_total = models.DecimalField(max_digits=38, decimal_places=12, default=0)
    documents = models.BigIntegerField(default=0)
    documents_done = models.BigIntegerField(default=0)
    lines = models.BigIntegerField(default=0)
    lines_done = models.BigIntegerField(default=0)
    result = models.JSONField(default=dict)
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["maison_id", "source"], condition=Q(state__in=UNFINISHED), name="one_unfinished_run_per_source"
            ),
            models.UniqueConstraint(
                fields=["maison_id", "file_digest", "mapping_digest"],
                condition=Q(state=RunState.DONE),
                name="a_file_is_imported_once",
            ),
            models.CheckConstraint(
                condition=Q(documents_done__lte=models.F("documents")), name="run_books_what_it_gathered"
            ),
            models.CheckConstraint(
                condition=Q(state__in=UNFINISHED, ended_at=None)
                | (~Q(state__in=UNFINISHED) & Q(ended_at__isnull=False)),
                name="run_ends_once",
            ),
        ]


class StagedLine(models.Model):
    """One row of the file, understood. `reason` is empty for what will be imported."""

    pk = models.CompositePrimaryKey("run", "line")
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="+", db_index=False)
    line = models.BigIntegerField()  # of the file; the first is 1, a header counts
    document = models.TextField()
    code = models.TextField()
    description = models.TextField()
    is_service = models.BooleanField()
    direction = models.CharField(max_length=3, choices=[(d.value, d.name) for d in Direction])
    quantity = models.IntegerField(null=True)
    at = models.DateTimeField(null=True)
    exact = models.DecimalField(max_digits=38, decimal_places=12, null=True)  # signed; empty: no sum can be read
    amount = models.BigIntegerField(null=True)  # signed, in minor units, rounded
    client_key = models.TextField()
    given_name = models.TextField()
    family_name = models.TextField()
    email = models.TextField()
    country = models.CharField(max_length=2)
    channel = models.TextField()
    place = models.TextField()
    reason = models.TextField()
    column = models.TextField()
    value = models.TextField()

    class Meta:
        indexes = [models.Index(fields=["run", "document"], name="staged_line_of_document")]


class StagedDocument(models.Model):
    """The lines of one invoice, wherever they stood in the file; booked in the order of `seq`."""

    pk = models.CompositePrimaryKey("run", "seq")
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="+", db_index=False)
    seq = models.BigIntegerField()
    document = models.TextField()
    order_id = models.UUIDField()
    at = models.DateTimeField()
    lines = models.BigIntegerField()
    lines_until = models.BigIntegerField()  # of this document and all before it
    client_key = models.TextField()
    client_id = models.UUIDField(null=True)
    channel = models.TextField()
    place = models.TextField()
    outcome = models.CharField(max_length=16, choices=[(o.value, o.name) for o in Outcome])

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "document"], name="document_staged_once")]
