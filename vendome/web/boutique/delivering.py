"""How delivery is offered, promised and followed, in the client's words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from vendome.domains.fulfilment.types import DeliveryMode, ParcelState, ParcelView, Slot, Tracked
from vendome.flows.delivery_choice import DeliveryOffer
from vendome.web.boutique.forms import CheckoutForm
from vendome.web.boutique.pages import DeliveryWay, Journey
from vendome.web.boutique.wording import spoken_day
from vendome.web.components.parts import Happening, Tone


def ways(found: Sequence[DeliveryOffer], chosen: str) -> list[DeliveryWay]:
    """As she reads them: how, when it is there, what it costs her and the air."""
    values = [one.mode.value for one in found]
    chosen = chosen if chosen in values else next(iter(values), "")
    return [
        DeliveryWay(
            value=one.mode.value,
            name=mode_name(one.mode),
            text=_text(one),
            footprint=footprint(one.weighed.footprint_grams),
            source=one.weighed.service.footprint_source,
            is_chosen=one.mode.value == chosen,
        )
        for one in found
    ]


def slot_choices(found: Sequence[DeliveryOffer]) -> list[tuple[str, str]]:
    return [(_slot_value(slot), slot_words(slot)) for one in found for slot in one.slots]


def agreed(form: CheckoutForm, found: Sequence[DeliveryOffer], country: str) -> tuple[dict[str, Any], date | None]:
    """What is written with the order, and the day that is promised."""
    said = form.cleaned_data
    mode = said.get("delivery") or DeliveryMode.STANDARD.value
    offer = next((one for one in found if one.mode.value == mode), None)
    slot = next((s for one in found for s in one.slots if _slot_value(s) == said.get("slot")), None)
    is_glove = mode == DeliveryMode.WHITE_GLOVE.value and slot is not None
    delivery: dict[str, Any] = {
        "mode": mode if offer else DeliveryMode.STANDARD.value,
        "country": country,
        "to": {name: said.get(name, "") for name in ("name", "street", "extra", "postcode", "city")},
    }
    if is_glove and slot:
        delivery |= {"slot_start": slot.starts_at.isoformat(), "slot_end": slot.ends_at.isoformat()}
        return delivery, timezone.localtime(slot.starts_at).date()
    return delivery, offer.day if offer else None


def journeys(parcels: Sequence[ParcelView]) -> list[Journey]:
    """Each parcel of an order as she follows it."""
    shown = [one for one in parcels if one.lines]
    return [
        Journey(
            title=_("Your parcel") if len(shown) == 1 else _("Parcel %(n)s") % {"n": nr},
            state=_state(one.state)[0],
            tone=_state(one.state)[1],
            promise=_promise(one),
            carrier=one.service_name,
            tracking=one.tracking_number,
            seal=one.seal if one.state is not ParcelState.PREPARING else "",
            at_the_door=_at_the_door(one),
            footprint=footprint(one.footprint_grams) if one.footprint_grams else "",
            source=one.footprint_source,
            pieces=[f"{line.name}{f', {line.serial}' if line.serial else ''}" for line in one.lines],
            happenings=_happenings(one),
        )
        for nr, one in enumerate(shown, start=1)
    ]


def footprint(grams: int) -> str:
    if grams >= 1_000:
        return _("%(n)s kg CO₂e") % {"n": number_format(grams / 1000, 1)}
    return _("%(n)s g CO₂e") % {"n": grams}


def slot_words(slot: Slot) -> str:
    begins, ends = timezone.localtime(slot.starts_at), timezone.localtime(slot.ends_at)
    return _("%(day)s, %(from)s to %(to)s") % {
        "day": spoken_day(begins),
        "from": date_format(begins, "H:i"),
        "to": date_format(ends, "H:i"),
    }


def mode_name(mode: DeliveryMode) -> str:
    """A way to be delivered, as she chooses it."""
    return {
        DeliveryMode.STANDARD: _("Delivery"),
        DeliveryMode.EXPRESS: _("Express delivery"),
        DeliveryMode.WHITE_GLOVE: _("White glove"),
    }[mode]


def _text(one: DeliveryOffer) -> str:
    day = spoken_day(one.day)
    if one.mode is DeliveryMode.WHITE_GLOVE:
        return _("One of us brings it to you at the hour you choose, from %(day)s.") % {"day": day}
    if one.weighed.service.checks_identity:
        return _("With you on %(day)s, insured, against signature and identity card.") % {"day": day}
    return _("With you on %(day)s, insured, against signature.") % {"day": day}


def _state(of: ParcelState) -> tuple[str, Tone]:
    known: dict[ParcelState, tuple[str, Tone]] = {
        ParcelState.PREPARING: (_("Being wrapped"), "good"),
        ParcelState.PACKED: (_("Wrapped and sealed"), "good"),
        ParcelState.DISPATCHED: (_("On its way"), "gold"),
        ParcelState.OUT_FOR_DELIVERY: (_("With you today"), "gold"),
        ParcelState.DELIVERED: (_("With you"), "gold"),
        ParcelState.REFUSED: (_("Not handed over"), "care"),
        ParcelState.RETURNING: (_("Coming back to us"), "care"),
        ParcelState.RETURNED: (_("Back with us"), "care"),
        ParcelState.LOST: (_("Did not arrive"), "wrong"),
    }
    return known[of]


def _promise(one: ParcelView) -> str:
    match one.state:
        case ParcelState.DELIVERED | ParcelState.RETURNED:
            return ""
        case ParcelState.REFUSED | ParcelState.RETURNING:
            return _("It is safe and still yours; we will call you to agree on another day.")
        case ParcelState.LOST:
            return _("We are sorry. It was insured, and your order stands: client service is in touch with you.")
    if one.slot:
        return slot_words(one.slot)
    return _("Promised for %(day)s") % {"day": spoken_day(one.promised_date)}


def _at_the_door(one: ParcelView) -> str:
    if one.state in (ParcelState.PREPARING, ParcelState.DELIVERED):
        return ""
    if one.checks_identity:
        return _("Have an identity card at hand; we ask for your signature.")
    return _("We ask for your signature.") if one.needs_signature else ""


def _happenings(one: ParcelView) -> list[Happening]:
    told: list[tuple[datetime, Happening]] = []
    for at, title, text in (
        (one.packed_at, _("Wrapped, and sealed with number %(seal)s") % {"seal": one.seal}, ""),
        (one.dispatched_at, _("Entrusted to the carrier"), one.service_name),
        (one.delivered_at, _("Handed over to you"), one.received_by),
    ):
        if at:
            told.append((at, Happening(title=title, at=at, text=text)))
    for event in one.events:
        title = _scan(event.kind)
        if title:
            told.append((event.at, Happening(title=title, at=event.at, text=event.where)))
    steps = [happening for _at, happening in sorted(told, key=lambda pair: pair[0])]
    if one.state in (ParcelState.PREPARING, ParcelState.PACKED, ParcelState.DISPATCHED, ParcelState.OUT_FOR_DELIVERY):
        if not one.packed_at:
            steps.append(Happening(title=_("Wrapped and entrusted to the carrier"), ahead=True))
        steps.append(Happening(title=_("Handed over to you"), ahead=True))
    return steps


def _scan(kind: Tracked) -> str:
    """What a scan says to her; what our own steps say already is not said twice."""
    return {
        Tracked.IN_TRANSIT: _("On its way"),
        Tracked.OUT_FOR_DELIVERY: _("With the courier, on the way to you"),
        Tracked.REFUSED: _("Not handed over"),
        Tracked.RETURNING: _("Coming back to us"),
    }.get(kind, "")


def _slot_value(slot: Slot) -> str:
    return f"{slot.starts_at.isoformat()}/{slot.ends_at.isoformat()}"
