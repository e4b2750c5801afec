"""One import from end to end: which run it is, what is left of it, and how it ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.db import connection, transaction

from vendome.connectors.transactions import booking, ground, inspection, reconciliation, staging
from vendome.connectors.transactions import mapping as mappings
from vendome.connectors.transactions import report as reports
from vendome.connectors.transactions.errors import RunInTheWay, Unusable
from vendome.connectors.transactions.ground import Ground
from vendome.connectors.transactions.inspection import Facts
from vendome.connectors.transactions.mapping import Mapping
from vendome.connectors.transactions.models import UNFINISHED, Run
from vendome.connectors.transactions.progress import Progress
from vendome.connectors.transactions.reconciliation import Reconciliation
from vendome.connectors.transactions.types import RunState
from vendome.kit import audit, sql
from vendome.kit.actors import Actor

LINES_A_BATCH = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What was asked for on the command line."""

    path: Path
    mapping_path: Path
    maison: str = ""
    is_dry_run: bool = False
    resume: bool = False
    abandon: bool = False
    report: Path | None = None
    batch: int = LINES_A_BATCH
    progress: Progress = field(default_factory=lambda: Progress(None))
    after_batch: Callable[[Run], None] = lambda run: None


def import_transactions(order: Order, *, actor: Actor, at: datetime) -> Reconciliation:
    """Read, book and reconcile one file. Repeatable: a file that was imported answers with its figures.

    Raises Unusable when file or mapping cannot be used, and RunInTheWay when another run must end first; then
    nothing was changed by this call.
    """
    mapping = mappings.read(order.mapping_path, data=order.path)
    facts = inspection.inspect(order.path, mapping.file)
    if order.report:
        reports.open_folder(order.report)
    with _alone(mapping.name):
        found = ground.find(mapping, maison=order.maison)
        if not order.is_dry_run:
            return _import(order, mapping, facts, found, actor, at)
        with transaction.atomic():
            figures = _import(order, mapping, facts, found, actor, at)
            with connection.cursor() as cursor:
                cursor.execute(
                    "SET CONSTRAINTS ALL IMMEDIATE"
                )  # what a commit would check, checked before it is undone
            transaction.set_rollback(True)
            return figures


def _import(order: Order, mapping: Mapping, facts: Facts, found: Ground, actor: Actor, at: datetime) -> Reconciliation:
    done = Run.objects.filter(
        maison_id=found.maison_id, file_digest=facts.digest, mapping_digest=mapping.digest, state=RunState.DONE
    ).first()
    if done:
        figures = reconciliation.from_json(done.result["figures"])
        return _report(figures, done, mapping, order)
    run = _run(order, mapping, facts, found, at)
    if run.state == RunState.READING:
        _read(run, order, mapping, found, at)
    booking.book(run, mapping, found, batch=order.batch, progress=order.progress, after_batch=order.after_batch)
    return _close(run, order, mapping, actor, at)


def _read(run: Run, order: Order, mapping: Mapping, found: Ground, at: datetime) -> None:
    source = staging.Source(path=order.path, mapping=mapping)
    try:
        staging.stage(run, source, now=at, batch=order.batch, progress=order.progress)
        booking.gather(run, mapping, found)
    except Unusable:
        if not order.is_dry_run:  # a dry run is undone as a whole
            staging.forget(run)
        raise


def _close(run: Run, order: Order, mapping: Mapping, actor: Actor, at: datetime) -> Reconciliation:
    with transaction.atomic():
        figures = reconciliation.draw(run, mapping, is_dry_run=order.is_dry_run)
        run.state = RunState.DONE if figures.agrees else RunState.DISAGREES
        run.result = {**run.result, "figures": reconciliation.to_json(figures)}
        run.ended_at = at
        run.save(update_fields=["state", "result", "ended_at"])
        audit.record(
            actor=actor,
            action="transactions.imported",
            subject=f"import:{run.id}",
            maison_id=run.maison_id,
            detail={"source": run.source, "rows": run.rows_read, "documents": run.documents, "agrees": figures.agrees},
            at=at,
        )
        if figures.agrees:
            _forget_booked(run)
        return _report(figures, run, mapping, order)


def _report(figures: Reconciliation, run: Run, mapping: Mapping, order: Order) -> Reconciliation:
    if order.report:
        reports.write(figures, run, mapping, order.report)
    return figures


def _forget_booked(run: Run) -> None:
    """The staged rows have done their work; those refused stay, so that the report can be written again."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM transactions_stageddocument WHERE run_id = %s", [run.id])
        cursor.execute("DELETE FROM transactions_stagedline WHERE run_id = %s AND reason = ''", [run.id])


# -- which run --------------------------------------------------------------------------------------------------


def _run(order: Order, mapping: Mapping, facts: Facts, found: Ground, at: datetime) -> Run:
    """The run to go on with, or a new one."""
    stopped = Run.objects.filter(maison_id=found.maison_id, source=mapping.name, state__in=UNFINISHED).first()
    if stopped and order.resume:
        return _same(stopped, order, mapping, facts)
    if order.resume:
        raise Unusable(f"There is no run of {mapping.name!r} to go on with; leave --resume away to begin one.")
    if stopped and stopped.state == RunState.BOOKING and not order.abandon:
        share = stopped.documents_done / max(1, stopped.documents)
        raise RunInTheWay(
            f"A run of {mapping.name!r} with the file {stopped.file_name} stopped after {share:.0%} of its documents. "
            "Go on with --resume and the same file, or give it up with --abandon: what it imported stays, and is "
            "recognised."
        )
    if stopped:
        _give_up(stopped, at)
    return Run.objects.create(
        maison_id=found.maison_id,
        source=mapping.name,
        file_name=order.path.name,
        file_digest=facts.digest,
        mapping_digest=mapping.digest,
        state=RunState.READING,
        begun_at=at,
    )


def _same(stopped: Run, order: Order, mapping: Mapping, facts: Facts) -> Run:
    for what, then, now in (
        (f"file {order.path.name}", stopped.file_digest, facts.digest),
        (f"mapping {order.mapping_path.name}", stopped.mapping_digest, mapping.digest),
    ):
        if then != now:
            raise Unusable(
                f"The {what} is not the one the run of {stopped.begun_at:%d %B %Y, %H:%M} was reading: its content has "
                "changed. Bring the first one back to go on, or begin anew with --abandon."
            )
    return stopped


def _give_up(stopped: Run, at: datetime) -> None:
    if stopped.state == RunState.READING:
        staging.forget(stopped)
        return
    with transaction.atomic():
        _forget_booked(stopped)
        stopped.state = RunState.GIVEN_UP
        stopped.ended_at = at
        stopped.save(update_fields=["state", "ended_at"])


@contextmanager
def _alone(source: str) -> Iterator[None]:
    """One import of a source at a time, in the whole installation; a killed one gives its place back."""
    key = f"vendome.transactions:{source}"
    if not sql.value("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [key]):
        raise RunInTheWay(f"Another import of {source!r} is at work; wait for its end.")
    try:
        yield
    finally:
        sql.value("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [key])
