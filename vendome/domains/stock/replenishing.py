"""What each place should be sent, worked out from plain figures: sales, minimums, cover, what others can spare."""

from __future__ import annotations

import enum
import math
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

WEEKS = 13
"""Sales are looked at over a quarter: long enough for jewels, short enough for a season."""
QUIET_AFTER_DISMISSAL = timedelta(days=14)
"""What a person said no to is not proposed again for this long."""
KEPT_WEEKS = 4
"""A boutique without a rule of its own keeps what it would sell within this many weeks, and always its last."""


class ProposalState(enum.StrEnum):
    PROPOSED = "PROPOSED"
    ACCEPTED = "ACCEPTED"
    DISMISSED = "DISMISSED"
    WITHDRAWN = "WITHDRAWN"  # worked out again, and no longer needed


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a rule asks for."""

    minimum_display: int
    weeks_of_cover: Decimal
    maximum: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One reference at one place: what is free, what is coming, what was sold in the last 13 weeks."""

    place_id: uuid.UUID
    reference_id: uuid.UUID
    is_warehouse: bool
    is_ours: bool
    region: str
    free: int
    incoming: int
    sold: int
    wish: Wish | None

    @property
    def target(self) -> int:
        """How many should stand there; nothing without a rule."""
        if self.wish is None:
            return 0
        pace = Decimal(max(self.sold, 0)) * self.wish.weeks_of_cover / WEEKS
        cover = int(pace.to_integral_value(ROUND_HALF_UP))  # one sale in a quarter does not fill a shelf
        wanted = max(self.wish.minimum_display, cover)
        return wanted if self.wish.maximum is None else min(wanted, self.wish.maximum)

    @property
    def need(self) -> int:
        return max(0, self.target - self.free - self.incoming)

    @property
    def spare(self) -> int:
        """How many may be sent elsewhere. A partner's pieces are his."""
        if not self.is_ours:
            return 0
        if self.wish is not None:
            return max(0, self.free - self.target)
        if self.is_warehouse:
            return max(0, self.free)
        kept = max(1, math.ceil(max(self.sold, 0) * KEPT_WEEKS / WEEKS))
        return max(0, self.free - kept)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    from_place_id: uuid.UUID
    to_place_id: uuid.UUID
    reference_id: uuid.UUID
    quantity: int
    facts: dict[str, Any]


def propose(standings: Iterable[Standing]) -> tuple[Proposed, ...]:
    """Who should send what to whom. No source is asked for more than it can spare, nobody is sent more than it needs.

    The bare shelf comes first, then the one that sells most. Warehouses give before boutiques, the same region before
    another; a boutique gives to one that sells more than itself, or has none.
    """
    of_reference: dict[uuid.UUID, list[Standing]] = {}
    for standing in standings:
        of_reference.setdefault(standing.reference_id, []).append(standing)
    found: list[Proposed] = []
    for group in of_reference.values():
        found += _share(group)
    return tuple(found)


def _share(group: Sequence[Standing]) -> list[Proposed]:
    spare = {one.place_id: one.spare for one in group}
    needy = sorted(
        (one for one in group if one.need), key=lambda one: (one.free + one.incoming > 0, -one.sold, one.place_id)
    )
    found = []
    for wanting in needy:
        open_need = wanting.need
        for giver in sorted(group, key=lambda one: _nearness(one, wanting)):
            if not open_need or giver.place_id == wanting.place_id or not _may_give(giver, wanting):
                continue
            quantity = min(open_need, spare[giver.place_id])
            if quantity:
                spare[giver.place_id] -= quantity
                open_need -= quantity
                found.append(_proposed(giver, wanting, quantity))
    return found


def _nearness(giver: Standing, wanting: Standing) -> tuple[bool, bool, int, uuid.UUID]:
    return (not giver.is_warehouse, giver.region != wanting.region, giver.sold, giver.place_id)


def _may_give(giver: Standing, wanting: Standing) -> bool:
    return giver.is_warehouse or giver.sold < wanting.sold or wanting.free + wanting.incoming <= 0


def _proposed(giver: Standing, wanting: Standing, quantity: int) -> Proposed:
    assert wanting.wish is not None  # without a rule there is no need
    return Proposed(
        from_place_id=giver.place_id,
        to_place_id=wanting.place_id,
        reference_id=wanting.reference_id,
        quantity=quantity,
        facts={
            "sold": wanting.sold,
            "weeks": WEEKS,
            "free": wanting.free,
            "incoming": wanting.incoming,
            "minimum": wanting.wish.minimum_display,
            "cover": float(wanting.wish.weeks_of_cover),
            "maximum": wanting.wish.maximum,
            "target": wanting.target,
            "source_free": giver.free,
            "source_spare": giver.spare,
        },
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalView:
    """A proposal with the figures its sentence is made of."""

    id: uuid.UUID
    from_place_id: uuid.UUID
    to_place_id: uuid.UUID
    reference_id: uuid.UUID
    quantity: int
    state: ProposalState
    facts: dict[str, Any]
    accepted_quantity: int | None
    proposed_at: datetime
    decided_at: datetime | None
    decided_by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleView:
    """How much a place keeps, of what."""

    id: uuid.UUID
    place_id: uuid.UUID
    reference_id: uuid.UUID | None
    model_id: uuid.UUID | None
    family: str
    minimum_display: int
    weeks_of_cover: Decimal
    maximum: int | None
    changed_by: str
    changed_at: datetime
