"""Codes as people say them: channels, states, proofs, talking points, greetings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from vendome.flows.recognition import Offer, TalkingPoint
from vendome.web.components.parts import Tone

CHANNELS = {
    "boutique": gettext_lazy("In a boutique"),
    "web": gettext_lazy("Online"),
    "client_service": gettext_lazy("With client service"),
    "partner": gettext_lazy("At a partner’s door"),
    "marketplace": gettext_lazy("On a marketplace"),
}
MATERIALS = {
    "YG": gettext_lazy("yellow gold"),
    "RG": gettext_lazy("rose gold"),
    "WG": gettext_lazy("white gold"),
    "PT": gettext_lazy("platinum"),
    "ST": gettext_lazy("steel"),
    "SV": gettext_lazy("silver"),
    "LQ": gettext_lazy("lacquer"),
}
TENDERS = {
    "CASH": gettext_lazy("Cash"),
    "CARD": gettext_lazy("Card, online"),
    "TERMINAL": gettext_lazy("Card, on the terminal"),
    "TRANSFER": gettext_lazy("Bank transfer"),
    "GIFT_CARD": gettext_lazy("Gift card"),
    "CREDIT_NOTE": gettext_lazy("Credit note"),
    "CREDIT": gettext_lazy("Set off against what was not paid"),
    "IMPORTED": gettext_lazy("Paid in an earlier system"),
}
RELATIONS = {
    "CAME_FROM": gettext_lazy("Takes back pieces of %(number)s"),
    "EXCHANGED_IN": gettext_lazy("Exchanged in %(number)s"),
    "GIVEN_BACK_IN": gettext_lazy("Given back in %(number)s"),
}
PAYMENT_STATES: dict[str, tuple[Any, Tone]] = {
    "REQUESTED": (gettext_lazy("Asked for"), "care"),
    "CAPTURED": (gettext_lazy("Paid"), "good"),
    "FAILED": (gettext_lazy("Not paid"), "open"),
    "REFUNDED": (gettext_lazy("Given back"), "open"),
}
INSTALMENT_STATES: dict[str, tuple[Any, Tone]] = {
    "DUE": (gettext_lazy("To come"), "open"),
    "PAID": (gettext_lazy("Paid"), "good"),
    "FAILED": (gettext_lazy("Declined"), "wrong"),
    "CANCELLED": (gettext_lazy("Cancelled"), "open"),
}
PROOFS = {
    "IDENTITY_SEEN": gettext_lazy("Identity document seen"),
    "ORDER_CODE": gettext_lazy("She showed the order number"),
    "KNOWN_TO_ADVISOR": gettext_lazy("I know her"),
    "CARRIER": gettext_lazy("Given to the carrier"),
}
TOPICS = {
    "taste": gettext_lazy("Taste"),
    "ring_size": gettext_lazy("Ring size"),
    "wrist_size": gettext_lazy("Wrist"),
    "stone": gettext_lazy("Stones"),
    "metal": gettext_lazy("Metal"),
    "hospitality": gettext_lazy("Hospitality"),
    "travel": gettext_lazy("Travel"),
    "occasion": gettext_lazy("Occasions"),
    "contact": gettext_lazy("How to reach her"),
    "household": gettext_lazy("Household"),
    "note": gettext_lazy("Note"),
}
PURPOSES = {
    "SERVICE": gettext_lazy("Messages about her orders and care"),
    "NEWS": gettext_lazy("News of the house"),
    "PERSONAL_ADVICE": gettext_lazy("Personal advice from her advisor"),
    "PROFILING": gettext_lazy("Suggestions from her history"),
}
LANGUAGES = {
    "en": gettext_lazy("English"),
    "fr": gettext_lazy("French"),
    "it": gettext_lazy("Italian"),
    "es": gettext_lazy("Spanish"),
    "de": gettext_lazy("German"),
    "pt": gettext_lazy("Portuguese"),
    "ja": gettext_lazy("Japanese"),
    "zh": gettext_lazy("Chinese"),
    "ko": gettext_lazy("Korean"),
    "ar": gettext_lazy("Arabic"),
    "ru": gettext_lazy("Russian"),
    "hi": gettext_lazy("Hindi"),
    "nl": gettext_lazy("Dutch"),
    "pl": gettext_lazy("Polish"),
}
WARDROBE = {
    "BOUGHT": gettext_lazy("bought"),
    "GIFT": gettext_lazy("a gift"),
    "DECLARED": gettext_lazy("she told us"),
}

# Morning, afternoon, evening, as one says them at the door. {name} is how she is addressed.
GREETINGS = {
    "en": ("Good morning, {name}", "Good afternoon, {name}", "Good evening, {name}"),
    "fr": ("Bonjour {name}", "Bonjour {name}", "Bonsoir {name}"),
    "it": ("Buongiorno {name}", "Buongiorno {name}", "Buonasera {name}"),
    "es": ("Buenos días, {name}", "Buenas tardes, {name}", "Buenas noches, {name}"),
    "de": ("Guten Morgen, {name}", "Guten Tag, {name}", "Guten Abend, {name}"),
    "pt": ("Bom dia, {name}", "Boa tarde, {name}", "Boa noite, {name}"),
    "nl": ("Goedemorgen {name}", "Goedemiddag {name}", "Goedenavond {name}"),
    "ja": ("{name}様、おはようございます", "{name}様、いらっしゃいませ", "{name}様、こんばんは"),
    "zh": ("{name}，早上好", "{name}，下午好", "{name}，晚上好"),
    "ko": ("{name} 님, 어서 오십시오",) * 3,
    "ar": ("صباح الخير {name}", "مساء الخير {name}", "مساء الخير {name}"),
}
FAMILY_NAME_ALONE = frozenset({"ja"})


def said(words: Mapping[str, Any], code: str) -> str:
    """The words for a code; an unknown code is shown as it is written, in lower case."""
    return str(words[code]) if code in words else code.replace("_", " ").lower()


def world_of(model_code: str) -> str:
    """The collection a model's picture stands in; its code begins with it."""
    return model_code.partition("-")[0]


def form_of(material: str, size: str) -> str:
    """ "yellow gold, 52": what tells one reference of a model from another."""
    parts = [str(MATERIALS.get(material, material)) if material else "", size]
    return ", ".join(part for part in parts if part)


def greeting(card: Mapping[str, Any], *, hour: time) -> tuple[str, str]:
    """How to greet her, in her own language when we have it, and that language."""
    language = card["language"].partition("-")[0]
    if language not in GREETINGS:
        language = "en"
    part = 0 if hour.hour < 12 else 1 if hour.hour < 18 else 2
    family, given = card["family_name"], card["given_name"]
    if language in FAMILY_NAME_ALONE:
        name = family or given
    elif card["salutation"] and family:
        name = f"{card['salutation']} {family}"
    else:
        name = given or family
    sentence = GREETINGS[language][part].format(name=name).rstrip(", ")
    return sentence, language


def talking_point(point: TalkingPoint) -> tuple[str, str]:
    """A thing worth saying now, as a sentence for the advisor and a note on why."""
    values = point.values
    match point.kind:
        case "waiting_here":
            return _("Her %(model)s is here, waiting for her.") % values, _("Set aside in this boutique")
        case "waiting_elsewhere":
            return _("Her %(model)s waits for her at %(place)s.") % values, _("Offer to call the boutique")
        case "waiting_payment":
            return _("Her %(model)s waits for its payment.") % values, _("Ordered, not paid yet")
        case "on_its_way":
            return _("Her %(model)s is on its way.") % values, _("Ordered and paid")
        case "being_prepared":
            return _("Her %(model)s is being prepared at %(place)s.") % values, _("Ordered and paid")
        case "birthday":
            return _("Her birthday is on %(day)s.") % {"day": _day_and_month(values["date"])}, _("Within three weeks")
        case "anniversary":
            years = int(values["years"])
            sentence = ngettext(
                "A year ago these days she chose her %(model)s.",
                "%(years)s years ago these days she chose her %(model)s.",
                years,
            )
            return sentence % values, _("Ask how it wears")
        case "preference":
            return _said_of_her(values["topic"], values["value"]), said(TOPICS, values["topic"])
        case "last_piece":
            when = date_format(date.fromisoformat(values["date"]), "F Y")
            return _("Her last piece is the %(model)s.") % values, _("Since %(when)s") % {"when": when}
        case _:
            return _("This is her first visit. Tell her where the house began."), _("Nothing in her file yet")


def offer_reason(offer: Offer) -> str:
    """Why she may be shown this next."""
    if offer.reason == "stone":
        return _("The stone of her %(model)s") % {"model": offer.because_of}
    return _("Goes with her %(model)s") % {"model": offer.because_of}


def rhythm(orders: int, first: date, last: date) -> str:
    """How often, in words: from the orders of one channel and the days between first and last."""
    if orders < 2:
        return _("once")
    days = max((last - first).days, 1) / (orders - 1)
    if days < 45:
        return _("about every month")
    if days < 330:
        return _("about every %(months)d months") % {"months": round(days / 30.4)}
    if days < 550:
        return _("about once a year")
    return _("about every %(years)d years") % {"years": round(days / 365)}


def _said_of_her(topic: str, value: str) -> str:
    match topic:
        case "stone":
            return _("She loves %(value)s.") % {"value": value}
        case "metal":
            return _("She wears %(value)s.") % {"value": value}
        case "ring_size":
            return _("Her ring size is %(value)s.") % {"value": value}
        case _:
            return value[:1].upper() + value[1:]


def _day_and_month(month_day: str) -> str:
    month, day = (int(part) for part in month_day.split("-"))
    return date_format(date(2000, month, day), "j F")


REFUSALS = {
    "NOT_FOUND": gettext_lazy("We cannot find it"),
    "DAMAGED": gettext_lazy("It is damaged"),
    "KEPT_FOR_ANOTHER": gettext_lazy("It is kept for another client"),
}
