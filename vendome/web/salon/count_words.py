"""Counts as people say them: scopes, sureness, what a list was made of, why a line cannot be read."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from vendome.domains.stock.counting import Batch, CountFigures, CountKind, CountView, ReadSource
from vendome.domains.stock.errors import (
    CorrectionBelowHolds,
    PiecePromised,
    ReadListUnreadable,
    ReasonMissing,
    SourceShort,
)
from vendome.kit.errors import DomainError
from vendome.web.components.parts import Tone

FAMILIES = {
    "rings": gettext_lazy("Rings"),
    "bracelets": gettext_lazy("Bracelets"),
    "necklaces": gettext_lazy("Necklaces"),
    "earrings": gettext_lazy("Earrings"),
    "watches": gettext_lazy("Watches"),
    "objects": gettext_lazy("Objects"),
    "other": gettext_lazy("Other"),
}
HOLDS = {
    "BASKET": gettext_lazy("in a bag"),
    "RESERVATION": gettext_lazy("reserved for a client"),
    "APPOINTMENT": gettext_lazy("for an appointment"),
    "SELECTION": gettext_lazy("in a selection"),
    "WAITING_LIST": gettext_lazy("for the waiting list"),
    "ORDER": gettext_lazy("for an order"),
    "QUARANTINE": gettext_lazy("to be examined"),
    "TRANSFER": gettext_lazy("for a transfer"),
    "LOAN": gettext_lazy("on loan"),
}
SURENESS = {
    "SURE": gettext_lazy("Sure"),
    "FAIRLY": gettext_lazy("Fairly sure"),
    "DOUBTFUL": gettext_lazy("Doubtful"),
    "UNKNOWN": gettext_lazy("Never counted"),
}
SURENESS_TONES: dict[str, Tone] = {"SURE": "good", "FAIRLY": "gold", "DOUBTFUL": "care", "UNKNOWN": "open"}
WRONG_LINES = {
    "A tag of this kind says 24 hexadecimal digits; this one does not.": gettext_lazy(
        "A tag of this kind says 24 hexadecimal digits; this one does not."
    ),
    "This tag is not an SGTIN-96: it does not begin with 30.": gettext_lazy(
        "This tag is not an SGTIN-96: it does not begin with 30."
    ),
    "This tag names a partition that GS1 does not have.": gettext_lazy(
        "This tag names a partition that GS1 does not have."
    ),
    "This tag holds a number with more digits than its partition allows.": gettext_lazy(
        "This tag holds a number with more digits than its partition allows."
    ),
    "This is not a GS1 name of a piece.": gettext_lazy("This is not a GS1 name of a piece."),
    "The check digit of this GTIN is wrong; scan it again.": gettext_lazy(
        "The check digit of this GTIN is wrong; scan it again."
    ),
    "This link does not name a piece: it lacks its GTIN or its serial number.": gettext_lazy(
        "This link does not name a piece: it lacks its GTIN or its serial number."
    ),
    "This is neither a tag nor a serial number.": gettext_lazy("This is neither a tag nor a serial number."),
}


def title(count: CountView) -> str:
    """“Full count”, or what a cycle count looks at."""
    if count.kind is CountKind.FULL:
        return _("Full count")
    names = [str(FAMILIES.get(one, one)) for one in count.families]
    if count.reference_ids:
        n = len(count.reference_ids)
        names.append(ngettext("%(n)d reference", "%(n)d references", n) % {"n": n})
    return _("Count of %(what)s") % {"what": ", ".join(names).lower()}


def share(found: int, expected: int) -> str:
    """A share in per cent, one decimal, never rounded up to a hundred."""
    if not expected:
        return "—"
    return _("%(n)s%%") % {"n": f"{found * 1000 // expected / 10:.1f}".removesuffix(".0")}


def made_of(batch: Batch, piece: str = "") -> str:
    """What a list was made of, or which `piece` one scan named, in one sentence."""
    if batch.source is ReadSource.HAND:
        return _("A quantity, counted by hand")
    if batch.source is ReadSource.SCAN and batch.lines == 1:
        if piece and batch.elsewhere:
            return _("Scanned: %(piece)s; the books say it is elsewhere") % {"piece": piece}
        if piece:
            said = _("Scanned: %(piece)s") if batch.fresh else _("Scanned: %(piece)s, which had been read before")
            return said % {"piece": piece}
        if batch.elsewhere:
            return _("One piece scanned; the books say it is elsewhere")
        return _("One piece scanned") if batch.fresh else _("One piece scanned that had been read before")
    return _(
        "%(lines)d reads, %(distinct)d different tags: %(here)d of ours here, %(elsewhere)d of ours from elsewhere, "
        "%(strangers)d strangers; %(fresh)d new to this count"
    ) % {
        "lines": batch.lines,
        "distinct": batch.distinct,
        "here": batch.here,
        "elsewhere": batch.elsewhere,
        "strangers": batch.strangers,
        "fresh": batch.fresh,
    }


def closing(figures: CountFigures) -> str:
    """What became of a closed count, in one sentence."""
    if figures.missing or figures.misplaced or figures.surplus:
        return _("What is not as the books say waits for an answer.")
    return _("Everything stands where the books say.")


def ended(count: CountView) -> str:
    """What is left to do of a closed count."""
    if count.open_findings:
        n = count.open_findings
        return ngettext("%(n)d finding waits for an answer.", "%(n)d findings wait for an answer.", n) % {"n": n}
    told = count.figures
    if told.missing or told.misplaced or told.surplus:
        return _("What was not as the books say has been answered.")
    return _("Everything stands where the books say.")


def problem(error: DomainError) -> str:
    """A refusal in the reader's language, with what is particular to it."""
    told: dict[str, Any] = error.details()
    if isinstance(error, ReadListUnreadable):
        return _("Line %(line)d cannot be read (“%(text)s”). %(why)s Nothing was taken from this list.") % {
            "line": told["line"],
            "text": told["text"],
            "why": WRONG_LINES.get(told["why"], told["why"]),
        }
    if isinstance(error, CorrectionBelowHolds):
        held = "; ".join(_held(one) for one in told.get("holds", []))
        return _("%(sentence)s Held: %(held)s.") % {"sentence": _(error.message), "held": held}
    if isinstance(error, PiecePromised) and told.get("kind"):
        return _("%(sentence)s Held: %(held)s.") % {"sentence": _(error.message), "held": _held(told | {"quantity": 1})}
    if isinstance(error, SourceShort):
        return _("%(sentence)s Free there: %(n)d.") % {"sentence": _(error.message), "n": told.get("free", 0)}
    if isinstance(error, ReasonMissing):
        return _("Write why: an answer without a reason cannot be explained later.")
    if error.message in WRONG_LINES:
        return str(WRONG_LINES[error.message])
    return _(error.message)


def _held(one: dict[str, Any]) -> str:
    what = f"{one['quantity']} {HOLDS.get(one['kind'], one['kind'])}"
    return f"{what} {one['order_number']}" if one.get("order_number") else what
