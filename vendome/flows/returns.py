"""Returns and exchanges anywhere: announced, received, examined, given back; every step once (ADR 0014, 0022)."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from vendome.domains.orders.errors import (
    AlreadyReturned,
    DeductionNotAllowed,
    NotReturnable,
    ReturnAnnounced,
    ReturnClosed,
)
from vendome.domains.orders.policy.deciding import as_document
from vendome.domains.orders.policy.types import Condition, Decision, Outcome, Reason, RefundForm
from vendome.domains.orders.queries import placed as orders
from vendome.domains.orders.types import Direction, Fate, OrderState, ReturnRoute
from vendome.domains.payments import ports
from vendome.domains.people import permissions
from vendome.flows import exchanging, gift_cards, paying, return_desk, returnable
from vendome.flows.exchanging import Pickup, WantedReturn
from vendome.flows.returnable import Receipt, ReturnableLine
from vendome.flows.types import TenderGiven
from vendome.kit import idempotency, outbox, sql
from vendome.kit.actors import Actor, ActorKind
from vendome.kit.errors import BadInput, Forbidden, NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class BroughtLine:
    """A line that stands on the counter. `accept`: its value is given back now; else the inspection decides.

    `exception_reason`: a manager accepts it beyond the policy, and why.
    """

    line_id: uuid.UUID
    quantity: int = 1
    condition: Condition = Condition.AS_SOLD
    reason: Reason = Reason.NOT_SAID
    is_unsealed: bool = False
    accept: bool = True
    exception_reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenInstead:
    """A piece she takes away in exchange, from the shelf of this place."""

    reference_id: uuid.UUID
    piece_id: uuid.UUID | None = None
    quantity: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnDocument:
    """The document with its balance: above zero was paid, below zero is given back. Minor units of `currency`.

    `awaits_payment`: the difference is still to be paid online. `credit_note_code` is shown now and never again; empty
    when no credit was given, or the request was repeated.
    """

    id: uuid.UUID
    number: str
    total_amount: int
    currency: str
    refunded_amount: int
    credited_amount: int
    awaits_payment: bool = False
    credit_note_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnDone:
    """A return as it stands after a step; `document` when money or pieces were given for it."""

    id: uuid.UUID
    number: str
    document: ReturnDocument | None = None


def announce(
    *,
    key: str,
    order_id: uuid.UUID,
    lines: Sequence[WantedReturn],
    route: ReturnRoute,
    place_id: uuid.UUID | None,
    is_gift: bool = False,
    client_id: uuid.UUID | None = None,
    pickup: Pickup | None = None,
    actor: Actor,
    at: datetime,
) -> ReturnDone:
    """Note what will come back and how; each line keeps the decision of this day, whenever it arrives.

    A courier needs an address: `pickup`, else the one the order was sent to. What she takes instead is kept for her
    from now on, and goes out once hers was examined and accepted (flows.exchanging).
    By the client of the order, or by staff for her. Safe to repeat with the same key. Raises NotFound, NotReturnable
    (with the rule), ReturnAnnounced, AlreadyReturned, OutOfStock, NoPrice, PreviewOutdated, QuotaReached,
    SetAsideLately, BadInput, Forbidden.
    """
    if not lines or (route is ReturnRoute.COUNTER and place_id is None):
        raise BadInput("Choose at least one piece, and where you bring it.")
    receipt = returnable.get_receipt(actor=actor, order_id=order_id, on=at.date(), is_gift=is_gift)
    maison_id = _maison_of(receipt, actor)
    collected = (
        exchanging.read_pickup(order_id=order_id, pickup=pickup, is_gift=is_gift)
        if route is ReturnRoute.COURIER
        else None
    )
    asked = []
    for wanted in lines:
        line = _line_of(receipt, wanted.line_id)
        decision = returnable.read_decision(maison_id=maison_id, line=line, is_unsealed=wanted.is_unsealed)
        _require_announceable(decision, actor)
        asked.append(
            {
                **_written(line.line_id, wanted.quantity, wanted.reason, decision),
                **exchanging.read_wanted(
                    receipt=receipt,
                    maison_id=maison_id,
                    line=line,
                    wanted=wanted,
                    is_possible=collected is not None and not is_gift,
                    at=at,
                ),
            }
        )
    body = {
        "order": order_id,
        "lines": [_plain(one) for one in lines],
        "pickup": _plain(pickup) if pickup else None,
        "route": route.value,
        "place": place_id,
        "gift": is_gift,
        "client": client_id if is_gift else None,
    }
    answer = _call(
        "SELECT flows_announce_return(%s::jsonb)",
        body,
        key,
        actor,
        at,
        scope="orders.announce_return",
        decided={
            "client": client_id if is_gift else receipt.client_id,
            "lines": asked,
            "pickup": {"address": collected.address, "phone": collected.phone, "date": collected.day}
            if collected
            else None,
        },
        more={"maison": maison_id, "kept_until": at + exchanging.KEPT},
    )
    return _done(answer)


def withdraw(*, return_id: uuid.UUID, actor: Actor, at: datetime) -> None:
    """Nothing will come after all. Safe to repeat. Raises ReturnClosed once something has arrived, NotFound."""
    found = sql.row("SELECT order_id, maison_id FROM orders_return WHERE id = %s", [return_id])
    if found is None:
        raise NotFound()
    returnable.get_receipt(actor=actor, order_id=found[0], on=at.date())
    if actor.kind in (ActorKind.STAFF, ActorKind.APP):
        return_desk.get_return(actor=actor, return_id=return_id)  # one she may not see is not there
    sql.value("SELECT flows_withdraw_return(%s, %s, %s)", [return_id, actor.label, at])
    outbox.wake()


def receive(
    *,
    key: str,
    order_id: uuid.UUID,
    place_id: uuid.UUID,
    lines: Sequence[BroughtLine],
    instead: Sequence[TakenInstead] = (),
    tender: TenderGiven | None = None,
    balance: int | None = None,
    pay_within: timedelta | None = None,
    return_id: uuid.UUID | None = None,
    is_gift: bool = False,
    client_id: uuid.UUID | None = None,
    actor: Actor,
    at: datetime,
) -> ReturnDone:
    """Take back at `place_id` what was sold anywhere, and hand over what is taken instead, on one document.

    What comes back goes into quarantine; its value is given back at once where the policy says so and the line asks
    for it. `client_id` is who brings a gift. `balance` is what the counter has shown; another one changes nothing.
    `pay_within`: a balance to pay without a tender is paid online in that time (flows.pay_links), and only then is what
    came back accepted; until then it waits in quarantine, and what she takes instead is kept for her.
    All or nothing, and safe to repeat.
    Raises NotFound, AlreadyReturned, ReturnAnnounced, ReturnClosed, NotReturnable, PieceElsewhere, OutOfStock, NoPrice,
    BalanceToPay, PreviewOutdated, RefundTooLarge, Forbidden.
    """
    actor.require(permissions.ORDERS_RETURN, place_id=place_id)
    receipt = returnable.get_receipt(actor=actor, order_id=order_id, on=at.date(), is_gift=is_gift)
    if not lines:
        raise BadInput("Choose at least one piece that came back.")
    asked = [_brought(receipt, one, place_id, actor, is_exchange=bool(instead), is_gift=is_gift) for one in lines]
    if instead and not any(one["form"] for one in asked):
        raise BadInput("An exchange needs a piece that is taken back now.")
    body = {
        "order": order_id,
        "place": place_id,
        "lines": [_plain(one) for one in lines],
        "outs": [_plain(one) for one in instead],
        "balance": balance,
        "gift": is_gift,
        "client": client_id if is_gift else None,
        "return": return_id,
        **({"pay_within": pay_within.total_seconds()} if pay_within else {}),
        "tender": {"tender": tender.tender.value, "provider": tender.provider, "reference": tender.reference}
        if tender
        else None,
    }
    outs = [
        {
            "reference": one.reference_id,
            "piece": one.piece_id,
            "quantity": one.quantity,
            "place": place_id,
            "mode": "TAKE_AWAY",
        }
        for one in instead
    ]
    note = gift_cards.FreshNote.make()
    answer = _call(
        "SELECT flows_receive_return(%s::jsonb)",
        body,
        key,
        actor,
        at,
        scope="orders.receive_return",
        decided={
            "client": client_id if is_gift else receipt.client_id,
            "return": return_id or _open_return(receipt, lines),
            "lines": asked,
            "outs": outs,
        },
        more={
            "credit_note": note.asked,
            **read_online(pay_within=pay_within, at=at),
            "maison": actor.in_maison,
            "advisor": actor.id if actor.is_staff else None,
        },
    )
    return _done(answer, note)


def end_exchange(*, document_id: uuid.UUID, actor: Actor, at: datetime) -> None:
    """She does not want the exchange whose difference is not paid: what was kept for her is free again, and what she
    brought waits to be decided on, or stays her order's. Safe to repeat.

    Raises NotFound, ReturnClosed when it was paid meanwhile, ProviderUnavailable, Forbidden.
    """
    found = orders.get_order(actor=actor, order_id=document_id)
    actor.require(permissions.ORDERS_RETURN, place_id=found.place_id)
    if not any(line.direction is Direction.IN for line in found.lines):
        raise NotFound()
    paying.end_pages(order_id=document_id, actor=actor, at=at)  # nobody pays for what has ended
    ended = sql.value("SELECT flows_end_exchange(%s, %s, %s)", [document_id, actor.label, at])
    outbox.wake()
    if not ended and orders.get_order(actor=actor, order_id=document_id).state is not OrderState.CANCELLED:
        raise ReturnClosed()


def read_waiting(*, document_id: uuid.UUID) -> bool:
    """Whether a document is an exchange whose difference is still to be paid, now."""
    return bool(sql.value("SELECT flows_is_waiting_exchange(%s)", [document_id]))


def inspect(
    *,
    key: str,
    arrival_id: uuid.UUID,
    condition: Condition,
    fate: Fate,
    accept: bool,
    exception_reason: str = "",
    note: str = "",
    deduction: int = 0,
    deduction_reason: str = "",
    actor: Actor,
    at: datetime,
) -> ReturnDone:
    """Decide on what stands in quarantine: its value back or not, and restock it, write it off, or give it back.

    `deduction` is what handling beyond what is necessary took from its value, in minor units, with the reason the
    client reads: only where the law that decides allows it, and within the value. What she wants instead goes out on
    the same document; while she is to pay a difference first, the piece waits where it stands.
    Once for each arrival, safe to repeat.
    Raises NotFound, AlreadyInspected, NotReturnable and DeductionNotAllowed (with the rule), ExchangeWaits,
    RefundTooLarge, BadInput, Forbidden.
    """
    found = sql.row(
        "SELECT a.place_id, a.is_accepted, q.order_id, y.sold_line_id, q.is_gift, q.id, q.number FROM orders_arrival a "
        "JOIN orders_returnline y ON y.id = a.line_id JOIN orders_return q ON q.id = y.case_id "
        "WHERE a.id = %s AND q.maison_id = %s",
        [arrival_id, actor.in_maison],
    )
    if found is None or not actor.may(permissions.ORDERS_INSPECT, place_id=found[0]):
        raise NotFound()
    place_id, is_accepted, order_id, line_id, is_gift, return_id, number = found
    receipt = returnable.get_receipt(
        actor=Actor.system(actor.maison_id), order_id=order_id, on=at.date(), is_gift=is_gift
    )
    line = _line_of(receipt, line_id)
    decision = returnable.read_decision(maison_id=actor.in_maison, line=line, condition=condition)
    form = None
    if accept and not is_accepted:
        form = _form(decision, place_id, actor, exception_reason, is_exchange=True, is_gift=is_gift)
    if deduction:
        _require_deduction(decision, line, condition, deduction, deduction_reason)
    fresh = gift_cards.FreshNote.make()
    body = {
        "arrival": arrival_id,
        "condition": condition.value,
        "fate": fate.value,
        "accept": accept,
        "note": note.strip(),
        "exception_reason": exception_reason.strip(),
        **({"deducted": deduction, "deduction_reason": deduction_reason.strip()} if deduction else {}),
    }
    answer = _call(
        "SELECT flows_inspect(%s::jsonb)",
        body,
        key,
        actor,
        at,
        scope="orders.inspect",
        more={
            "rule": decision.rule,
            "decision": as_document(decision),
            "form": form,
            "credit_note": fresh.asked,
            **read_online(pay_within=exchanging.PAY_WITHIN, at=at),
            "advisor": actor.id if actor.is_staff else None,
        },
    )
    return _done({**answer, "number": number, "return": str(return_id)}, fresh)


def read_online(*, pay_within: timedelta | None, at: datetime) -> dict[str, Any]:
    """Until when a difference may be paid online, and with which provider; nothing where it is not."""
    return {"pay_by": at + pay_within, "provider": ports.card_provider()} if pay_within else {}


def confirm_by_hand(*, refund_id: uuid.UUID, reference: str = "", actor: Actor, at: datetime) -> None:
    """The money was counted out, or given back on the terminal. Safe to repeat. Raises NotFound, Forbidden."""
    place_id = _place_of_refund(refund_id, actor)
    actor.require(permissions.ORDERS_RETURN, place_id=place_id)
    sql.value("SELECT flows_refund_by_hand(%s, %s, %s, %s)", [refund_id, reference.strip()[:80], actor.label, at])
    outbox.wake()


def refund_again(*, refund_id: uuid.UUID, actor: Actor, at: datetime) -> int:
    """Ask again for what a failed refund still owes; returns the amount. Safe to repeat. Raises NotFound, Forbidden."""
    place_id = _place_of_refund(refund_id, actor)
    actor.require(permissions.PAYMENTS_REFUND, place_id=place_id)
    owed = int(sql.value("SELECT flows_refund_again(%s, %s, %s)", [refund_id, actor.label, at]))
    outbox.wake()
    return owed


def _place_of_refund(refund_id: uuid.UUID, actor: Actor) -> uuid.UUID | None:
    found = sql.row(
        "SELECT o.place_id FROM payments_payment p JOIN orders_order o ON o.id = p.order_id "
        "WHERE p.id = %s AND p.refund_of_id IS NOT NULL AND o.maison_id = %s",
        [refund_id, actor.in_maison],
    )
    if found is None:
        raise NotFound()
    place: uuid.UUID | None = found[0]
    return place


def _brought(
    receipt: Receipt, one: BroughtLine, place_id: uuid.UUID, actor: Actor, *, is_exchange: bool, is_gift: bool
) -> dict[str, Any]:
    line = _line_of(receipt, one.line_id)
    decision = returnable.read_decision(
        maison_id=actor.in_maison, line=line, condition=one.condition, is_unsealed=one.is_unsealed
    )
    form = None
    if one.accept and (is_exchange or line.exchange_for is None):  # what is exchanged from afar is examined first
        form = _form(decision, place_id, actor, one.exception_reason, is_exchange=is_exchange, is_gift=is_gift)
    return {
        **_written(one.line_id, one.quantity, one.reason, decision),
        "condition": one.condition.value,
        "exception_reason": one.exception_reason.strip() if one.accept and not decision.outcome.is_accepted else "",
        "form": form,
    }


def _form(
    decision: Decision, place_id: uuid.UUID, actor: Actor, exception_reason: str, *, is_exchange: bool, is_gift: bool
) -> str:
    """How the value is given back. Raises NotReturnable with the rule, Forbidden for who may make no exception."""
    is_covered = decision.outcome.is_accepted and (is_exchange or decision.outcome is not Outcome.EXCHANGE_ONLY)
    if not is_covered:
        if not exception_reason.strip():
            raise NotReturnable(rule=decision.rule, outcome=decision.outcome.value)
        actor.require(permissions.PAYMENTS_REFUND, place_id=place_id)
    if is_gift or decision.form is RefundForm.CREDIT:
        return RefundForm.CREDIT.value
    return RefundForm.ORIGINAL.value


def _require_deduction(
    decision: Decision, line: ReturnableLine, condition: Condition, deduction: int, reason: str
) -> None:
    """The law that decides allows it, for a piece that was worn or damaged, within its value, and somebody says why."""
    if not decision.may_deduct or condition not in (Condition.WORN, Condition.DAMAGED):
        raise DeductionNotAllowed(rule=decision.rule)
    if deduction < 0 or not reason.strip():
        raise BadInput("A deduction is an amount above zero, with a reason the client can read.")
    if deduction > line.amount:  # of how many pieces, the database knows; it holds the exact measure
        raise DeductionNotAllowed(most_amount=line.amount)


def _require_announceable(decision: Decision, actor: Actor) -> None:
    is_asked_of_manager = decision.outcome is Outcome.ASK_MANAGER and actor.kind in (ActorKind.STAFF, ActorKind.APP)
    if not decision.outcome.is_accepted and not is_asked_of_manager:
        raise NotReturnable(decision.client_words("en"), rule=decision.rule, outcome=decision.outcome.value)


def _open_return(receipt: Receipt, lines: Sequence[BroughtLine]) -> uuid.UUID | None:
    """The announced return these lines belong to, if they were announced."""
    known = {_line_of(receipt, one.line_id).open_return for one in lines}
    if len(known) > 1:
        raise ReturnAnnounced(order_id=str(receipt.order_id))
    return known.pop()


def _line_of(receipt: Receipt, line_id: uuid.UUID) -> ReturnableLine:
    found = next((line for line in receipt.lines if line.line_id == line_id), None)
    if found is None:
        raise NotFound()
    if found.state not in ("HANDED_OVER", "DISPATCHED", "RETURNED"):
        raise AlreadyReturned(line_id=str(line_id))
    return found


def _maison_of(receipt: Receipt, actor: Actor) -> uuid.UUID:
    if actor.maison_id is not None:
        return actor.maison_id
    found: uuid.UUID = sql.value("SELECT maison_id FROM orders_order WHERE id = %s", [receipt.order_id])
    return found


def _written(line_id: uuid.UUID, quantity: int, reason: Reason, decision: Decision) -> dict[str, Any]:
    return {
        "line": line_id,
        "quantity": quantity,
        "reason": reason.value,
        "rule": decision.rule,
        "decision": as_document(decision),
    }


def _plain(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__dataclass_fields__}


def _call(
    statement: str,
    body: Mapping[str, Any],
    key: str,
    actor: Actor,
    at: datetime,
    *,
    scope: str,
    more: Mapping[str, Any],
    decided: Mapping[str, Any] = MappingProxyType({}),
) -> dict[str, Any]:
    """Ask the database, once for each key: `body` is what was asked for, `decided` stands in its place under the same
    names, and `more` is what the flow adds under names of its own.
    """
    if not actor.is_known and actor.kind is not ActorKind.ANONYMOUS:
        raise Forbidden()
    added = {
        **more,
        "scope": f"{actor.label if actor.is_known else body['order']}:{scope}",
        "key": idempotency.check_key(key),
        "hash": idempotency.request_hash(body).hex(),
        "actor": actor.label,
        "at": at,
    }
    asked = {**body, **decided}
    if lost := asked.keys() & added.keys():
        raise ValueError(f"The request already says {', '.join(sorted(lost))}; give what is added another name.")
    answer: dict[str, Any] = sql.document(statement, [json.dumps({**asked, **added}, default=str)])
    outbox.wake()
    return answer


def _done(answer: Mapping[str, Any], note: gift_cards.FreshNote | None = None) -> ReturnDone:
    document = answer.get("document")
    is_ours = note is not None and document is not None and document.get("note") == str(note.id)
    return ReturnDone(
        id=uuid.UUID(answer["return"]),
        number=answer["number"],
        document=ReturnDocument(
            id=uuid.UUID(document["document"]),
            number=document["number"],
            total_amount=document["total"],
            currency=document["currency"],
            refunded_amount=document["refunded"],
            credited_amount=document["credited"],
            awaits_payment=document.get("state") == "AWAITING_PAYMENT",
            credit_note_code=note.code if note is not None and is_ours else "",
        )
        if document
        else None,
    )
