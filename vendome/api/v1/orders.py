"""Orders: place one, read one, list them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from ninja import Query, Router, Schema
from ninja.decorators import decorate_view
from pydantic import Field

from vendome.api import access
from vendome.api.v1 import hot
from vendome.api.v1.shapes import (
    ID,
    KEY_HEADER,
    OTHER_ID,
    PLACE_ID,
    example,
    read_moment_cursor,
    refused,
    write_cursor,
)
from vendome.domains.orders import types
from vendome.domains.orders.queries import placed as orders
from vendome.domains.payments.types import PaymentState, Tender
from vendome.domains.people import permissions

router = Router(tags=["Orders"])


class PlacedLineOut(Schema):
    """A line with the hold that keeps its piece."""

    model_config = example(
        id=OTHER_ID, reference_id=ID, place_id=PLACE_ID, hold_id=OTHER_ID, piece_id=ID, mode="COLLECT", amount=820000
    )
    id: UUID
    reference_id: UUID
    place_id: UUID
    hold_id: UUID
    piece_id: UUID | None
    mode: types.Mode
    amount: int


class PlacedTenderOut(Schema):
    """One tender of the order: captured already, or asked for."""

    model_config = example(id=OTHER_ID, tender="CARD", provider="stripe", amount=820000, state="REQUESTED")
    id: UUID
    tender: Tender
    provider: str
    amount: int
    state: PaymentState


class PlacedOrderOut(Schema):
    """An order as it stands after it was placed. Amounts in minor units of `currency`."""

    model_config = example(
        id=ID, number="VER-26-104233", payment_id=OTHER_ID, state="AWAITING_PAYMENT", total_amount=820000,
        tax_amount=136667, currency="EUR",
        lines=[{"id": OTHER_ID, "reference_id": ID, "place_id": PLACE_ID, "hold_id": OTHER_ID, "piece_id": ID,
                "mode": "COLLECT", "amount": 820000}],
        due_amount=820000,
        payments=[{"id": OTHER_ID, "tender": "CARD", "provider": "stripe", "amount": 820000, "state": "REQUESTED"}],
    )  # fmt: skip
    id: UUID
    number: str
    payment_id: UUID
    state: types.OrderState
    total_amount: int
    tax_amount: int
    currency: str
    lines: list[PlacedLineOut]
    due_amount: int = Field(description="What confirms it: the total, a deposit, or the first rate of a plan.")
    payments: list[PlacedTenderOut]


class OrderLineOut(Schema):
    model_config = example(
        id=OTHER_ID, position=1, direction="OUT", reference_id=ID, piece_id=ID, serial="VM-26-012345", quantity=1,
        unit_amount=820000, amount=820000, mode="COLLECT", state="HELD", place_id=PLACE_ID, promised_date=None,
    )  # fmt: skip
    id: UUID
    position: int
    direction: types.Direction
    reference_id: UUID
    piece_id: UUID | None
    serial: str
    quantity: int
    unit_amount: int
    amount: int
    mode: types.Mode
    state: types.LineState
    place_id: UUID | None
    promised_date: date | None


class RelatedOrderOut(Schema):
    """The other half of a change, an exchange or a return; of the orders the program may see."""

    model_config = example(id=OTHER_ID, number="VER-26-104241", relation="EXCHANGED_IN")
    id: UUID
    number: str
    relation: types.Relation


class OrderOut(Schema):
    """One order with its lines."""

    model_config = example(
        id=ID, number="VER-26-104233", client_id=OTHER_ID, channel="web", place_id=None, advisor_id=None,
        state="CONFIRMED", currency="EUR", total_amount=820000, tax_amount=136667,
        placed_at="2026-11-20T15:00:00Z", delivery_address=[], lines=[],
        related=[{"id": OTHER_ID, "number": "VER-26-104241", "relation": "EXCHANGED_IN"}],
    )  # fmt: skip
    id: UUID
    number: str
    client_id: UUID | None
    channel: str
    place_id: UUID | None
    advisor_id: UUID | None
    state: types.OrderState
    currency: str
    total_amount: int
    tax_amount: int
    placed_at: datetime
    delivery_address: list[str]
    lines: list[OrderLineOut]
    related: list[RelatedOrderOut]


class OrderRowOut(Schema):
    model_config = example(
        id=ID, number="VER-26-104233", client_id=OTHER_ID, channel="web", place_id=None, advisor_id=None,
        state="CONFIRMED", currency="EUR", total_amount=820000, placed_at="2026-11-20T15:00:00Z", line_count=1,
    )  # fmt: skip
    id: UUID
    number: str
    client_id: UUID | None
    channel: str
    place_id: UUID | None
    advisor_id: UUID | None
    state: types.OrderState
    currency: str
    total_amount: int
    placed_at: datetime
    line_count: int


class OrderPage(Schema):
    items: list[OrderRowOut]
    next: str | None = Field(description="Send as `after` for the next page; null on the last one.")


def _body_schema() -> dict[str, Any]:
    """The order's body as the hot view reads it, written out for the document."""
    (found,), named = msgspec.json.schema_components([hot.OrderBody], ref_template="#/components/schemas/{name}")
    return {"body": found, "components": named}


BODY = _body_schema()
PLACE_ORDER_EXTRA = {
    "parameters": [KEY_HEADER],
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": BODY["body"],
                "example": {
                    "market": "FR",
                    "channel": "web",
                    "client_id": OTHER_ID,
                    "lines": [{"reference_id": ID, "mode": "COLLECT", "place_id": PLACE_ID}],
                    "tender": {"tender": "CARD", "provider": "card_test"},
                },
            }
        },
    },
}


@router.post(
    "",
    response={201: PlacedOrderOut, **refused(400, 401, 403, 404, 409, 422, 503)},
    summary="Place an order",
    openapi_extra=PLACE_ORDER_EXTRA,
)
@decorate_view(hot.instead(hot.place_order))
@access.program(permissions.ORDERS_SELL)
def place_order(request: access.ApiRequest) -> None:
    """Prices the lines, holds every piece and writes the order: all or nothing, once for each Idempotency-Key.

    A line without a place and with mode DELIVER comes from wherever it is best. An unsettled order keeps its
    pieces for fifteen minutes, one that waits for a bank transfer for the market's days.

    Several `tenders` add up to what is due, and one of them may leave its amount open; `due_amount` agrees a deposit,
    `instalments` a plan whose first rate is due now. A gift card is named by its code.

    With `expected_total_amount`, the total the buyer was shown, another total answers 409
    `orders.total_changed` with the true one and places nothing.
    """


@router.get("", response={200: OrderPage, **refused(401, 403, 422)}, summary="List orders")
@access.program(permissions.ORDERS_VIEW)
def list_orders(
    request: access.ApiRequest,
    number: str = "",
    state: types.OrderState | None = None,
    channel: str = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    after: str = "",
) -> OrderPage:
    """Orders of the places the token or person may see, newest first."""
    found = orders.list_orders(
        actor=request.actor,
        search=number,
        state=state.value if state else "",
        channel=channel,
        after=read_moment_cursor(after),
        size=limit,
    )
    shown = found[:limit]
    more = write_cursor(shown[-1].placed_at.isoformat(), shown[-1].id) if len(found) > limit else None
    return OrderPage(items=[OrderRowOut.from_orm(row) for row in shown], next=more)


@router.get("/{uuid:order_id}", response={200: OrderOut, **refused(401, 403, 404)}, summary="Get an order")
@access.program(permissions.ORDERS_VIEW)
def get_order(request: access.ApiRequest, order_id: UUID) -> types.OrderView:
    """One order with its lines. An order of places you may not see is not there."""
    found = orders.get_order(actor=request.actor, order_id=order_id)
    return replace(found, related=orders.list_related(actor=request.actor, order_id=order_id))
