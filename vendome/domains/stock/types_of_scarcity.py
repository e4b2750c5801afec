"""Plain values of scarcity, and the draw as pure arithmetic: what anybody can recompute."""

from __future__ import annotations

import enum
import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any


class AllocationPolicy(enum.StrEnum):
    WAITING_LIST = "WAITING_LIST"  # in order of entering, as pieces become free
    BALLOT = "BALLOT"  # drawn from all who entered, by a seed committed to beforehand
    NOMINATIONS = "NOMINATIONS"  # advisors make cases, a committee chooses
    STANDING = "STANDING"  # by the house's regard, then in order of entering
    FIRST_COME = "FIRST_COME"  # a launch drop: those in the waiting room are drawn, the others follow as they come


class AllocationState(enum.StrEnum):
    DRAFT = "DRAFT"
    OPEN = "OPEN"  # published; entries are taken
    CLOSED = "CLOSED"  # the list of entries is frozen
    SELLING = "SELLING"  # offers go out in order
    ENDED = "ENDED"


class EntryState(enum.StrEnum):
    WAITING = "WAITING"
    OFFERED = "OFFERED"
    BOUGHT = "BOUGHT"
    PASSED = "PASSED"
    EXPIRED = "EXPIRED"
    REFUSED = "REFUSED"


PERSONAL: dict[str, tuple[str, ...]] = {
    "stock_entry": ("case_text", "reason"),
    "stock_allocationnote": ("text",),
}
"""Columns in which somebody may have written of a client (rule 13); the other columns hold ids and states."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAllocation:
    """What headquarters says of an allocation before it is published."""

    code: str
    title: str
    words: dict[str, str]
    reference_id: uuid.UUID
    place_id: uuid.UUID
    pieces: int
    policy: AllocationPolicy
    opens_at: datetime
    closes_at: datetime | None = None
    early_from: datetime | None = None
    room_opens_at: datetime | None = None
    only_invited: bool = False
    per_person: int = 1
    counts_household: bool = False
    standings: tuple[str, ...] = ()
    hold_seconds: int = 900


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocationView:
    """One allocation with its figures. The seed is there only once it is revealed."""

    id: uuid.UUID
    code: str
    title: str
    words: dict[str, str]
    reference_id: uuid.UUID
    model_id: uuid.UUID
    place_id: uuid.UUID
    pieces: int
    policy: AllocationPolicy
    state: AllocationState
    opens_at: datetime
    closes_at: datetime | None
    early_from: datetime | None
    room_opens_at: datetime | None
    only_invited: bool
    per_person: int
    counts_household: bool
    standings: tuple[str, ...]
    hold_seconds: int
    commitment: str
    list_digest: str
    frozen_at: datetime | None
    revealed_at: datetime | None
    ended_at: datetime | None
    free: int  # pieces of the allocation that nobody is offered
    entries: int
    waiting: int
    offered: int
    bought: int
    invited: int

    def takes_entries(self, at: datetime) -> bool:
        """Whether anybody may enter now; invited clients may sooner (`early_from`)."""
        if self.state not in (AllocationState.OPEN, AllocationState.SELLING):
            return False
        first = self.room_opens_at if self.policy is AllocationPolicy.FIRST_COME else self.opens_at
        return (first or self.opens_at) <= at and (self.closes_at is None or at < self.closes_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a client stands: her state, her honest place, until when her piece is kept."""

    allocation_id: uuid.UUID
    entry_id: uuid.UUID
    token: uuid.UUID
    state: EntryState
    allocation_state: AllocationState
    place: int | None  # None while the places are still to be drawn
    before: int  # who still waits before her
    entries: int
    pieces: int
    left: int  # pieces that have not been bought
    until_at: datetime | None
    hold_id: uuid.UUID | None
    place_id: uuid.UUID
    reference_id: uuid.UUID
    reason: str

    @classmethod
    def read(cls, told: dict[str, Any]) -> Standing:
        """From the document the database answers."""
        return cls(
            allocation_id=uuid.UUID(told["allocation"]),
            entry_id=uuid.UUID(told["entry"]),
            token=uuid.UUID(told["token"]),
            state=EntryState(told["state"]),
            allocation_state=AllocationState(told["allocation_state"]),
            place=told["place"],
            before=told["before"],
            entries=told["entries"],
            pieces=told["pieces"],
            left=told["left"],
            until_at=datetime.fromisoformat(told["until"]) if told["until"] else None,
            hold_id=uuid.UUID(told["hold"]) if told["hold"] else None,
            place_id=uuid.UUID(told["place_id"]),
            reference_id=uuid.UUID(told["reference"]),
            reason=told["reason"],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRow:
    """One line of the allocation desk."""

    id: uuid.UUID
    client_id: uuid.UUID
    token: uuid.UUID
    state: EntryState
    joined_at: datetime
    place: int
    offered_at: datetime | None
    until_at: datetime | None
    ended_at: datetime | None
    nominated_by: uuid.UUID | None
    case_text: str
    decided_by: str
    decided_at: datetime | None
    is_chosen: bool | None
    reason: str
    standing: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteRow:
    at: datetime
    actor: str
    kind: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """The public record of a draw: tokens only, no personal data. `seed` and `order` appear when it is revealed."""

    commitment: str
    list_digest: str
    entries: tuple[str, ...]
    seed: str
    order: tuple[str, ...]


def commitment_of(seed: bytes) -> str:
    """What is published before anybody enters."""
    return hashlib.sha256(seed).hexdigest()


def digest_of(entries: Sequence[str]) -> str:
    """What is published when the list is frozen: the digest of all tokens, sorted, one a line."""
    return hashlib.sha256("\n".join(sorted(entries)).encode()).hexdigest()


def drawn_order(seed: bytes, entries: Sequence[str]) -> tuple[str, ...]:
    """The tokens in the order in which they are drawn: by the digest of seed, list and token."""
    key = seed + bytes.fromhex(digest_of(entries))
    return tuple(sorted(entries, key=lambda token: hashlib.sha256(key + token.encode()).digest()))


def draw_problems(draw: Draw) -> tuple[str, ...]:
    """What does not hold in a draw's public record; nothing when it does."""
    found = []
    if digest_of(draw.entries) != draw.list_digest:
        found.append("The list of entries is not the one that was frozen.")
    if not draw.seed:
        return (*found, "The seed is not revealed yet.")
    seed = bytes.fromhex(draw.seed)
    if commitment_of(seed) != draw.commitment:
        found.append("The seed is not the one that was committed to.")
    if drawn_order(seed, draw.entries) != draw.order:
        found.append("The order is not the one that seed and list give.")
    return tuple(found)
