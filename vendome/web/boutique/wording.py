"""Names of the shop's own vocabulary in the language of the page: families, stones, metals, sizes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.formats import date_format, localize
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from vendome.domains.payments.types import Tender

FAMILIES: dict[str, tuple[Promise, Promise]] = {
    "rings": (
        gettext_lazy("Rings"),
        gettext_lazy("Made to your finger, then adjusted once more after a month of wear."),
    ),
    "bracelets": (
        gettext_lazy("Bracelets"),
        gettext_lazy("Weighed in the hand before they are measured on the wrist."),
    ),
    "necklaces": (gettext_lazy("Necklaces"), gettext_lazy("Cut to the length at which you stop thinking about them.")),
    "earrings": (gettext_lazy("Earrings"), gettext_lazy("A pair is matched twice: stone to stone, then to the face.")),
    "watches": (
        gettext_lazy("Watches"),
        gettext_lazy("Assembled in the Jura by one watchmaker, whose number is under the case back."),
    ),
    "objects": (
        gettext_lazy("Objects"),
        gettext_lazy("Things for the desk and the table, to be used every day and kept."),
    ),
}
STONES = {
    "diamond": gettext_lazy("Diamond"),
    "emerald": gettext_lazy("Emerald"),
    "sapphire": gettext_lazy("Sapphire"),
    "ruby": gettext_lazy("Ruby"),
    "pearl": gettext_lazy("Pearl"),
    "onyx": gettext_lazy("Onyx"),
    "aquamarine": gettext_lazy("Aquamarine"),
    "morganite": gettext_lazy("Morganite"),
    "tsavorite": gettext_lazy("Tsavorite"),
    "spinel": gettext_lazy("Spinel"),
    "opal": gettext_lazy("Opal"),
    "none": gettext_lazy("Metal alone"),
}
CUTS = {
    "round": gettext_lazy("round brilliant"),
    "oval": gettext_lazy("oval"),
    "pear": gettext_lazy("pear"),
    "emerald": gettext_lazy("emerald cut"),
    "cushion": gettext_lazy("cushion"),
    "marquise": gettext_lazy("marquise"),
    "cabochon": gettext_lazy("cabochon"),
}
METALS = {
    "YG": gettext_lazy("Yellow gold"),
    "RG": gettext_lazy("Rose gold"),
    "WG": gettext_lazy("White gold"),
    "PT": gettext_lazy("Platinum"),
    "ST": gettext_lazy("Steel"),
    "SV": gettext_lazy("Silver"),
    "LQ": gettext_lazy("Lacquer"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeSystem:
    """What the figures of a size mean."""

    unit: str
    measures: Promise
    advice: Promise


SIZES = {
    "ring": SizeSystem(
        unit="mm",
        measures=gettext_lazy("Inner circumference of the ring, in millimetres"),
        advice=gettext_lazy(
            "Lay a thread round the finger in the evening, when it is warm, and measure it: the figure is your size. "
            "Between two sizes, take the larger. The first adjustment is ours."
        ),
    ),
    "bracelet": SizeSystem(
        unit="cm",
        measures=gettext_lazy("Circumference of the wrist, measured just above the bone, in centimetres"),
        advice=gettext_lazy(
            "Measure the bare wrist with a thread, without pulling. We add the ease each bracelet needs."
        ),
    ),
    "necklace": SizeSystem(
        unit="cm",
        measures=gettext_lazy("Length of the necklace, clasp closed, in centimetres"),
        advice=gettext_lazy(
            "40 lies at the base of the neck, 42 just below it, 45 on the collarbone, "
            "50 at the first button of a shirt."
        ),
    ),
}


def families() -> tuple[tuple[str, str], ...]:
    """Code and name of every family, in the order of the house."""
    return tuple((code, str(name)) for code, (name, _line) in FAMILIES.items())


def family_name(code: str) -> str:
    return str(FAMILIES[code][0]) if code in FAMILIES else code


def family_line(code: str) -> str:
    """The house's one sentence on a family."""
    return str(FAMILIES[code][1]) if code in FAMILIES else ""


def stone_name(code: str) -> str:
    return str(STONES.get(code, code))


def metal_name(code: str) -> str:
    return str(METALS.get(code, code))


def size_with_unit(system: str, size: str) -> str:
    """ "52 mm"; the bare figure where the system is not known."""
    known = SIZES.get(system)
    return f"{size}\N{NO-BREAK SPACE}{known.unit}" if known and size else size


def stone_line(*, stone: str, cut: str, carat: str) -> str:
    """ "Diamond, round brilliant, 1.01 ct"; empty for metal alone."""
    if stone in ("", "none"):
        return ""
    parts = [stone_name(stone)]
    if stone == "pearl" and cut == "round":  # a pearl is not cut
        parts.append(_("round"))
    elif cut in CUTS:
        parts.append(str(CUTS[cut]))
    if carat and float(carat):
        parts.append(_("%(weight)s ct") % {"weight": localize(Decimal(carat).normalize(), use_l10n=True)})
    return ", ".join(parts)


def edition(limited: int) -> str:
    """How many were ever made, when that is few."""
    return _("Edition of %(number)s") % {"number": limited} if limited else ""


def in_days(days: int) -> str:
    """ "in 2 days", "tomorrow"."""
    if days <= 1:
        return _("tomorrow")
    return ngettext("in %(days)s day", "in %(days)s days", days) % {"days": days}


def pieces(count: int) -> str:
    return ngettext("%(count)s piece", "%(count)s pieces", count) % {"count": count}


LANGUAGES = {  # spoken in boutiques
    "ar": gettext_lazy("Arabic"),
    "de": gettext_lazy("German"),
    "en": gettext_lazy("English"),
    "es": gettext_lazy("Spanish"),
    "fr": gettext_lazy("French"),
    "hi": gettext_lazy("Hindi"),
    "it": gettext_lazy("Italian"),
    "ja": gettext_lazy("Japanese"),
    "ko": gettext_lazy("Korean"),
    "ms": gettext_lazy("Malay"),
    "pt": gettext_lazy("Portuguese"),
    "ru": gettext_lazy("Russian"),
    "ur": gettext_lazy("Urdu"),
    "yue": gettext_lazy("Cantonese"),
    "zh": gettext_lazy("Mandarin"),
}


def tender(of: Tender) -> str:
    """A way something was paid, inside a sentence."""
    return {
        Tender.CASH: _("cash"),
        Tender.CARD: _("card"),
        Tender.TERMINAL: _("card"),
        Tender.TRANSFER: _("bank transfer"),
        Tender.GIFT_CARD: _("gift card"),
        Tender.CREDIT_NOTE: _("credit note"),
        Tender.CREDIT: _("set off"),
        Tender.IMPORTED: _("paid before"),
    }[of]


def spoken_day(day: date) -> str:
    """ "Thursday 26 November": a promise names its weekday. In French the first of a month is said in order."""
    said = date_format(day, "l j F")
    return said.replace(" 1 ", " 1er ") if (get_language() or "").startswith("fr") else said
