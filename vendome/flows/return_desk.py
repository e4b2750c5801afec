# ruff: noqa: E501  # SQL reads better on one line here
"""Returns as those who work on them see them: what was announced, what stands to be examined, what was given back."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from vendome.domains.orders.types import Fate, ReturnRoute, ReturnState
from vendome.domains.people import permissions
from vendome.kit import sql
from vendome.kit.actors import EVERYWHERE, Actor, ActorKind
from vendome.kit.errors import NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnRow:
    """One line of the list of returns."""

    id: uuid.UUID
    number: str
    state: ReturnState
    route: ReturnRoute
    place_id: uuid.UUID | None
    order_id: uuid.UUID
    order_number: str
    channel: str
    announced_at: datetime
    quantity: int
    arrived: int
    accepted: int
    waiting: int  # arrivals nobody has decided on
    is_gift: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivalRow:
    """Something that came back, and where it stands. A protected client, and the giver of a gift, show no name."""

    id: uuid.UUID
    return_id: uuid.UUID
    return_number: str
    order_id: uuid.UUID
    order_number: str
    place_id: uuid.UUID
    model_name: str
    model_code: str
    material: str
    size: str
    sku: str
    serial: str
    quantity: int
    condition: str
    is_accepted: bool
    fate: Fate
    arrived_at: datetime
    inspected_at: datetime | None
    received_by: str
    inspected_by: str
    note: str
    reason: str
    rule: str
    decision: Mapping[str, Any]
    exception_reason: str
    client_name: str
    is_gift: bool
    amount: int
    currency: str
    deducted_amount: int  # what its value was less, and why (ADR 0022)
    deduction_reason: str
    awaits_payment: uuid.UUID | None  # the exchange whose difference she is still to pay
    wanted_name: str  # what is kept for her instead; accepting it sends that
    wanted_material: str
    wanted_size: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnLineRow:
    line_id: uuid.UUID
    model_name: str
    model_code: str
    collection_code: str
    material: str
    size: str
    serial: str
    quantity: int
    arrived: int
    accepted: int
    reason: str
    rule: str
    decision: Mapping[str, Any]
    exception_reason: str
    wanted_name: str  # what she takes instead, if she asked for an exchange
    wanted_material: str
    wanted_size: str
    wanted_amount: int
    wanted_balance: int  # above zero is to pay, below zero goes back; before anything is deducted
    is_kept: bool  # it is still kept for her
    kept_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRow:
    """Money on its way back, or given back."""

    id: uuid.UUID
    document_number: str
    tender: str
    amount: int
    currency: str
    state: str
    reference: str
    at: datetime
    gift_card_id: uuid.UUID | None  # the credit note or gift card it went onto


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRow:
    """One document of the return with its lines: what came in, what went out instead, and the balance."""

    id: uuid.UUID
    number: str
    placed_at: datetime
    total_amount: int
    tax_amount: int
    currency: str
    place_id: uuid.UUID | None
    advisor_id: uuid.UUID | None
    lines: tuple[tuple[str, str, str, str, int, int], ...]  # direction, name, form, serial or SKU, quantity, amount


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnView:
    id: uuid.UUID
    number: str
    state: ReturnState
    route: ReturnRoute
    place_id: uuid.UUID | None
    order_id: uuid.UUID
    order_number: str
    client_id: uuid.UUID | None
    client_name: str
    is_gift: bool
    announced_at: datetime
    announced_by: str
    lines: tuple[ReturnLineRow, ...]
    arrivals: tuple[ArrivalRow, ...]
    documents: tuple[DocumentRow, ...]
    payments: tuple[RefundRow, ...]
    currency: str
    pickup_address: tuple[str, ...]  # where the courier comes to
    pickup_phone: str
    pickup_date: date | None
    awaits_payment: uuid.UUID | None  # the exchange whose difference is still to be paid


ROWS = """
    SELECT q.id, q.number, q.state, q.route, q.place_id, o.id, o.number, o.channel, q.announced_at, l.quantity, l.arrived, l.accepted,
           (SELECT count(*) FROM orders_arrival a JOIN orders_returnline y ON y.id = a.line_id WHERE y.case_id = q.id AND a.fate = 'WAITING'), q.is_gift
    FROM orders_return q JOIN orders_order o ON o.id = q.order_id
    CROSS JOIN LATERAL (SELECT sum(y.quantity) AS quantity, sum(y.arrived_quantity) AS arrived, sum(y.accepted_quantity) AS accepted
                        FROM orders_returnline y WHERE y.case_id = q.id) l
    WHERE q.maison_id = %s AND (%s = '' OR q.state = %s) AND (%s::uuid IS NULL OR q.place_id = %s)
      AND (%s::uuid[] IS NULL OR q.announced_by = %s OR q.place_id = ANY (%s) OR o.place_id = ANY (%s) OR EXISTS (
          SELECT FROM orders_arrival a JOIN orders_returnline y ON y.id = a.line_id WHERE y.case_id = q.id AND a.place_id = ANY (%s)))
    ORDER BY q.announced_at DESC, q.id DESC LIMIT %s OFFSET %s
"""
ARRIVALS = """
    SELECT a.id, q.id, q.number, o.id, o.number, a.place_id, d.name, d.code, r.material, r.size, r.sku, coalesce(p.serial, ''), a.quantity, a.condition,
           a.is_accepted, a.fate, a.arrived_at, a.inspected_at, a.received_by, a.inspected_by, a.note, y.reason, y.rule, y.decision::text,
           y.exception_reason, CASE WHEN q.is_gift OR c.is_protected THEN '' ELSE coalesce(nullif(btrim(c.given_name || ' ' || c.family_name), ''), o.contact->>'name', '') END,
           q.is_gift, s.amount / s.quantity * a.quantity, o.currency, coalesce(i.deducted_amount, 0), a.deduction_reason,
           CASE WHEN NOT a.is_accepted THEN i.order_id END,
           coalesce(v.name, ''), coalesce(w.material, ''), coalesce(w.size, '')
    FROM orders_arrival a JOIN orders_returnline y ON y.id = a.line_id JOIN orders_return q ON q.id = y.case_id JOIN orders_order o ON o.id = q.order_id
    JOIN orders_orderline s ON s.id = y.sold_line_id JOIN catalogue_reference r ON r.id = s.reference_id JOIN catalogue_model d ON d.id = r.model_id
    LEFT JOIN stock_piece p ON p.id = a.piece_id LEFT JOIN clients_client c ON c.id = o.client_id
    LEFT JOIN orders_orderline i ON i.id = a.document_line_id
    LEFT JOIN catalogue_reference w ON w.id = y.wanted_reference_id AND flows_kept(y.id) IS NOT NULL LEFT JOIN catalogue_model v ON v.id = w.model_id
"""
LINES = """
    SELECT y.sold_line_id, d.name, d.code, k.code, r.material, r.size, coalesce(p.serial, ''), y.quantity, y.arrived_quantity, y.accepted_quantity,
           y.reason, y.rule, y.decision::text, y.exception_reason, coalesce(v.name, ''), coalesce(w.material, ''), coalesce(w.size, ''),
           coalesce((y.wanted_price->>'amount')::bigint, 0), coalesce((y.wanted_price->>'amount')::bigint - s.amount / s.quantity, 0), h.id IS NOT NULL, h.expires_at
    FROM orders_returnline y JOIN orders_orderline s ON s.id = y.sold_line_id JOIN catalogue_reference r ON r.id = s.reference_id
    JOIN catalogue_model d ON d.id = r.model_id JOIN catalogue_collection k ON k.id = d.collection_id LEFT JOIN stock_piece p ON p.id = s.piece_id
    LEFT JOIN catalogue_reference w ON w.id = y.wanted_reference_id LEFT JOIN catalogue_model v ON v.id = w.model_id
    LEFT JOIN stock_hold h ON h.id = flows_kept(y.id)
    WHERE y.case_id = %s ORDER BY y.position
"""
DOCUMENTS = """
    SELECT DISTINCT o.id, o.number, o.placed_at, o.total_amount, o.tax_amount, o.currency, o.place_id, o.advisor_id
    FROM orders_arrival a JOIN orders_returnline y ON y.id = a.line_id JOIN orders_orderline l ON l.id = a.document_line_id
    JOIN orders_order o ON o.id = l.order_id WHERE y.case_id = %s ORDER BY o.placed_at, o.id
"""
DOCUMENT_LINES = """
    SELECT l.order_id, l.direction, d.name, btrim(r.material || ' ' || r.size), coalesce(p.serial, r.sku), l.quantity,
           CASE l.direction WHEN 'OUT' THEN l.amount ELSE -l.amount END
    FROM orders_orderline l JOIN catalogue_reference r ON r.id = l.reference_id JOIN catalogue_model d ON d.id = r.model_id
    LEFT JOIN stock_piece p ON p.id = l.piece_id WHERE l.order_id = ANY (%s) ORDER BY l.direction, l.position
"""
PAYMENTS = """
    SELECT p.id, o.number, p.tender, p.amount, p.currency, p.state, p.provider_reference, coalesce(p.settled_at, p.requested_at), p.gift_card_id
    FROM payments_payment p JOIN orders_order o ON o.id = p.order_id WHERE o.id = ANY (%s) ORDER BY p.requested_at, p.id
"""


def list_returns(
    *, actor: Actor, state: str = "", place_id: uuid.UUID | None = None, page: int = 1, size: int = 50
) -> tuple[ReturnRow, ...]:
    """Returns of the places the actor may see and those she announced, newest first; one row more than `size` says there is a next page."""
    places = _places(actor)
    start = (max(page, 1) - 1) * size
    rows = sql.rows(
        ROWS,
        [
            actor.in_maison,
            state,
            state,
            place_id,
            place_id,
            places,
            actor.label,
            places,
            places,
            places,
            size + 1,
            start,
        ],
    )
    return tuple(
        ReturnRow(
            id=row[0],
            number=row[1],
            state=ReturnState(row[2]),
            route=ReturnRoute(row[3]),
            place_id=row[4],
            order_id=row[5],
            order_number=row[6],
            channel=row[7],
            announced_at=row[8],
            quantity=int(row[9]),
            arrived=int(row[10]),
            accepted=int(row[11]),
            waiting=row[12],
            is_gift=row[13],
        )
        for row in rows
    )


def list_to_inspect(*, actor: Actor, place_id: uuid.UUID | None = None) -> tuple[ArrivalRow, ...]:
    """What stands in quarantine at the places where the actor examines, longest waiting first."""
    allowed = actor.places_for(permissions.ORDERS_INSPECT)
    places = None if allowed is EVERYWHERE else list(allowed)
    if place_id is not None:
        actor.require(permissions.ORDERS_INSPECT, place_id=place_id)
        places = [place_id]
    where = "WHERE q.maison_id = %s AND a.fate = 'WAITING' AND (%s::uuid[] IS NULL OR a.place_id = ANY (%s)) ORDER BY a.arrived_at, a.id LIMIT 200"
    return tuple(_arrival(row) for row in sql.rows(ARRIVALS + where, [actor.in_maison, places, places]))


def count_to_inspect(*, actor: Actor) -> int:
    """How many arrivals wait at the places where the actor examines."""
    allowed = actor.places_for(permissions.ORDERS_INSPECT)
    places = None if allowed is EVERYWHERE else list(allowed)
    found: int = sql.value(
        "SELECT count(*) FROM orders_arrival a JOIN house_place h ON h.id = a.place_id "
        "WHERE h.maison_id = %s AND a.fate = 'WAITING' AND (%s::uuid[] IS NULL OR a.place_id = ANY (%s))",
        [actor.in_maison, places, places],
    )
    return found


def get_return(*, actor: Actor, return_id: uuid.UUID) -> ReturnView:
    """One return with its lines, arrivals, documents and money; for staff who see orders at one of its places, and for the
    client or guest whose order it is (the caller has checked a guest's key). Raises NotFound.
    """
    found = sql.row(
        "SELECT q.id, q.number, q.state, q.route, q.place_id, o.id, o.number, q.client_id, q.is_gift, q.announced_at, q.announced_by, "
        "o.place_id, o.client_id, CASE WHEN c.is_protected OR q.is_gift THEN '' ELSE "
        "coalesce(nullif(btrim(c.given_name || ' ' || c.family_name), ''), o.contact->>'name', '') END, q.maison_id, "
        "q.pickup_address, q.pickup_phone, q.pickup_date, o.currency "
        "FROM orders_return q JOIN orders_order o ON o.id = q.order_id LEFT JOIN clients_client c ON c.id = o.client_id WHERE q.id = %s",
        [return_id],
    )
    if found is None:
        raise NotFound()
    arrivals = tuple(
        _arrival(row) for row in sql.rows(ARRIVALS + "WHERE q.id = %s ORDER BY a.arrived_at, a.id", [return_id])
    )
    _require_visible(actor, found, {one.place_id for one in arrivals})
    documents = _documents(return_id)
    return ReturnView(
        id=found[0],
        number=found[1],
        state=ReturnState(found[2]),
        route=ReturnRoute(found[3]),
        place_id=found[4],
        order_id=found[5],
        order_number=found[6],
        client_id=found[7],
        client_name=found[13],
        is_gift=found[8],
        announced_at=found[9],
        announced_by=found[10],
        lines=_lines(return_id),
        arrivals=arrivals,
        documents=documents,
        payments=tuple(
            RefundRow(
                id=row[0],
                document_number=row[1],
                tender=row[2],
                amount=row[3],
                currency=row[4],
                state=row[5],
                reference=row[6],
                at=row[7],
                gift_card_id=row[8],
            )
            for row in sql.rows(PAYMENTS, [[one.id for one in documents]])
        ),
        currency=found[18],
        pickup_address=tuple(found[15]),
        pickup_phone=found[16],
        pickup_date=found[17],
        awaits_payment=next((one.awaits_payment for one in arrivals if one.awaits_payment), None),
    )


def list_of_order(*, order_id: uuid.UUID) -> tuple[tuple[uuid.UUID, str, ReturnState], ...]:
    """The returns of an order the caller has been shown, gifts of others left out, newest first."""
    rows = sql.rows(
        "SELECT id, number, state FROM orders_return WHERE order_id = %s AND NOT is_gift AND state <> 'WITHDRAWN' "
        "ORDER BY announced_at DESC, id DESC",
        [order_id],
    )
    return tuple((row[0], row[1], ReturnState(row[2])) for row in rows)


def _require_visible(actor: Actor, found: tuple[Any, ...], arrived_at: set[uuid.UUID]) -> None:
    if actor.kind is ActorKind.SYSTEM:
        return
    if actor.kind not in (ActorKind.STAFF, ActorKind.APP):
        if found[8] or found[12] != actor.client_id:
            raise NotFound()
        return
    places = actor.places_for(permissions.ORDERS_VIEW)
    mine = places is EVERYWHERE or found[10] == actor.label or bool({found[4], found[11], *arrived_at} & set(places))
    if found[14] != actor.in_maison or not mine:
        raise NotFound()


def _places(actor: Actor) -> list[uuid.UUID] | None:
    places = actor.places_for(permissions.ORDERS_VIEW)
    return None if places is EVERYWHERE else list(places)


def _lines(return_id: uuid.UUID) -> tuple[ReturnLineRow, ...]:
    return tuple(
        ReturnLineRow(
            line_id=row[0],
            model_name=row[1],
            model_code=row[2],
            collection_code=row[3],
            material=row[4],
            size=row[5],
            serial=row[6],
            quantity=row[7],
            arrived=row[8],
            accepted=row[9],
            reason=row[10],
            rule=row[11],
            decision=_json(row[12]),
            exception_reason=row[13],
            wanted_name=row[14],
            wanted_material=row[15],
            wanted_size=row[16],
            wanted_amount=row[17],
            wanted_balance=row[18],
            is_kept=row[19],
            kept_until=row[20],
        )
        for row in sql.rows(LINES, [return_id])
    )


def _documents(return_id: uuid.UUID) -> tuple[DocumentRow, ...]:
    rows = sql.rows(DOCUMENTS, [return_id])
    lines = sql.rows(DOCUMENT_LINES, [[row[0] for row in rows]])
    return tuple(
        DocumentRow(
            id=row[0],
            number=row[1],
            placed_at=row[2],
            total_amount=row[3],
            tax_amount=row[4],
            currency=row[5],
            place_id=row[6],
            advisor_id=row[7],
            lines=tuple((one[1], one[2], one[3], one[4], one[5], one[6]) for one in lines if one[0] == row[0]),
        )
        for row in rows
    )


def _arrival(row: tuple[Any, ...]) -> ArrivalRow:
    return ArrivalRow(
        id=row[0],
        return_id=row[1],
        return_number=row[2],
        order_id=row[3],
        order_number=row[4],
        place_id=row[5],
        model_name=row[6],
        model_code=row[7],
        material=row[8],
        size=row[9],
        sku=row[10],
        serial=row[11],
        quantity=row[12],
        condition=row[13],
        is_accepted=row[14],
        fate=Fate(row[15]),
        arrived_at=row[16],
        inspected_at=row[17],
        received_by=row[18],
        inspected_by=row[19],
        note=row[20],
        reason=row[21],
        rule=row[22],
        decision=_json(row[23]),
        exception_reason=row[24],
        client_name=row[25],
        is_gift=row[26],
        amount=row[27],
        currency=row[28],
        deducted_amount=row[29],
        deduction_reason=row[30],
        awaits_payment=row[31],
        wanted_name=row[32],
        wanted_material=row[33],
        wanted_size=row[34],
    )


def _json(text: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(text)
    return found
