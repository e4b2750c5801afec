"""Reads of scarcity: the desk's figures and lists, a client's standing."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from vendome.domains.people import permissions
from vendome.domains.stock.types_of_scarcity import (
    AllocationPolicy,
    AllocationState,
    AllocationView,
    EntryRow,
    EntryState,
    NoteRow,
    Standing,
)
from vendome.kit import sql
from vendome.kit.actors import Actor, ActorKind
from vendome.kit.errors import NotFound
from vendome.kit.prepared import Statement

STANDING = Statement(
    "SELECT stock_standing(e.id) FROM stock_entry e JOIN stock_allocation a ON a.id = e.allocation_id "
    "WHERE a.maison_id = $1 AND e.allocation_id = $2 AND e.client_id = ANY (clients_records($3, a.counts_household)) "
    "LIMIT 1",
    repeatable=True,
)
_VIEW = """
    SELECT a.id, a.code, a.title, a.words, a.reference_id, r.model_id, a.place_id, a.pieces, a.policy, a.state,
           a.opens_at, a.closes_at, a.early_from, a.room_opens_at, a.only_invited, coalesce(q.per_person, 1),
           a.counts_household,           a.standings, a.hold_seconds, encode(a.commitment, 'hex'),
           coalesce(encode(a.list_digest, 'hex'), ''),
           a.frozen_at, a.revealed_at, a.ended_at,
           (SELECT count(*) FROM stock_hold h
            WHERE h.allocation_id = a.id AND h.state = 'ACTIVE' AND h.client_id IS NULL),
           n.entries, n.waiting, n.offered, n.bought,
           (SELECT count(*) FROM stock_invitation i WHERE i.allocation_id = a.id)
    FROM stock_allocation a
    JOIN catalogue_reference r ON r.id = a.reference_id
    LEFT JOIN stock_quotarule q ON q.model_id = r.model_id
    CROSS JOIN LATERAL (
        SELECT count(*) AS entries, count(*) FILTER (WHERE e.state = 'WAITING') AS waiting,
               count(*) FILTER (WHERE e.state = 'OFFERED') AS offered,
               count(*) FILTER (WHERE e.state = 'BOUGHT') AS bought
        FROM stock_entry e WHERE e.allocation_id = a.id) n
"""


def list_allocations(*, actor: Actor) -> tuple[AllocationView, ...]:
    """Every allocation of the maison for the desk, those that run first, the newest first."""
    actor.require(permissions.STOCK_VIEW)
    found = sql.rows(
        _VIEW + " WHERE a.maison_id = %s ORDER BY (a.state = 'ENDED'), a.opens_at DESC, a.id", [actor.in_maison]
    )
    return tuple(_view(row) for row in found)


def get_allocation(*, actor: Actor, code: str) -> AllocationView:
    """One allocation by its code, for staff. Raises NotFound."""
    actor.require(permissions.STOCK_VIEW)
    return _one("a.code = %s AND a.maison_id = %s", [code, actor.in_maison])


def get_allocation_by_id(*, actor: Actor, allocation_id: uuid.UUID) -> AllocationView:
    """One allocation, for staff and programs. Raises NotFound."""
    actor.require(permissions.STOCK_VIEW)
    return _one("a.id = %s AND a.maison_id = %s", [allocation_id, actor.in_maison])


def public_allocation(*, maison_id: uuid.UUID, code: str) -> AllocationView:
    """A published allocation as anybody may know of it. Raises NotFound, for drafts as well."""
    return _one("a.code = %s AND a.maison_id = %s AND a.state <> 'DRAFT'", [code, maison_id])


def public_id(*, maison_id: uuid.UUID, code: str) -> uuid.UUID | None:
    """The id of a published allocation; None when there is none."""
    found: uuid.UUID | None = sql.value(
        "SELECT id FROM stock_allocation WHERE maison_id = %s AND code = %s AND state <> 'DRAFT'", [maison_id, code]
    )
    return found


def public_of_model(*, maison_id: uuid.UUID, model_id: uuid.UUID) -> tuple[AllocationView, ...]:
    """The published allocations of a model that have not ended, soonest first."""
    found = sql.rows(
        _VIEW + " WHERE a.maison_id = %s AND r.model_id = %s AND a.state NOT IN ('DRAFT', 'ENDED') ORDER BY a.opens_at",
        [maison_id, model_id],
    )
    return tuple(_view(row) for row in found)


def public_running(*, maison_id: uuid.UUID) -> tuple[AllocationView, ...]:
    """What is announced or open, and what clients may enter by themselves, soonest first."""
    found = sql.rows(
        _VIEW + " WHERE a.maison_id = %s AND a.state IN ('OPEN', 'SELLING') AND a.policy <> 'NOMINATIONS' "
        "AND NOT a.only_invited ORDER BY a.opens_at",
        [maison_id],
    )
    return tuple(_view(row) for row in found)


def is_invited(*, allocation_id: uuid.UUID, client_id: uuid.UUID) -> bool:
    """Whether she, by any of her records, was invited."""
    return bool(
        sql.value(
            "SELECT EXISTS (SELECT FROM stock_invitation i JOIN stock_allocation a ON a.id = i.allocation_id "
            "WHERE i.allocation_id = %s AND i.client_id = ANY (clients_records(%s, a.counts_household)))",
            [allocation_id, client_id],
        )
    )


def find_standing(*, maison_id: uuid.UUID, allocation_id: uuid.UUID, client_id: uuid.UUID) -> Standing | None:
    """Where a client stands; the caller has shown that it is she, or may know. None when she has not entered."""
    text = standing_json(maison_id=maison_id, allocation_id=allocation_id, client_id=client_id)
    return Standing.read(json.loads(text)) if text else None


def standing_json(*, maison_id: uuid.UUID, allocation_id: uuid.UUID, client_id: uuid.UUID) -> bytes | None:
    """As `find_standing`, the database's own document, in one prepared statement."""
    return STANDING.text(maison_id, allocation_id, client_id)


def get_standing(*, actor: Actor, allocation_id: uuid.UUID, client_id: uuid.UUID) -> Standing:
    """A client's standing for herself, or for staff who may hold stock for her. Raises NotFound."""
    if actor.kind is ActorKind.CLIENT:
        if actor.client_id != client_id:
            raise NotFound()
    else:
        actor.require(permissions.STOCK_VIEW)
    found = find_standing(maison_id=actor.in_maison, allocation_id=allocation_id, client_id=client_id)
    if found is None:
        raise NotFound()
    return found


def quota_room(*, model_id: uuid.UUID, client_id: uuid.UUID) -> int:
    """How many more pieces of a model she may have now; a large number where no rule says anything."""
    return int(sql.value("SELECT stock_quota_room(%s, %s)", [model_id, client_id]))


def list_entries(*, actor: Actor, allocation_id: uuid.UUID, limit: int = 100_000) -> tuple[EntryRow, ...]:
    """Everybody who entered, in the order of their turns, for the desk. Raises NotFound.

    A protected client's standing stays in her file.
    """
    actor.require(permissions.STOCK_VIEW)
    found = sql.rows(
        "SELECT e.id, e.client_id, e.token, e.state, e.joined_at, row_number() OVER (ORDER BY e.rank), e.offered_at, "
        "e.until_at, e.ended_at, e.nominated_by_id, e.case_text, e.decided_by, e.decided_at, e.is_chosen, e.reason, "
        "CASE WHEN c.is_protected OR NOT %s THEN '' ELSE c.standing END "
        "FROM stock_entry e JOIN stock_allocation a ON a.id = e.allocation_id "
        "JOIN clients_client c ON c.id = e.client_id WHERE e.allocation_id = %s AND a.maison_id = %s "
        "ORDER BY e.rank LIMIT %s",
        [actor.may(permissions.CLIENTS_READ), allocation_id, actor.in_maison, limit],
    )
    return tuple(
        EntryRow(
            id=row[0], client_id=row[1], token=row[2], state=EntryState(row[3]), joined_at=row[4], place=row[5],
            offered_at=row[6], until_at=row[7], ended_at=row[8], nominated_by=row[9], case_text=row[10],
            decided_by=row[11], decided_at=row[12], is_chosen=row[13], reason=row[14], standing=row[15],
        )
        for row in found
    )  # fmt: skip


def list_notes(*, actor: Actor, allocation_id: uuid.UUID) -> tuple[NoteRow, ...]:
    """The allocation's history, oldest first."""
    actor.require(permissions.STOCK_VIEW)
    found = sql.rows(
        "SELECT n.at, n.actor, n.kind, n.text FROM stock_allocationnote n "
        "JOIN stock_allocation a ON a.id = n.allocation_id WHERE a.id = %s AND a.maison_id = %s ORDER BY n.at, n.id",
        [allocation_id, actor.in_maison],
    )
    return tuple(NoteRow(at=at, actor=who, kind=kind, text=text) for at, who, kind, text in found)


def list_due_offers(*, at: datetime, limit: int = 500) -> tuple[uuid.UUID, ...]:
    """Offers whose time has run out and that no order has taken over, for the worker."""
    found = sql.rows(
        "SELECT id FROM stock_hold WHERE state = 'ACTIVE' AND allocation_id IS NOT NULL AND order_id IS NULL "
        "AND expires_at <= %s ORDER BY place_id, reference_id, id LIMIT %s",
        [at, limit],
    )
    return tuple(row[0] for row in found)


def list_due_orders(*, at: datetime, limit: int = 500) -> tuple[uuid.UUID, ...]:
    """Orders of offered pieces that were not paid in time, for the worker."""
    found = sql.rows(
        "SELECT DISTINCT order_id FROM stock_hold WHERE state = 'ACTIVE' AND allocation_id IS NOT NULL "
        "AND order_id IS NOT NULL AND expires_at <= %s LIMIT %s",
        [at, limit],
    )
    return tuple(row[0] for row in found)


def _one(condition: str, parameters: Sequence[Any]) -> AllocationView:
    found = sql.row(f"{_VIEW} WHERE {condition}", parameters)  # conditions are written above
    if found is None:
        raise NotFound()
    return _view(found)


def _view(row: tuple[Any, ...]) -> AllocationView:
    return AllocationView(
        id=row[0], code=row[1], title=row[2], words=json.loads(row[3]) if isinstance(row[3], str) else row[3],
        reference_id=row[4], model_id=row[5], place_id=row[6], pieces=row[7], policy=AllocationPolicy(row[8]),
        state=AllocationState(row[9]), opens_at=row[10], closes_at=row[11], early_from=row[12], room_opens_at=row[13],
        only_invited=row[14], per_person=row[15], counts_household=row[16], standings=tuple(row[17]),
        hold_seconds=row[18], commitment=row[19], list_digest=row[20], frozen_at=row[21], revealed_at=row[22],
        ended_at=row[23], free=row[24], entries=row[25], waiting=row[26], offered=row[27], bought=row[28],
        invited=row[29],
    )  # fmt: skip
