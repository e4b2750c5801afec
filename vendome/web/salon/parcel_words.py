"""How parcels, services and scans are spoken of to the people who send them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vendome.domains.fulfilment.choice import Advice, Choice, Why
from vendome.domains.fulfilment.types import (
    Booking,
    DeliveryMode,
    IdentityDocument,
    ParcelState,
    Slot,
    Tracked,
)
from vendome.web.boutique.locales import country_name
from vendome.web.components.parts import Tone

type Words = str | Promise

STATES: dict[ParcelState, tuple[Words, Tone]] = {
    ParcelState.PREPARING: (gettext_lazy("To pack"), "care"),
    ParcelState.PACKED: (gettext_lazy("Packed"), "gold"),
    ParcelState.DISPATCHED: (gettext_lazy("With the carrier"), "open"),
    ParcelState.OUT_FOR_DELIVERY: (gettext_lazy("At the door today"), "gold"),
    ParcelState.DELIVERED: (gettext_lazy("Delivered"), "good"),
    ParcelState.REFUSED: (gettext_lazy("Refused"), "wrong"),
    ParcelState.RETURNING: (gettext_lazy("Coming back"), "care"),
    ParcelState.RETURNED: (gettext_lazy("Back with us"), "open"),
    ParcelState.LOST: (gettext_lazy("Lost"), "wrong"),
}
MODES: dict[DeliveryMode, Words] = {
    DeliveryMode.STANDARD: gettext_lazy("Standard"),
    DeliveryMode.EXPRESS: gettext_lazy("Express"),
    DeliveryMode.WHITE_GLOVE: gettext_lazy("White glove"),
}
BOOKINGS: dict[Booking, Words] = {
    Booking.NONE: gettext_lazy("no label needed"),
    Booking.REQUESTED: gettext_lazy("label on its way"),
    Booking.BOOKED: gettext_lazy("label ready"),
    Booking.FAILED: gettext_lazy("the carrier refused it"),
}
DOCUMENTS: dict[IdentityDocument, Words] = {
    IdentityDocument.IDENTITY_CARD: gettext_lazy("Identity card"),
    IdentityDocument.PASSPORT: gettext_lazy("Passport"),
    IdentityDocument.DRIVING_LICENCE: gettext_lazy("Driving licence"),
    IdentityDocument.RESIDENCE_PERMIT: gettext_lazy("Residence permit"),
}
SCANS: dict[Tracked, Words] = {
    Tracked.ANNOUNCED: gettext_lazy("Announced to the carrier"),
    Tracked.PICKED_UP: gettext_lazy("Taken over by the carrier"),
    Tracked.IN_TRANSIT: gettext_lazy("On its way"),
    Tracked.OUT_FOR_DELIVERY: gettext_lazy("With the courier"),
    Tracked.DELIVERED: gettext_lazy("Given"),
    Tracked.REFUSED: gettext_lazy("Refused at the door"),
    Tracked.RETURNING: gettext_lazy("Turned back"),
    Tracked.FAILURE: gettext_lazy("Something went wrong"),
}
REASONS: dict[Why, Words] = {
    Why.AS_CHOSEN: gettext_lazy("as she chose"),
    Why.BEFORE_PROMISE: gettext_lazy("better than she chose, for nothing slower insures it"),
    Why.IN_TIME: gettext_lazy("better than she chose, for what she chose would come too late"),
    Why.HAND_CARRIED: gettext_lazy("brought by our concierge, for no carrier insures it"),
    Why.BY_HAND: gettext_lazy("chosen at the packing table"),
    Why.ABOVE_LIMIT: gettext_lazy("does not insure that much"),
    Why.NOT_THERE: gettext_lazy("does not go there"),
    Why.NOT_FROM_HERE: gettext_lazy("does not leave from here"),
    Why.NOT_INSURED_IN: gettext_lazy("has no cover in this currency"),
    Why.SLOWER: gettext_lazy("slower than she chose"),
}

INSTEAD: dict[Why, Words] = {
    **REASONS,
    Why.BEFORE_PROMISE: gettext_lazy("sooner than she chose"),
    Why.HAND_CARRIED: gettext_lazy("by our own people, at an hour she chooses"),
}
"""What is said of a service that would do as well, but is not the one proposed."""


def state(of: ParcelState) -> tuple[str, Tone]:
    words, tone = STATES[of]
    return str(words), tone


def footprint(grams: int) -> str:
    """Grams of CO2e as people read them."""
    if grams >= 1_000:
        return _("%(n)s kg CO₂e") % {"n": f"{grams / 1000:.1f}"}
    return _("%(n)s g CO₂e") % {"n": grams}


def slot(of: Slot) -> str:
    """A window in the time of the page: `Tuesday 24 November, 10:00 to 12:00`."""
    from django.utils import timezone
    from django.utils.formats import date_format

    begins, ends = timezone.localtime(of.starts_at), timezone.localtime(of.ends_at)
    return _("%(day)s, %(from)s to %(to)s") % {
        "day": date_format(begins, "l j F"),
        "from": date_format(begins, "H:i"),
        "to": date_format(ends, "H:i"),
    }


def advice(choice: Choice, limit: str, promised: date) -> tuple[str, Tone]:
    """What is proposed for a parcel, in a sentence, and whether it comes later than she was promised."""
    if choice.advice is Advice.SPLIT:
        return _("Together these pieces are worth more than anybody insures (%(limit)s). Split the parcel.") % {
            "limit": limit
        }, "care"
    if choice.advice is Advice.ASK or choice.chosen is None:
        return _(
            "Nobody may carry this parcel: it is worth more than any service insures, or nobody goes there. "
            "Ask headquarters how it shall travel."
        ), "wrong"
    found = choice.chosen
    if found.arrives > promised:
        said = (
            _(
                "%(service)s: %(why)s, but after the day she was promised. "
                "Take one that is there in time, or write to her."
            )
            if any(one.may_carry and one.arrives <= promised for one in choice.weighed)
            else _("%(service)s: %(why)s, but after the day she was promised, as every other would. Write to her.")
        )
        return said % {"service": found.service.name, "why": REASONS[found.why]}, "care"
    return _("%(service)s: %(why)s.") % {"service": found.service.name, "why": REASONS[found.why]}, "good"


def address(lines: Sequence[str]) -> tuple[str, ...]:
    """An address as it is read aloud: a country kept as its code is said by its name."""
    *rest, last = lines or ("",)
    return (*rest, country_name(last)) if last else tuple(rest)
