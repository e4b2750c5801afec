"""Writing a maison's lanes, all at once over the version that was read, with every version kept; and its limits."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from vendome.domains.house import queries
from vendome.domains.house.errors import LanesMoved, LaneTwice
from vendome.domains.house.models import Lane, LaneVersion, Maison, Market
from vendome.domains.house.types import LaneView
from vendome.kit import audit, sql
from vendome.kit.actors import Actor
from vendome.kit.errors import BadInput, NotFound

WEEKDAYS = frozenset(range(1, 8))
LONGEST = 60


@transaction.atomic
def write_lanes(*, lanes: Sequence[LaneView], expected: int, note: str, actor: Actor, at: datetime) -> int:
    """Make these the lanes of the maison and return their version; what is promised from now on follows them.

    `expected` is the version that was read. Raises BadInput, LaneTwice, LanesMoved. Flows ask who may.
    """
    if not note.strip():
        raise BadInput("Say what changes and why; it stands in the history.")
    maison_id = actor.in_maison
    number = queries.get_lanes_version(maison_id=maison_id)
    if number != expected:
        raise LanesMoved()
    try:
        with transaction.atomic():
            if number == 0:
                known = queries.list_lanes(maison_id=maison_id)
                _keep(maison_id, known, 1, "The lanes as they stood before the first change", actor, at)
                number = 1
            _keep(maison_id, lanes, number + 1, note.strip()[:300], actor, at)
            _place(maison_id, lanes)
    except IntegrityError as error:
        if "lane_version_once" in str(error):
            raise LanesMoved() from error
        raise
    audit.record(
        actor=actor, action="house.lanes", subject=f"maison:{maison_id}", at=at, maison_id=maison_id,
        detail={"lanes": len(lanes), "version": number + 1, "note": note.strip()[:300]},
    )  # fmt: skip
    return number + 1


@transaction.atomic
def set_unpaid_orders(*, most: int, actor: Actor, at: datetime) -> None:
    """How many orders of hers a client may leave unpaid online at once; what waits already stays. Safe to repeat.

    Raises BadInput, NotFound.
    """
    if not 1 <= most <= 10_000:
        raise BadInput("Between 1 and 10000 orders of a client may wait for their payment at once.")
    rows = Maison.objects.filter(id=actor.in_maison).select_for_update()
    before = rows.values_list("unpaid_orders", flat=True).first()
    if before is None:
        raise NotFound()
    if before == most:
        return
    rows.update(unpaid_orders=most)
    audit.record(
        actor=actor, action="house.unpaid_orders", subject=f"maison:{actor.in_maison}", at=at,
        maison_id=actor.in_maison, detail={"before": before, "after": most},
    )  # fmt: skip


def read_version(*, maison_id: uuid.UUID, number: int) -> tuple[LaneView, ...]:
    """The lanes as they stood in a version. Raises NotFound."""
    found = LaneVersion.objects.filter(maison_id=maison_id, number=number).first()
    if found is None:
        raise NotFound()
    return tuple(_from_row(row) for row in found.lanes)


def read_arrivals(
    *, maison_id: uuid.UUID, lanes: Sequence[LaneView], asked: Sequence[tuple[uuid.UUID, str, datetime]]
) -> tuple[date, ...]:
    """The day of arrival of what is ordered from a place, to a market, at a moment, if these were the lanes.

    The lanes are put where promises read them, the same function is asked, and all is taken back.
    Raises BadInput, LaneTwice.
    """
    with transaction.atomic():
        _place(maison_id, lanes)
        found = tuple(
            sql.value(
                "SELECT house_arrival(p.market_id, m.id, house_ready_day(p, %s)) FROM house_place p, house_market m "
                "WHERE p.id = %s AND p.maison_id = %s AND m.maison_id = p.maison_id AND m.code = %s",
                [at, place_id, maison_id, market],
            )
            for place_id, market, at in asked
        )
        transaction.set_rollback(True)
    return found


def _place(maison_id: uuid.UUID, lanes: Sequence[LaneView]) -> None:
    markets = dict(Market.objects.filter(maison_id=maison_id).values_list("code", "id"))
    for lane in lanes:
        _check(lane, markets)
    Lane.objects.filter(maison_id=maison_id).delete()
    try:
        with transaction.atomic():
            Lane.objects.bulk_create(_row(maison_id, lane, markets) for lane in lanes)
    except IntegrityError as error:
        if "one_lane_of_a_carrier_at_a_time" in str(error):
            raise LaneTwice() from error
        raise


def _check(lane: LaneView, markets: dict[str, uuid.UUID]) -> None:
    if lane.origin not in markets or lane.destination not in markets:
        raise BadInput("A lane runs between two markets of the house.")
    if not lane.carrier.strip():
        raise BadInput("Name the carrier.")
    if not 0 <= lane.days <= LONGEST:
        raise BadInput("A lane takes 0 to 60 days.")
    if not lane.runs_on or not set(lane.runs_on) <= WEEKDAYS:
        raise BadInput("A lane runs on one weekday or more.")
    if lane.from_date and lane.until_date and lane.until_date < lane.from_date:
        raise BadInput("A lane ends on the day it begins, or later.")


def _row(maison_id: uuid.UUID, lane: LaneView, markets: dict[str, uuid.UUID]) -> Lane:
    return Lane(
        id=lane.id,
        maison_id=maison_id,
        origin_id=markets[lane.origin],
        destination_id=markets[lane.destination],
        carrier=lane.carrier.strip(),
        days=lane.days,
        runs_on=sorted(set(lane.runs_on)),
        from_date=lane.from_date,
        until_date=lane.until_date,
    )


def _keep(maison_id: uuid.UUID, lanes: Sequence[LaneView], number: int, note: str, actor: Actor, at: datetime) -> None:
    LaneVersion.objects.create(
        maison_id=maison_id, number=number, at=at, actor=actor.label, note=note, lanes=[_as_row(one) for one in lanes]
    )


def _as_row(lane: LaneView) -> dict[str, Any]:
    return asdict(lane) | {
        "id": str(lane.id),
        "from_date": lane.from_date.isoformat() if lane.from_date else None,
        "until_date": lane.until_date.isoformat() if lane.until_date else None,
    }


def _from_row(row: dict[str, Any]) -> LaneView:
    dates = {name: date.fromisoformat(row[name]) if row[name] else None for name in ("from_date", "until_date")}
    return LaneView(**{**row, **dates, "id": uuid.UUID(row["id"]), "runs_on": tuple(row["runs_on"])})
