"""A launch: what it is, the waiting room, her honest place in line, and the draw that anybody can check."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from vendome.domains.catalogue import queries as catalogue
from vendome.domains.catalogue.types import ModelView, ReferenceLabel
from vendome.domains.house import queries as house
from vendome.domains.stock.queries import draws, scarcity
from vendome.domains.stock.services import scarcity as services
from vendome.domains.stock.types_of_scarcity import AllocationPolicy, AllocationView, Standing
from vendome.kit import clock, live
from vendome.kit.actors import Actor, ActorKind
from vendome.kit.errors import DomainError, NotFound
from vendome.kit.htmx import render_page
from vendome.kit.policy import client, public
from vendome.web.boutique import launch_words as words
from vendome.web.boutique import pictures, showing, sorry, wording
from vendome.web.boutique.framing import frame
from vendome.web.boutique.launch_line import line_of, with_return
from vendome.web.boutique.launch_pages import DrawPage, LaunchPage, LaunchTeaser
from vendome.web.boutique.locales import Locale
from vendome.web.boutique.shop import Shop, ShopRequest, in_shop, who
from vendome.web.components.frames import Link

DRAWN = (AllocationPolicy.BALLOT, AllocationPolicy.FIRST_COME)
MOST_SHOWN = 400


@public(reason="a launch is announced to everybody; her place is shown to herself alone")
@require_safe
@in_shop
def launch(request: ShopRequest, code: str) -> HttpResponse:
    shop = request.shop
    view = scarcity.public_allocation(maison_id=shop.maison.id, code=code)
    standing = _standing(shop, view)
    topics = [f"allocation:{view.id}", *([f"entry:{standing.entry_id}"] if standing else [])]
    if shop.basket:
        topics.append(f"basket:{shop.basket.id}")
    request.frame = replace(frame(shop, path=request.path), live_token=live.token(topics))
    page = _page(request, view, standing)
    return render_page(request, "boutique/launch.html", page, partials=frozenset({"line"}))


@client
@require_POST
def enter(request: HttpRequest, locale: Locale, code: str) -> HttpResponse:
    """One tap, one call: nothing of the page is made on the way, so that thousands can enter at one moment."""
    return _acted(request, locale, code, services.enter)


@client
@require_POST
def leave(request: HttpRequest, locale: Locale, code: str) -> HttpResponse:
    return _acted(request, locale, code, services.leave)


def herself(actor: Actor, maison_id: uuid.UUID) -> Actor:
    """The client as an actor of the maison whose boutique she is in."""
    return Actor(kind=ActorKind.CLIENT, id=actor.id, maison_id=maison_id, client_id=actor.client_id, name=actor.name)


def _acted(request: HttpRequest, locale: Locale, code: str, command: Any) -> HttpResponse:
    maison = house.get_maison()
    actor = who(request, maison.id)
    allocation_id = scarcity.public_id(maison_id=maison.id, code=code)
    try:
        if allocation_id is None or actor.client_id is None:
            raise NotFound()
        command(
            allocation_id=allocation_id,
            client_id=actor.client_id,
            actor=herself(actor, maison.id),
            at=clock.now(),
        )
    except DomainError as error:
        with translation.override(locale.language):
            messages.error(request, sorry.sentence(error))
    return HttpResponseRedirect(reverse("boutique:launch", kwargs={"locale": locale, "code": code}), status=303)


@public(reason="a draw is provable only if anybody may read its record; it holds no personal data")
@require_safe
@in_shop
def draw(request: ShopRequest, code: str) -> HttpResponse:
    shop = request.shop
    view = scarcity.public_allocation(maison_id=shop.maison.id, code=code)
    known = draws.public_record(maison_id=shop.maison.id, code=code)
    record = known.draw
    standing = _standing(shop, view)
    hers = str(standing.token) if standing else ""
    page = DrawPage(
        head=showing.head(request, _("The draw: %(title)s") % {"title": view.title}),
        crumbs=_crumbs(shop, view, _("The draw")),
        title=view.title,
        steps=[
            (_("Commitment"), record.commitment, _("The digest of the seed, published before anybody entered.")),
            (
                _("List"), record.list_digest,
                _("The digest of all entries, published before the seed.")
                if record.list_digest
                else _("Its digest is published when the list closes, before the seed."),
            ),
            (
                _("Seed"), record.seed,
                _("It has the digest we committed to.") if record.seed else _("It is revealed with the draw."),
            ),
        ],
        is_revealed=bool(record.seed),
        holds=known.holds,
        entries=len(record.entries),
        order=[(n, token, token == hers) for n, token in enumerate(record.order[:MOST_SHOWN], start=1)],
        is_shortened=len(record.order) > MOST_SHOWN,
        json_url=shop.url("launch_draw_json", code=code),
        back_url=shop.url("launch", code=code),
    )  # fmt: skip
    return render_page(request, "boutique/draw.html", page)


@public(reason="a draw is provable only if anybody may read its record; it holds no personal data")
@require_safe
def draw_json(request: HttpRequest, locale: Locale, code: str) -> HttpResponse:
    """The record as `vendome draw verify` reads it."""
    step = draws.find_step(maison_id=house.get_maison().id, code=code)
    etag = quote_etag(step.version)
    response = get_conditional_response(request, etag=etag)
    if response is not None:
        return response
    record = draws.read_record(step=step)
    response = HttpResponse(record.body, content_type="application/json", headers={"ETag": etag})
    response.headers["Content-Disposition"] = f'inline; filename="draw-{code}.json"'
    return response


def teasers(shop: Shop, views: tuple[AllocationView, ...]) -> list[LaunchTeaser]:
    """Launches beside something else."""
    labels = catalogue.label_references(ids={one.reference_id for one in views}) if views else {}
    return [
        LaunchTeaser(
            title=one.title,
            url=shop.url("launch", code=one.code),
            words=words.teaser(one, shop.at),
            code=labels[one.reference_id].model_code,
            name=labels[one.reference_id].model_name,
            world=labels[one.reference_id].collection_code,
        )
        for one in views
        if one.reference_id in labels
    ]


def _standing(shop: Shop, view: AllocationView) -> Standing | None:
    if shop.client_id is None:
        return None
    return scarcity.find_standing(maison_id=shop.maison.id, allocation_id=view.id, client_id=shop.client_id)


def label_of(view: AllocationView) -> ReferenceLabel:
    return catalogue.label_references(ids=[view.reference_id])[view.reference_id]


def _crumbs(shop: Shop, view: AllocationView, here: str = "") -> list[Link]:
    crumbs = [Link(label=_("Home"), url=shop.url("home"))]
    if here:
        return [*crumbs, Link(label=view.title, url=shop.url("launch", code=view.code)), Link(label=here, url="")]
    return [*crumbs, Link(label=view.title, url="")]


def _page(request: ShopRequest, view: AllocationView, standing: Standing | None) -> LaunchPage:
    shop = request.shop
    label = label_of(view)
    model = catalogue.get_model(maison_id=shop.maison.id, code=label.model_code)
    price = showing.prices(shop, [view.reference_id]).get(view.reference_id)
    story = view.words.get(shop.language) or view.words.get("en") or ""
    address = shop.url("launch", code=view.code)
    shots = pictures.shown(model.code, "front", "angle", "detail")
    return LaunchPage(
        head=showing.head(request, view.title, showing.first_sentence(story), image=shots["angle"] or shots["front"]),
        crumbs=_crumbs(shop, view),
        code=model.code,
        name=model.name,
        title=view.title,
        world=model.collection.code,
        story=story,
        picture=shots["front"],
        amount=price.amount if price else None,
        currency=shop.market.currency,
        price_note=showing.price_note(price, shop.market) if price else "",
        facts=_facts(shop, view, model, label),
        rule=words.rule(view),
        line=with_return(line_of(shop, view, standing), address),
        here_url=address,
        enter_url=shop.url("launch_enter", code=view.code),
        leave_url=shop.url("launch_leave", code=view.code),
        draw_url=shop.url("launch_draw", code=view.code) if view.policy in DRAWN else "",
        piece_url=shop.url("piece", code=model.code),
        problem="",
    )


def _facts(shop: Shop, view: AllocationView, model: ModelView, label: ReferenceLabel) -> list[tuple[str, str]]:
    facts = [
        (_("Pieces"), words.pieces(view.pieces)),
        (_("Opened") if view.opens_at <= shop.at else _("Opens"), words.when(view.opens_at)),
        (_("Closes"), words.when(view.closes_at) if view.closes_at else ""),
        (_("Limit"), words.per_person(view)),
        (_("Material"), showing.sentence_case(shop.text(label.material_name))),
        (_("Stone"), wording.stone_line(stone=model.stone, cut=model.cut, carat=model.carat)),
    ]
    return [(term, value) for term, value in facts if value]
