"""Plain values of counts, and how sure a level is."""

from __future__ import annotations

import enum
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta


class CountKind(enum.StrEnum):
    FULL = "FULL"  # everything that stands at the place
    CYCLE = "CYCLE"  # some families or references of it


class CountState(enum.StrEnum):
    OPEN = "OPEN"
    CLOSED = "CLOSED"
    CANCELLED = "CANCELLED"


class ReadSource(enum.StrEnum):
    RFID = "RFID"
    SCAN = "SCAN"
    HAND = "HAND"


class FindingKind(enum.StrEnum):
    MISSING = "MISSING"  # the books say it stands here; nobody read it
    MISPLACED = "MISPLACED"  # read here; the books say it is elsewhere
    STRANGER = "STRANGER"  # tags in the field that no piece of the house carries
    SURPLUS = "SURPLUS"  # more counted than on hand
    SHORT = "SHORT"  # fewer counted than on hand
    MOVED_SINCE = "MOVED_SINCE"  # left while the count was open, unread: not missing


class Resolution(enum.StrEnum):
    NONE = ""
    FOUND = "FOUND"  # it is here after all
    LOST = "LOST"  # taken off the shelf of the books
    MOVED_HERE = "MOVED_HERE"  # the books now say that it stands where it was read
    TAKEN_IN = "TAKEN_IN"  # was lost or written off: on the shelf again, in quarantine
    CORRECTED = "CORRECTED"  # the quantity of the books now is what was counted
    EXPLAINED = "EXPLAINED"  # nothing changes, and why
    IGNORED = "IGNORED"


ANSWERS: dict[FindingKind, tuple[Resolution, ...]] = {
    FindingKind.MISSING: (Resolution.FOUND, Resolution.LOST, Resolution.EXPLAINED),
    FindingKind.MISPLACED: (Resolution.MOVED_HERE, Resolution.TAKEN_IN, Resolution.EXPLAINED),
    FindingKind.STRANGER: (Resolution.IGNORED, Resolution.EXPLAINED),
    FindingKind.SURPLUS: (Resolution.CORRECTED, Resolution.EXPLAINED),
    FindingKind.SHORT: (Resolution.CORRECTED, Resolution.EXPLAINED),
    FindingKind.MOVED_SINCE: (Resolution.EXPLAINED,),
}
"""What a person may answer to what was found."""
WITHOUT_EFFECT = (Resolution.FOUND, Resolution.EXPLAINED, Resolution.IGNORED)
"""Answers that changed no quantity, and so can be taken back."""


class Sureness(enum.StrEnum):
    """How far one may trust what the books say of a shelf."""

    SURE = "SURE"
    FAIRLY = "FAIRLY"
    DOUBTFUL = "DOUBTFUL"
    UNKNOWN = "UNKNOWN"  # never counted


SURE_FOR, SURE_MOVEMENTS = timedelta(days=14), 4
FAIR_FOR, FAIR_MOVEMENTS = timedelta(days=100), 24


def sureness(*, last_counted_at: datetime | None, movements_since: int, open_findings: int, at: datetime) -> Sureness:
    """Sure: counted within two weeks and at most four movements since. Fairly: within a quarter (100 days) and at most
    24 movements. Doubtful: older, busier, or something found missing here has no answer yet. Unknown: never counted.
    """
    if last_counted_at is None:
        return Sureness.UNKNOWN
    if open_findings:
        return Sureness.DOUBTFUL
    age = at - last_counted_at
    if age <= SURE_FOR and movements_since <= SURE_MOVEMENTS:
        return Sureness.SURE
    return Sureness.FAIRLY if age <= FAIR_FOR and movements_since <= FAIR_MOVEMENTS else Sureness.DOUBTFUL


@dataclass(frozen=True, slots=True, kw_only=True)
class HowSure:
    """When a level was last counted, how much has happened since, and the word for it."""

    place_id: uuid.UUID
    reference_id: uuid.UUID
    last_counted_at: datetime | None
    movements_since: int
    open_findings: int
    word: Sureness


@dataclass(frozen=True, slots=True, kw_only=True)
class CountFigures:
    """Pieces and units: what stood there when it was opened and could be judged, and what was found of it."""

    expected: int
    found: int
    missing: int
    misplaced: int
    strangers: int
    surplus: int
    moved: int

    @property
    def accuracy(self) -> float | None:
        """Share of what was expected that was found where the books say, 0 to 1; None when nothing was expected."""
        return self.found / self.expected if self.expected else None


@dataclass(frozen=True, slots=True, kw_only=True)
class CountView:
    """One count: where, what of it, by whom, and its figures once it is closed."""

    id: uuid.UUID
    place_id: uuid.UUID
    kind: CountKind
    families: tuple[str, ...]
    reference_ids: tuple[uuid.UUID, ...]
    state: CountState
    opened_at: datetime
    opened_by: str
    closed_at: datetime | None
    closed_by: str
    figures: CountFigures
    open_findings: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyProgress:
    family: str
    expected: int
    found: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingPiece:
    """A piece not read yet."""

    piece_id: uuid.UUID
    reference_id: uuid.UUID
    family: str
    serial: str
    hold_kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QuantityProgress:
    """Something without serial numbers: what the books say and what was counted, None when nobody has."""

    reference_id: uuid.UUID
    family: str
    expected: int
    counted: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadPiece:
    """The piece that one scan named."""

    reference_id: uuid.UUID
    serial: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One list, scan or quantity as it came in."""

    id: uuid.UUID
    source: ReadSource
    lines: int
    distinct: int
    fresh: int
    here: int
    elsewhere: int
    strangers: int
    at: datetime
    piece: ReadPiece | None = None  # of one scan: what it named


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a count is: n of m, by family, and what is not read yet."""

    count: CountView
    expected: int
    found: int
    families: tuple[FamilyProgress, ...]
    missing: tuple[MissingPiece, ...]
    missing_total: int
    quantities: tuple[QuantityProgress, ...]
    elsewhere: int
    strangers: int
    last_batch: Batch | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a count found that the books do not say, and what a person made of it."""

    id: uuid.UUID
    count_id: uuid.UUID
    place_id: uuid.UUID
    kind: FindingKind
    piece_id: uuid.UUID | None
    reference_id: uuid.UUID | None
    serial: str
    piece_state: str
    piece_place_id: uuid.UUID | None
    expected: int
    found: int
    resolution: Resolution
    reason: str
    resolved_by: str
    resolved_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Accuracy:
    """One closed count as a point of a place's accuracy over time."""

    count_id: uuid.UUID
    place_id: uuid.UUID
    kind: CountKind
    closed_at: datetime
    expected: int
    found: int
    share: float
