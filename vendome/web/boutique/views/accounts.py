"""The client's own pages: her orders, her pieces, how we may call her."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from vendome.domains.catalogue import queries as catalogue
from vendome.domains.catalogue.types import ReferenceLabel
from vendome.domains.clients import queries as clients
from vendome.domains.clients import services as client_services
from vendome.domains.orders.queries import placed as orders
from vendome.domains.orders.types import Direction, LineState, OrderLineView, OrderView, TakenBack
from vendome.kit.errors import NotFound
from vendome.kit.htmx import render_page
from vendome.kit.policy import client
from vendome.web.boutique import chosen, keeping, order_words, pictures, showing, wording
from vendome.web.boutique.forms import ProfileForm
from vendome.web.boutique.pages import AccountPage, OrderEntry, PieceCard
from vendome.web.boutique.shop import Shop, ShopRequest, in_shop

WITH_HER = frozenset({LineState.HANDED_OVER})  # what is on its way is not yet with her


@client
@require_safe
@in_shop
def account(request: ShopRequest) -> HttpResponse:
    return _page(request, None)


@client
@require_POST
@in_shop
def profile(request: ShopRequest) -> HttpResponse:
    """How she is called and which language she reads."""
    shop = request.shop
    form = ProfileForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    client_services.change_own_profile(
        client_id=_client_id(shop),
        given_name=form.cleaned_data["given_name"],
        family_name=form.cleaned_data["family_name"],
        language=form.cleaned_data["language"],
        actor=shop.actor,
        at=shop.at,
    )
    messages.success(request, _("We will call you by this name."))
    response = HttpResponseRedirect(shop.url("account"))
    response.status_code = 303
    return response


def _page(request: ShopRequest, form: ProfileForm | None, *, status: int = 200) -> HttpResponse:
    shop = request.shop
    client_id = _client_id(shop)
    own = clients.get_own_profile(client_id=client_id)
    placed = orders.list_orders_of_client(client_id=client_id)
    labels = catalogue.label_references(ids={line.reference_id for one in placed for line in one.lines})
    taken = orders.list_taken_back_of_client(orders=placed)
    name = own.given_name or own.family_name
    page = AccountPage(
        head=showing.private(_("Your account")),
        greeting=_("Good to see you, %(name)s") % {"name": name} if name else _("Good to see you"),
        emails=own.emails,
        phones=own.phones,
        selections=chosen.for_her(shop),
        set_aside=keeping.of_client(shop),
        orders=[_order(shop, one, labels, taken.get(one.id, ())) for one in placed],
        wardrobe=_wardrobe(shop, placed, labels),
        profile=form
        or ProfileForm(
            initial={
                "given_name": own.given_name,
                "family_name": own.family_name,
                "language": own.language if own.language in ("en", "fr") else shop.language,
            }
        ),
        profile_url=shop.url("profile"),
        browse_url=shop.url("collections"),
        contact_url=shop.url("service", topic="contact"),
        sign_out_url=reverse("account_logout"),
    )
    return render_page(request, "boutique/account.html", page, status=status)


def _client_id(shop: Shop) -> UUID:
    if shop.client_id is None:
        raise NotFound()
    return shop.client_id


def _order(shop: Shop, one: OrderView, labels: Mapping[UUID, ReferenceLabel], taken: Sequence[TakenBack]) -> OrderEntry:
    state, tone = order_words.state(one, taken)
    total = one.total_amount - sum(back.amount for back in taken)
    shown = [line for line in one.lines if line.reference_id in labels]
    return OrderEntry(
        number=one.number,
        url=shop.url("order", number=one.number),
        placed_at=one.placed_at,
        state=state,
        tone=tone,
        total=showing.amount(total, one.currency, shop),
        pictures=[_card(shop, labels[line.reference_id]) for line in shown[:3]],
        summary=", ".join(labels[line.reference_id].model_name for line in shown) or wording.pieces(len(one.lines)),
    )


def _wardrobe(shop: Shop, placed: Sequence[OrderView], labels: Mapping[UUID, ReferenceLabel]) -> list[PieceCard]:
    """The pieces she has with her, newest first, each once."""
    came: list[OrderLineView] = [
        line
        for one in placed
        for line in one.lines
        if line.direction is Direction.OUT and line.state in WITH_HER and line.reference_id in labels
    ]
    return [_card(shop, labels[line.reference_id], note=line.serial) for line in came]


def _card(shop: Shop, label: ReferenceLabel, note: str = "") -> PieceCard:
    return PieceCard(
        code=label.model_code,
        name=label.model_name,
        url=shop.url("piece", code=label.model_code),
        amount=None,
        currency=shop.market.currency,
        material=showing.sentence_case(shop.text(label.material_name)),
        world=label.collection_code,
        note=note,
        has_angle=pictures.has(label.model_code, "angle"),
    )
