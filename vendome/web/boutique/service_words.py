"""What the service pages say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vendome.web.boutique import wording

TOPICS = {
    "delivery": gettext_lazy("Delivery"),
    "returns": gettext_lazy("Returns and exchanges"),
    "care": gettext_lazy("Care and repair"),
    "sizes": gettext_lazy("Find your size"),
    "workshop": gettext_lazy("The workshop"),
    "contact": gettext_lazy("Client service"),
    "privacy": gettext_lazy("Privacy"),
}
RING_SIZES = (  # inner circumference in millimetres, United Kingdom, United States
    ("47", "H", "4"),
    ("49", "J", "5"),
    ("52", "L", "6"),
    ("54", "N", "7"),
    ("57", "P", "8"),
    ("60", "R", "9"),
    ("62", "T", "10"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """One service page: chapters of paragraphs, and a small table where figures help."""

    title: str
    lead: str
    chapters: Sequence[tuple[str, Sequence[str]]]
    table: Sequence[tuple[str, str]] = ()


def title(topic: str) -> str:
    return str(TOPICS[topic])


def written(topic: str, *, delivery_days: int, return_days: str) -> Words:
    """The page of a topic in the language of the visitor."""
    match topic:
        case "delivery":
            return _delivery(delivery_days)
        case "returns":
            return _returns(return_days)
        case "care":
            return _care()
        case "sizes":
            return _sizes()
        case "workshop":
            return _workshop()
        case "contact":
            return _contact()
        case _:
            return _privacy()


def _delivery(days: int) -> Words:
    return Words(
        title=title("delivery"),
        lead=_("Sent from wherever the piece stands, with our compliments, against a signature."),
        chapters=[
            (
                _("At your door"),
                [
                    _("An order placed today reaches you %(when)s. It travels insured to its full value.")
                    % {"when": wording.in_days(days)},
                    _("The box carries no name. We hand it over against a signature, at the address you give us."),
                ],
            ),
            (
                _("In a boutique"),
                [
                    _(
                        "Choose the boutique where the piece stands and it is set aside within the minute you pay. "
                        "Nobody else can have it from then on."
                    ),
                    _("Bring the order's number, or simply your name and an identity card. Come when it suits you."),
                ],
            ),
        ],
    )


def _returns(days: str) -> Words:
    return Words(
        title=title("returns"),
        lead=_("%(days)s to think again, in any of our boutiques.") % {"days": days}
        if days
        else _("Tell us, and we look at it with you."),
        chapters=[
            (
                _("How it works"),
                [
                    _("Bring or send the piece back within %(days)s, unworn, with its box and papers.") % {"days": days}
                    if days
                    else _("Ask client service before you bring or send a piece back; we answer you personally."),
                    _("Any boutique takes it, whichever one it came from. Client service collects it if you prefer."),
                ],
            ),
            (
                _("What we ask"),
                [
                    _("Engraved pieces and pieces made to your measure stay with you; we gladly adjust them."),
                    _("The refund goes back the way you paid, once the workshop has looked at the piece."),
                ],
            ),
        ],
    )


def _care() -> Words:
    return Words(
        title=title("care"),
        lead=_("Everything we make, we look after, whenever and wherever you bought it."),
        chapters=[
            (
                _("Every year, at no charge"),
                [_("Claws, clasps and closures are checked, and the piece is cleaned while you have a coffee.")],
            ),
            (
                _("At the bench"),
                [
                    _("Sizing, polishing, a stone that has moved: you have a price before anything is touched."),
                    _("Watches return to the watchmaker who assembled them; the number is under the case back."),
                ],
            ),
            (
                _("At home"),
                [
                    _(
                        "Lukewarm water, a drop of mild soap and a soft brush suit gold and diamonds. Pearls, opals "
                        "and emeralds prefer a damp cloth, and their own place in the box."
                    ),
                ],
            ),
        ],
    )


def _sizes() -> Words:
    return Words(
        title=title("sizes"),
        lead=_("A thread, a ruler, and a quiet moment in the evening."),
        chapters=[
            (_("Rings"), [str(wording.SIZES["ring"].measures) + ".", str(wording.SIZES["ring"].advice)]),
            (_("Bracelets"), [str(wording.SIZES["bracelet"].measures) + ".", str(wording.SIZES["bracelet"].advice)]),
            (_("Necklaces"), [str(wording.SIZES["necklace"].measures) + ".", str(wording.SIZES["necklace"].advice)]),
        ],
        table=[
            (
                _("%(size)s mm") % {"size": house},
                _("United Kingdom %(british)s, United States %(american)s")
                % {"british": british, "american": american},
            )
            for house, british, american in RING_SIZES
        ],
    )


def _workshop() -> Words:
    return Words(
        title=title("workshop"),
        lead=_("One courtyard behind the place Vendôme, and a bench for each pair of hands."),
        chapters=[
            (
                _("One pair of hands"),
                [
                    _("A piece is begun and finished by the same person, who enters it in the register with her mark."),
                    _("If it comes back in thirty years, we know who made it, and who taught her."),
                ],
            ),
            (
                _("Where things come from"),
                [
                    _("Gold is recycled or Fairmined. Each stone's page says the country it comes from."),
                    _("Watches are assembled in the Jura, each one by one watchmaker."),
                ],
            ),
        ],
    )


def _contact() -> Words:
    return Words(
        title=title("contact"),
        lead=_("A person answers, in your language, and knows the house by heart."),
        chapters=[
            (
                _("Write to us"),
                [
                    _("%(address)s is read every day. We answer within one working day.")
                    % {"address": settings.DEFAULT_FROM_EMAIL},
                    _(
                        "Looking for a piece that is not free today? Tell us which; "
                        "we look in every boutique and write."
                    ),
                ],
            ),
            (_("Come and see us"), [_("These boutiques are the nearest to where we deliver for you.")]),
        ],
    )


def _privacy() -> Words:
    return Words(
        title=title("privacy"),
        lead=_("We keep what serves you, we say what we keep, and we show it to nobody else."),
        chapters=[
            (
                _("What we keep"),
                [
                    _("With an order: your name, address, e-mail and telephone, because the order needs them."),
                    _("With an account: your orders and your pieces, so that any boutique can look after them."),
                    _(
                        "What you tell an advisor is written down only if it helps her to serve you, "
                        "and you may read it."
                    ),
                ],
            ),
            (
                _("What we do not do"),
                [
                    _("No advertising cookies, no tracking, no selling of anything about you to anyone."),
                    _(
                        "This site sets cookies for your country and language, your theme, your bag, the safety of its "
                        "forms and your session. There are no others, and nobody else's."
                    ),
                ],
            ),
            (
                _("Your rights"),
                [
                    _(
                        "Ask client service for a copy, a correction or the erasure of what we know; "
                        "it is done within a month."
                    ),
                    _("Every reading of your file is written down, with the name of the reader."),
                ],
            ),
        ],
    )
