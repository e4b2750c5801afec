"""What all letters have in common: amounts, days and hours, places, pieces and addresses, in the reader's language."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from vendome.domains.catalogue.types import ReferenceLabel
from vendome.domains.house.types import PlaceKind, PlaceView
from vendome.domains.orders.types import Direction, LineState, Mode, OrderLineView
from vendome.flows.letter_facts import Case
from vendome.kit.rows import in_language
from vendome.web.boutique import order_key, showing
from vendome.web.boutique.hours import opening
from vendome.web.boutique.locales import DEFAULT_LANGUAGE, LANGUAGES, Locale, country_name
from vendome.web.boutique.wording import spoken_day
from vendome.web.components import money
from vendome.web.letters.content import Item, Part

GONE = (LineState.CANCELLED, LineState.RETURNED)


def language_of(case: Case) -> str:
    """The language she reads, where the house writes it; else English."""
    wanted = case.recipient.language.partition("-")[0].lower()
    return wanted if wanted in LANGUAGES else DEFAULT_LANGUAGE


def amount(value: int, currency: str, case: Case) -> str:
    return money.written(value, currency, language_of(case))


# -- addresses on the web ------------------------------------------------------------------------------------


def url(case: Case, name: str, **parts: Any) -> str:
    """A page of the boutique in her market and language, as a whole address."""
    return f"{settings.SITE}{_path(case, name, **parts)}"


def her_url(case: Case, name: str, **parts: Any) -> str:
    """A page that is hers alone: by way of the sign-in, or with the key of an order placed without an account."""
    path = _path(case, name, **parts)
    if case.order is not None and case.order.client_id is None:
        return f"{settings.SITE}{path}?{urlencode({'key': order_key.make(case.order.id)})}"
    return f"{settings.SITE}{reverse('account_login')}?{urlencode({'next': path})}"


def _path(case: Case, name: str, **parts: Any) -> str:
    return reverse(f"boutique:{name}", kwargs={"locale": Locale(case.market.code, language_of(case)), **parts})


# -- days, hours and places ----------------------------------------------------------------------------------


def day(moment: datetime, place: PlaceView | None) -> str:
    """ "Thursday 26 November", as the calendar of the place says it."""
    return spoken_day(there(moment, place).date())


def moment(when: datetime, place: PlaceView | None) -> str:
    """ "Thursday 26 November at 18:00, Paris time": a moment that counts names its zone."""
    here = there(when, place)
    said = {"day": spoken_day(here.date()), "hour": date_format(here, "H:i"), "city": place.city if place else "UTC"}
    return _("%(day)s at %(hour)s, %(city)s time") % said


def there(when: datetime, place: PlaceView | None) -> datetime:
    """A moment by the clock of a place."""
    return when.astimezone(ZoneInfo(place.timezone if place else "UTC"))


def home_place(case: Case) -> PlaceView | None:
    """The boutique whose clock her market goes by."""
    boutiques = [one for one in case.places.values() if one.kind is PlaceKind.BOUTIQUE and one.is_visible]
    return next((one for one in boutiques if one.market_id == case.market.id), boutiques[0] if boutiques else None)


def where(place: PlaceView, case: Case) -> Part:
    lines = [place.name, *showing.address(place), place.phone]
    return Part(title=_("Where"), lines=tuple(line for line in lines if line))


def hours(place: PlaceView, case: Case) -> Part | None:
    """The week of a boutique, days with the same hours together."""
    week = [(one.name, one.text or _("Closed")) for one in opening(place.hours, place.timezone, case.at).days]
    if not any(place.hours.values()):
        return None
    lines: list[str] = []
    first, last, said = week[0][0], week[0][0], week[0][1]
    for name, text in [*week[1:], ("", "")]:
        if text == said:
            last = name
            continue
        lines.append(_("%(label)s: %(value)s") % {"label": _span(first, last), "value": said})
        first, last, said = name, name, text
    return Part(title=_("Opening hours"), lines=tuple(lines))


def _span(first: str, last: str) -> str:
    if first == last:
        return first
    ends = last if get_language() == "en" else last.lower()  # a day inside a sentence: English alone keeps its capital
    return _("%(first)s to %(last)s") % {"first": first, "last": ends}


def to_bring(number: str) -> Part:
    said = _("The number %(number)s or simply your name, and an identity card.") % {"number": number}
    return Part(title=_("What to bring"), lines=(said,))


def visits(case: Case, place_ids: Iterable[uuid.UUID | None]) -> tuple[Part, ...]:
    """Where to go and when it is open, for each place once."""
    found: list[Part] = []
    for place_id in dict.fromkeys(place_ids):
        if place_id is not None and (place := case.places.get(place_id)):
            found += [part for part in (where(place, case), hours(place, case)) if part]
    return tuple(found)


def delivery_address(case: Case) -> tuple[Part, ...]:
    if case.order is None or not case.order.delivery_address:
        return ()
    *lines, country = case.order.delivery_address
    return (Part(title=_("Delivery address"), lines=(*lines, country_name(country))),)


# -- pieces --------------------------------------------------------------------------------------------------


def item(case: Case, line: OrderLineView, *, priced: bool = False, how: str = "") -> Item:
    value = line.amount if line.direction is Direction.OUT else -line.amount
    return Item(
        name=_named(label_of(case, line.reference_id), line.quantity),
        detail=detail(label_of(case, line.reference_id), case, serial=line.serial),
        how=how,
        amount=amount(value, case.order.currency, case) if priced and case.order else "",
    )


def label_of(case: Case, reference_id: uuid.UUID) -> ReferenceLabel:
    return case.labels[reference_id]


def piece(case: Case, reference_id: uuid.UUID, quantity: int = 1) -> Item:
    """A piece by its name alone; nothing of what it costs."""
    label = label_of(case, reference_id)
    return Item(name=_named(label, quantity), detail=detail(label, case))


def _named(label: ReferenceLabel, quantity: int) -> str:
    return label.model_name if quantity == 1 else f"{quantity} × {label.model_name}"


def detail(label: ReferenceLabel, case: Case, *, serial: str = "") -> str:
    material = showing.sentence_case(in_language(dict(label.material_name), language_of(case)))
    size = _("size %(size)s") % {"size": label.size} if label.size else ""
    number = serial_number(serial) if serial else ""
    return ", ".join(part for part in (material, size, number) if part)


def serial_number(serial: str) -> str:
    """ "No. VM482190", kept on one line."""
    return (_("No. %(serial)s") % {"serial": serial}).replace(" ", money.NO_BREAK)


def how(case: Case, line: OrderLineView) -> str:
    """How a line reaches her and when, as far as it is known today."""
    place = case.places.get(line.place_id) if line.place_id else None
    known = {"place": place.name if place else "", "day": spoken_day(line.promised_date) if line.promised_date else ""}
    if line.direction is Direction.IN:
        return _("Comes back to us")
    if line.state is LineState.HANDED_OVER:
        return _("With you")
    if line.mode is Mode.DELIVER:
        return _("Delivered to you, promised for %(day)s") % known if known["day"] else _("Delivered to you")
    if line.state is LineState.READY:
        return _("Ready for you in %(place)s") % known
    if line.promised_date and line.promised_date > there(case.at, place).date():
        return _("To collect in %(place)s, from %(day)s") % known
    return _("Set aside for you in %(place)s") % known


def lines_about(case: Case, ids: Collection[uuid.UUID]) -> tuple[OrderLineView, ...]:
    return tuple(line for line in case.order.lines if line.id in ids) if case.order else ()


# -- tenders -------------------------------------------------------------------------------------------------
