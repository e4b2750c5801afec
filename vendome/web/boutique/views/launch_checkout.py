"""The piece is put away in her name until an hour; here it is paid, under the very hold that keeps it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from vendome.domains.clients import queries as clients
from vendome.domains.house import queries as house
from vendome.domains.house.types import PlaceView
from vendome.domains.orders.types import Mode
from vendome.domains.payments import ports
from vendome.domains.payments.errors import ProviderUnavailable
from vendome.domains.payments.types import Tender
from vendome.domains.stock.errors import HoldGone
from vendome.domains.stock.queries import scarcity
from vendome.domains.stock.types_of_scarcity import AllocationView, EntryState
from vendome.flows import availability, drops
from vendome.flows.types import TenderGiven
from vendome.kit.errors import Busy, DomainError
from vendome.kit.htmx import render_page
from vendome.kit.ids import new_id
from vendome.kit.policy import client
from vendome.web.boutique import launch_words, lines, showing, sorry
from vendome.web.boutique.forms import CheckoutForm
from vendome.web.boutique.launch_pages import LaunchCheckoutPage
from vendome.web.boutique.locales import country_name, has_postcodes
from vendome.web.boutique.shop import Shop, ShopRequest, in_shop
from vendome.web.boutique.views.checkouts import STATUS, TEST_CARD, start_payment, visit
from vendome.web.boutique.views.launches import herself, label_of
from vendome.web.boutique.wording import spoken_day
from vendome.web.components.frames import Link


class OfferForm(CheckoutForm):
    """As the checkout of a bag, without a bag: the piece is put away already."""

    basket = None  # type: ignore[assignment]  # how Django takes an inherited field away
    seen = None  # type: ignore[assignment]

    def with_new_key(self) -> OfferForm:
        """The same words under a fresh key: the next attempt is a new order."""
        self.data = {**{name: self.data.get(name, "") for name in self.data}, "key": str(new_id())}
        return self


@client
@require_http_methods(["GET", "HEAD", "POST"])
@in_shop
def checkout(request: ShopRequest, code: str) -> HttpResponse:
    shop = request.shop
    view = scarcity.public_allocation(maison_id=shop.maison.id, code=code)
    assert shop.client_id is not None  # the policy above
    standing = scarcity.find_standing(maison_id=shop.maison.id, allocation_id=view.id, client_id=shop.client_id)
    back = HttpResponseRedirect(shop.url("launch", code=code), status=303)
    if standing is None or (standing.state is not EntryState.OFFERED and request.method != "POST"):
        return back
    place = house.get_place(maison_id=shop.maison.id, place_id=view.place_id)
    if request.method != "POST":
        if waiting := _unpaid(shop, view):
            return waiting
        return _page(request, view, place, _form(shop, place, None, initial=_known(shop)))
    form = _form(shop, place, request.POST)
    if not form.is_valid():
        problem = _("Some lines need another look; they are marked below.")
        return _page(request, view, place, form, problem=problem, status=422)
    try:
        placed = drops.claim(
            key=str(form.cleaned_data["key"]),
            maison=shop.maison,
            market=shop.market,
            allocation_id=view.id,
            client_id=shop.client_id,
            mode=Mode.DELIVER if place.ships else Mode.COLLECT,
            tender=TenderGiven(tender=Tender.CARD, provider=ports.card_provider()),
            instrument=form.cleaned_data.get("card", ""),
            contact={name: form.cleaned_data[name] for name in ("name", "email", "phone")}
            | {"language": shop.language},
            address=form.address(country_name(shop.market.country)),
            actor=herself(shop.actor, shop.maison.id),
            at=shop.at,
        )
    except ProviderUnavailable:
        return _unpaid(shop, view) or HttpResponseRedirect(shop.url("account"), status=303)
    except HoldGone:  # another page of hers has ordered it, or her time is over
        return _unpaid(shop, view) or back
    except DomainError as error:
        after = scarcity.find_standing(maison_id=shop.maison.id, allocation_id=view.id, client_id=shop.client_id)
        if after is None or after.state is not EntryState.OFFERED:
            return back
        again = form if isinstance(error, Busy) else form.with_new_key()  # busy: the order is placed, its key pays it
        return _page(request, view, place, again, problem=sorry.sentence(error), status=STATUS.get(error.kind, 400))
    page = start_payment(request, placed, "") if ports.card_provider() != TEST_CARD else ""
    return HttpResponseRedirect(page or shop.url("order", number=placed.number), status=303)


def _unpaid(shop: Shop, view: AllocationView) -> HttpResponse | None:
    """She has ordered it and its payment has not arrived: the order's page keeps it and takes the payment again."""
    assert shop.client_id is not None
    number = drops.find_unpaid(allocation_id=view.id, client_id=shop.client_id)
    return HttpResponseRedirect(shop.url("order", number=number), status=303) if number else None


def _form(shop: Shop, place: PlaceView, data: Any, **options: Any) -> OfferForm:
    return OfferForm(
        data,
        delivers=place.ships,
        has_postcodes=has_postcodes(shop.market.country),
        is_hosted=ports.card_provider() not in ("", TEST_CARD),
        **options,
    )


def _known(shop: Shop) -> dict[str, Any]:
    assert shop.client_id is not None
    own = clients.get_own_profile(client_id=shop.client_id)
    return {
        "key": new_id(),
        "name": f"{own.given_name} {own.family_name}".strip(),
        "email": next(iter(own.emails), ""),
        "phone": next(iter(own.phones), ""),
    }


def _page(
    request: ShopRequest,
    view: AllocationView,
    place: PlaceView,
    form: forms.Form,
    *,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    shop = request.shop
    label = label_of(view)
    price = showing.prices(shop, [view.reference_id])[view.reference_id]
    due = showing.due(price)
    standing = scarcity.find_standing(
        maison_id=shop.maison.id, allocation_id=view.id, client_id=shop.actor.client_id or view.id
    )
    total = showing.amount(due, shop.market.currency, shop)
    until_at = standing.until_at if standing and standing.until_at else shop.at
    assert isinstance(form, OfferForm)
    page = LaunchCheckoutPage(
        head=showing.private(_("Delivery and payment")),
        crumbs=[Link(label=view.title, url=shop.url("launch", code=view.code)), Link(label=_("Payment"), url="")],
        form=form,
        problem=problem,
        title=view.title,
        name=label.model_name,
        code=label.model_code,
        world=label.collection_code,
        material=showing.sentence_case(shop.text(label.material_name)),
        amount=due,
        currency=shop.market.currency,
        total=total,
        sum=lines.sum_rows(
            shop,
            net=price.amount,
            tax=price.tax_amount,
            tax_on_top=0 if price.is_tax_included else price.tax_amount,
            total=due,
            delivers=place.ships,
        ),
        client_id=shop.client_id,
        until_at=until_at,
        until_words=launch_words.put_away_until(until_at, shop.at),
        now=shop.at,
        country=country_name(shop.market.country),
        delivery=spoken_day(availability.read_delivery_day(place_id=place.id, market_id=shop.market.id, at=shop.at)),
        visit=None if place.ships else visit(shop, place, [label.model_name]),
        back_url=shop.url("launch", code=view.code),
        privacy_url=shop.url("service", topic="privacy"),
    )
    return render_page(request, "boutique/launch_checkout.html", page, status=status)
