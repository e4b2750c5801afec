"""Facts leave through the outbox: written with the change, delivered at least once, handled once.

`record` writes the event in the caller's transaction. After the commit the process wakes the listeners,
at most every 20 ms, so that commits never queue behind NOTIFY's lock; a poll is the backstop.
"""

from __future__ import annotations

import itertools
import logging
import threading
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, is_dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from vendome.kit import clock
from vendome.kit.actors import Actor
from vendome.kit.models import Inbox, OutboxEvent

CHANNEL = "vendome_outbox"
COALESCE_SECONDS = 0.02
MOST_ATTEMPTS = 12

log = logging.getLogger("vendome.outbox")


@dataclass(frozen=True, slots=True)
class Event:
    """An event as a handler sees it."""

    id: uuid.UUID
    kind: str
    subject: str
    maison_id: uuid.UUID | None
    payload: Mapping[str, Any]
    occurred_at: datetime


Handler = Callable[[Event], None]
ManyHandler = Callable[[Sequence[Event]], None]
_handlers: dict[str, dict[str, Handler]] = {}
_many_handlers: dict[str, dict[str, ManyHandler]] = {}


def record(
    event: Any,
    *,
    kind: str,
    subject: str,
    actor: Actor,
    at: datetime,
    topics: Sequence[str] = (),
    live: Mapping[str, Any] | None = None,
) -> None:
    """Write a fact in the running transaction. `event` is a frozen dataclass of ids and values."""
    payload = asdict(event) if is_dataclass(event) and not isinstance(event, type) else dict(event)
    OutboxEvent.objects.create(
        kind=kind,
        subject=subject,
        maison_id=actor.maison_id,
        payload=_plain(payload),
        topics=list(topics),
        live=_plain(live) if live is not None else None,
        actor=actor.label,
        occurred_at=at,
    )
    transaction.on_commit(wake)


def handler(kind: str, name: str) -> Callable[[Handler], Handler]:
    """Register a handler of one kind of event; `name` is stable, it marks the work as done."""

    def register(function: Handler) -> Handler:
        _handlers.setdefault(kind, {})[name] = function
        return function

    return register


def many_handler(kind: str, name: str) -> Callable[[ManyHandler], ManyHandler]:
    """Register a handler that is given many events at once, in their order; for work that is one statement for all."""

    def register(function: ManyHandler) -> ManyHandler:
        _many_handlers.setdefault(kind, {})[name] = function
        return function

    return register


def deliver_due(*, most: int = 500) -> int:
    """Deliver undelivered events to their handlers, in order; returns how many are done.

    Events that only handlers of many listen to go together, in one transaction for a run of them; any other has one of
    its own. An event whose handler fails is tried again later, ever more rarely; after 12 tries it stays as a dead
    letter with its last error. Several workers may run this at once.
    """
    done = 0
    for is_alone, run in itertools.groupby(_due(most), key=lambda event: event.kind in _handlers):
        numbers = [event.seq for event in run]
        done += sum(map(_deliver_alone, numbers)) if is_alone else _deliver_together(numbers)
    return done


def deliver_all(*, seconds: float = 20) -> int:
    """Deliver until nothing is due, so that a rush is not handed on at so many events a round. Returns how many."""
    until, done = time.monotonic() + seconds, 0
    while count := deliver_due():
        done += count
        if time.monotonic() > until:
            break
    return done


def _due(most: int) -> list[OutboxEvent]:
    now = clock.now()
    waiting = OutboxEvent.objects.filter(delivered_at=None, attempts__lt=MOST_ATTEMPTS)
    return list(waiting.exclude(retry_at__gt=now).order_by("seq").only("seq", "kind")[:most])


def _deliver_together(numbers: Sequence[int]) -> int:
    try:
        return _deliver(numbers)
    except Exception:  # one of them is at fault: each by itself, so that it keeps back no other
        log.info("Events are delivered one by one", exc_info=True)
        return sum(map(_deliver_alone, numbers))


def _deliver_alone(seq: int) -> int:
    try:
        return _deliver([seq])
    except Exception as error:
        log.exception("An event could not be delivered", extra={"event_seq": seq})
        _postpone(seq, error)
        return 0


@transaction.atomic
def _deliver(numbers: Sequence[int]) -> int:
    open_ones = OutboxEvent.objects.select_for_update(skip_locked=True, no_key=True)
    rows = list(open_ones.filter(seq__in=numbers, delivered_at=None).order_by("seq"))
    events = [Event(row.id, row.kind, row.subject, row.maison_id, row.payload, row.occurred_at) for row in rows]
    heard: dict[tuple[str, ManyHandler], list[Event]] = {}
    for event in events:
        for name, function in _many_handlers.get(event.kind, {}).items():
            heard.setdefault((name, function), []).append(event)
    for (name, function), told in heard.items():
        if new := _not_yet_handled(name, told):
            function(new)
    for event in events:
        for one, handle in _handlers.get(event.kind, {}).items():
            if _not_yet_handled(one, [event]):
                handle(event)
    OutboxEvent.objects.filter(seq__in=[row.seq for row in rows]).update(delivered_at=clock.now())
    return len(rows)


def _not_yet_handled(name: str, events: Sequence[Event]) -> list[Event]:
    """Those a handler has not done yet; from now on it has, if the transaction commits."""
    with connection.cursor() as cursor:
        cursor.execute(_MARK, [name, clock.now(), [event.id for event in events]])
        new = {row[0] for row in cursor.fetchall()}
    return [event for event in events if event.id in new]


_MARK = f"""
    INSERT INTO {Inbox._meta.db_table} (handler, event_id, done_at) SELECT %s, one, %s FROM unnest(%s::uuid[]) one
    ON CONFLICT (handler, event_id) DO NOTHING RETURNING event_id
"""  # noqa: S608  # the table's own name


def _postpone(seq: int, error: Exception) -> None:
    row = OutboxEvent.objects.get(seq=seq)
    row.attempts += 1
    row.retry_at = clock.now() + timedelta(seconds=min(3600, 2**row.attempts))
    row.last_error = f"{type(error).__name__}"
    row.save(update_fields=["attempts", "retry_at", "last_error"])


class _Waker:
    """Coalesces wake-ups of one process into at most one NOTIFY every 20 ms, on a connection of its own."""

    def __init__(self) -> None:
        self._asked = threading.Event()
        self._stopping = False
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def ask(self) -> None:
        self._asked.set()
        if self._thread is None or not self._thread.is_alive():
            with self._lock:
                if self._thread is None or not self._thread.is_alive():
                    self._stopping = False
                    self._thread = threading.Thread(target=self._run, name="outbox-wake", daemon=True)
                    self._thread.start()

    def stop(self) -> None:
        with self._lock:
            thread, self._thread = self._thread, None
            self._stopping = True
        if thread is not None:
            self._asked.set()
            thread.join(timeout=5)

    def _run(self) -> None:
        try:
            while self._asked.wait(timeout=30) and not self._stopping:
                self._asked.clear()
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_notify(%s, '')", [CHANNEL])
                time.sleep(COALESCE_SECONDS)
        except Exception:  # the listeners' own poll covers for us until the next wake-up
            log.warning("Listeners could not be woken", exc_info=True)
        finally:
            connection.close()


_waker = _Waker()


def wake() -> None:
    """Tell listeners that there may be something new; call after the commit. Cheap and never raises."""
    _waker.ask()


def stop_waking() -> None:
    """End the wake-up thread and give its connection back; the next `wake` starts it again."""
    _waker.stop()


def _plain(value: Any) -> Any:
    """Values as JSON knows them: ids and moments as text."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    if isinstance(value, uuid.UUID | datetime):
        return str(value) if isinstance(value, uuid.UUID) else value.isoformat()
    return value
