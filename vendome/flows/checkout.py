"""From basket to paid order: priced, held, charged and settled; the same from web, till, link and agent."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import IntegrityError

from vendome.domains.house.types import MaisonView, MarketView
from vendome.domains.orders.errors import GivenUp
from vendome.domains.orders.types import Mode, OrderState
from vendome.domains.payments import ports
from vendome.domains.payments.errors import ActionNeeded, Declined, ReferenceUsed
from vendome.domains.payments.types import CaptureOutcome, PaymentState, PaymentView, Tender
from vendome.domains.people import permissions
from vendome.flows import tendering
from vendome.flows.tendering import UNPAID_SECONDS as UNPAID_SECONDS  # read by pages that say how long pieces are kept
from vendome.flows.types import PlacedLine, PlacedOrder, PlacedTender, TenderGiven, WantedLine
from vendome.kit import idempotency, outbox, sql
from vendome.kit.actors import Actor, ActorKind
from vendome.kit.errors import BadInput, Forbidden, NotFound
from vendome.kit.prepared import Statement

PLACE = Statement("SELECT flows_place_order($1::jsonb)", repeatable=True)  # by its idempotency key


def place_order(
    *,
    key: str,
    maison: MaisonView,
    market: MarketView,
    channel: str,
    lines: Sequence[WantedLine],
    tender: TenderGiven | None = None,
    tenders: Sequence[TenderGiven] = (),
    due_amount: int | None = None,
    instalments: int = 0,
    keep_seconds: int | None = None,
    client_id: uuid.UUID | None,
    basket_id: uuid.UUID | None = None,
    advisor_id: uuid.UUID | None = None,
    selling_place_id: uuid.UUID | None = None,
    contact: Mapping[str, str] | None = None,
    address: Sequence[str] = (),
    delivery: Mapping[str, Any] | None = None,
    expected_total_amount: int | None = None,
    actor: Actor,
    at: datetime,
) -> PlacedOrder:
    """Hold every piece and write the order, all or nothing, in one call to the database.

    It may be paid by several `tenders`; one of them may leave its amount open. `due_amount` confirms it as a deposit,
    `instalments` in that many monthly rates of which the first is due now. Until it is paid its pieces are kept for
    fifteen minutes, for a bank transfer for the market's days, or for `keep_seconds`.

    Safe to repeat: the same `key` and request give the same order, another request raises BodyChanged.
    With `expected_total_amount`, what the buyer was shown, another total raises TotalChanged and places nothing.
    Raises OutOfStock, NoPrice, ModeNotOffered, BadQuantity, EmptyBasket, BasketOrdered, ReferenceUsed, TenderShort,
    GiftCardShort, DepositOutOfRange, NotOffered, InstalmentsNotOffered, UnknownChannel, TooManyUnpaid,
    OrderedLately (left unpaid before, ADR 0025), NotFound, Forbidden.
    """
    _require_channel(actor, channel, selling_place_id, client_id)
    given = tuple(tenders) or ((tender,) if tender else ())
    if not given:
        raise BadInput("An order needs at least one tender.")
    if selling_place_id is None and actor.is_staff and any(one.is_settled for one in given):
        raise Forbidden()  # money taken by a person is taken at a till of hers
    if due_amount is not None and not actor.is_staff and actor.kind is not ActorKind.APP:
        raise Forbidden()  # a deposit is agreed with an advisor
    terms = tendering.read_terms(
        market_id=market.id,
        tenders=given,
        due_amount=due_amount,
        instalments=instalments,
        keep_seconds=keep_seconds,
        at=at,
    )
    body = {
        "lines": [_line(line) for line in lines],
        "tenders": [tendering.read_tender(tender=one) for one in given],
        **terms.asked,
        "maison": maison.id,
        "market": market.id,
        "channel": channel,
        "client": client_id,
        "basket": basket_id,
        "advisor": advisor_id,
        "place": selling_place_id,
        "contact": dict(contact or {}),
        "address": list(address),
        **({"delivery": dict(delivery)} if delivery else {}),
    }
    if expected_total_amount is not None:
        body["expected_total"] = expected_total_amount
    request = {
        **body,
        "scope": f"{actor.label if actor.is_known else basket_id}:orders.place",  # guests share no keys
        "key": idempotency.check_key(key),
        "hash": idempotency.request_hash(body).hex(),
        "actor": actor.label,
        "at": at,
        "prefix": maison.code,
        "hold_seconds": terms.keep_seconds,
        **terms.rules,
    }
    try:
        answer = json.loads(PLACE.text(json.dumps(request, default=str)) or b"")
    except IntegrityError as error:
        if "provider_reference_settles_once" in str(error):
            raise ReferenceUsed() from error
        raise
    outbox.wake()
    return _placed(answer)


def pay(
    *, placed: PlacedOrder, provider: str, instrument: str, return_url: str = "", actor: Actor, at: datetime
) -> PlacedOrder:
    """Charge a placed order through its provider and settle it; no transaction is open meanwhile.

    Safe to repeat. Raises Declined (what was held is free again), ProviderUnavailable (still held, try again),
    ActionNeeded (she has to confirm at her bank; a webhook settles it) or GivenUp (the order has ended; nothing is
    charged).
    """
    if placed.state is not OrderState.AWAITING_PAYMENT:
        return placed
    payment = sql.row(
        "SELECT p.tender, p.provider, p.amount, p.currency, p.state, o.state, o.credit_amount > 0 "
        "FROM payments_payment p "
        "JOIN orders_order o ON o.id = p.order_id WHERE p.id = %s",
        [placed.payment_id],
    )
    assert payment is not None
    now = OrderState(payment[5])  # `placed` may be the answer to an earlier click
    if now is OrderState.CANCELLED:
        raise GivenUp(order_id=str(placed.id))
    if now is not OrderState.AWAITING_PAYMENT:
        return replace(placed, state=now)
    view = PaymentView(
        id=placed.payment_id,
        order_id=placed.id,
        tender=payment[0],
        provider=payment[1],
        amount=payment[2],
        currency=payment[3],
        state=PaymentState(payment[4]),
        keeps_method=payment[6],
        return_url=return_url,
    )
    outcome = ports.get_port(provider).capture(view, instrument=instrument)
    if outcome.is_pending:
        raise ActionNeeded(action_url=outcome.action_url, order_id=str(placed.id))
    state = settle(payment_id=placed.payment_id, outcome=outcome, actor=actor, at=at)
    if not outcome.is_captured:
        raise Declined(outcome.decline_sentence or None, order_id=str(placed.id))
    return replace(placed, state=state)


def get_unpaid(*, order_id: uuid.UUID) -> PlacedOrder:
    """An order that still waits for its payment, to be paid again; the caller has shown that it is hers.

    Raises NotFound, also once it is paid or given up.
    """
    found = sql.row(
        "SELECT o.number, p.id, o.total_amount, o.tax_amount, o.currency FROM orders_order o "
        "JOIN payments_payment p ON p.order_id = o.id AND p.state = 'REQUESTED' AND p.refund_of_id IS NULL "
        "WHERE o.id = %s AND o.state = 'AWAITING_PAYMENT' "
        "ORDER BY p.tender = 'CARD' DESC, p.requested_at, p.id LIMIT 1",
        [order_id],
    )
    if found is None:
        raise NotFound()
    lines = sql.rows(
        "SELECT id, reference_id, place_id, hold_id, piece_id, mode, amount FROM orders_orderline "
        "WHERE order_id = %s ORDER BY position",
        [order_id],
    )
    return PlacedOrder(
        id=order_id,
        number=found[0],
        payment_id=found[1],
        state=OrderState.AWAITING_PAYMENT,
        total_amount=found[2],
        tax_amount=found[3],
        currency=found[4],
        lines=tuple(
            PlacedLine(
                id=line[0],
                reference_id=line[1],
                place_id=line[2],
                hold_id=line[3],
                piece_id=line[4],
                mode=Mode(line[5]),
                amount=line[6],
            )
            for line in lines
        ),
    )


def settle(*, payment_id: uuid.UUID, outcome: CaptureOutcome, actor: Actor, at: datetime) -> OrderState:
    """Record what a provider answered, from whichever way the answer came; safe to repeat.

    Raises WrongAmount, and then nothing changes.
    """
    if outcome.method:  # before it settles: a plan's next rate finds it whatever happens in between
        sql.value("UPDATE payments_payment SET method = %s WHERE id = %s RETURNING id", [outcome.method, payment_id])
    answer = sql.document(
        "SELECT flows_settle_payment(%s, %s, %s, %s, %s, %s, %s)",
        [
            payment_id,
            outcome.is_captured,
            outcome.provider_reference,
            outcome.amount,
            outcome.currency,
            actor.label,
            at,
        ],
    )
    outbox.wake()
    return OrderState(answer["state"])


def expire_unpaid(*, at: datetime) -> int:
    """Free what ran out: holds past their time, and orders not paid in time. Returns how many holds ended."""
    ended = int(sql.value("SELECT flows_expire_holds(%s)", [at]))
    if ended:
        outbox.wake()
    return ended


def _require_channel(
    actor: Actor, channel: str, selling_place_id: uuid.UUID | None, client_id: uuid.UUID | None
) -> None:
    """A client buys for herself on the web; staff sell at their own place."""
    if actor.kind in (ActorKind.STAFF, ActorKind.APP):
        actor.require(permissions.ORDERS_SELL, place_id=selling_place_id)
        return
    is_her_own = channel == "web" and client_id in (None, actor.client_id)
    if not is_her_own and actor.kind is not ActorKind.SYSTEM:
        raise Forbidden()


def _line(line: WantedLine) -> dict[str, Any]:
    return {
        "reference": line.reference_id,
        "quantity": line.quantity,
        "mode": line.mode.value,
        "place": line.place_id,
        "piece": line.piece_id,
        "promised": line.promised_date,
        "hold": line.hold_id,
    }


def _placed(answer: Mapping[str, Any]) -> PlacedOrder:
    return PlacedOrder(
        id=uuid.UUID(answer["order"]),
        number=answer["number"],
        payment_id=uuid.UUID(answer["payment"]),
        state=OrderState(answer["state"]),
        total_amount=answer["total_amount"],
        tax_amount=answer["tax_amount"],
        currency=answer["currency"],
        due_amount=answer.get("due_amount", answer["total_amount"]),
        payments=tuple(
            PlacedTender(
                id=uuid.UUID(one["id"]),
                tender=Tender(one["tender"]),
                provider=one["provider"],
                amount=one["amount"],
                state=PaymentState(one["state"]),
            )
            for one in answer.get("payments", ())
        ),
        lines=tuple(
            PlacedLine(
                id=uuid.UUID(line["id"]),
                reference_id=uuid.UUID(line["reference"]),
                place_id=uuid.UUID(line["place"]),
                hold_id=uuid.UUID(line["hold"]),
                piece_id=uuid.UUID(line["piece"]) if line["piece"] else None,
                mode=Mode(line["mode"]),
                amount=line["amount"],
            )
            for line in answer["lines"]
        ),
    )
