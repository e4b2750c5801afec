"""A client sets a piece aside for herself in a boutique, and gives it free again."""

from __future__ import annotations

import uuid
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from vendome.domains.catalogue import queries as catalogue
from vendome.flows import reservations
from vendome.kit.errors import DomainError, NotFound
from vendome.kit.policy import client
from vendome.web.boutique import keeping, sorry
from vendome.web.boutique.shop import ShopRequest, in_shop
from vendome.web.boutique.views.launches import herself

REASON = "Given free by the client online"


@client
@require_POST
@in_shop
def set_aside(request: ShopRequest, code: str) -> HttpResponse:
    """For 48 hours, in the boutique she chose; she reads where and until when, or why not."""
    shop = request.shop
    model = catalogue.get_model(maison_id=shop.maison.id, code=code)
    said = request.POST
    chosen = next((one for one in model.references if str(one.id) == said.get("reference", "")), None)
    place = shop.boutique(said.get("place", ""))
    if shop.client_id is None or chosen is None:
        raise NotFound()
    try:
        kept = reservations.reserve(
            key=said.get("key", ""),
            reference_id=chosen.id,
            place_id=place.id,
            client_id=shop.client_id,
            actor=herself(shop.actor, shop.maison.id),
            at=shop.at,
        )
    except NotFound:
        raise
    except DomainError as error:
        messages.error(request, sorry.sentence(error))
    else:
        told = {"boutique": place.name, "until": keeping.until(kept.until, place)}
        messages.success(request, _("Set aside for you in %(boutique)s until %(until)s.") % told)
    asked = urlencode({"material": chosen.material, "size": chosen.size})
    return HttpResponseRedirect(f"{shop.url('piece', code=code)}?{asked}#{keeping.ANCHOR}", status=303)


@client
@require_POST
@in_shop
def release(request: ShopRequest, hold_id: uuid.UUID) -> HttpResponse:
    """She lets it go before its time."""
    shop = request.shop
    try:
        reservations.release(
            key=request.POST.get("key", ""),
            hold_id=hold_id,
            reason=REASON,
            actor=herself(shop.actor, shop.maison.id),
            at=shop.at,
        )
    except NotFound:
        raise
    except DomainError as error:
        messages.error(request, sorry.sentence(error))
    else:
        messages.success(request, _("It is free again. Thank you for telling us."))
    return HttpResponseRedirect(shop.url("account"), status=303)
