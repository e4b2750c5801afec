# ruff: noqa: E501  # SQL reads better on one line here
"""What a letter tells, read when it is written: the order as it is now, whom to write to, in which language.

Plain values only, so that headquarters' previews are written by the same hand from an order that never was.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from vendome.domains.catalogue import queries as catalogue
from vendome.domains.catalogue.types import ReferenceLabel
from vendome.domains.fulfilment.queries import parcels
from vendome.domains.fulfilment.types import ParcelView
from vendome.domains.house import queries as house
from vendome.domains.house.types import MaisonView, MarketView, PlaceView
from vendome.domains.letters.types import LetterKind, OwedLetter
from vendome.domains.orders.queries import placed as orders
from vendome.domains.orders.types import OrderView, ReturnRoute
from vendome.domains.payments.queries import offers, tenders
from vendome.domains.payments.types import PaymentRow, Tender
from vendome.kit import sql
from vendome.kit.errors import NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """To whom a letter goes, and in which language she reads; `is_proven`: the client has shown that the address is hers."""

    email: str
    name: str
    language: str
    is_proven: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ToPay:
    """What is asked for, until when; by a link, by transfer to an account, or on the page of her order."""

    amount: int
    currency: str
    until: datetime | None = None
    link_id: uuid.UUID | None = None
    account: tuple[str, ...] = ()
    until_date: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenBack:
    """Money that goes back, and to which tender."""

    amount: int
    currency: str
    tender: Tender
    is_done: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """A return that is announced. It names no price, and a gift's not the order it came from."""

    id: uuid.UUID
    number: str
    route: ReturnRoute
    place_id: uuid.UUID | None
    lines: tuple[tuple[uuid.UUID, int], ...]  # reference and quantity
    is_gift: bool
    last_date: date | None
    pickup: tuple[str, ...] = ()
    pickup_date: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A piece set aside for her, or offered to her from an allocation (then it has a title and a code)."""

    reference_id: uuid.UUID
    place_id: uuid.UUID
    until: datetime | None
    title: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Everything one letter may read."""

    kind: LetterKind
    maison: MaisonView
    market: MarketView
    places: Mapping[uuid.UUID, PlaceView]
    labels: Mapping[uuid.UUID, ReferenceLabel]
    recipient: Recipient
    at: datetime
    is_unasked: bool = (
        False  # anybody can have it sent, to anybody and unpaid: it says no word that was typed, and seldom
    )
    order: OrderView | None = None
    payments: tuple[PaymentRow, ...] = ()
    line_ids: frozenset[uuid.UUID] = frozenset()  # the lines it is about, where it is about some only
    to_pay: ToPay | None = None
    given_at: datetime | None = None  # when the last of the lines it is about was handed over
    given_back: tuple[GivenBack, ...] = ()
    parcel: ParcelView | None = None
    announced: Announced | None = None
    kept: Kept | None = None


def find_case(*, letter: OwedLetter, at: datetime) -> Case | None:
    """What a letter tells now; None when there is nothing to tell any more, such as a link that is paid already."""
    order = orders.get_order_to_write_about(order_id=letter.order_id) if letter.order_id else None
    found = READ[letter.kind](letter, order, at)
    recipient = find_recipient(client_id=letter.client_id, order_id=letter.order_id)
    if found is None or recipient is None:
        return None
    is_unasked = order is not None and _is_from_anybody(kind=letter.kind, order=order, recipient=recipient)
    if is_unasked:
        recipient = replace(recipient, name="")
    places = {one.id: one for one in house.list_places(maison_id=letter.maison_id)}
    return Case(
        kind=letter.kind,
        is_unasked=is_unasked,
        maison=house.get_maison(maison_id=letter.maison_id),
        market=_market(letter, order, found, places),
        places=places,
        labels=catalogue.label_references(ids=_references(order, found)),
        recipient=recipient,
        at=at,
        order=order,
        payments=tenders.list_own_payments(order_id=order.id) if order else (),
        **found,
    )


def _is_from_anybody(*, kind: LetterKind, order: OrderView, recipient: Recipient) -> bool:
    """Whether whoever filled in the checkout chose who is written to, proved nothing and paid nothing yet."""
    return kind is LetterKind.TRANSFER and order.channel == "web" and not recipient.is_proven


def find_recipient(*, client_id: uuid.UUID | None, order_id: uuid.UUID | None) -> Recipient | None:
    """The address she gave with the order, else the one of her file, proven ones first; None when there is none."""
    contact: dict[str, str] = {}
    if order_id is not None:
        contact = sql.document("SELECT contact FROM orders_order WHERE id = %s", [order_id]) or {}
    client = None
    if client_id is not None:
        client = sql.row(
            "SELECT btrim(c.given_name || ' ' || c.family_name), c.language, (SELECT i.value FROM clients_identifier i "
            "WHERE i.client_id = c.id AND i.kind = 'EMAIL' AND i.ended_at IS NULL "
            "ORDER BY i.attested_at DESC NULLS LAST, i.noted_at DESC LIMIT 1), "
            "ARRAY(SELECT i.value FROM clients_identifier i WHERE i.client_id = ANY (clients_records(c.id)) "
            "AND i.kind = 'EMAIL' AND i.ended_at IS NULL AND i.attested_at IS NOT NULL) FROM clients_client c "
            "WHERE c.id = coalesce((SELECT m.kept_id FROM clients_merge m WHERE m.absorbed_id = %s AND m.undone_at IS NULL), %s)",
            [client_id, client_id],
        )
    email = contact.get("email") or (client[2] if client else "") or ""
    if "@" not in email:
        return None
    name = (client[0] if client else "") or contact.get("name", "")
    language = (client[1] if client else "") or contact.get("language", "")
    proven = client[3] if client else []
    return Recipient(email=email, name=name, language=language, is_proven=email.strip().lower() in proven)


# -- what each kind reads ------------------------------------------------------------------------------------

type Found = dict[str, Any] | None


def _order(letter: OwedLetter, order: OrderView | None, at: datetime) -> Found:
    return {} if order is not None and order.state.value in {"CONFIRMED", "COMPLETED"} else None


def _changed(letter: OwedLetter, order: OrderView | None, at: datetime) -> Found:
    return {} if order is not None else None


def _transfer(letter: OwedLetter, order: OrderView | None, at: datetime) -> Found:
    row = sql.row(
        "SELECT p.amount, p.currency FROM payments_payment p JOIN orders_order o ON o.id = p.order_id AND o.state = 'AWAITING_PAYMENT' "
        "WHERE p.order_id = %s AND p.tender = 'TRANSFER' AND p.state = 'REQUESTED' ORDER BY p.requested_at LIMIT 1",
        [letter.about_id],
    )
    if row is None or order is None:
        return None
    terms = offers.get_offer(market_id=order.market_id, at=order.placed_at)
    last = (order.placed_at + timedelta(days=terms.transfer_days)).date()
    return {"to_pay": ToPay(amount=row[0], currency=row[1], account=tuple(terms.transfer_account), until_date=last)}


def _link(letter: OwedLetter, order: OrderView | None, at: datetime) -> Found:
    row = sql.row(
        "SELECT p.amount, p.currency, l.expires_at, l.id FROM payments_paylink l JOIN payments_payment p ON p.id = l.payment_id "
        "WHERE l.id = %s AND l.state = 'OPEN' AND l.expires_at > %s AND p.state = 'REQUESTED'",
        [letter.about_id, at],
    )
    return {"to_pay": ToPay(amount=row[0], currency=row[1], until=row[2], link_id=row[3])} if row else None


def _exchange(letter: OwedLetter, order: OrderView | None, at: datetime) -> Found:
    row = sql.row(
        "SELECT p.amount, p.currency, (SELECT min(h.expires_at) FROM stock_hold h JOIN orders_orderline l ON l.hold_id = h.id "
        "WHERE l.order_id = o.id AND h.state = 'ACTIVE') FROM orders_order o JOIN payments_payment p ON p.order_id = o.id "
        "WHERE o.id = %s AND o.state = 'AWAITING_PAYMENT' AND p.state = 'REQUESTED' AND p.amount > 0 LIMIT 1",
        [letter.about_id],
    )
    return {"to_pay": ToPay(amount=row[0], currency=row[1], until=row[2])} if row else None


def _lines(letter: OwedLetter, order: OrderView | None, at: datetime) -> Found:
    """The line it is about, and those that joined it; they alone, where it has gone on by itself meanwhile."""
    found = sql.rows(
        "SELECT l.id FROM orders_orderline l WHERE l.order_id = %s AND l.state = %s AND l.direction = 'OUT' AND l.mode = ANY (%s) "
        "AND (l.id = %s OR NOT EXISTS (SELECT FROM letters_letter x WHERE x.kind = %s AND x.about_id = l.id))",
        [
            letter.order_id,
            letter.kind.value,
            ["COLLECT", "DELIVER"] if letter.kind is LetterKind.CANCELLED else ["COLLECT"],
            letter.about_id,
            letter.kind.value,
        ],
    )
    ids = frozenset(one for (one,) in found)
    return {"line_ids": ids} if ids else None


def _later(letter: OwedLetter, order: OrderView | None, at: datetime) -> Found:
    """The line that the hold keeps; once it is kept elsewhere, another letter tells of that."""
    row = sql.row(
        "SELECT id FROM orders_orderline WHERE order_id = %s AND hold_id = %s AND state IN ('HELD', 'ON_THE_WAY')",
        [letter.order_id, letter.about_id],
    )
    return {"line_ids": frozenset(row)} if row else None


def _handed_over(letter: OwedLetter, order: OrderView | None, at: datetime) -> Found:
    found = _lines(letter, order, at)
    if found is None:
        return None
    ids = list(found["line_ids"])
    given = sql.value("SELECT max(h.at) FROM fulfilment_handover h WHERE h.order_line_id = ANY (%s)", [ids])
    return {**found, "given_at": given}


def _cancelled(letter: OwedLetter, order: OrderView | None, at: datetime) -> Found:
    found = _lines(letter, order, at)
    if found is None:
        return None
    rows = sql.rows(
        "SELECT -p.amount, p.currency, p.tender, p.state = 'REFUNDED' FROM payments_payment p "
        "WHERE p.amount < 0 AND p.state <> 'FAILED' AND p.tender <> 'CREDIT' AND p.order_id IN ("
        "SELECT x.order_id FROM orders_orderline x WHERE x.returned_line_id = ANY (%s)) ORDER BY p.requested_at, p.id",
        [list(found["line_ids"])],
    )
    back = tuple(GivenBack(amount=row[0], currency=row[1], tender=Tender(row[2]), is_done=row[3]) for row in rows)
    return {**found, "given_back": back}


def _parcel(letter: OwedLetter, order: OrderView | None, at: datetime) -> Found:
    if letter.order_id is None:
        return None
    its = (one for one in parcels.list_parcels_of_order(order_id=letter.order_id) if one.id == letter.about_id)
    found = next(its, None)
    return {"parcel": found} if found else None


def _refund(letter: OwedLetter, order: OrderView | None, at: datetime) -> Found:
    row = sql.row("SELECT -amount, currency, tender FROM payments_payment WHERE id = %s", [letter.about_id])
    return {"given_back": (GivenBack(amount=row[0], currency=row[1], tender=Tender(row[2])),)} if row else None


def _return(letter: OwedLetter, order: OrderView | None, at: datetime) -> Found:
    row = sql.row(
        "SELECT number, route, place_id, is_gift, pickup_address, pickup_date FROM orders_return WHERE id = %s AND state = 'ANNOUNCED'",
        [letter.about_id],
    )
    if row is None:
        return None
    lines = sql.rows(
        "SELECT l.reference_id, y.quantity, y.decision->>'last_day' FROM orders_returnline y "
        "JOIN orders_orderline l ON l.id = y.sold_line_id WHERE y.case_id = %s ORDER BY y.position",
        [letter.about_id],
    )
    days = [date.fromisoformat(day) for _reference, _quantity, day in lines if day]
    announced = Announced(
        id=letter.about_id,
        number=row[0],
        route=ReturnRoute(row[1]),
        place_id=row[2],
        lines=tuple((reference, quantity) for reference, quantity, _day in lines),
        is_gift=row[3],
        last_date=min(days, default=None),
        pickup=tuple(row[4]),
        pickup_date=row[5],
    )
    return {"announced": announced}


def _kept(letter: OwedLetter, order: OrderView | None, at: datetime) -> Found:
    row = sql.row(
        "SELECT reference_id, place_id, expires_at FROM stock_hold WHERE id = %s AND state = 'ACTIVE' "
        "AND (expires_at IS NULL OR expires_at > %s)",
        [letter.about_id, at],
    )
    return {"kept": Kept(reference_id=row[0], place_id=row[1], until=row[2])} if row else None


def _offer(letter: OwedLetter, order: OrderView | None, at: datetime) -> Found:
    row = sql.row(
        "SELECT a.reference_id, a.place_id, e.until_at, a.title, a.code FROM stock_entry e "
        "JOIN stock_allocation a ON a.id = e.allocation_id WHERE e.hold_id = %s AND e.client_id = %s AND e.state = 'OFFERED' "
        "AND (e.until_at IS NULL OR e.until_at > %s)",
        [letter.about_id, letter.client_id, at],
    )
    if row is None:
        return None
    return {"kept": Kept(reference_id=row[0], place_id=row[1], until=row[2], title=row[3], code=row[4])}


READ = {
    LetterKind.ORDER: _order,
    LetterKind.TRANSFER: _transfer,
    LetterKind.PAY_LINK: _link,
    LetterKind.READY: _lines,
    LetterKind.HANDED_OVER: _handed_over,
    LetterKind.SENT: _parcel,
    LetterKind.DELIVERED: _parcel,
    LetterKind.CANCELLED: _cancelled,
    LetterKind.CHANGED: _changed,
    LetterKind.LATER: _later,
    LetterKind.RETURN: _return,
    LetterKind.REFUND: _refund,
    LetterKind.EXCHANGE_DUE: _exchange,
    LetterKind.SET_ASIDE: _kept,
    LetterKind.OFFER: _offer,
}


def _references(order: OrderView | None, found: Mapping[str, Any]) -> set[uuid.UUID]:
    ids = {line.reference_id for line in order.lines} if order else set()
    if announced := found.get("announced"):
        ids |= {reference for reference, _quantity in announced.lines}
    if kept := found.get("kept"):
        ids.add(kept.reference_id)
    return ids


def _market(
    letter: OwedLetter, order: OrderView | None, found: Mapping[str, Any], places: Mapping[uuid.UUID, PlaceView]
) -> MarketView:
    """Where she bought; without an order, where she lives if the house sells there, else where the piece is."""
    markets: Sequence[MarketView] = house.list_markets(maison_id=letter.maison_id)
    if order is not None:
        return next(one for one in markets if one.id == order.market_id)
    home = sql.value("SELECT home_country FROM clients_client WHERE id = %s", [letter.client_id])
    about: Announced | Kept = found.get("announced") or found["kept"]
    place = places.get(about.place_id) if about.place_id else None
    its = place.market_id if place else None
    for wanted in (lambda one: one.country == home, lambda one: one.id == its, lambda one: True):
        if chosen := next((one for one in markets if wanted(one)), None):
            return chosen
    raise NotFound()
