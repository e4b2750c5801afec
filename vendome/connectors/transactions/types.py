"""Plain values of an import."""

from __future__ import annotations

import enum


class RunState(enum.StrEnum):
    READING = "READING"  # nothing in the house has changed yet
    BOOKING = "BOOKING"  # documents are booked batch by batch
    DONE = "DONE"
    GIVEN_UP = "GIVEN_UP"
    DISAGREES = "DISAGREES"  # booked, but the sums do not meet: kept for whoever must find out why


class Direction(enum.StrEnum):
    OUT = "OUT"
    IN = "IN"


class Outcome(enum.StrEnum):
    """What becomes of a document."""

    WAITING = "WAITING"
    IMPORTED = "IMPORTED"
    KNOWN = "KNOWN"  # the house has it already, from an earlier file
