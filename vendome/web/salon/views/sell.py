"""A sale at the counter: what stands here free is sold to take away, once."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from vendome.domains.catalogue import queries as catalogue
from vendome.domains.catalogue.types import ReferenceLabel
from vendome.domains.clients import queries as clients
from vendome.domains.house import queries as house
from vendome.domains.house.types import MarketView
from vendome.domains.orders.queries import placed as orders
from vendome.domains.orders.types import Direction, LineState, Mode, OrderLineView, OrderState, OrderView
from vendome.domains.payments.errors import DepositOutOfRange, GiftCardUnknown, TooManyCodes
from vendome.domains.payments.queries import tenders as payments
from vendome.domains.payments.types import PaymentState, Tender
from vendome.domains.people import permissions
from vendome.domains.people import queries as people
from vendome.domains.pricing import queries as pricing
from vendome.domains.pricing.types import PriceView
from vendome.domains.stock.queries import shelf as stock
from vendome.domains.stock.types import FoundPiece, PieceRow, PieceState
from vendome.flows import checkout, gift_cards, paying
from vendome.flows.kept import list_kept
from vendome.flows.types import PlacedOrder, TenderGiven, WantedLine
from vendome.kit import clock
from vendome.kit.errors import BodyChanged, DomainError, NotFound
from vendome.kit.htmx import render_page
from vendome.web.components import money
from vendome.web.components.frames import Link
from vendome.web.salon import pages, words
from vendome.web.salon.choosing import Kept, address, chooser, chosen_client, uuid_or_none
from vendome.web.salon.forms import LINK, SaleForm, new_key
from vendome.web.salon.frame import SalonRequest, salon
from vendome.web.salon.till import LINK_SECONDS, market_at, market_of, tender_of
from vendome.web.salon.views.payments import answer_with_link

MOST_LINES = 12
MOST_SHOWN = 12
MOST_LOOKED_AT = 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """One line of the sale as the address carries it: `REFERENCE`, or `REFERENCE.PIECE`."""

    reference_id: uuid.UUID
    piece_id: uuid.UUID | None

    def __str__(self) -> str:
        return f"{self.reference_id}.{self.piece_id}" if self.piece_id else str(self.reference_id)


@dataclass(frozen=True, slots=True)
class Shelf:
    """What is known of the references on the page: names, prices, what she may buy here, and what is free elsewhere."""

    labels: Mapping[uuid.UUID, ReferenceLabel]
    prices: Mapping[uuid.UUID, PriceView]
    pieces: Mapping[uuid.UUID, tuple[PieceRow, ...]]
    free: Mapping[uuid.UUID, tuple[int, int]]
    hers: frozenset[uuid.UUID]  # pieces kept for the client of this sale, or references that are only counted


@require_http_methods(["GET", "HEAD", "POST"])
@salon(permissions.ORDERS_SELL, section="sell")
def sell(request: SalonRequest) -> HttpResponse:
    """Find, choose, take the payment, confirm."""
    given = request.POST if request.method == "POST" else request.GET
    wanted, chosen = _wanted(given), chosen_client(request, given)
    market = market_of(request)
    if request.method != "POST":
        form = SaleForm(initial={"key": new_key()} | SaleForm.typed(request.GET), currency=market.currency)
        return _answer(request, wanted, chosen, market, form)
    form = SaleForm(request.POST, currency=market.currency)
    if not form.is_valid():
        return _answer(request, wanted, chosen, market, form, status=422)
    try:
        tenders = _tenders(request, form, total=_total(request, wanted, market))
        if form.errors or _lacks_slip(form, tenders):
            return _answer(request, wanted, chosen, market, form, status=422)
        placed = _place(request, wanted, chosen[0], market, form.cleaned_data, tenders)
    except (GiftCardUnknown, TooManyCodes) as error:
        form.add_error("gift_code", _(error.message))
        return _answer(request, wanted, chosen, market, form, status=422)
    except DepositOutOfRange as error:
        form.add_error("deposit", _deposit_problem(error, market))
        return _answer(request, wanted, chosen, market, form, status=422)
    except BodyChanged:
        problem = _(
            "This sale was recorded before and has been changed since. Look at today’s orders, then begin anew."
        )
        return _answer(request, wanted, chosen, market, form, problem=problem, status=409)
    except NotFound:
        raise
    except DomainError as error:
        return _answer(request, wanted, chosen, market, form, problem=_(error.message), status=409)
    if form.cleaned_data["tender"] == LINK and placed.state is OrderState.AWAITING_PAYMENT:
        return answer_with_link(request, order_id=placed.id, key=form.cleaned_data["key"])
    is_whole = placed.state is not OrderState.AWAITING_PAYMENT and placed.due_amount == placed.total_amount
    return HttpResponseRedirect(
        reverse("salon:receipt" if is_whole else "salon:payments", args=[placed.id]), status=303
    )


@require_safe
@salon(permissions.ORDERS_VIEW, section="sell")
def receipt(request: SalonRequest, order_id: uuid.UUID) -> HttpResponse:
    """What she takes with her on paper; with `gift`, the paper that lies with a present."""
    order = orders.get_order(actor=request.actor, order_id=order_id)
    labels = catalogue.label_references(ids={line.reference_id for line in order.lines})
    paid = payments.list_payments(actor=request.actor, order_id=order_id)
    names = clients.client_names(ids={order.client_id}) if order.client_id else {}
    staff = people.staff_names(ids={order.advisor_id}) if order.advisor_id else {}
    place = house.get_place(maison_id=request.place.maison_id, place_id=order.place_id or request.place.id)
    market = market_at(place)
    may_read = order.client_id is not None and request.actor.may(permissions.CLIENTS_READ)
    is_alive = order.state is not OrderState.CANCELLED
    missing = paying.get_open(actor=request.actor, order_id=order_id).missing_amount if is_alive else 0
    may_sell = request.actor.may(permissions.ORDERS_SELL)
    given = [line for line in order.lines if line.direction is Direction.OUT and line.state not in NOT_GIVEN]
    is_gift = request.GET.get("gift") == "1" and bool(given)
    here = reverse("salon:receipt", args=[order_id])
    page = pages.ReceiptPage(
        number=order.number,
        at=order.placed_at,
        house=house.get_maison(maison_id=place.maison_id).name,
        place=place.name,
        address=(*place.address, f"{place.postcode} {place.city}".strip()),
        client=names.get(order.client_id, "") if order.client_id else order.contact_name,
        card_url=reverse("salon:client", args=[order.client_id]) if may_read else "",
        advisor=staff.get(order.advisor_id, "") if order.advisor_id else "",
        lines=[
            pages.ReceiptLine(
                name=labels[line.reference_id].model_name,
                form=words.form_of(labels[line.reference_id].material, labels[line.reference_id].size),
                sku=labels[line.reference_id].sku,
                serial=line.serial,
                quantity=line.quantity,
                amount=line.amount if line.direction is Direction.OUT else -line.amount,
                way=_way(request, line),
            )
            for line in (given if is_gift else order.lines)
        ]
        or [_card_sold(order)],
        currency=order.currency,
        total=order.total_amount,
        tax=order.tax_amount,
        tax_name=market.tax_name,
        tenders=[pages.ReceiptTender(how=words.said(words.TENDERS, one.tender.value), reference=one.provider_reference,
                                     amount=one.amount, is_done=one.state is not PaymentState.REQUESTED)
                 for one in paid
                 if one.state in (PaymentState.CAPTURED, PaymentState.REFUNDED)
                 or (one.is_refund and one.state is PaymentState.REQUESTED)],
        is_paid=order.state in (OrderState.CONFIRMED, OrderState.COMPLETED),
        missing=missing,
        payments_url=reverse("salon:payments", args=[order_id]) if missing and may_sell else "",
        related=[
            Link(
                label=words.said(words.RELATIONS, one.relation.value) % {"number": one.number},
                url=reverse("salon:receipt", args=[one.id]),
            )
            for one in orders.list_related(actor=request.actor, order_id=order_id)
        ],
        is_gift=is_gift,
        other_url=(here if is_gift else f"{here}?gift=1") if given else "",
    )  # fmt: skip
    return render_page(request, "salon/receipt.html", page)


def _card_sold(order: OrderView) -> pages.ReceiptLine:
    """An order without lines is a gift card that was sold."""
    return pages.ReceiptLine(
        name=_("Gift card"), form="", sku="", serial="", quantity=1, amount=order.total_amount, way=""
    )


NOT_GIVEN = (LineState.CANCELLED, LineState.RETURNED)


def _way(request: SalonRequest, line: OrderLineView) -> str:
    """How she will receive what she does not carry away: a paper without it would promise nothing."""
    if line.direction is not Direction.OUT or not line.state.is_open:
        return ""
    day = date_format(line.promised_date, "l j F Y") if line.promised_date else ""
    if line.mode is Mode.DELIVER:
        return _("Sent to you, there by %(day)s") % {"day": day} if day else _("Sent to you")
    if line.mode is not Mode.COLLECT or line.place_id is None:
        return ""
    place = house.get_place(maison_id=request.place.maison_id, place_id=line.place_id).name
    if not day:
        return _("Kept for you in %(place)s") % {"place": place}
    return _("Kept for you in %(place)s, from %(day)s") % {"place": place, "day": day}


def _place(
    request: SalonRequest,
    wanted: Sequence[Wanted],
    client_id: uuid.UUID | None,
    market: MarketView,
    given: Mapping[str, Any],
    tenders: Sequence[TenderGiven],
) -> PlacedOrder:
    name = given["guest_name"].strip()
    stays = given["deposit"] is not None or any(not one.is_settled and one.card_id is None for one in tenders)
    return checkout.place_order(
        key=given["key"],
        maison=house.get_maison(maison_id=request.place.maison_id),
        market=market,
        channel="boutique",
        lines=[
            WantedLine(
                reference_id=one.reference_id,
                mode=Mode.COLLECT if stays else Mode.TAKE_AWAY,
                place_id=request.place.id,
                piece_id=one.piece_id,
            )
            for one in wanted
        ],
        tenders=tenders,
        due_amount=given["deposit"],
        keep_seconds=LINK_SECONDS,
        client_id=client_id,
        advisor_id=request.actor.id,
        selling_place_id=request.place.id,
        contact={"name": name} if name and client_id is None else {},
        expected_total_amount=given["seen_total"],
        actor=request.actor,
        at=clock.now(),
    )


def _deposit_problem(error: DepositOutOfRange, market: MarketView) -> str:
    """What a deposit may be here, in figures."""
    told = error.details()
    least, total = (_said(told[name], market) for name in ("least_amount", "total_amount"))
    return _("A deposit is at least %(least)s here, and at most the total of %(total)s.") % {
        "least": least,
        "total": total,
    }


def _said(amount: int, market: MarketView) -> str:
    return money.written(amount, market.currency, get_language() or "en")


def _tenders(request: SalonRequest, form: SaleForm, *, total: int) -> list[TenderGiven]:
    """A code and cash first, each what it can; the tender that was chosen takes the rest, if there is one.

    More cash than is left to pay is an error of the form: nothing is taken that the sale does not ask for.
    """
    given = form.cleaned_data
    due = given["deposit"] if given["deposit"] is not None else total
    found: list[TenderGiven] = []
    if code := given["gift_code"].strip():
        card = gift_cards.find_card(
            code=code, scope=request.actor.label, maison_id=request.place.maison_id, at=clock.now()
        )
        amount = min(card.balance, due)
        if amount > 0:
            found.append(gift_cards.read_as_tender(card=card, amount=amount))
            due -= amount
    if (cash := given["cash_part"]) is not None and cash > due:
        left = _said(due, market_of(request))
        form.add_error("cash_part", _("Only %(left)s is left to pay in cash; write that, or less.") % {"left": left})
    elif cash is not None:
        found.append(TenderGiven(tender=Tender.CASH, provider="till", is_settled=True, amount=cash))
        due -= cash
    if due > 0 or not found:
        found.append(tender_of(given))
    return found


def _lacks_slip(form: SaleForm, tenders: Sequence[TenderGiven]) -> bool:
    """Whether the terminal has something to take and its slip is not written; what a card covers wants no slip."""
    if not any(one.tender is Tender.TERMINAL and not one.reference for one in tenders):
        return False
    if form.cleaned_data["gift_code"].strip() and not any(one.card_id for one in tenders):
        said = _("Nothing is left on it. If this sale was just recorded, it is among today’s orders: look there first.")
        form.add_error("gift_code", said)
    form.add_error("reference", _("Write the reference printed on the slip, or choose cash."))
    return True


def _total(request: SalonRequest, wanted: Sequence[Wanted], market: MarketView) -> int:
    """What the page showed; the order prices its lines again, and tenders that do not fit are refused there."""
    prices = pricing.list_prices(
        market_id=market.id,
        reference_ids=[one.reference_id for one in wanted],
        day=timezone.localtime(clock.now()).date(),
    )
    known = [prices[one.reference_id] for one in wanted if one.reference_id in prices]
    return sum(price.amount + (0 if price.is_tax_included else price.tax_amount) for price in known)


def _answer(
    request: SalonRequest,
    wanted: Sequence[Wanted],
    chosen: tuple[uuid.UUID | None, str],
    market: MarketView,
    form: SaleForm,
    *,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    page = _page(request, wanted, chosen, market, form, problem)
    return render_page(request, "salon/sell.html", page, frozenset({"findings", "who-found"}), status=status)


def _page(
    request: SalonRequest,
    wanted: Sequence[Wanted],
    chosen: tuple[uuid.UUID | None, str],
    market: MarketView,
    form: SaleForm,
    problem: str,
) -> pages.SellPage:
    query = request.GET.get("q", "").strip()[:200]
    piece, labels = _find(request, query)
    client_id, _name = chosen
    shelf = _shelf(request, market, {one.reference_id for one in wanted}, labels, client_id)
    lines: list[tuple[str, str]] = [("line", str(one)) for one in wanted]
    kept = [*lines, ("client", str(client_id))] if client_id else lines
    sold = [_line(request, shelf, wanted, n, kept) for n in range(len(wanted))]
    prices = [shelf.prices[one.reference_id] for one in wanted if one.reference_id in shelf.prices]
    tax = sum(price.tax_amount for price in prices)
    serial = (piece.serial, piece.id) if piece and _is_free(request, piece) else None
    is_included = all(price.is_tax_included for price in prices)
    return pages.SellPage(
        query=query,
        findings=[_finding(request, shelf, label, wanted, kept, serial) for label in _nearest(shelf, labels)],
        is_asked=len(query) >= 2,
        scanned="" if piece is None or serial or piece.id in shelf.hers else _why_not(request, piece),
        lines=sold,
        chooser=chooser(request, chosen=chosen, kept=lines),
        currency=market.currency,
        total=sum(price.amount + (0 if price.is_tax_included else price.tax_amount) for price in prices),
        tax=tax,
        tax_name=market.tax_name,
        is_tax_included=is_included,
        can_confirm=bool(sold) and all(line.is_free and line.amount is not None for line in sold),
        form=form,
        kept=kept,
        problem=problem,
    )


def _find(request: SalonRequest, query: str) -> tuple[FoundPiece | None, list[ReferenceLabel]]:
    """What was typed or scanned: a serial number, else references by SKU, name, material and size."""
    if len(query) < 2:
        return None, []
    piece = stock.find_piece(actor=request.actor, serial=query) if any(map(str.isdigit, query)) else None
    if piece is not None:
        return piece, list(catalogue.label_references(ids={piece.reference_id}).values())
    maison_id = request.place.maison_id
    found = list(catalogue.find_references(maison_id=maison_id, text=query, limit=MOST_LOOKED_AT))
    return None, found or list(catalogue.search_references(maison_id=maison_id, text=query, limit=MOST_LOOKED_AT))


def _is_free(request: SalonRequest, piece: FoundPiece) -> bool:
    return piece.place_id == request.place.id and piece.state is PieceState.IN_STOCK and not piece.is_held


def _why_not(request: SalonRequest, piece: FoundPiece) -> str:
    """Why the very piece under the scanner cannot be sold now; what is free of its kind stands below."""
    if piece.state is PieceState.WITH_CLIENT:
        why = _("has been sold. To take it back, begin a return")
    elif not piece.state.is_standing:
        why = _("is not on sale: the books say it is lost, written off or in a workshop")
    elif piece.place_id != request.place.id:
        place = house.get_place(maison_id=request.place.maison_id, place_id=piece.place_id)
        why = _("is in %(place)s, as the books say. Ask the manager if it lies before you") % {"place": place.name}
    elif piece.state is PieceState.IN_STOCK:
        why = _("is promised: to an order, a transfer, or set aside for a client")
    else:
        why = _("is off sale until it has been examined")
    return f"{piece.serial} {why}."


def _nearest(shelf: Shelf, labels: Sequence[ReferenceLabel]) -> list[ReferenceLabel]:
    """What stands here first, then what stands elsewhere; the rest as the house shows it."""

    def distance(label: ReferenceLabel) -> int:
        here, elsewhere = shelf.free.get(label.id, (0, 0))
        return 0 if here else 1 if elsewhere else 2

    return sorted(labels, key=distance)[:MOST_SHOWN]


def _shelf(
    request: SalonRequest,
    market: MarketView,
    ids: set[uuid.UUID],
    found: Sequence[ReferenceLabel],
    client_id: uuid.UUID | None,
) -> Shelf:
    labels = {label.id: label for label in found}
    if ids - labels.keys():
        labels |= catalogue.label_references(ids=ids - labels.keys())
    day = timezone.localtime(clock.now()).date()
    if not labels:
        return Shelf({}, {}, {}, {}, frozenset())
    known = list(labels)
    hers = [
        one
        for one in list_kept(client_id=client_id, reference_ids=known, at=clock.now())
        if one.place_id == request.place.id and one.quantity == 1
    ]
    pieces = dict(stock.list_free_pieces(actor=request.actor, place_id=request.place.id, reference_ids=known))
    free = dict(stock.free_here_and_elsewhere(actor=request.actor, place_id=request.place.id, reference_ids=known))
    for one in reversed(hers):  # what is kept for her is hers to buy, before any other
        here, elsewhere = free.get(one.reference_id, (0, 0))
        free[one.reference_id] = (here + 1, elsewhere)
        if one.piece_id:
            row = PieceRow(id=one.piece_id, serial=one.serial, epc="", state=PieceState.IN_STOCK, is_held=True)
            pieces[one.reference_id] = (row, *pieces.get(one.reference_id, ()))
    return Shelf(
        labels,
        pricing.list_prices(market_id=market.id, reference_ids=known, day=day),
        pieces,
        free,
        frozenset(one.piece_id or one.reference_id for one in hers),
    )


def _finding(
    request: SalonRequest,
    shelf: Shelf,
    label: ReferenceLabel,
    wanted: Sequence[Wanted],
    kept: Kept,
    scanned: tuple[str, uuid.UUID] | None,
) -> pages.Finding:
    taken = {one.piece_id for one in wanted}
    here, elsewhere = shelf.free.get(label.id, (0, 0))
    pieces = [piece for piece in shelf.pieces.get(label.id, ()) if piece.id not in taken]
    if scanned:
        pieces = [piece for piece in pieces if piece.id == scanned[1]]
    if label.is_serialised:
        add = Wanted(label.id, pieces[0].id) if pieces else None
    else:
        left = here - sum(one.reference_id == label.id for one in wanted)
        add = Wanted(label.id, None) if left > 0 else None
    price = shelf.prices.get(label.id)
    can_add = add is not None and price is not None and len(wanted) < MOST_LINES
    return pages.Finding(
        name=label.model_name,
        form=words.form_of(label.material, label.size),
        sku=label.sku,
        code=label.model_code,
        world=words.world_of(label.model_code),
        serial=scanned[0] if scanned and pieces else "",
        amount=price.amount if price else None,
        currency=price.currency if price else "",
        here=here,
        elsewhere=elsewhere,
        is_kept=add is not None and (add.piece_id or add.reference_id) in shelf.hers,
        add_url=address(request, [("line", str(add)), *kept]) if can_add else "",
        find_url=_find_url(label.id, kept),
    )


def _find_url(reference_id: uuid.UUID, kept: Kept) -> str:
    """Where else it stands, for the client of this sale."""
    client = urlencode([pair for pair in kept if pair[0] == "client"])
    return reverse("salon:find", args=[reference_id]) + (f"?{client}" if client else "")


def _line(request: SalonRequest, shelf: Shelf, wanted: Sequence[Wanted], n: int, kept: Kept) -> pages.SaleLine:
    one = wanted[n]
    label = shelf.labels.get(one.reference_id)
    price = shelf.prices.get(one.reference_id)
    pieces = {piece.id: piece.serial for piece in shelf.pieces.get(one.reference_id, ())}
    if label is not None and label.is_serialised:
        is_free = one.piece_id in pieces
    else:
        same = sum(other.reference_id == one.reference_id for other in wanted)
        is_free = shelf.free.get(one.reference_id, (0, 0))[0] >= same
    return pages.SaleLine(
        name=label.model_name if label else _("Unknown piece"),
        form=words.form_of(label.material, label.size) if label else "",
        serial=pieces.get(one.piece_id, "") if one.piece_id else "",
        code=label.model_code if label else "",
        world=words.world_of(label.model_code) if label else "",
        amount=(price.amount + (0 if price.is_tax_included else price.tax_amount)) if price else None,
        remove_url=address(request, [pair for m, pair in enumerate(kept) if m != n]),
        is_free=is_free,
        is_kept=(one.piece_id or one.reference_id) in shelf.hers,
    )


def _wanted(given: QueryDict) -> list[Wanted]:
    """The lines an address or form carries; what cannot be read is left out, a piece is taken once."""
    found: list[Wanted] = []
    for text in given.getlist("line")[:MOST_LINES]:
        reference, _dot, piece = text.partition(".")
        reference_id, piece_id = uuid_or_none(reference), uuid_or_none(piece)
        one = Wanted(reference_id, piece_id) if reference_id else None
        if one is not None and not (one.piece_id and one in found):
            found.append(one)
    return found
