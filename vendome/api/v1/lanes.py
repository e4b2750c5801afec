"""How long carriers take between markets: read, and written whole over the version that was read."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from ninja import Router, Schema
from pydantic import Field

from vendome.api import access
from vendome.api.v1.shapes import ID, example, refused
from vendome.domains.house import queries as house
from vendome.domains.house.types import LaneView
from vendome.domains.people import permissions
from vendome.flows import carrier_lanes
from vendome.kit import clock
from vendome.kit.ids import new_id

router = Router(tags=["Sourcing"])
ONE = {
    "id": ID, "origin": "FR", "destination": "JP", "carrier": "Transvaleurs", "days": 4, "runs_on": [1, 2, 3, 4, 5],
    "from_date": None, "until_date": "2026-12-31",
}  # fmt: skip
MarketCode = Annotated[str, Field(pattern=r"^[A-Z]{2,8}$", description="The market's code.")]
Weekday = Annotated[int, Field(ge=1, le=7)]
Runs = Annotated[list[Weekday], Field(min_length=1, max_length=7, description="1 Monday … 7 Sunday.")]


class LaneOut(Schema):
    """A carrier's journey; without dates it runs from ever, or without end."""

    model_config = example(**ONE)
    id: UUID
    origin: str
    destination: str
    carrier: str
    days: int
    runs_on: list[int]
    from_date: date | None
    until_date: date | None


class LanesOut(Schema):
    model_config = example(version=3, lanes=[ONE])
    version: int
    lanes: list[LaneOut]


class LaneIn(Schema):
    """A lane as it shall stand; one with the id of another that stands changes it."""

    model_config = example(**ONE) | {"extra": "forbid"}
    id: UUID | None = None
    origin: MarketCode
    destination: MarketCode
    carrier: Annotated[str, Field(min_length=1, max_length=80)]
    days: Annotated[int, Field(ge=0, le=60, description="Counted on the weekdays on which it moves.")]
    runs_on: Runs
    from_date: date | None = None
    until_date: Annotated[date | None, Field(description="The last day.")] = None


class LanesIn(Schema):
    model_config = example(expected=3, note="Faster at Christmas", lanes=[ONE]) | {"extra": "forbid"}
    expected: Annotated[int, Field(ge=0, le=2_000_000_000, description="The version that was read.")]
    note: Annotated[str, Field(min_length=1, max_length=300, description="What changes, and why.")]
    lanes: Annotated[list[LaneIn], Field(max_length=1000)]


@router.get("/lanes", response={200: LanesOut, **refused(401, 403)}, summary="Read the lanes")
@access.program(permissions.STOCK_VIEW)
def list_lanes(request: access.ApiRequest) -> LanesOut:
    """Every lane of the house, those of other days too, and their version. The quickest of the day decides."""
    return _stand(request)


@router.put("/lanes", response={200: LanesOut, **refused(400, 401, 403, 409, 422, 503)}, summary="Write the lanes")
@access.program(permissions.STOCK_RULES)
def write_lanes(request: access.ApiRequest, body: LanesIn) -> LanesOut:
    """Replaces all lanes; days promised from now on follow them. 409 when somebody has written since they were read."""
    carrier_lanes.write_lanes(
        lanes=[_lane(one) for one in body.lanes],
        expected=body.expected,
        note=body.note,
        actor=request.actor,
        at=clock.now(),
    )
    return _stand(request)


def _stand(request: access.ApiRequest) -> LanesOut:
    lanes = [LaneOut.from_orm(one) for one in carrier_lanes.list_lanes(actor=request.actor)]
    return LanesOut(version=house.get_lanes_version(maison_id=request.actor.in_maison), lanes=lanes)


def _lane(given: LaneIn) -> LaneView:
    return LaneView(
        id=given.id or new_id(),
        origin=given.origin,
        destination=given.destination,
        carrier=given.carrier,
        days=given.days,
        runs_on=tuple(given.runs_on),
        from_date=given.from_date,
        until_date=given.until_date,
    )
