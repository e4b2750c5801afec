# ruff: noqa: E501  # sentences are kept whole
"""Allocations in the words of headquarters."""

from __future__ import annotations

from django.utils.translation import gettext as _

from vendome.domains.stock.errors import OutOfStock
from vendome.domains.stock.types_of_scarcity import AllocationPolicy, AllocationState, AllocationView, EntryState
from vendome.kit.errors import DomainError
from vendome.web.components.parts import Tone


def policy(one: AllocationPolicy) -> str:
    return {
        AllocationPolicy.WAITING_LIST: _("Waiting list"),
        AllocationPolicy.BALLOT: _("Ballot"),
        AllocationPolicy.NOMINATIONS: _("Nominations"),
        AllocationPolicy.STANDING: _("Standing"),
        AllocationPolicy.FIRST_COME: _("Drop"),
    }[one]


def policy_words(view: AllocationView) -> str:
    """What the house has bound itself to, as the desk reads it."""
    return {
        AllocationPolicy.WAITING_LIST: _(
            "Clients are offered a piece in the order in which they entered, as pieces come in."
        ),
        AllocationPolicy.BALLOT: _(
            "Everybody who enters has one chance. The seed was committed to when this was made; the draw reveals it, and anybody can recompute the order."
        ),
        AllocationPolicy.NOMINATIONS: _(
            "Advisors make their case. The committee chooses and writes down why; the chosen are offered a piece in the order of their nomination."
        ),
        AllocationPolicy.STANDING: _(
            "Clients are offered a piece by their standing (%(standings)s), then in the order in which they entered."
        )
        % {"standings": ", ".join(view.standings) or "–"},
        AllocationPolicy.FIRST_COME: _(
            "Whoever is in the waiting room when the doors open is drawn; who comes later stands behind. What is not bought in time passes to the next."
        ),
    }[view.policy]


def state(view: AllocationView) -> tuple[str, Tone]:
    told: dict[AllocationState, tuple[str, Tone]] = {
        AllocationState.DRAFT: (_("Draft"), "open"),
        AllocationState.OPEN: (_("Taking entries"), "good"),
        AllocationState.CLOSED: (_("List closed"), "care"),
        AllocationState.SELLING: (_("Offering"), "good"),
        AllocationState.ENDED: (_("Ended"), ""),
    }
    return told[view.state]


def entry(one: EntryState) -> tuple[str, Tone]:
    told: dict[EntryState, tuple[str, Tone]] = {
        EntryState.WAITING: (_("Waits"), "open"),
        EntryState.OFFERED: (_("Offered"), "gold"),
        EntryState.BOUGHT: (_("Bought"), "good"),
        EntryState.PASSED: (_("Passed"), ""),
        EntryState.EXPIRED: (_("Ran out"), "care"),
        EntryState.REFUSED: (_("Not this time"), ""),
    }
    return told[one]


def reason(text: str) -> str:
    return {
        "sold_out": _("sold out"),
        "quota": _("has had as many as allowed"),
        "same_person": _("another record of the same person"),
        "expired": _("not bought in time"),
        "released": _("passed on"),
        "passed": _("passed on"),
    }.get(text, text)


def note(kind: str) -> str:
    return {
        "MADE": _("Made, with its commitment"),
        "PUBLISHED": _("Published: the pieces are kept"),
        "INVITED": _("Clients invited"),
        "ADDED": _("Pieces added"),
        "FROZEN": _("List closed, digest published"),
        "DRAWN": _("Order decided, offers sent"),
        "CHOSEN": _("Nomination accepted"),
        "NOT_CHOSEN": _("Nomination declined"),
        "PASSED": _("A client passed"),
        "ENDED": _("Ended"),
    }.get(kind, kind)


def problem(error: DomainError) -> str:
    """A refusal for headquarters; what a client reads when a piece is gone would not say what to do."""
    if isinstance(error, OutOfStock):
        return _("Not that many are free where they shall stand. Bring them there first, then try again.")
    return _(error.message)
