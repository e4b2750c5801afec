"""Changes to a paid order: proposed, previewed, confirmed; nothing before that, and only as read (ADR 0023)."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from vendome.domains.fulfilment.types import DeliveryMode
from vendome.domains.orders.errors import NotReturnable
from vendome.domains.orders.queries import placed as orders
from vendome.domains.orders.types import ChangeKind, ChangeState
from vendome.domains.people import permissions
from vendome.flows import delivery_choice, pay_links, paying, returns
from vendome.flows.types import TenderGiven
from vendome.kit import idempotency, outbox, sql
from vendome.kit.actors import Actor, ActorKind
from vendome.kit.errors import BadInput, NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class BackTo:
    """What would go back to one of the order's tenders."""

    tender: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a proposal would mean if it were confirmed now. `problem` is the code of what stands in its way, or empty.

    `balance` above zero is to pay, below zero goes back. `hash` names this very answer; confirming asks for it.
    """

    change_id: uuid.UUID
    order_id: uuid.UUID
    kind: ChangeKind
    state: ChangeState
    line_id: uuid.UUID | None
    reference_id: uuid.UUID | None
    place_id: uuid.UUID | None
    address: tuple[str, ...]
    back_amount: int
    out_amount: int
    balance: int
    currency: str
    back_to: tuple[BackTo, ...]
    problem: str
    hash: str
    document_id: uuid.UUID | None = None  # the exchange whose difference waits to be paid
    promised_date: date | None = None  # the day of what is taken instead, promised anew
    delivery: DeliveryMode | None = None  # how what is taken instead is sent: as she chose with the order


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A confirmed change; `document_id` when money or pieces changed. `awaits_payment`: once its difference is paid."""

    change_id: uuid.UUID
    order_id: uuid.UUID
    document_id: uuid.UUID | None
    document_number: str
    awaits_payment: bool = False


def propose(
    *,
    key: str,
    order_id: uuid.UUID,
    kind: ChangeKind,
    line_id: uuid.UUID | None = None,
    reference_id: uuid.UUID | None = None,
    place_id: uuid.UUID | None = None,
    address: Sequence[str] = (),
    actor: Actor,
    at: datetime,
) -> Preview:
    """Open a proposal and say what it would mean. One is open for each order at a time.

    By the client whose order it is, or by staff who may change orders and see it. Safe to repeat with the same key.
    Raises NotFound, ChangeOpen, NotReturnable (a piece made to her wishes), BadInput, Forbidden.
    """
    _require(actor, order_id)
    needed = {
        ChangeKind.CANCEL_LINE: line_id,
        ChangeKind.ADDRESS: tuple(address),
        ChangeKind.COLLECT_AT: line_id and place_id,
        ChangeKind.SWAP: line_id and reference_id,
    }[kind]
    if not needed:
        raise BadInput("Say what changes: the piece, and its new size, place or address.")
    is_hers = kind in (ChangeKind.CANCEL_LINE, ChangeKind.SWAP) and actor.kind in (
        ActorKind.CLIENT,
        ActorKind.ANONYMOUS,
    )
    if is_hers and sql.value("SELECT is_personalised FROM orders_orderline WHERE id = %s", [line_id]):
        raise NotReturnable(rule="house.personalised", outcome="REFUSE")
    body = {
        "order": order_id,
        "kind": kind.value,
        "line": line_id,
        "reference": reference_id if kind is ChangeKind.SWAP else None,
        "place": place_id if kind is ChangeKind.COLLECT_AT else None,
        "address": [part.strip() for part in address if part.strip()] if kind is ChangeKind.ADDRESS else [],
    }
    if kind is ChangeKind.ADDRESS:
        body["line"] = None
    maison_id = sql.value("SELECT maison_id FROM orders_order WHERE id = %s", [order_id])
    answer = _call(
        "SELECT flows_propose_change(%s::jsonb)", body, key, actor, at, "orders.propose_change", {"maison": maison_id}
    )
    return preview(change_id=uuid.UUID(answer["change"]), actor=actor, at=at)


def preview(*, change_id: uuid.UUID, actor: Actor, at: datetime) -> Preview:
    """What the proposal would mean now; computed each time. Raises NotFound, Forbidden."""
    found = sql.row("SELECT order_id, state, document_id FROM orders_change WHERE id = %s", [change_id])
    if found is None:
        raise NotFound()
    _require(actor, found[0])
    return _preview(_meaning(change_id, actor, at)[0], found[1], found[2])


def find_open(*, order_id: uuid.UUID, actor: Actor, at: datetime) -> Preview | None:
    """The proposal that waits on an order, if there is one. Raises NotFound, Forbidden."""
    found = sql.value("SELECT id FROM orders_change WHERE order_id = %s AND state = 'OPEN'", [order_id])
    return preview(change_id=found, actor=actor, at=at) if found else None


def withdraw(*, change_id: uuid.UUID, actor: Actor, at: datetime) -> None:
    """Drop a proposal, and the exchange whose difference it waits for. Safe to repeat.

    Raises NotFound, ChangeClosed when it was confirmed, ProviderUnavailable, Forbidden.
    """
    seen = preview(change_id=change_id, actor=actor, at=at)
    if seen.state is ChangeState.OPEN and seen.document_id is not None:
        paying.end_pages(order_id=seen.document_id, actor=actor, at=at)  # nobody pays for what is withdrawn
    sql.value("SELECT flows_withdraw_change(%s, %s, %s)", [change_id, actor.label, at])


def confirm(
    *,
    key: str,
    change_id: uuid.UUID,
    preview_hash: str,
    tender: TenderGiven | None = None,
    pay_within: timedelta | None = None,
    actor: Actor,
    at: datetime,
) -> Changed:
    """Make the change true in one transaction, if it still means what `preview_hash` names.

    Safe to repeat with the same key. A balance to pay needs a tender that is settled already (a till or terminal), or
    is paid online within `pay_within` (flows.pay_links); then the change becomes true when it is paid, and until then
    the order stays as it was while the new piece is kept for her.
    Raises NotFound, PreviewOutdated, ChangeClosed, NotChangeable, OutOfStock, NoPrice,
    ModeNotOffered, OtherCountry, BalanceToPay, RefundTooLarge, Forbidden.
    """
    order_id = sql.value("SELECT order_id FROM orders_change WHERE id = %s", [change_id])
    if order_id is None:
        raise NotFound()
    _require(actor, order_id)
    if tender is not None:
        actor.require(permissions.ORDERS_SELL)  # money taken by a person is taken at a till of hers
    body = {
        "change": change_id,
        "preview": preview_hash,
        "tender": {"tender": tender.tender.value, "provider": tender.provider, "reference": tender.reference}
        if tender
        else None,
        **({"pay_within": pay_within.total_seconds()} if pay_within else {}),
    }
    more = {
        **returns.read_online(pay_within=pay_within, at=at),
        "advisor": actor.id if actor.is_staff else None,
        "order": order_id,
        "here": _counter(actor),
    }
    if sent := _meaning(change_id, actor, at)[1]:
        more["sent"] = json.loads(sent)
    answer = _call("SELECT flows_confirm_change(%s::jsonb)", body, key, actor, at, "orders.confirm_change", more)
    document = answer["document"] or {}
    return Changed(
        change_id=change_id,
        order_id=order_id,
        document_id=uuid.UUID(document["document"]) if document else None,
        document_number=document.get("number", ""),
        awaits_payment=bool(document) and returns.read_waiting(document_id=uuid.UUID(document["document"])),
    )


def difference_link(*, change_id: uuid.UUID, lasts: timedelta, actor: Actor, at: datetime) -> pay_links.MadeLink:
    """A link on which the difference of a confirmed exchange is paid; an older one ends.

    By the client whose order it is, or by staff who may change it and send her the address.
    Raises NotFound where nothing waits to be paid, BadInput, Forbidden.
    """
    seen = preview(change_id=change_id, actor=actor, at=at)
    maison_id = sql.value("SELECT maison_id FROM orders_order WHERE id = %s", [seen.order_id])
    if seen.state is not ChangeState.OPEN or seen.document_id is None:
        raise NotFound()
    return pay_links.create_for_client(order_id=seen.document_id, maison_id=maison_id, lasts=lasts, actor=actor, at=at)


def _meaning(change_id: uuid.UUID, actor: Actor, at: datetime) -> tuple[dict[str, Any], str | None]:
    """What a proposal means now, and how what is sent instead is sent: as she chose, by the day of that service."""
    ask = "SELECT flows_preview_change(%s, %s, %s, %s::jsonb)"
    answer: dict[str, Any] = sql.document(ask, [change_id, at, _counter(actor), None])
    found = sql.row(
        "SELECT o.delivery, o.maison_id, o.currency, flows_destination(o.id) FROM orders_order o "
        "JOIN orders_orderline l ON l.order_id = o.id WHERE o.id = %s AND l.id = %s AND l.mode = 'DELIVER' "
        "AND o.delivery ? 'mode'",
        [answer["order"], answer["line"]],
    )
    if found is None or answer["kind"] != ChangeKind.SWAP.value or answer["problem"]:
        return answer, None
    sent = delivery_choice.read_delivery_again(
        delivery=json.loads(found[0]) if isinstance(found[0], str) else found[0],
        maison_id=found[1],
        currency=found[2],
        destination=found[3],
        origin_id=uuid.UUID(answer["place"]),
        value=answer["out"],
        at=at,
    )
    if sent is None:
        return answer, None
    told = json.dumps({"delivery": sent.delivery, "day": sent.day.isoformat()})
    return sql.document(ask, [change_id, at, _counter(actor), told]), told


def _require(actor: Actor, order_id: uuid.UUID) -> None:
    """The client of the order, a guest who has shown its key to the caller, or staff who may change it and see it."""
    if actor.kind in (ActorKind.STAFF, ActorKind.APP):
        actor.require(permissions.ORDERS_CHANGE)
        orders.get_order(actor=actor, order_id=order_id)
        return
    if actor.kind is ActorKind.SYSTEM:
        return
    found = sql.row("SELECT client_id FROM orders_order WHERE id = %s", [order_id])
    if found is None or found[0] != actor.client_id:
        raise NotFound()


def _counter(actor: Actor) -> uuid.UUID | None:
    """The place whose last piece she may have: that of who serves her at its counter. From afar, none."""
    place_id = actor.home_place_id if actor.is_staff else None
    return place_id if place_id is not None and actor.may(permissions.STOCK_HOLD, place_id=place_id) else None


def _call(
    statement: str, body: Mapping[str, Any], key: str, actor: Actor, at: datetime, scope: str, more: Mapping[str, Any]
) -> dict[str, Any]:
    request = {
        **more,
        **body,
        "scope": f"{actor.label if actor.is_known else {**more, **body}['order']}:{scope}",
        "key": idempotency.check_key(key),
        "hash": idempotency.request_hash(body).hex(),
        "actor": actor.label,
        "at": at,
    }
    answer: dict[str, Any] = sql.document(statement, [json.dumps(request, default=str)])
    outbox.wake()
    return answer


def _preview(answer: Mapping[str, Any], state: str, document_id: uuid.UUID | None) -> Preview:
    def identifier(name: str) -> uuid.UUID | None:
        return uuid.UUID(answer[name]) if answer[name] else None

    return Preview(
        change_id=uuid.UUID(answer["change"]),
        order_id=uuid.UUID(answer["order"]),
        kind=ChangeKind(answer["kind"]),
        state=ChangeState(state),
        line_id=identifier("line"),
        reference_id=identifier("reference"),
        place_id=identifier("place"),
        address=tuple(answer["address"]),
        back_amount=answer["back"],
        out_amount=answer["out"],
        balance=answer["balance"],
        currency=answer["currency"],
        back_to=tuple(BackTo(tender=one["tender"], amount=one["amount"]) for one in answer["tenders"]),
        problem=answer["problem"],
        hash=answer["hash"],
        document_id=document_id,
        promised_date=date.fromisoformat(answer["promised"]) if answer["promised"] else None,
        delivery=DeliveryMode(answer["sent"]["mode"]) if answer.get("sent") else None,
    )
