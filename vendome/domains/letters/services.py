"""Commands of the letters domain: a letter is owed once, taken by one worker, and ends once."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta

from django.db import transaction
from django.utils.crypto import salted_hmac

from vendome.domains.letters.models import Letter, UnprovedLetter
from vendome.domains.letters.types import (
    DELAYS,
    GATHERED,
    LEASE,
    MOST_ATTEMPTS,
    UNPROVED_A_DAY,
    LetterKind,
    LetterState,
    NewLetter,
    OwedLetter,
)
from vendome.domains.people import permissions
from vendome.kit import audit, sql
from vendome.kit.actors import Actor
from vendome.kit.errors import NotFound

OWE = """
    INSERT INTO letters_letter
        (id, maison_id, kind, about_id, event_id, order_id, client_id, state, next_try_at, owed_at)
    SELECT vendome_new_id(), x.maison, x.kind, x.about, x.event, x.order_, x.client, 'WAITING', x.due, %s
    FROM unnest(%s::uuid[], %s::text[], %s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[], %s::timestamptz[])
        x (maison, kind, about, event, order_, client, due)
    ON CONFLICT DO NOTHING RETURNING id
"""
TAKE_ROOM = """
    INSERT INTO letters_unprovedletter (id, letter_id, address, day, slot) VALUES (vendome_new_id(), %s, %s, %s, %s)
    ON CONFLICT DO NOTHING RETURNING slot
"""
CLAIM = """
    WITH due AS MATERIALIZED (  -- once: joined otherwise, the plan may ask again and lock more than it was told to
        SELECT id FROM letters_letter WHERE state = 'WAITING' AND next_try_at <= %(at)s
        ORDER BY next_try_at, id LIMIT %(most)s FOR NO KEY UPDATE SKIP LOCKED)
    UPDATE letters_letter x SET attempts = attempts + 1, next_try_at = %(until)s FROM due WHERE x.id = due.id
    RETURNING x.id, x.kind, x.about_id, x.maison_id, x.order_id, x.client_id, x.attempts
"""


@transaction.atomic
def owe(*, letters: Sequence[NewLetter], actor: Actor, at: datetime) -> int:
    """Owe letters, unless they are owed or written already. Safe to repeat; answers how many are new.

    A kind that gathers joins a letter about the same order that nobody has begun to write: it will tell of both.
    """
    alone = [one for one in letters if one.kind not in GATHERED]
    new = _write(alone, at) if alone else 0
    for one in letters:
        if one.kind in GATHERED and not (one.order_id and _is_gathered(one.kind, one.order_id)):
            new += _write([one], at)
    return new


def _is_gathered(kind: LetterKind, order_id: uuid.UUID) -> bool:
    open_ones = Letter.objects.filter(kind=kind, order_id=order_id, state=LetterState.WAITING, attempts=0)
    return open_ones.select_for_update(no_key=True).exists()


def _write(letters: Sequence[NewLetter], at: datetime) -> int:
    columns = [
        [one.maison_id for one in letters],
        [one.kind.value for one in letters],
        [one.about_id for one in letters],
        [one.event_id for one in letters],
        [one.order_id for one in letters],
        [one.client_id for one in letters],
        [at + GATHERED.get(one.kind, timedelta()) for one in letters],
    ]
    return len(sql.rows(OWE, [at, *columns]))


def claim(*, most: int, actor: Actor, at: datetime) -> tuple[OwedLetter, ...]:
    """Take letters that are due, for two minutes; no other worker takes the same."""
    rows = sql.rows(CLAIM, {"at": at, "until": at + LEASE, "most": most})
    return tuple(
        OwedLetter(
            id=row[0],
            kind=LetterKind(row[1]),
            about_id=row[2],
            maison_id=row[3],
            order_id=row[4],
            client_id=row[5],
            attempts=row[6],
        )
        for row in rows
    )


def note_sent(*, letter_id: uuid.UUID, address: str, language: str, actor: Actor, at: datetime) -> None:
    """The mail server took it. `address` is masked by the caller; the whole one is not kept a second time."""
    _end(letter_id, LetterState.SENT, at, address=address, language=language, problem="")


def note_not_written(*, letter_id: uuid.UUID, why: str, actor: Actor, at: datetime) -> None:
    """There was nobody to write to, or nothing to tell any more."""
    _end(letter_id, LetterState.NOT_WRITTEN, at, problem=why)


def put_off(*, letter: OwedLetter, why: str, actor: Actor, at: datetime) -> None:
    """It may not be sent today: whoever took the room of its address may not be she. It is due again with the next day.

    If there is nothing to tell any more by then, it ends; so no more of them wait than orders do.
    """
    tomorrow = datetime.combine(at.astimezone(UTC).date() + timedelta(days=1), time(), UTC)
    open_ones = Letter.objects.filter(id=letter.id, state=LetterState.WAITING, attempts=letter.attempts)
    open_ones.update(next_try_at=tomorrow, problem=why, attempts=letter.attempts - 1)  # nothing was tried


def note_failed(*, letter: OwedLetter, problem: str, actor: Actor, at: datetime) -> bool:
    """It could not be sent: it is tried again later, ever more rarely; after two days a person is asked.

    Answers whether it has been given up.
    """
    if letter.attempts >= MOST_ATTEMPTS:
        _end(letter.id, LetterState.GIVEN_UP, at, problem=problem)
        return True
    open_ones = Letter.objects.filter(id=letter.id, state=LetterState.WAITING, attempts=letter.attempts)
    open_ones.update(next_try_at=at + DELAYS[letter.attempts - 1], problem=problem)
    return False


@transaction.atomic
def take_room(*, letter_id: uuid.UUID, address: str, actor: Actor, at: datetime) -> bool:
    """Whether an address that nobody proved may be written to once more today. Safe to repeat."""
    if UnprovedLetter.objects.filter(letter_id=letter_id).exists():
        return True
    digest = salted_hmac("letters.unproved", address.strip().lower(), algorithm="sha256").digest()
    return any(
        sql.rows(TAKE_ROOM, [letter_id, digest, at.astimezone(UTC).date(), slot])
        for slot in range(1, UNPROVED_A_DAY + 1)
    )


@transaction.atomic
def send_again(*, letter_id: uuid.UUID, actor: Actor, at: datetime) -> None:
    """A person sends a letter that was given up. Safe to repeat. Raises NotFound, Forbidden."""
    actor.require(permissions.ORDERS_VIEW)
    rows = Letter.objects.filter(id=letter_id, maison_id=actor.in_maison)
    if not rows.exists():
        raise NotFound()
    changed = rows.filter(state=LetterState.GIVEN_UP).update(
        state=LetterState.WAITING, next_try_at=at, ended_at=None, attempts=0
    )
    if changed:
        audit.record(
            action="letters.send_again", subject=f"letter:{letter_id}", actor=actor, at=at, maison_id=actor.in_maison
        )


def _end(letter_id: uuid.UUID, state: LetterState, at: datetime, **values: str) -> None:
    open_ones = Letter.objects.filter(id=letter_id, state=LetterState.WAITING)
    open_ones.update(state=state, ended_at=at, next_try_at=None, **values)
