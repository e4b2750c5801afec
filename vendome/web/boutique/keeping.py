"""Pieces a client sets aside for herself in a boutique, to see before she decides."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import quote
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from vendome.domains.catalogue import queries as catalogue
from vendome.domains.house.types import PlaceView
from vendome.flows import reservations
from vendome.flows.kept import list_kept
from vendome.web.boutique import showing
from vendome.web.boutique.offers import NEAR
from vendome.web.boutique.pages import Keeping, KeepingDoor, Offer, SetAsidePiece, Way
from vendome.web.boutique.shop import Shop
from vendome.web.boutique.wording import spoken_day

ANCHOR = "set-aside"


def of_offer(shop: Shop, offer: Offer, *, url: str) -> Keeping | None:
    """Where this reference can be set aside for her now; None where it stands in no boutique and she keeps none."""
    own = reservations.list_own(client_id=shop.client_id) if shop.client_id else ()
    kept = list_kept(client_id=shop.client_id, reference_ids=[offer.reference], at=shop.at)
    here = {one.place_id: one.expires_at for one in kept if one.expires_at}
    mine = {one.place_id for one in own if one.reference_id == offer.reference}
    there = {one.place: one for one in (*offer.ways, *offer.other_ways) if one.place}
    doors = [
        _door(place, there.get(str(place.id)), here.get(place.id), is_own=place.id in mine)
        for place in _in_order(shop, there, here)
    ]
    if not doors:
        return None
    shown = max(NEAR, len(here))
    again = (
        reservations.find_pause(client_id=shop.client_id, reference_id=offer.reference, at=shop.at)
        if shop.client_id
        else None
    )
    return Keeping(
        key=str(uuid.uuid4()),
        url=url,
        reference=offer.reference,
        sign_in_url="" if shop.client_id else sign_in(f"{offer.fresh_url}#{ANCHOR}"),
        account_url=f"{shop.url('account')}#{ANCHOR}",
        is_full=shop.client_id is not None and not reservations.get_room(client_id=shop.client_id),
        is_hers=bool(here),
        again=spoken_day(again.astimezone(ZoneInfo(shop.boutiques[0].timezone)).date()) if again else "",
        doors=doors[:shown],
        other_doors=doors[shown:],
    )


def of_client(shop: Shop) -> list[SetAsidePiece]:
    """What she has set aside herself, for her account."""
    own = reservations.list_own(client_id=shop.client_id) if shop.client_id else ()
    labels = catalogue.label_references(ids={one.reference_id for one in own}) if own else {}
    places = {place.id: place for place in shop.boutiques}
    return [
        SetAsidePiece(
            hold=one.hold_id,
            key=str(uuid.uuid4()),
            code=label.model_code,
            name=label.model_name,
            url=f"{shop.url('piece', code=label.model_code)}?material={label.material}&size={label.size}",
            world=label.collection_code,
            material=showing.sentence_case(shop.text(label.material_name)),
            size=label.size,
            place=place.name,
            place_url=shop.url("boutique", code=place.code),
            until=until(one.until, place),
            release_url=shop.url("set_aside_release", hold_id=one.hold_id),
        )
        for one in own
        if (label := labels.get(one.reference_id)) and (place := places.get(one.place_id))
    ]


def until(when: datetime, place: PlaceView) -> str:
    """ "Friday 27 November, 10:30", by the clock of the boutique."""
    there = when.astimezone(ZoneInfo(place.timezone))
    return _("%(day)s, %(hour)s") % {"day": spoken_day(there), "hour": date_format(there, "H:i")}


def sign_in(then: str) -> str:
    """Where she signs in and comes back from."""
    welcome = f"{reverse('boutique:welcome')}?next={quote(then)}"
    return f"{reverse('account_request_login_code')}?next={quote(welcome)}"


def _in_order(shop: Shop, there: dict[str, Way], here: dict[uuid.UUID, datetime]) -> Sequence[PlaceView]:
    """What she keeps first, then as the ways to collect are."""
    known = {str(place.id): place for place in shop.boutiques}
    kept = [str(place) for place in here]
    return [known[one] for one in (*kept, *(place for place in there if place not in kept)) if one in known]


def _door(place: PlaceView, way: Way | None, kept: datetime | None, *, is_own: bool) -> KeepingDoor:
    return KeepingDoor(
        place=str(place.id),
        code=place.code,
        name=place.name,
        state=way.state if way else "",
        words=way.words if way else "",
        until=until(kept, place) if kept else "",
        is_own=is_own,
    )
