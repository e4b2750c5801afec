"""Letters on the way to her: ready in a boutique, sent, delivered, handed over. None names a price."""

from __future__ import annotations

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from vendome.domains.fulfilment.types import ParcelView
from vendome.flows.letter_facts import Case
from vendome.web.boutique.wording import spoken_day
from vendome.web.letters import telling
from vendome.web.letters.content import Content, Item, Part


def ready(case: Case) -> Content:
    lines = telling.lines_about(case, case.line_ids)
    place = case.places[next(line.place_id for line in lines if line.place_id)]
    number = case.order.number if case.order else ""
    return Content(
        subject=_("Ready for you in %(place)s") % {"place": place.name},
        headline=_("Ready for you"),
        paragraphs=(_("Come when it suits you; we are expecting you."),),
        items=tuple(telling.item(case, line) for line in lines),
        parts=(*telling.visits(case, (line.place_id for line in lines)), telling.to_bring(number)),
        action=(_("See your order"), telling.her_url(case, "order", number=number)),
    )


def handed_over(case: Case) -> Content:
    lines = telling.lines_about(case, case.line_ids)
    place = case.places[next(line.place_id for line in lines if line.place_id)]
    number = case.order.number if case.order else ""
    said = {"place": place.name, "day": telling.day(case.given_at or case.at, place)}
    return Content(
        subject=_("Handed over to you in %(place)s") % said,
        headline=_("It is with you"),
        paragraphs=(
            _("It was handed over to you in %(place)s on %(day)s.") % said,
            _("Any of our boutiques looks after it from here on, wherever you are."),
        ),
        items=tuple(telling.item(case, line) for line in lines),
        action=(_("See your order"), telling.her_url(case, "order", number=number)),
        notes=(_("If it was not you who received it, answer this letter at once."),),
    )


def sent(case: Case) -> Content:
    parcel = _parcel(case)
    said = {"number": parcel.order_number, "carrier": _carrier(parcel), "day": spoken_day(parcel.promised_date)}
    follow = [said["carrier"]]
    if parcel.tracking_number:
        follow.append(_("Tracking number %(number)s") % {"number": parcel.tracking_number})
    if parcel.seal:
        follow.append(_("Seal %(seal)s: do not take it when the seal is broken") % {"seal": parcel.seal})
    when = _("It is promised for %(day)s.") % said
    if parcel.slot:
        when = _("It is agreed for %(slot)s.") % {"slot": _slot(case, parcel)}
    return Content(
        subject=_("Your order %(number)s is on its way") % said,
        headline=_("On its way to you"),
        paragraphs=(
            _("It is wrapped, sealed and insured, and was entrusted to %(carrier)s.") % said,
            when,
        ),
        items=_items(parcel),
        parts=tuple(
            part
            for part in (
                Part(title=_("How it travels"), lines=tuple(follow)),
                _at_the_door(parcel),
                *telling.delivery_address(case),
            )
            if part
        ),
        action=(_("Follow it"), telling.her_url(case, "order", number=parcel.order_number)),
    )


def delivered(case: Case) -> Content:
    parcel = _parcel(case)
    at = telling.moment(parcel.delivered_at or case.at, telling.home_place(case))
    who = _("It was handed over on %(at)s, to %(name)s.") if parcel.received_by else _("It was handed over on %(at)s.")
    return Content(
        subject=_("Your order %(number)s was delivered") % {"number": parcel.order_number},
        headline=_("It is with you"),
        paragraphs=(
            who % {"at": at, "name": parcel.received_by},
            _("Any of our boutiques looks after it from here on, wherever you are."),
        ),
        items=_items(parcel),
        action=(_("See your order"), telling.her_url(case, "order", number=parcel.order_number)),
        notes=(_("If it was not received for you, answer this letter at once."),),
    )


def _parcel(case: Case) -> ParcelView:
    assert case.parcel is not None  # read with the case
    return case.parcel


def _carrier(parcel: ParcelView) -> str:
    """The carrier by its own name; the house's concierge is one of us."""
    return _("one of our own people") if parcel.carrier == "house" else parcel.service_name


def _items(parcel: ParcelView) -> tuple[Item, ...]:
    return tuple(
        Item(
            name=line.name if line.quantity == 1 else f"{line.quantity} × {line.name}",
            detail=telling.serial_number(line.serial) if line.serial else "",
        )
        for line in parcel.lines
    )


def _at_the_door(parcel: ParcelView) -> Part | None:
    if parcel.checks_identity:
        return Part(title=_("At your door"), lines=(_("Have an identity card at hand; we ask for your signature."),))
    if parcel.needs_signature:
        return Part(title=_("At your door"), lines=(_("We ask for your signature."),))
    return None


def _slot(case: Case, parcel: ParcelView) -> str:
    assert parcel.slot is not None
    place = telling.home_place(case)
    ends = telling.there(parcel.slot.ends_at, place)
    begins = telling.there(parcel.slot.starts_at, place)
    said = {
        "day": spoken_day(begins.date()),
        "from": date_format(begins, "H:i"),
        "to": date_format(ends, "H:i"),
        "city": place.city if place else "UTC",
    }
    return _("%(day)s, %(from)s to %(to)s, %(city)s time") % said
