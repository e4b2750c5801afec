"""How far headquarters may trust a level, in words; and the row of pages that belong to the stock."""

from __future__ import annotations

import uuid

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from vendome.domains.house.types import PlaceView
from vendome.domains.stock.queries import counts
from vendome.kit import clock
from vendome.web.bureau import pages
from vendome.web.bureau.frame import BureauRequest
from vendome.web.components.frames import Link
from vendome.web.components.parts import Tone
from vendome.web.salon import count_words as words


def stock_tabs(current: str) -> list[Link]:
    """The pages that belong to the stock beside the levels themselves."""
    names = (
        ("stock", _("Levels")),
        ("transfers", _("Transfers")),
        ("counts", _("Counts")),
        ("accuracy", _("Accuracy")),
        ("replenishment", _("Replenishment")),
        ("rules", _("Rules")),
        ("allocations", _("Allocations")),
    )
    return [Link(label=label, url=reverse(f"bureau:{name}"), current=name == current) for name, label in names]


def of_level(request: BureauRequest, place: PlaceView, reference_id: uuid.UUID) -> pages.Sure | None:
    """The word for one level, and why; nothing where there has never been any."""
    found = counts.how_sure(
        actor=request.actor, place_ids=[place.id], reference_ids=[reference_id], at=clock.now()
    ).get((place.id, reference_id))
    if found is None:
        return None
    if found.last_counted_at is None:
        why = _("This level has never been counted.")
    else:
        why = ngettext(
            "Counted on %(day)s; %(n)d movement since.",
            "Counted on %(day)s; %(n)d movements since.",
            found.movements_since,
        ) % {"day": date_format(found.last_counted_at, "j F Y"), "n": found.movements_since}
    if found.open_findings:
        why += " " + ngettext(
            "%(n)d finding here has no answer yet.", "%(n)d findings here have no answer yet.", found.open_findings
        ) % {"n": found.open_findings}
    return pages.Sure(
        word=str(words.SURENESS[found.word.value]),
        tone=words.SURENESS_TONES[found.word.value],
        why=why,
        counted_at=found.last_counted_at,
    )


def of_place(request: BureauRequest, place: PlaceView) -> list[tuple[str, Tone]]:
    """How many references of a place are sure, fairly sure, doubtful and never counted."""
    tally = counts.how_sure_of_place(actor=request.actor, place_id=place.id, at=clock.now())
    return [
        (f"{words.SURENESS[word.value]}: {number}", words.SURENESS_TONES[word.value])
        for word, number in tally.items()
        if number
    ]
