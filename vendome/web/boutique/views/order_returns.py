"""A client returns or exchanges something of an order herself: which, for what, and how; she leaves with a label."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from vendome.domains.clients import queries as clients
from vendome.domains.orders.policy.types import Outcome, Reason
from vendome.domains.orders.types import OrderView, ReturnRoute
from vendome.flows import exchanging, pay_links, return_desk, returnable, returns
from vendome.flows.exchanging import Offer, WantedReturn
from vendome.flows.returnable import Receipt, ReturnableLine
from vendome.kit.errors import BadInput, DomainError, NotFound
from vendome.kit.htmx import render_page
from vendome.kit.policy import public
from vendome.web.boutique import return_pages, showing, sorry
from vendome.web.boutique.return_forms import COURIER, ReturnForm
from vendome.web.boutique.shop import ShopRequest, in_shop
from vendome.web.boutique.views.orders import own_order, url_of
from vendome.web.boutique.wording import spoken_day
from vendome.web.components.frames import Choice, Link
from vendome.web.components.parts import Tone

OWN = "her own order: a client by her session, a guest by the signed key; anybody else's is not found"
PAY_WITHIN = timedelta(hours=1)
"""How long a payment page for the difference of an exchange lasts; it can be opened again while the piece is kept."""
REASONS = {
    Reason.NOT_SAID: gettext_lazy("I would rather not say"),
    Reason.CHANGED_MIND: gettext_lazy("I have changed my mind"),
    Reason.SIZE: gettext_lazy("The size"),
    Reason.DEFECT: gettext_lazy("Something is wrong with it"),
    Reason.WRONG_PIECE: gettext_lazy("It is not what I ordered"),
}


@public(reason=OWN)
@require_http_methods(["GET", "HEAD", "POST"])
@in_shop
def order_return(request: ShopRequest, number: str) -> HttpResponse:
    """Choose, then announce. What was chosen stays when it cannot be done."""
    found = own_order(request, number)
    receipt = returnable.get_receipt(actor=request.shop.actor, order_id=found.id, on=request.shop.today)
    form = _form(request, receipt)
    if request.method != "POST":
        return _answer(request, found, form, QueryDict())
    if not form.is_valid():
        problem = "" if request.POST.getlist("back") else _("Choose at least one piece.")
        return _answer(request, found, form, request.POST, problem=problem, status=422)
    shop = request.shop
    way = form.cleaned_data["way"]
    try:
        place_id = None if way == COURIER else shop.boutique(way).id
        done = returns.announce(
            key=str(form.cleaned_data["key"]),
            order_id=found.id,
            lines=_wanted(found, request.POST),
            route=ReturnRoute.COURIER if place_id is None else ReturnRoute.COUNTER,
            place_id=place_id,
            pickup=form.pickup,
            actor=shop.actor,
            at=shop.at,
        )
    except NotFound:
        raise
    except BadInput as error:
        return _answer(request, found, form, request.POST, problem=sorry.sentence(error), status=422)
    except DomainError as error:
        return _answer(request, found, form, request.POST, problem=sorry.sentence(error), status=409)
    response = HttpResponseRedirect(url_of(request, found, "order_returned", return_id=done.id))
    response.status_code = 303
    return response


@public(reason=OWN)
@require_safe
@in_shop
def order_returned(request: ShopRequest, number: str, return_id: uuid.UUID) -> HttpResponse:
    """The number, the label, and what has happened since."""
    found = own_order(request, number)
    one = return_desk.get_return(actor=request.shop.actor, return_id=return_id)
    if one.order_id != found.id:
        raise NotFound()
    return render_page(request, "boutique/returned.html", _returned(request, found, one))


@public(reason=OWN)
@require_POST
@in_shop
def order_return_withdraw(request: ShopRequest, number: str, return_id: uuid.UUID) -> HttpResponse:
    """She keeps it after all."""
    found = own_order(request, number)
    one = return_desk.get_return(actor=request.shop.actor, return_id=return_id)
    if one.order_id != found.id:
        raise NotFound()
    returns.withdraw(return_id=return_id, actor=request.shop.actor, at=request.shop.at)
    response = HttpResponseRedirect(url_of(request, found))
    response.status_code = 303
    return response


@public(reason=OWN)
@require_POST
@in_shop
def order_return_exchange(request: ShopRequest, number: str, return_id: uuid.UUID) -> HttpResponse:
    """She pays the difference of her exchange, or returns the piece without one."""
    found = own_order(request, number)
    shop = request.shop
    one = return_desk.get_return(actor=shop.actor, return_id=return_id)
    if one.order_id != found.id:
        raise NotFound()
    url = url_of(request, found, "order_returned", return_id=one.id)
    if request.POST.get("step") == "drop":
        exchanging.drop(return_id=return_id, actor=shop.actor, at=shop.at)
    elif one.awaits_payment is not None:
        made = pay_links.create_for_client(
            order_id=one.awaits_payment, maison_id=shop.maison.id, lasts=PAY_WITHIN, actor=shop.actor, at=shop.at
        )
        url = shop.url("pay", token=made.token)
    response = HttpResponseRedirect(url)
    response.status_code = 303
    return response


def _form(request: ShopRequest, receipt: Receipt) -> ReturnForm:
    phone = exchanging.read_phone(receipt=receipt)
    if not phone and request.shop.client_id is not None:  # an order that came in with an older history
        phone = next(iter(clients.get_own_profile(client_id=request.shop.client_id).phones), "")
    initial = {"key": uuid.uuid4(), "way": COURIER, "phone": phone}
    return ReturnForm(
        request.POST if request.method == "POST" else None,
        addresses=exchanging.list_addresses(receipt=receipt),
        country=receipt.country,
        today=request.shop.today,
        initial=initial,
    )


def _wanted(found: OrderView, given: QueryDict) -> list[WantedReturn]:
    wanted = []
    is_courier = given.get("way") == COURIER
    for line in found.lines:
        if str(line.id) not in given.getlist("back"):
            continue
        number, reason = given.get(f"n.{line.id}", ""), given.get(f"r.{line.id}", "")
        instead, amount = _read_instead(given.get(f"x.{line.id}", "")) if is_courier else (None, None)
        quantity = int(number) if number.isdecimal() and len(number) < 4 else line.quantity - line.returned_quantity
        if instead is not None and quantity != 1:
            raise BadInput(_("Exchange one piece at a time; announce the others after it."))
        wanted.append(
            WantedReturn(
                line_id=line.id,
                quantity=quantity,
                reason=Reason(reason) if reason in REASONS else Reason.NOT_SAID,
                is_unsealed=given.get(f"u.{line.id}") == "1",
                instead=instead,
                instead_amount=amount,
            )
        )
    if not wanted:
        raise BadInput(_("Choose at least one piece."))
    return wanted


def _read_instead(text: str) -> tuple[uuid.UUID | None, int | None]:
    """`REFERENCE:AMOUNT`: the piece she chose and the price she read; nothing for anything else."""
    reference, _colon, amount = text.partition(":")
    try:
        return uuid.UUID(reference), int(amount)
    except ValueError:
        return None, None


def _answer(
    request: ShopRequest, found: OrderView, form: ReturnForm, given: QueryDict, *, problem: str = "", status: int = 200
) -> HttpResponse:
    shop = request.shop
    receipt = returnable.get_receipt(actor=shop.actor, order_id=found.id, on=shop.today)
    way = str(form["way"].value() or COURIER)
    lines = [_choice(request, line, given, receipt) for line in receipt.lines]
    places = [
        (Choice(value=place.code, label=place.name, chosen=way == place.code), place.market_id == shop.market.id)
        for place in shop.boutiques
    ]
    page = return_pages.ReturnPage(
        head=showing.private(_("Return of %(number)s") % {"number": found.number}),
        crumbs=crumbs_of(request, found, _("Return")),
        number=found.number,
        lines=lines,
        may_announce=any(line.is_offered for line in lines),
        ways=[
            Choice(
                value=COURIER,
                label=_("Our courier collects it from you"),
                note=_("with our compliments"),
                chosen=way == COURIER,
            ),
            *(one for one, is_near in places if is_near),
        ],
        further=[one for one, is_near in places if not is_near],
        is_further_chosen=any(one.chosen for one, is_near in places if not is_near),
        form=form,
        url=url_of(request, found, "order_return"),
        contact_url=shop.url("service", topic="contact"),
        problem=problem,
    )
    return render_page(request, "boutique/return.html", page, status=status)


def _choice(
    request: ShopRequest, line: ReturnableLine, given: QueryDict, receipt: Receipt
) -> return_pages.ReturnChoice:
    decision = line.decision
    number, reason = given.get(f"n.{line.line_id}", ""), given.get(f"r.{line.line_id}", Reason.NOT_SAID.value)
    is_offered = line.may_come_back and decision.outcome.is_accepted and not line.open_return
    notes = {
        bool(line.open_return): _("Already announced: %(number)s") % {"number": line.open_number},
        not line.may_come_back and line.out == 0: _("Already returned."),
        not line.may_come_back and line.out > 0: _("Not with you yet."),
    }
    return return_pages.ReturnChoice(
        id=str(line.line_id),
        name=line.model_name,
        form=line.size and _("size %(size)s") % {"size": line.size},
        serial=line.serial,
        code=line.model_code,
        world=line.collection_code,
        amount=line.amount,
        currency=receipt.currency,
        out=line.out,
        quantity=int(number) if number.isdecimal() and len(number) < 4 else line.out,
        is_chosen=str(line.line_id) in given.getlist("back"),
        is_offered=is_offered,
        sentence=decision.client_words(request.shop.language),
        statute=decision.statute if decision.outcome is Outcome.RIGHT else "",
        source_url=decision.source_url,
        asks_seal=line.family == "earrings",
        is_unsealed=given.get(f"u.{line.line_id}") == "1",
        reasons=[
            Choice(value=code.value, label=str(said), chosen=code.value == reason) for code, said in REASONS.items()
        ],
        exchanges=_exchanges(request, receipt, line, given) if is_offered else [],
        note=notes.get(True, ""),
    )


def _exchanges(
    request: ShopRequest, receipt: Receipt, line: ReturnableLine, given: QueryDict
) -> list[tuple[str, list[Choice]]]:
    """What she may take instead: other forms of the piece, and what lies in her bag; each with its difference."""
    shop = request.shop
    bag = [one.reference_id for one in shop.basket.lines] if shop.basket is not None else []
    offers = exchanging.list_offers(receipt=receipt, maison_id=shop.maison.id, line=line, at=shop.at, also=bag)
    chosen, _amount = _read_instead(given.get(f"x.{line.line_id}", ""))
    groups: dict[str, list[Choice]] = {
        _("The same in another size"): [],
        _("The same otherwise"): [],
        _("From your bag"): [],
    }
    sizes, others, bagged = groups.values()
    for one in offers:
        is_same = one.model_name == line.model_name
        group = sizes if is_same and one.material == line.material else others if is_same else bagged
        group.append(
            Choice(
                value=f"{one.reference_id}:{one.amount}",
                label=_offered(request, line, one),
                note=_difference(request, one.balance, receipt.currency),
                chosen=one.reference_id == chosen,
            )
        )
    return [(name, found) for name, found in groups.items() if found]


def _offered(request: ShopRequest, line: ReturnableLine, one: Offer) -> str:
    said = [one.model_name] if one.model_name != line.model_name or not one.size else []
    if one.material != line.material or not one.size:
        said.append(showing.sentence_case(request.shop.text(one.material_name)))
    return ", ".join([*said, *([_("size %(size)s") % {"size": one.size}] if one.size else [])])


def _difference(request: ShopRequest, balance: int, currency: str) -> str:
    if not balance:
        return _("nothing to pay")
    said = showing.amount(abs(balance), currency, request.shop)
    return _("%(amount)s more") % {"amount": said} if balance > 0 else _("%(amount)s back to you") % {"amount": said}


def _exchanged(request: ShopRequest, one: return_desk.ReturnView, line: return_desk.ReturnLineRow) -> str:
    """What is kept for her instead of a line, in one sentence; empty where she asked for none, or it is over."""
    if not line.wanted_name or not (line.is_kept or one.awaits_payment):
        return ""
    wanted = {
        "piece": ", ".join(
            [line.wanted_name, *([_("size %(size)s") % {"size": line.wanted_size}] if line.wanted_size else [])]
        ),
        "difference": _difference(request, line.wanted_balance, one.currency),
    }
    if line.kept_until is not None:
        day = {"day": date_format(line.kept_until, "j F")}
        return _("%(piece)s is kept for you until %(day)s: %(difference)s.") % {**wanted, **day}
    return _("%(piece)s is kept for you: %(difference)s.") % wanted


def _returned(request: ShopRequest, found: OrderView, one: return_desk.ReturnView) -> return_pages.ReturnedPage:
    shop = request.shop
    states: dict[str, tuple[str, Tone]] = {
        "ANNOUNCED": (_("Announced"), "open"),
        "OPEN": (_("Being examined"), "care"),
        "CLOSED": (_("Settled"), "good"),
        "WITHDRAWN": (_("Withdrawn"), "open"),
    }
    state, tone = states[one.state.value]
    place = next((place for place in shop.boutiques if place.id == one.place_id), None)
    return return_pages.ReturnedPage(
        head=showing.private(_("Return %(number)s") % {"number": one.number}),
        crumbs=crumbs_of(request, found, one.number),
        number=one.number,
        order_number=found.number,
        state=state,
        tone=tone,
        lines=[
            (
                line.model_name,
                ngettext(
                    "%(accepted)d of %(quantity)d accepted", "%(accepted)d of %(quantity)d accepted", line.accepted
                )
                % {"accepted": line.accepted, "quantity": line.quantity}
                if line.arrived
                else ngettext("%(quantity)d announced", "%(quantity)d announced", line.quantity)
                % {"quantity": line.quantity},
                str(line.decision["client"].get(shop.language) or line.decision["client"]["en"]),
            )
            for line in one.lines
        ],
        exchanges=[said for line in one.lines if (said := _exchanged(request, one, line))],
        awaits_payment=one.awaits_payment is not None,
        exchange_url=url_of(request, found, "order_return_exchange", return_id=one.id),
        is_courier=one.route is ReturnRoute.COURIER,
        has_arrived=bool(one.arrivals),
        pickup=one.pickup_address,
        pickup_phone=one.pickup_phone,
        pickup_day=spoken_day(one.pickup_date) if one.pickup_date else "",
        is_settled=one.state.value == "CLOSED",
        to=showing.address(place)
        if place
        else (shop.maison.name, _("Returns"), "30, place Vendôme", "75001 Paris", "France"),
        refunds=[
            (
                _("Given back") if refund.state == "REFUNDED" else _("On its way to you"),
                showing.amount(-refund.amount, refund.currency, shop),
            )
            for refund in one.payments
            if refund.amount < 0 and refund.state != "FAILED"
        ],
        deductions=[
            (
                arrival.model_name,
                showing.amount(arrival.deducted_amount, arrival.currency, shop),
                arrival.deduction_reason,
                str(arrival.decision.get("loss_of_value", "")),
            )
            for arrival in one.arrivals
            if arrival.deducted_amount
        ],
        withdraw_url=url_of(request, found, "order_return_withdraw", return_id=one.id)
        if one.state.value == "ANNOUNCED"
        else "",
        order_url=url_of(request, found),
        contact_url=shop.url("service", topic="contact"),
    )


def crumbs_of(request: ShopRequest, found: OrderView, last: str) -> list[Link]:
    shop = request.shop
    crumbs = [Link(label=_("Home"), url=shop.url("home"))]
    if found.client_id:
        crumbs.append(Link(label=_("Your account"), url=shop.url("account")))
    return [*crumbs, Link(label=found.number, url=url_of(request, found)), Link(label=last, url="")]
