"""The letter about a return that was announced. A gift's names neither its price nor the order it came from."""

from __future__ import annotations

from django.utils.translation import gettext as _

from vendome.domains.orders.types import ReturnRoute
from vendome.flows.letter_facts import Announced, Case
from vendome.web.boutique.wording import spoken_day
from vendome.web.letters import telling
from vendome.web.letters.content import Content, Part


def _fetched(found: Announced) -> tuple[Part, ...]:
    """Where the courier comes to, and when she said that it suits her."""
    if not found.pickup:
        return ()
    day = (spoken_day(found.pickup_date).capitalize(),) if found.pickup_date else ()
    return (Part(title=_("Where our courier comes to"), lines=(*day, *found.pickup)),)


def announced(case: Case) -> Content:
    found = case.announced
    assert found is not None  # read with the case
    said = {"number": found.number}
    by = _("Please let it reach us until %(day)s.") % {"day": spoken_day(found.last_date)} if found.last_date else ""
    if found.route is ReturnRoute.COUNTER:
        text = _("Bring it to us when it suits you, with its box and papers.")
        parts = (*telling.visits(case, [found.place_id]), telling.to_bring(found.number))
    else:
        text = _("Send it to us in its box and with its papers; the parcel is insured under our label.")
        how = (
            _("Print the label from the page of your return, and put it on the parcel."),
            _("Write %(number)s on the slip inside.") % said,
        )
        parts = (Part(title=_("How to send it"), lines=how), *_fetched(found))
    action = None
    if case.order is not None and not found.is_gift:
        address = telling.her_url(case, "order_returned", number=case.order.number, return_id=found.id)
        action = (_("See your return"), address)
    return Content(
        subject=_("Your return %(number)s") % said,
        headline=_("Your return is noted"),
        paragraphs=tuple(part for part in (text, by) if part),
        items=tuple(telling.piece(case, reference, quantity) for reference, quantity in found.lines),
        parts=parts,
        action=action,
        notes=(_("Once we have looked at it we settle it with you, and write again."),),
    )
