"""Stock of the house, place by place, reference by reference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from vendome.domains.catalogue import queries as catalogue
from vendome.domains.catalogue.types import ReferenceLabel
from vendome.domains.house import queries as house
from vendome.domains.house.types import PlaceView
from vendome.domains.people import permissions
from vendome.domains.stock.queries import shelf as stock
from vendome.domains.stock.queries import transfers
from vendome.domains.stock.types import LevelRow
from vendome.kit.errors import NotFound
from vendome.kit.htmx import render_page
from vendome.web.bureau import pages, sureness, words, world
from vendome.web.bureau.exports import csv_answer
from vendome.web.bureau.frame import BureauRequest, bureau
from vendome.web.bureau.views import world_map
from vendome.web.bureau.views.home import regions
from vendome.web.components.frames import Choice, Link
from vendome.web.components.parts import Column, Row
from vendome.web.salon.words import form_of

MOST_LEVELS = 20_000
MOST_SHOWN = 400


@dataclass(frozen=True, slots=True)
class Search:
    """What the reader looks for at a place; all of it stands in the address."""

    query: str
    family: str
    only_held: bool
    sort: str

    @classmethod
    def of(cls, request: BureauRequest) -> Search:
        given = request.GET
        sort = given.get("sort", "")
        return cls(
            query=given.get("q", "").strip()[:100],
            family=given.get("family", "") if given.get("family") in words.FAMILIES else "",
            only_held=given.get("held") == "1",
            sort=sort if sort.lstrip("-") in _SORTS else "",
        )

    def matches(self, label: ReferenceLabel, level: LevelRow) -> bool:
        text = f"{label.model_name} {label.sku}".casefold()
        return (
            all(word in text for word in self.query.casefold().split())
            and (not self.family or label.family == self.family)
            and (not self.only_held or level.held > 0)
        )

    def address(self, **changes: str) -> str:
        values = {"q": self.query, "family": self.family, "held": "1" if self.only_held else "", "sort": self.sort}
        return "?" + urlencode({name: value for name, value in (values | changes).items() if value})


_SORTS = {
    "name": lambda pair: (pair[0].model_name.casefold(), pair[0].sku),
    "sku": lambda pair: pair[0].sku,
    "on_hand": lambda pair: (pair[1].on_hand, pair[0].sku),
    "held": lambda pair: (pair[1].held, pair[0].sku),
    "free": lambda pair: (pair[1].available, pair[0].sku),
}


@require_safe
@bureau(permissions.STOCK_VIEW, section="stock")
def house_stock(request: BureauRequest) -> HttpResponse:
    """Every place with what it holds."""
    found = regions(request)
    if request.GET.get("format") == "csv":
        rows = [
            (region.name, place.name, place.kind, place.on_hand, place.held, place.free)
            for region in found
            for place in region.places
        ]
        return csv_answer("stock", ("Region", "Place", "Kind", "On hand", "Held", "Free"), rows)
    page = pages.StockPage(
        spots=world_map.spots(request),
        map_width=round(world.WIDTH),
        map_height=round(world.height()),
        regions=found,
        on_hand=sum(one.on_hand for one in found),
        held=sum(one.held for one in found),
        free=sum(one.free for one in found),
        transfers_url=reverse("bureau:transfers"),
        transfers=str(transfers.count_open(actor=request.actor) or ""),
        books_url=reverse("bureau:books"),
        tabs=sureness.stock_tabs("stock"),
        export_url="?format=csv",
    )
    return render_page(request, "bureau/stock.html", page)


@require_safe
@bureau(permissions.STOCK_VIEW, section="stock")
def place(request: BureauRequest, code: str) -> HttpResponse:
    """The references of one place with what is on hand, held and free."""
    found = place_of(request, code)
    search = Search.of(request)
    pairs = _pairs(request, found, search)
    if request.GET.get("format") == "csv":
        heads = ("Place", "Reference", "Model", "Material and size", "Family", "On hand", "Held", "Free")
        rows = [
            (found.code, label.sku, label.model_name, form_of(label.material, label.size), label.family,
             level.on_hand, level.held, level.available)
            for label, level in pairs
        ]  # fmt: skip
        return csv_answer(f"stock-{found.code}", heads, rows)
    shown = pairs[:MOST_SHOWN]
    on_hand, held = sum(level.on_hand for _label, level in pairs), sum(level.held for _label, level in pairs)
    may_receive = request.actor.may(permissions.STOCK_ADJUST, place_id=found.id)
    page = pages.PlacePage(
        crumbs=[Link(label=_("Stock"), url=reverse("bureau:stock")), Link(label=found.name, url="")],
        name=found.name,
        kind=words.said(words.PLACE_KINDS, found.kind.value),
        address=", ".join([*found.address[:1], f"{found.postcode} {found.city}".strip()]),
        query=search.query,
        family=search.family,
        families=[
            Choice(value=family, label=str(label), chosen=family == search.family)
            for family, label in words.FAMILIES.items()
        ],
        only_held=search.only_held,
        columns=_columns(search),
        rows=[_row(found, label, level) for label, level in shown],
        note=_note(len(shown), len(pairs)),
        on_hand=on_hand,
        held=held,
        free=on_hand - held,
        export_url=f"{search.address()}{'&' if len(search.address()) > 1 else ''}format=csv",
        sure=sureness.of_place(request, found),
        counts_url=f"{reverse('bureau:counts')}?place={found.code}",
        receive_url=reverse("bureau:receive", args=[found.code]) if may_receive else "",
        promises_url=reverse("bureau:promises", args=[found.code]),
    )
    return render_page(request, "bureau/place.html", page, frozenset({"levels"}))


def place_of(request: BureauRequest, code: str) -> PlaceView:
    """The place, if the reader may see its stock. Raises NotFound, so that other places read as absent."""
    found = house.get_place(maison_id=request.place.maison_id, code=code)
    if not request.actor.may(permissions.STOCK_VIEW, place_id=found.id):
        raise NotFound()
    return found


def _pairs(request: BureauRequest, found: PlaceView, search: Search) -> list[tuple[ReferenceLabel, LevelRow]]:
    levels = stock.list_levels(actor=request.actor, place_id=found.id, limit=MOST_LEVELS)
    labels = catalogue.label_references(ids=[level.reference_id for level in levels])
    pairs = [
        (labels[level.reference_id], level) for level in levels if search.matches(labels[level.reference_id], level)
    ]
    key = _SORTS[search.sort.lstrip("-") or "name"]
    return sorted(pairs, key=key, reverse=search.sort.startswith("-"))


def _columns(search: Search) -> Sequence[Column]:
    heads = (
        ("name", _("Model"), False),
        ("", _("Material and size"), False),
        ("sku", _("Reference"), False),
        ("on_hand", _("On hand"), True),
        ("held", _("Held"), True),
        ("free", _("Free"), True),
    )
    columns = []
    for sort, label, numeric in heads:
        current = search.sort.lstrip("-") == sort and bool(sort)
        down = search.sort.startswith("-")
        # Figures are first sorted with the largest on top, words from A.
        following = sort if current and down else f"-{sort}" if current or numeric else sort
        columns.append(
            Column(
                label=label,
                numeric=numeric,
                sort_url=search.address(sort=following) if sort else "",
                sorted=("descending" if down else "ascending") if current else "",
            )
        )
    return columns


def _row(found: PlaceView, label: ReferenceLabel, level: LevelRow) -> Row:
    return Row(
        cells=(
            label.model_name,
            form_of(label.material, label.size),
            label.sku,
            level.on_hand,
            level.held or "",
            level.available,
        ),
        url=reverse("bureau:level", args=[found.code, label.id]),
    )


def _note(shown: int, total: int) -> str:
    if shown < total:
        return _("The first %(shown)d of %(total)d references; search to narrow them") % {
            "shown": shown,
            "total": total,
        }
    return ngettext("%(n)d reference", "%(n)d references", total) % {"n": total}
