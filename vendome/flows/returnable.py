# ruff: noqa: E501  # SQL reads better on one line here
"""What may come back: a receipt as the counter, the client and client service see it, each line with the policy's answer."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from vendome.domains.orders.policy.deciding import better, decide
from vendome.domains.orders.policy.types import Condition, Decision, Facts, Outcome, Rule, way_of
from vendome.domains.orders.queries import policy
from vendome.domains.people import permissions
from vendome.flows import recognition
from vendome.kit import sql
from vendome.kit.actors import Actor, ActorKind
from vendome.kit.errors import Forbidden, NotFound

MOST_RECEIPTS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnableLine:
    """One sold line, how much of it is still out, and what the policy says of its return: today, or the day she announced it."""

    line_id: uuid.UUID
    reference_id: uuid.UUID
    model_name: str
    model_code: str
    collection_code: str
    family: str
    material: str
    size: str
    sku: str
    serial: str
    quantity: int
    out: int  # with the client still
    unit_amount: int
    amount: int
    state: str
    received_on: date | None
    open_return: uuid.UUID | None
    open_number: str
    exchange_for: uuid.UUID | None  # the reference that is kept for her instead, while it is announced
    announced_at: datetime | None
    facts: Facts
    decision: Decision

    @property
    def may_come_back(self) -> bool:
        return self.out > 0 and self.state in ("HANDED_OVER", "DISPATCHED")


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """One order whose pieces may come back, wherever and however they were sold. A protected client shows no name."""

    order_id: uuid.UUID
    number: str
    placed_at: datetime
    channel: str
    country: str
    market_id: uuid.UUID
    currency: str
    client_id: uuid.UUID | None
    client_name: str
    lines: tuple[ReturnableLine, ...]

    @property
    def may_come_back(self) -> bool:
        return any(line.may_come_back for line in self.lines)


RECEIPTS = """
    SELECT o.id, o.number, o.placed_at, o.channel, m.country, m.id, o.currency, o.client_id,
           CASE WHEN c.is_protected THEN '' ELSE coalesce(nullif(btrim(c.given_name || ' ' || c.family_name), ''), o.contact->>'name', '') END,
           l.id, l.reference_id, d.name, d.code, k.code, d.family, r.material, r.size, r.sku, coalesce(p.serial, ''), l.quantity,
           l.quantity - l.returned_quantity, l.unit_amount, l.amount, l.state, l.is_personalised, l.is_final_sale,
           (CASE WHEN h.id IS NULL AND l.mode <> 'DELIVER' THEN o.placed_at
                 WHEN l.mode <> 'DELIVER' THEN h.at
                 WHEN o.source <> '' THEN o.placed_at
                 ELSE (SELECT max(f.delivered_at) FROM fulfilment_parcel f WHERE f.order_id = o.id AND f.origin_id = l.place_id)
            END AT TIME ZONE coalesce(s.timezone, 'UTC'))::date,
           q.id, q.number, q.announced_at, CASE WHEN flows_kept(y.id) IS NOT NULL THEN y.wanted_reference_id END
    FROM orders_order o
    JOIN house_market m ON m.id = o.market_id
    JOIN orders_orderline l ON l.order_id = o.id AND l.direction = 'OUT'
    JOIN catalogue_reference r ON r.id = l.reference_id
    JOIN catalogue_model d ON d.id = r.model_id
    JOIN catalogue_collection k ON k.id = d.collection_id
    LEFT JOIN clients_client c ON c.id = o.client_id
    LEFT JOIN stock_piece p ON p.id = l.piece_id
    LEFT JOIN fulfilment_handover h ON h.order_line_id = l.id
    LEFT JOIN house_place s ON s.id = l.place_id
    LEFT JOIN orders_returnline y ON y.sold_line_id = l.id AND y.is_open
    LEFT JOIN orders_return q ON q.id = y.case_id
    WHERE o.maison_id = %s AND o.id = ANY (%s)
    ORDER BY o.placed_at DESC, o.id, l.position
"""
BY_NUMBER = """
    SELECT o.id FROM orders_order o WHERE o.maison_id = %(maison)s AND o.number = ANY (%(numbers)s)
    UNION SELECT q.order_id FROM orders_return q WHERE q.maison_id = %(maison)s AND q.number = ANY (%(numbers)s)
    UNION (SELECT l.order_id FROM stock_piece p JOIN orders_orderline l ON l.piece_id = p.id AND l.direction = 'OUT'
           JOIN orders_order o ON o.id = l.order_id
           WHERE p.maison_id = %(maison)s AND p.serial = ANY (%(numbers)s) AND l.state IN ('HANDED_OVER', 'DISPATCHED', 'RETURNED')
           ORDER BY o.placed_at DESC LIMIT 1)
"""
BY_CLIENT = """
    SELECT o.id FROM orders_order o WHERE o.maison_id = %s AND o.client_id = %s AND EXISTS (
        SELECT FROM orders_orderline l WHERE l.order_id = o.id AND l.direction = 'OUT' AND l.state IN ('HANDED_OVER', 'DISPATCHED'))
    ORDER BY o.placed_at DESC LIMIT %s
"""


def find_receipts(
    *, actor: Actor, place_id: uuid.UUID, on: date, at: datetime, text: str = "", client_id: uuid.UUID | None = None
) -> tuple[Receipt, ...]:
    """Receipts by what the counter has: their number, a return's number, a serial number scanned, or the client's card.

    Any place takes any return, so this finds orders of every channel and place; only to who receives returns at `place_id`,
    and by what stands on a receipt or a piece in hand.
    """
    actor.require(permissions.ORDERS_RETURN, place_id=place_id)
    typed = text.strip()[:80]
    if client_id is not None:
        recognition.card_json(actor=actor, client_id=client_id, at=at)  # her file: guarded, limited, written down
        found = sql.rows(BY_CLIENT, [actor.in_maison, client_id, MOST_RECEIPTS])
    elif typed:
        numbers = list({typed, typed.upper()})
        query = BY_NUMBER.replace("%(maison)s", "%s").replace("%(numbers)s", "%s")
        found = sql.rows(query, [actor.in_maison, numbers, actor.in_maison, numbers, actor.in_maison, numbers])
    else:
        return ()
    return _receipts(actor.in_maison, [row[0] for row in found], on)


def get_receipt(*, actor: Actor, order_id: uuid.UUID, on: date, is_gift: bool = False) -> Receipt:
    """One receipt: for staff who receive returns or change orders, for the client whose order it is, for a guest who has shown
    its key to the caller. Raises NotFound, Forbidden.
    """
    if actor.maison_id is None and actor.kind is not ActorKind.SYSTEM:
        maison_id = sql.value("SELECT maison_id FROM orders_order WHERE id = %s", [order_id])
    else:
        maison_id = actor.in_maison
    found = _receipts(maison_id, [order_id], on, is_gift=is_gift) if maison_id else ()
    if not found:
        raise NotFound()
    receipt = found[0]
    if actor.kind in (ActorKind.STAFF, ActorKind.APP):
        if not (actor.may(permissions.ORDERS_RETURN) or actor.may(permissions.ORDERS_CHANGE)):
            raise Forbidden(permission=permissions.ORDERS_RETURN)
    elif receipt.client_id != actor.client_id and actor.kind is not ActorKind.SYSTEM:
        raise NotFound()
    return receipt


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyLine:
    """One line of an order, as the policy answers today and as other rules would."""

    model_name: str
    serial: str
    now: Decision
    then: Decision
    is_back: bool  # all of it has come back already: no rule is asked for it any more
    is_with_her: bool


def preview_policy(*, actor: Actor, number: str, rules: Sequence[Rule], on: date) -> tuple[PolicyLine, ...]:
    """What `rules` would decide for each line of an order if it came back on this day, as sold, beside what stands.

    For whoever writes the policy: it shows pieces and answers, never whose order it is. Raises NotFound, Forbidden.
    """
    actor.require(permissions.ORDERS_POLICY)
    typed = number.strip()[:80].upper()
    found = sql.value("SELECT id FROM orders_order WHERE maison_id = %s AND number = %s", [actor.in_maison, typed])
    receipts = _receipts(actor.in_maison, [found], on) if found else ()
    if not receipts:
        raise NotFound()
    return tuple(
        PolicyLine(
            model_name=line.model_name,
            serial=line.serial or line.sku,
            now=line.decision,
            then=_decide(actor.in_maison, rules, line.announced_at, line.facts),
            is_back=line.out == 0 and line.state != "CANCELLED",
            is_with_her=line.may_come_back,
        )
        for line in receipts[0].lines
    )


def read_return_days(*, maison_id: uuid.UUID, country: str, channel: str, family: str = "", on: date) -> int:
    """For how many days the money of a piece as sold, received today, is given back, by the rules in force; 0: for none.

    The answer of the rules only changes after the last day of a period or of a rule, so those days are asked.
    """
    rules = policy.list_rules(maison_id=maison_id)
    ends = {rule.within_days for rule in rules} | {
        (day - on).days
        for rule in rules
        for day in (rule.until_date, rule.from_date - timedelta(days=1) if rule.from_date else None)
        if day
    }
    days = 0
    for end in sorted(one for one in ends if one is not None and one > 0):
        facts = Facts(country=country, way=way_of(channel), family=family, on=on + timedelta(days=end), received_on=on)
        if decide(rules, facts).outcome not in (Outcome.RIGHT, Outcome.REFUND):
            break
        days = end
    return days


def _receipts(
    maison_id: uuid.UUID, ids: Sequence[uuid.UUID], on: date, *, is_gift: bool = False
) -> tuple[Receipt, ...]:
    if not ids:
        return ()
    rules = policy.list_rules(maison_id=maison_id)
    by_order: dict[uuid.UUID, Receipt] = {}
    for row in sql.rows(RECEIPTS, [maison_id, list(ids)]):
        known = by_order.get(row[0])
        line = _line(row, maison_id, rules, on, is_gift)
        if known is None:
            by_order[row[0]] = Receipt(
                order_id=row[0],
                number=row[1],
                placed_at=row[2],
                channel=row[3],
                country=row[4],
                market_id=row[5],
                currency=row[6],
                client_id=row[7],
                client_name=row[8],
                lines=(line,),
            )
        else:
            by_order[row[0]] = replace(known, lines=(*known.lines, line))
    return tuple(by_order.values())


def _line(row: tuple[Any, ...], maison_id: uuid.UUID, rules: Sequence[Rule], on: date, is_gift: bool) -> ReturnableLine:
    announced = row[29].date() if row[29] else None
    facts = Facts(
        country=row[4],
        way=way_of(row[3]),
        family=row[14],
        on=min(announced, on) if announced else on,  # what counts is the day she said so, not the day it arrives
        received_on=row[26],
        is_personalised=row[24],
        is_final_sale=row[25],
        is_gift=is_gift,
    )
    return ReturnableLine(
        line_id=row[9],
        reference_id=row[10],
        model_name=row[11],
        model_code=row[12],
        collection_code=row[13],
        family=row[14],
        material=row[15],
        size=row[16],
        sku=row[17],
        serial=row[18],
        quantity=row[19],
        out=row[20],
        unit_amount=row[21],
        amount=row[22],
        state=row[23],
        received_on=row[26],
        open_return=row[27],
        open_number=row[28] or "",
        exchange_for=row[30],
        announced_at=row[29],
        facts=facts,
        decision=_decide(maison_id, rules, row[29], facts),
    )


def read_decision(
    *,
    maison_id: uuid.UUID,
    line: ReturnableLine,
    condition: Condition = Condition.AS_SOLD,
    is_unsealed: bool = False,
    has_receipt: bool = True,
) -> Decision:
    """What the policy says once somebody has looked at the piece; of an announced one, what it said on that day or better."""
    facts = replace(line.facts, condition=condition, is_unsealed=is_unsealed, has_receipt=has_receipt)
    return _decide(maison_id, policy.list_rules(maison_id=maison_id), line.announced_at, facts)


def _decide(maison_id: uuid.UUID, rules: Sequence[Rule], announced_at: datetime | None, facts: Facts) -> Decision:
    """An announcement promises that the decision of its day stays (ADR 0022): a rule that was changed or taken out since is
    kept for her, law and house alike, and one that gives her more by now is hers too.
    """
    now = decide(rules, facts)
    if announced_at is None:
        return now
    return better(decide(policy.list_rules_at(maison_id=maison_id, at=announced_at), facts), now)
