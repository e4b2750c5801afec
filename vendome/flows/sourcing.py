"""Who sends what, and why: the rules of a maison, what they would choose, and where a piece is."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from vendome.domains.fulfilment.types import USUAL_RULES, RoutingRule, RuleKind
from vendome.domains.house.types import AGREED_MODES
from vendome.domains.people import permissions
from vendome.domains.stock.errors import ReasonMissing
from vendome.flows.types import Whereabouts
from vendome.kit import outbox, sql
from vendome.kit.actors import Actor
from vendome.kit.errors import BadInput


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A place that could send a piece: where it stands in the order of the rules, and what put it behind."""

    place_id: uuid.UUID
    free: int
    km: int | None
    date: date
    rule: str
    reason: str


def list_rules(*, actor: Actor, channel: str = "") -> tuple[RoutingRule, ...]:
    """The rules written for a channel (empty: for all), in their order; the usual ones where none are written."""
    actor.require(permissions.STOCK_VIEW)
    found = sql.rows(
        "SELECT kind, step FROM fulfilment_routingrule WHERE maison_id = %s AND channel = %s ORDER BY position",
        [actor.in_maison, channel],
    )
    if found or channel:
        return tuple(RoutingRule(kind=RuleKind(kind), step=step) for kind, step in found)
    return tuple(RoutingRule(kind=kind, step=1) for kind in USUAL_RULES)


def set_rules(*, channel: str = "", rules: Sequence[RoutingRule], actor: Actor, at: datetime) -> None:
    """Write the rules of a channel anew; orders placed from now on follow them. Safe to repeat.

    Without rules the channel follows those for all channels, and these the usual ones. Raises BadInput, Forbidden.
    """
    actor.require_everywhere(permissions.STOCK_RULES)  # rules are the whole house's
    kinds = [rule.kind for rule in rules]
    if len(set(kinds)) != len(kinds):
        raise BadInput("Each rule stands in the list once.")
    if any(not 1 <= rule.step <= 10_000 for rule in rules):
        raise BadInput("A step is a whole number from 1 to 10,000.")
    known = {code for (code,) in sql.rows("SELECT code FROM house_channel WHERE maison_id = %s", [actor.in_maison])}
    if channel and channel not in known:
        raise BadInput("There is no channel of this name.")
    sql.value(
        "SELECT fulfilment_set_rules(%s, %s, %s::text[], %s::integer[], %s, %s)",
        [actor.in_maison, channel, [kind.value for kind in kinds], [rule.step for rule in rules], actor.label, at],
    )


def preview(
    *,
    reference_id: uuid.UUID,
    market_id: uuid.UUID,
    channel: str,
    collect_at: uuid.UUID | None = None,
    latitude: float | None = None,
    longitude: float | None = None,
    quantity: int = 1,
    actor: Actor,
    at: datetime,
) -> tuple[Candidate, ...]:
    """Who would send this reference, the best first; each other says which rule put it behind the best."""
    actor.require(permissions.STOCK_VIEW)
    mode = "COLLECT" if collect_at else "DELIVER"
    found = sql.rows(
        "SELECT * FROM flows_preview_sources(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [reference_id, quantity, actor.in_maison, market_id, mode, collect_at, latitude, longitude, channel, at],
    )
    return tuple(
        Candidate(
            place_id=row[0], free=row[1], km=row[2], date=row[3], rule=why.get("rule", ""), reason=why.get("reason", "")
        )
        for row in found
        for why in [_document(row[4])]
    )


def _document(value: object) -> dict[str, str]:
    import json

    found: dict[str, str] = json.loads(value) if isinstance(value, str) else dict(value)  # type: ignore[call-overload]
    return found


def where_it_is(
    *,
    reference_id: uuid.UUID,
    here: uuid.UUID,
    near: uuid.UUID | None = None,
    market_id: uuid.UUID,
    actor: Actor,
    at: datetime,
) -> tuple[Whereabouts, ...]:
    """Every place that has a reference, nearest to `near` (else to `here`) first, with how sure that is and what can be
    promised from there: collected there, sent to her, sent here. One statement. Staff only.
    """
    actor.require(permissions.STOCK_VIEW)
    found = sql.rows(
        "SELECT * FROM flows_where_is(%s, %s, %s, %s, %s, 'client_service', %s)",
        [reference_id, actor.in_maison, here, near or here, market_id, at],
    )
    return tuple(
        Whereabouts(
            place_id=row[0], on_hand=row[1], held=row[2], safety=row[3], km=row[4], counted_at=row[5], changes=row[6],
            collect_date=row[7], deliver_date=row[8], to_here_date=row[9], may_hold=bool(row[10]),
        )
        for row in found
    )  # fmt: skip


# -- what a place may promise --------------------------------------------------------------------------------------


def set_safety(
    *, place_id: uuid.UUID, reference_id: uuid.UUID, quantity: int, reason: str, actor: Actor, at: datetime
) -> None:
    """How many of a reference a place keeps for its own counter; nothing more is promised from afar. Safe to repeat.

    Raises BadInput, ReasonMissing, NotFound, Forbidden.
    """
    actor.require(permissions.STOCK_RULES, place_id=place_id)
    if not 0 <= quantity <= 1000:
        raise BadInput("A safety stock is a whole number from 0 to 1,000.")
    if not reason.strip():
        raise ReasonMissing()
    sql.value(
        "SELECT stock_set_safety(%s, %s, %s, %s, %s, %s) FROM house_place WHERE id = %s AND maison_id = %s",
        [place_id, reference_id, quantity, actor.label, reason.strip(), at, place_id, actor.in_maison],
    )
    outbox.wake()


def list_safety(*, place_id: uuid.UUID, actor: Actor) -> dict[uuid.UUID, tuple[int, int, int]]:
    """On hand, held and safety of every reference for which a place keeps one."""
    actor.require(permissions.STOCK_VIEW, place_id=place_id)
    found = sql.rows(
        "SELECT l.reference_id, l.on_hand, l.held, l.safety FROM stock_level l JOIN house_place p ON p.id = l.place_id "
        "WHERE l.place_id = %s AND p.maison_id = %s AND l.safety > 0 ORDER BY l.reference_id",
        [place_id, actor.in_maison],
    )
    return {row[0]: (row[1], row[2], row[3]) for row in found}


def set_calendar(
    *,
    place_id: uuid.UUID,
    cut_off: time,
    preparation_days: int,
    closed_dates: Sequence[date],
    actor: Actor,
    at: datetime,
) -> None:
    """When a place works and how long it needs; every day promised from now on follows it. Safe to repeat.

    Raises BadInput, NotFound, Forbidden.
    """
    actor.require(permissions.STOCK_RULES, place_id=place_id)
    if not 0 <= preparation_days <= 30:
        raise BadInput("Preparation takes 0 to 30 working days.")
    sql.value(
        "SELECT house_set_calendar(%s, %s, %s, %s, %s::date[], %s, %s)",
        [place_id, actor.in_maison, cut_off, preparation_days, list(closed_dates), actor.label, at],
    )


def agree(*, place_id: uuid.UUID, modes: Sequence[str], since: date, paper: str, actor: Actor, at: datetime) -> None:
    """Note for which ways a partner lets its stock be promised, from a day on; no way at all ends the agreement.

    Safe to repeat. Raises BadInput, ReasonMissing without the paper it stands in, NotFound, Forbidden.
    """
    actor.require(permissions.STOCK_RULES, place_id=place_id)
    if not set(modes) <= set(AGREED_MODES):
        raise BadInput("A partner can agree to collection, delivery and setting aside.")
    if modes and not paper.strip():
        raise ReasonMissing()
    sql.value(
        "SELECT house_agree(%s, %s, %s::text[], %s, %s, %s, %s)",
        [place_id, actor.in_maison, sorted(set(modes)), since, paper.strip(), actor.label, at],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacePromises:
    """What a place may promise, as far as it is not in its switches."""

    cut_off: time
    preparation_days: int
    closed_dates: tuple[date, ...]
    agreed_modes: tuple[str, ...]
    agreed_since: date | None
    paper: str


def place_promises(*, place_id: uuid.UUID, actor: Actor, at: datetime) -> PlacePromises:
    """Raises NotFound through the place's own query; the caller has shown the place."""
    actor.require(permissions.STOCK_VIEW, place_id=place_id)
    row = sql.row(
        "SELECT p.cut_off, p.preparation_days, p.closed_dates, coalesce(a.modes, '{}'), lower(a.during), "
        "coalesce(a.paper, '') "
        "FROM house_place p LEFT JOIN house_partneragreement a ON a.place_id = p.id AND a.during @> %s "
        "WHERE p.id = %s AND p.maison_id = %s",
        [at.date(), place_id, actor.in_maison],
    )
    assert row is not None
    return PlacePromises(
        cut_off=row[0],
        preparation_days=row[1],
        closed_dates=tuple(row[2]),
        agreed_modes=tuple(row[3]),
        agreed_since=row[4],
        paper=row[5],
    )
