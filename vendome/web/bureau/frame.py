"""What every page of the bureau has: its policy, the reader's place, language and hour, and the rail beside it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, cast
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from vendome.domains.house import queries as house
from vendome.domains.house.types import PlaceView
from vendome.domains.people import permissions
from vendome.kit import live
from vendome.kit.actors import Actor
from vendome.kit.policy import View, staff
from vendome.web.components.frames import Link, StaffFrame


class BureauRequest(HttpRequest):
    """A request that has passed headquarters' door."""

    actor: Actor
    place: PlaceView
    frame: StaffFrame


type BureauView[**P] = Callable[Concatenate[BureauRequest, P], HttpResponse]

SECTIONS = (
    ("home", permissions.BUREAU, "bureau:home"),
    ("stock", permissions.STOCK_VIEW, "bureau:stock"),
    ("orders", permissions.ORDERS_VIEW, "bureau:orders"),
    ("letters", permissions.ORDERS_VIEW, "bureau:letters"),
    ("staff", permissions.STAFF_VIEW, "bureau:staff"),
    ("audit", permissions.AUDIT_VERIFY, "bureau:audit"),
    ("webhooks", permissions.WEBHOOKS_MANAGE, "bureau:webhooks"),
)


def bureau[**P](permission: str, *, section: str) -> Callable[[BureauView[P]], View[P]]:
    """Staff of headquarters with the permission; both are asked for, here and again by the query behind the page."""

    def decorate(view: BureauView[P]) -> View[P]:
        @wraps(view)
        def framed(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            known = cast("BureauRequest", request)
            known.actor.require(permissions.BUREAU)
            maison_id = known.actor.maison_id
            assert maison_id is not None  # staff belong to a maison
            known.place = house.get_place(maison_id=maison_id, place_id=known.actor.home_place_id)
            language = translation.get_language_from_request(request)
            with translation.override(language), timezone.override(ZoneInfo(known.place.timezone)):
                known.frame = _frame(known, section)
                return view(known, *args, **kwargs)

        return staff(permission)(cast("View[P]", framed))

    return decorate


def _frame(request: BureauRequest, section: str) -> StaffFrame:
    words = {
        "home": _("The house"),
        "stock": _("Stock"),
        "orders": _("Orders"),
        "letters": _("Letters"),
        "staff": _("Staff"),
        "audit": _("Audit"),
        "webhooks": _("Webhooks"),
    }
    links = [
        Link(label=words[name], url=reverse(url), current=name == section)
        for name, permission, url in SECTIONS
        if request.actor.may(permission)
    ]
    if request.actor.may(permissions.CLIENTS_SEARCH):
        links.append(Link(label=_("Clients"), url=reverse("salon:clients")))
    if request.actor.may(permissions.SALON):
        links.append(Link(label=_("Salon"), url=reverse("salon:today")))
    return StaffFrame(
        links=links,
        place_name=request.place.name,
        person_name=request.actor.name,
        home_url=reverse("bureau:home"),
        sign_out_url=reverse("account_logout"),
        # Of the whole maison, also for a role of one place: it says that something changed, by id, order number, kind
        # and state, so at most how busy the house is; no place, person or amount (tests/rules/test_live_topics.py).
        # The page asks again, and is told what she may see.
        live_token=live.token([f"orders:{request.actor.maison_id}"]),
    )
