"""Plain values of the return policy."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta


class Basis(enum.StrEnum):
    """Where a rule comes from: the law of a market, or the house's own goodwill."""

    LAW = "LAW"
    HOUSE = "HOUSE"


class Outcome(enum.StrEnum):
    RIGHT = "RIGHT"  # the law gives it; nothing of the house's may take it away
    NO_RIGHT = "NO_RIGHT"  # the law makes an exception or gives no right; the house's own rules decide
    REFUND = "REFUND"
    STORE_CREDIT = "STORE_CREDIT"
    EXCHANGE_ONLY = "EXCHANGE_ONLY"
    ASK_MANAGER = "ASK_MANAGER"
    REFUSE = "REFUSE"

    @property
    def is_accepted(self) -> bool:
        """Whether value may be given back without asking anybody."""
        return self in (Outcome.RIGHT, Outcome.REFUND, Outcome.STORE_CREDIT, Outcome.EXCHANGE_ONLY)


class RefundForm(enum.StrEnum):
    ORIGINAL = "ORIGINAL"  # to the tenders it was paid with
    CREDIT = "CREDIT"  # a credit note of the house
    NONE = "NONE"


class Payer(enum.StrEnum):
    """Who pays for the way back."""

    HOUSE = "HOUSE"
    CLIENT = "CLIENT"


class Way(enum.StrEnum):
    """How the sale was concluded; distance selling has rights that a sale on the premises has not."""

    DISTANCE = "DISTANCE"
    PREMISES = "PREMISES"


class Condition(enum.StrEnum):
    """What was seen when it came back."""

    AS_SOLD = "AS_SOLD"
    WORN = "WORN"
    DAMAGED = "DAMAGED"
    NOT_OURS = "NOT_OURS"


class Reason(enum.StrEnum):
    """Why it comes back, as the client says; never asked for where the law forbids to ask."""

    NOT_SAID = "NOT_SAID"
    CHANGED_MIND = "CHANGED_MIND"
    SIZE = "SIZE"
    DEFECT = "DEFECT"
    WRONG_PIECE = "WRONG_PIECE"
    GIFT = "GIFT"


DISTANCE_CHANNELS = frozenset({"web", "client_service", "marketplace"})


def way_of(channel: str) -> Way:
    """A web order collected in a boutique is still a distance sale: what counts is how it was concluded."""
    return Way.DISTANCE if channel in DISTANCE_CHANNELS else Way.PREMISES


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything a rule may look at. `received_on` None: it has not reached her yet, so no period has begun."""

    country: str
    way: Way
    family: str
    on: date  # the day she says so, not the day it arrives
    received_on: date | None
    is_personalised: bool = False
    is_final_sale: bool = False
    is_unsealed: bool = False  # the hygiene seal of pierced earrings is broken
    is_gift: bool = False  # brought back by whom it was given to
    has_receipt: bool = True
    condition: Condition = Condition.AS_SOLD


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """One sentence for the client, one for staff. `{last_day}` stands for the last day of the period."""

    client: str
    staff: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One line of the policy. An empty condition matches everything."""

    code: str
    position: int
    basis: Basis
    outcome: Outcome
    words: Mapping[str, Words]
    form: RefundForm = RefundForm.NONE
    shipping: Payer = Payer.CLIENT
    countries: frozenset[str] = frozenset()
    way: Way | None = None
    families: frozenset[str] = frozenset()
    conditions: frozenset[Condition] = frozenset()
    personalised: bool | None = None
    final_sale: bool | None = None
    unsealed: bool | None = None
    gift: bool | None = None
    receipt: bool | None = None
    within_days: int | None = None
    moves_past_weekend: bool = False
    from_date: date | None = None  # the rule is asked from this day on, until that day
    until_date: date | None = None
    loss_of_value: str = ""  # the law by which a piece handled beyond what is necessary is worth less; empty: never
    statute: str = ""
    source_url: str = ""

    def last_day(self, received_on: date) -> date | None:
        """The last day of the period; None for a rule without one."""
        if self.within_days is None:
            return None
        day = received_on + timedelta(days=self.within_days)
        while self.moves_past_weekend and day.weekday() >= 5:
            day += timedelta(days=1)
        return day


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What the policy says of one line, by which rule, until when, and in which form money comes back.

    `exception` is the legal rule that took the sale out of a statutory right, or says that the market has none.
    """

    rule: str
    basis: Basis
    outcome: Outcome
    form: RefundForm
    shipping: Payer
    statute: str = ""
    source_url: str = ""
    last_day: date | None = None
    days_left: int | None = None
    exception: str = ""
    exception_statute: str = ""
    loss_of_value: str = ""
    words: Mapping[str, Words] = field(default_factory=dict)

    @property
    def may_deduct(self) -> bool:
        """Whether the law lets the refund be less for handling beyond what is necessary (ADR 0022)."""
        return self.outcome is Outcome.RIGHT and self.loss_of_value != ""

    def client_words(self, language: str) -> str:
        return (self.words.get(language) or self.words["en"]).client

    def staff_words(self, language: str) -> str:
        return (self.words.get(language) or self.words["en"]).staff
