"""The living style guide: every part as the surfaces use it, drawn from the same templates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.dates import WEEKDAYS
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from vendome.kit.policy import public
from vendome.web.components.frames import Choice, Link
from vendome.web.components.parts import Column, Day, Happening, Row

CHAPTERS = {
    "foundations": gettext_lazy("Type, colour, space"),
    "actions": gettext_lazy("Buttons and choices"),
    "forms": gettext_lazy("Forms"),
    "pieces": gettext_lazy("Pieces and pictures"),
    "ledgers": gettext_lazy("Tables and lists"),
    "states": gettext_lazy("Empty, wrong, waiting"),
    "access": gettext_lazy("Keyboard and access"),
}
COLLECTIONS = (
    ("sceau", "Sceau", "1897"),
    ("aurore", "Aurore", "1926"),
    ("arcade", "Arcade", "1934"),
    ("cordage", "Cordage", "1951"),
    ("orangerie", "Orangerie", "1963"),
    ("meridien", "Méridien", "1972"),
    ("maree", "Marée", "1988"),
)
COLOURS = (
    ("paper", gettext_lazy("the page")),
    ("leaf", gettext_lazy("what lies on it")),
    ("stone", gettext_lazy("under a piece")),
    ("ink", gettext_lazy("words")),
    ("ink-soft", gettext_lazy("second words")),
    ("ink-faint", gettext_lazy("notes")),
    ("line-strong", gettext_lazy("edges one can act on")),
    ("gold", gettext_lazy("the one accent: marks and hairs")),
    ("gold-ink", gettext_lazy("gold that is read")),
    ("good", gettext_lazy("it is there")),
    ("care", gettext_lazy("look twice")),
    ("wrong", gettext_lazy("it failed")),
)
ICONS = (
    "menu",
    "close",
    "search",
    "bag",
    "person",
    "people",
    "heart",
    "arrow",
    "back",
    "next",
    "down",
    "up",
    "plus",
    "minus",
    "check",
    "place",
    "phone",
    "message",
    "mail",
    "clock",
    "calendar",
    "gift",
    "turn",
    "cube",
    "zoom",
    "hand",
    "gem",
    "ledger",
    "parcel",
    "today",
    "tag",
    "lock",
    "info",
    "warning",
    "sun",
    "moon",
    "globe",
    "scan",
    "print",
    "filter",
    "key",
    "exit",
)


class LetterForm(forms.Form):
    """A form with one of each field, for the gallery."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    email = forms.EmailField(
        label=gettext_lazy("E-mail"), help_text=gettext_lazy("We write when the piece is ready, and not before.")
    )
    boutique = forms.ChoiceField(
        label=gettext_lazy("Boutique"),
        choices=[("paris", "Paris, place Vendôme"), ("tokyo", "Tokyo, Ginza"), ("london", "London, New Bond Street")],
    )
    way = forms.ChoiceField(
        label=gettext_lazy("How shall we hand it over?"),
        widget=forms.RadioSelect,
        choices=[
            ("collect", gettext_lazy("In the boutique, with a coffee")),
            ("deliver", gettext_lazy("At your door, against a signature")),
        ],
    )
    message = forms.CharField(
        label=gettext_lazy("Engraving or message"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    news = forms.BooleanField(
        label=gettext_lazy("Write to me when a new collection opens"),
        required=False,
        help_text=gettext_lazy("Four letters a year at most."),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class GalleryPage:
    """Everything the gallery's templates may read."""

    chapters: tuple[Link, ...]
    title: str
    samples: dict[str, Any]


def _contents(current: str) -> tuple[Link, ...]:
    return tuple(
        Link(label=str(title), url=reverse("gallery:chapter", args=[key]), current=key == current)
        for key, title in CHAPTERS.items()
    )


def _forms() -> dict[str, Any]:
    filled = {"name": "Inès de Brissac", "email": "ines@example.com", "boutique": "paris", "way": "collect"}
    return {
        "form": LetterForm(initial=filled, auto_id="calm_%s"),
        "wrong": LetterForm({"name": "", "email": "ines@", "boutique": "paris"}, auto_id="wrong_%s"),
    }


def _actions() -> dict[str, Any]:
    return {
        "metals": [
            Choice(value="YG", label=_("yellow gold"), chosen=True),
            Choice(value="RG", label=_("rose gold")),
            Choice(value="WG", label=_("white gold")),
            Choice(value="PT", label=_("platinum")),
            Choice(value="ST", label=_("steel")),
            Choice(value="LQ", label=_("lacquer")),
        ],
        "sizes": [Choice(value=str(n), label=str(n), chosen=n == 52, disabled=n in {46, 62}) for n in range(46, 64, 2)],
        "steps": [_("Bag"), _("Delivery"), _("Payment")],
        "tabs": [
            Link(label=_("All"), url="#", current=True, note="312"),
            Link(label=_("To hand over"), url="#", note="4"),
            Link(label=_("Returned"), url="#"),
        ],
        "crumbs": [
            Link(label=_("The house"), url="#"),
            Link(label="Aurore", url="#"),
            Link(label="Aurore Solitaire", url="#"),
        ],
    }


def _ledgers() -> dict[str, Any]:
    return {
        "columns": [
            Column(label=_("Reference"), sort_url="#", sorted="ascending"),
            Column(label=_("Place")),
            Column(label=_("On hand"), numeric=True),
            Column(label=_("Held"), numeric=True),
            Column(label=_("Free"), numeric=True),
        ],
        "rows": [
            Row(cells=["Aurore Solitaire, 52", "Paris, place Vendôme", 3, 1, 2], url="#"),
            Row(cells=["Aurore Solitaire, 54", "Tokyo, Ginza", 1, 0, 1], url="#"),
            Row(cells=["Méridien 38, steel", "Genève, rue du Rhône", 4, 2, 2], url="#"),
            Row(cells=["Arcade Pendulette", "Roissy, réserve centrale", 12, 0, 12], url="#"),
        ],
        "facts": [
            (_("Metal"), _("18 ct yellow gold, recycled")),
            (_("Stone"), _("brilliant, 1.01 ct, D, VVS1")),
            (_("Dimensions"), _("band 1.9 mm, stone 6.5 mm")),
        ],
        "sum": [
            (_("Aurore Solitaire"), "€ 13,400"),
            (_("Delivery"), _("with our compliments")),
            (_("Total"), "€ 13,400"),
        ],
        "happenings": [
            Happening(title=_("Ordered online"), at=datetime(2026, 3, 3, 21, 14, tzinfo=UTC)),
            Happening(
                title=_("Set aside in Paris, place Vendôme"),
                at=datetime(2026, 3, 3, 21, 14, tzinfo=UTC),
                text=_("Number AS-0417, held for you until 17 March."),
            ),
            Happening(title=_("Handed over"), ahead=True),
        ],
        "days": [
            Day(name=_weekday(0), text="10:30–19:00"),
            Day(name=_weekday(3), text="10:30–20:00", is_today=True),
            Day(name=_weekday(6), text=""),
        ],
    }


def _samples(chapter: str) -> dict[str, Any]:
    if chapter == "foundations":
        return {
            "collections": COLLECTIONS,
            "colours": COLOURS,
            "icons": ICONS,
            "spaces": ["s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9"],
            "prices": [(820000, "EUR"), (1188000, "JPY"), (745050, "GBP"), (-160000, "USD")],
        }
    makers = {"actions": _actions, "forms": _forms, "ledgers": _ledgers}
    return makers[chapter]() if chapter in makers else {}


@public(reason="A style guide holds no data of anyone.")
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The guide's cover and contents."""
    page = GalleryPage(chapters=_contents(""), title=_("The house's hand"), samples={"collections": COLLECTIONS})
    return render(request, "gallery/index.html", {"page": page})


@public(reason="A style guide holds no data of anyone.")
@require_safe
def chapter(request: HttpRequest, chapter: str) -> HttpResponse:
    """One chapter of the guide."""
    if chapter not in CHAPTERS:
        raise Http404
    page = GalleryPage(chapters=_contents(chapter), title=str(CHAPTERS[chapter]), samples=_samples(chapter))
    return render(request, f"gallery/{chapter}.html", {"page": page})


def _weekday(number: int) -> str:
    """By Django's own word: one of ours would stand in every sentence that names a day."""
    return capfirst(str(WEEKDAYS[number]))
