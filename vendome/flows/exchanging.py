"""What a client sends back by courier, she exchanges while she announces it: chosen, priced, kept for her (ADR 0022).

The new piece is held from the announcement on, and leaves once hers was examined and accepted: then one document holds
both, with one balance (flows_inspect).
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from vendome.domains.catalogue import queries as catalogue
from vendome.domains.orders.errors import PreviewOutdated
from vendome.domains.orders.policy.types import Reason
from vendome.domains.pricing import queries as pricing
from vendome.domains.pricing.errors import NoPrice
from vendome.domains.pricing.types import PriceView
from vendome.domains.stock.errors import OutOfStock
from vendome.flows import paying, returnable
from vendome.flows.returnable import Receipt, ReturnableLine
from vendome.kit import outbox, sql
from vendome.kit.actors import Actor
from vendome.kit.errors import BadInput, NotFound
from vendome.kit.ids import new_id

KEPT = timedelta(days=14)
"""How long the new piece is kept while hers is on its way; once hers has arrived, until it is decided on."""
PAY_WITHIN = timedelta(days=7)
"""How long it is kept while she pays the difference."""
MOST_ADDRESSES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedReturn:
    """A line she wants to return. `is_unsealed`: the hygiene seal of pierced earrings is broken.

    `instead`: what she takes in exchange, one piece for one, at the price she has read (`instead_amount`).
    """

    line_id: uuid.UUID
    quantity: int = 1
    reason: Reason = Reason.NOT_SAID
    is_unsealed: bool = False
    instead: uuid.UUID | None = None
    instead_amount: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pickup:
    """Where the courier comes to: as on an envelope, the country last; whom to call, and the day she would like."""

    address: tuple[str, ...]
    phone: str = ""
    day: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A piece she may take instead of one line, priced today. `balance` above zero is to pay, below zero goes back."""

    reference_id: uuid.UUID
    model_name: str
    material: str
    material_name: Mapping[str, str]
    size: str
    amount: int
    balance: int


def list_offers(
    *, receipt: Receipt, maison_id: uuid.UUID, line: ReturnableLine, at: datetime, also: Collection[uuid.UUID] = ()
) -> tuple[Offer, ...]:
    """The other forms of this model, and the references `also` named, that can be sent to her now, as priced today."""
    model = catalogue.get_model(maison_id=maison_id, code=line.model_code)
    ids = [one.id for one in model.references if one.id != line.reference_id]
    ids += [one for one in also if one not in ids and one != line.reference_id]
    prices = pricing.list_prices(market_id=receipt.market_id, reference_ids=ids, day=at.date())
    labels = catalogue.label_references(ids=set(ids), maison_id=maison_id)
    sent = {
        row[0]
        for row in sql.rows(
            "SELECT reference_id FROM flows_best_sources(%s::uuid[], 1, %s, %s, '{DELIVER}', NULL, NULL, NULL, %s, %s, "
            "'{}', '{}')",
            [ids, maison_id, receipt.market_id, receipt.channel, at.date()],
        )
    }
    return tuple(
        Offer(
            reference_id=one,
            model_name=labels[one].model_name,
            material=labels[one].material,
            material_name=labels[one].material_name,
            size=labels[one].size,
            amount=_due(prices[one]),
            balance=_due(prices[one]) - line.amount // line.quantity,
        )
        for one in ids
        if one in prices and one in labels and one in sent
    )


def list_addresses(*, receipt: Receipt) -> tuple[tuple[str, ...], ...]:
    """Where the house has sent this client something in this market, this order's first. The caller has shown that the
    order is hers."""
    return _addresses(receipt.order_id, receipt.client_id, receipt.market_id)


def list_addresses_of_client(*, client_id: uuid.UUID, market_id: uuid.UUID) -> tuple[tuple[str, ...], ...]:
    """Where the house has sent her something in this market, the last first. The caller has opened her file."""
    return _addresses(None, client_id, market_id)


def _addresses(
    order_id: uuid.UUID | None, client_id: uuid.UUID | None, market_id: uuid.UUID
) -> tuple[tuple[str, ...], ...]:
    rows = sql.rows(
        "SELECT o.delivery_address FROM orders_order o WHERE (o.id = %s OR o.client_id = %s) AND o.market_id = %s "
        "AND cardinality(o.delivery_address) > 1 GROUP BY 1 "
        "ORDER BY coalesce(bool_or(o.id = %s), false) DESC, max(o.placed_at) DESC LIMIT %s",
        [order_id, client_id, market_id, order_id, MOST_ADDRESSES],
    )
    return tuple(tuple(row[0]) for row in rows)


def read_phone(*, receipt: Receipt) -> str:
    """The number she gave with the order, for the courier who calls."""
    return str(sql.value("SELECT coalesce(contact->>'phone', '') FROM orders_order WHERE id = %s", [receipt.order_id]))


def read_pickup(*, order_id: uuid.UUID, pickup: Pickup | None, is_gift: bool) -> Pickup:
    """Where the courier comes to: as she said, else where the order was sent. Raises BadInput where nobody knows.

    A gift is fetched from who was given it: nothing of the giver's is taken for hers.
    """
    row = (
        None
        if is_gift
        else sql.row(
            "SELECT delivery_address, coalesce(contact->>'phone', '') FROM orders_order WHERE id = %s", [order_id]
        )
    )
    sent_to, phone = row or ((), "")
    if pickup is None:
        pickup = Pickup(address=tuple(sent_to), phone=phone)
    lines = tuple(part.strip()[:120] for part in pickup.address if part.strip())
    if not 2 <= len(lines) <= 8:
        raise BadInput("Say where our courier comes to: name, street, town and country.")
    return replace(pickup, address=lines, phone=(pickup.phone.strip() or phone)[:40])


def read_wanted(
    *,
    receipt: Receipt,
    maison_id: uuid.UUID,
    line: ReturnableLine,
    wanted: WantedReturn,
    is_possible: bool,
    at: datetime,
) -> dict[str, Any]:
    """What the announcement keeps of the piece she takes instead: who sends it, its price, and a hold to be made.

    `is_possible`: a courier fetches hers, and it is not a gift. Raises BadInput, NoPrice, PreviewOutdated, OutOfStock.
    """
    if wanted.instead is None:
        return {}
    if not is_possible:
        raise BadInput("An exchange is announced for what our courier collects; at a boutique it is made there.")
    if wanted.quantity != 1:
        raise BadInput("Exchange one piece at a time; announce the others after it.")
    if wanted.instead == line.reference_id:
        raise BadInput("Choose another piece or size than the one you send back.")
    prices = pricing.list_prices(market_id=receipt.market_id, reference_ids=[wanted.instead], day=at.date())
    price = prices.get(wanted.instead)
    if price is None:
        raise NoPrice(reference_id=str(wanted.instead))
    if wanted.instead_amount is not None and wanted.instead_amount != _due(price):
        raise PreviewOutdated()
    place_id = _sender(receipt, maison_id, wanted.instead, at)
    if place_id is None:
        raise OutOfStock(reference_id=str(wanted.instead))
    return {
        "wanted": wanted.instead,
        "wanted_place": place_id,
        "wanted_hold": new_id(),
        "wanted_price": {
            "unit": price.amount,
            "tax": price.tax_amount,
            "is_tax_included": price.is_tax_included,
            "reason": price.reason,
            "amount": _due(price),
        },
    }


def drop(*, return_id: uuid.UUID, actor: Actor, at: datetime) -> None:
    """She returns it after all: what was kept for her is free again, and a difference is no longer asked for.

    By the client whose order it is, or by staff who take returns or change orders. Safe to repeat.
    Raises NotFound, ProviderUnavailable, Forbidden.
    """
    order_id = sql.value("SELECT order_id FROM orders_return WHERE id = %s AND NOT is_gift", [return_id])
    if order_id is None:
        raise NotFound()
    returnable.get_receipt(actor=actor, order_id=order_id, on=at.date())
    document_id = find_waiting(return_id=return_id)
    if document_id is not None:
        paying.end_pages(order_id=document_id, actor=actor, at=at)  # nobody pays for what has ended
        sql.value("SELECT flows_end_exchange(%s, %s, %s)", [document_id, actor.label, at])
    sql.value("SELECT flows_drop_exchange(%s, %s, %s)", [return_id, actor.label, at])
    outbox.wake()


def find_waiting(*, return_id: uuid.UUID) -> uuid.UUID | None:
    """The document of a return whose difference is still to be paid."""
    found: uuid.UUID | None = sql.value(
        "SELECT i.order_id FROM orders_arrival a JOIN orders_returnline y ON y.id = a.line_id "
        "JOIN orders_orderline i ON i.id = a.document_line_id WHERE y.case_id = %s AND NOT a.is_accepted "
        "AND flows_is_waiting_exchange(i.order_id) ORDER BY i.order_id LIMIT 1",
        [return_id],
    )
    return found


def _sender(receipt: Receipt, maison_id: uuid.UUID, reference_id: uuid.UUID, at: datetime) -> uuid.UUID | None:
    found: uuid.UUID | None = sql.value(
        "SELECT flows_would_send(%s, 1, %s, %s, %s, %s)",
        [reference_id, maison_id, receipt.market_id, receipt.channel, at.date()],
    )
    return found


def _due(price: PriceView) -> int:
    return price.amount + (0 if price.is_tax_included else price.tax_amount)
