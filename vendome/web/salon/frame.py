"""What every page of the salon has: its policy, the advisor's place, language and hour, and the frame around it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, cast
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


class SalonRequest(HttpRequest):
    """A request that has passed the salon's door."""

    actor: Actor
    place: PlaceView
    frame: StaffFrame


type SalonView[**P] = Callable[Concatenate[SalonRequest, P], HttpResponse]

SECTIONS = (
    ("today", permissions.SALON, "salon:today", "today"),
    ("clients", permissions.CLIENTS_SEARCH, "salon:clients", "people"),
    ("sell", permissions.ORDERS_SELL, "salon:sell", "bag"),
    ("collections", permissions.STOCK_VIEW, "salon:collections", "gem"),
)


def salon[**P](permission: str, *, section: str) -> Callable[[SalonView[P]], View[P]]:
    """Staff with the permission, in the language of her device and at the hour of her boutique."""

    def decorate(view: SalonView[P]) -> View[P]:
        @wraps(view)
        def framed(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            known = cast("SalonRequest", request)
            maison_id, place_id = known.actor.maison_id, known.actor.home_place_id
            assert maison_id is not None  # staff belong to a maison
            known.place = house.get_place(maison_id=maison_id, place_id=place_id)
            language = translation.get_language_from_request(request)
            with translation.override(language), timezone.override(ZoneInfo(known.place.timezone)):
                known.frame = _frame(known, section)
                return view(known, *args, **kwargs)

        return staff(permission)(cast("View[P]", framed))

    return decorate


def listen_to(request: SalonRequest, *topics: str) -> None:
    """Keep this page up to date with more than what happens at the place."""
    from dataclasses import replace

    heard = [f"place:{request.place.id}", *topics][: live.MOST_TOPICS]
    request.frame = replace(request.frame, live_token=live.token(heard))


def _frame(request: SalonRequest, section: str) -> StaffFrame:
    words = {"today": _("Today"), "clients": _("Clients"), "sell": _("Sell"), "collections": _("Collections")}
    may: Any = request.actor.may
    links = [
        Link(label=words[name], url=reverse(url), icon=icon, current=name == section)
        for name, permission, url, icon in SECTIONS
        if may(permission)
    ]
    return StaffFrame(
        links=links,
        place_name=request.place.name,
        person_name=request.actor.name,
        home_url=reverse("salon:today") if may(permissions.SALON) else reverse("bureau:home"),
        profile_url=reverse("bureau:home") if may(permissions.SALON) and may(permissions.BUREAU) else "",
        sign_out_url=reverse("account_logout"),
        live_token=live.token([f"place:{request.place.id}"]),
    )
