"""The house at a glance: what stands where, what was sold, what waits, whether the books agree."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from itertools import groupby

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from vendome.domains.catalogue import queries as catalogue
from vendome.domains.house import queries as house
from vendome.domains.orders.queries import placed as orders
from vendome.domains.orders.types import OpenWork
from vendome.domains.people import permissions
from vendome.domains.stock.queries import shelf as stock
from vendome.flows import exceptions, return_desk
from vendome.kit import clock
from vendome.kit.actors import EVERYWHERE
from vendome.kit.htmx import render_page
from vendome.web.bureau import pages, words
from vendome.web.bureau.frame import BureauRequest, bureau

LATE = timedelta(days=7)
MOST_PROBLEMS = 50


@require_safe
@bureau(permissions.BUREAU, section="home")
def home(request: BureauRequest) -> HttpResponse:
    """The day of the house, or the figures of it when something has happened."""
    now = clock.now()
    here = timezone.localtime(now)
    sees_stock = request.actor.may(permissions.STOCK_VIEW)
    sees_orders = request.actor.may(permissions.ORDERS_VIEW)
    found = regions(request) if sees_stock else []
    counted = _channels(request, here) if sees_orders else []
    work = (
        orders.open_work(actor=request.actor, collected_before=now - LATE)
        if sees_orders
        else OpenWork(unpaid=0, long_waiting=0)
    )
    page = pages.HomePage(
        day=here.date(),
        greeting=_hello(here) % {"name": request.actor.name.partition(" ")[0]},
        regions=found,
        on_hand=sum(one.on_hand for one in found),
        held=sum(one.held for one in found),
        free=sum(one.free for one in found),
        channels=counted,
        orders_today=sum(one.today for one in counted),
        orders_week=sum(one.week for one in counted),
        errands=_errands(request, work) if sees_orders else [],
        sees_stock=sees_stock,
        sees_orders=sees_orders,
        is_whole_house=sees_stock and request.actor.places_for(permissions.STOCK_VIEW) is EVERYWHERE,
    )
    return render_page(request, "bureau/home.html", page, frozenset({"glance"}))


@require_safe
@bureau(permissions.STOCK_VIEW, section="home")
def books(request: BureauRequest) -> HttpResponse:
    """Ledger, levels, pieces and holds compared, everywhere, now."""
    known = {place.id: place for place in house.list_places(maison_id=request.place.maison_id)}
    may_see = request.actor.places_for(permissions.STOCK_VIEW)
    wrong = [
        one
        for one in stock.list_disagreements()
        if one.place_id in known and (may_see is EVERYWHERE or one.place_id in may_see)
    ][:MOST_PROBLEMS]
    labels = catalogue.label_references(ids={one.reference_id for one in wrong})
    page = pages.BooksPage(
        agree=not wrong,
        at=clock.now(),
        problems=[
            pages.Problem(
                place=known[one.place_id].name,
                reference=labels[one.reference_id].sku,
                what=one.problem,
                expected=one.expected,
                found=one.found,
                url=reverse("bureau:level", args=[known[one.place_id].code, labels[one.reference_id].id]),
            )
            for one in wrong
        ],
    )
    return render_page(request, "bureau/books.html", page, frozenset({"books"}))


def regions(request: BureauRequest) -> list[pages.Region]:
    """Every place the reader may see with what it holds, region by region."""
    totals = stock.totals_by_place(actor=request.actor)
    may_see = request.actor.places_for(permissions.STOCK_VIEW)
    places = [
        place
        for place in house.list_places(maison_id=request.place.maison_id)
        if may_see is EVERYWHERE or place.id in may_see
    ]
    by_region = sorted(places, key=lambda place: words.REGION_ORDER.get(place.region, 99))
    found = []
    for region, members in groupby(by_region, key=lambda place: place.region):
        lines = []
        for place in members:
            on_hand, held = totals.get(place.id, (0, 0))
            lines.append(
                pages.Standing(
                    name=place.name,
                    url=reverse("bureau:place", args=[place.code]),
                    kind=words.said(words.PLACE_KINDS, place.kind.value),
                    on_hand=on_hand,
                    held=held,
                    free=on_hand - held,
                )
            )
        found.append(_region(region, lines))
    return found


def _region(code: str, lines: Sequence[pages.Standing]) -> pages.Region:
    return pages.Region(
        name=words.said(words.REGIONS, code),
        places=lines,
        on_hand=sum(one.on_hand for one in lines),
        held=sum(one.held for one in lines),
        free=sum(one.free for one in lines),
    )


def _hello(here: datetime) -> str:
    if here.hour < 12:
        return _("Good morning, %(name)s")
    return _("Good afternoon, %(name)s") if here.hour < 18 else _("Good evening, %(name)s")


def _channels(request: BureauRequest, here: datetime) -> list[pages.ChannelCount]:
    midnight = datetime.combine(here.date(), time(0), here.tzinfo)
    today = orders.count_by_channel(actor=request.actor, since=midnight)
    week = orders.count_by_channel(actor=request.actor, since=midnight - timedelta(days=here.weekday()))
    known = [*words.CHANNELS, *sorted(week.keys() - words.CHANNELS.keys())]
    return [
        pages.ChannelCount(label=words.said(words.CHANNELS, code), today=today.get(code, 0), week=week.get(code, 0))
        for code in known
        if code in week or code in words.MAIN_CHANNELS
    ]


def _errands(request: BureauRequest, work: OpenWork) -> list[pages.Errand]:
    ledger = reverse("bureau:orders")
    waiting = []
    if request.actor.may(permissions.ORDERS_EXCEPTIONS):
        count, _old = exceptions.count_open(actor=request.actor, at=clock.now())
        waiting = [
            pages.Errand(figure=count, label=_("exceptions wait for a person"), url=reverse("bureau:exceptions"))
        ]
    examines = request.actor.may(permissions.ORDERS_INSPECT)
    to_examine = return_desk.count_to_inspect(actor=request.actor) if examines else 0
    returned = [
        pages.Errand(
            figure=to_examine, label=_("pieces came back and wait to be examined"), url=reverse("bureau:inspect")
        )
    ]
    return [
        *waiting,
        pages.Errand(figure=work.unpaid, label=_("orders wait for payment"), url=f"{ledger}?state=AWAITING_PAYMENT"),
        pages.Errand(
            figure=work.long_waiting,
            label=_("pieces wait to be collected for more than seven days"),
            url=f"{ledger}?state=CONFIRMED",
        ),
        *(returned if examines else []),
    ]
