"""Payments: what an order still wants, further tenders, pay links, gift cards, statements and their differences."""

from __future__ import annotations

import base64
from datetime import date, datetime, timedelta
from typing import Annotated
from uuid import UUID

from django.urls import reverse
from ninja import Query, Router, Schema, Status
from pydantic import Field

from vendome.api import access, remembered
from vendome.api.v1 import hot
from vendome.api.v1.shapes import ID, KEY_HEADER, OTHER_ID, example, refused
from vendome.domains.orders.queries import placed as orders
from vendome.domains.payments.queries import money
from vendome.domains.payments.queries import tenders as payments
from vendome.domains.payments.types import CardKind, CardState, Difference, PaymentRow, PaymentState, Tender
from vendome.domains.people import permissions
from vendome.flows import gift_cards, pay_links, paying, reconciliation
from vendome.flows.types import TenderGiven
from vendome.kit import clock
from vendome.kit.errors import BadInput

router = Router(tags=["Payments"])
KEYED = {"parameters": [KEY_HEADER]}
ALL = (400, 401, 403, 404, 409, 422, 503)


class PaymentOut(Schema):
    """One tender of an order; a refund has a negative amount."""

    model_config = example(
        id=OTHER_ID, tender="CARD", provider="stripe", provider_reference="pi_3Q", amount=820000,
        currency="EUR", state="CAPTURED",
        requested_at="2026-11-20T15:00:00Z", settled_at="2026-11-20T15:00:04Z",
    )  # fmt: skip
    id: UUID
    tender: Tender
    provider: str
    provider_reference: str
    amount: int
    currency: str
    state: PaymentState
    requested_at: datetime
    settled_at: datetime | None


class TenderIn(Schema):
    """A further tender. Without an amount it takes all that is missing."""

    model_config = example(tender="CASH", provider="till", amount=520000, is_settled=True) | {"extra": "forbid"}
    tender: Tender
    provider: str = Field(min_length=1, max_length=40)
    reference: str = Field("", max_length=120)
    is_settled: bool = False
    amount: int | None = Field(None, ge=1)
    gift_card_code: str = Field("", max_length=60)


class AddedOut(Schema):
    model_config = example(payment_id=OTHER_ID, amount=520000, currency="EUR", state="CAPTURED", missing_amount=0)
    payment_id: UUID
    amount: int
    currency: str
    state: PaymentState
    missing_amount: int


class LinkIn(Schema):
    model_config = example(amount=None, hours=48) | {"extra": "forbid"}
    amount: int | None = Field(None, ge=1, description="A part of what is missing; all of it when left out.")
    hours: int = Field(48, ge=1, le=336)


class LinkOut(Schema):
    model_config = example(
        id=OTHER_ID,
        payment_id=ID,
        path="/pay/3q2-8K…/",
        amount=820000,
        currency="EUR",
        expires_at="2026-11-22T15:00:00Z",
    )
    id: UUID
    payment_id: UUID
    path: str = Field(
        description="The address below the house's own name. Shown once: empty when the request is repeated."
    )
    amount: int
    currency: str
    expires_at: datetime


class ReaderIn(Schema):
    model_config = example(reader="tmr_paris_1") | {"extra": "forbid"}
    reader: str = Field(min_length=1, max_length=80)


class ShownOut(Schema):
    model_config = example(payment_id=ID, reader="tmr_paris_1")
    payment_id: UUID
    reader: str


class CardIn(Schema):
    """A gift card that is sold at a place, or given with a reason."""

    model_config = example(
        amount=50000, market="FR", place_id=ID, tender={"tender": "CASH", "provider": "till", "is_settled": True}
    ) | {"extra": "forbid"}
    amount: int = Field(ge=1)
    market: str = Field(min_length=2, max_length=8)
    place_id: UUID | None = None
    client_id: UUID | None = None
    tender: TenderIn | None = Field(None, description="Left out for a card that is given; `reason` then says why.")
    reason: str = Field("", max_length=200)
    expires_date: date | None = None


class CardMadeOut(Schema):
    model_config = example(id=OTHER_ID, code="0G4K2-9T…", order_id=ID, amount=50000, currency="EUR")
    id: UUID
    code: str = Field(description="Shown once: empty when the request is repeated.")
    order_id: UUID | None
    amount: int
    currency: str


class CodeIn(Schema):
    model_config = example(code="0G4K2-9T0XZ-…") | {"extra": "forbid"}
    code: str = Field(max_length=60)


class GiftCardOut(Schema):
    model_config = example(
        id=OTHER_ID,
        kind="GIFT_CARD",
        ending="7Q2M",
        currency="EUR",
        balance=31000,
        face_amount=50000,
        state="ACTIVE",
        expires_date=None,
    )
    id: UUID
    kind: CardKind
    ending: str
    currency: str
    balance: int
    face_amount: int
    state: CardState
    expires_date: date | None


class StatementIn(Schema):
    model_config = example(name="2026-11-24.xml", content="PD94bWwg…") | {"extra": "forbid"}
    name: str = Field(min_length=1, max_length=200)
    content: str = Field(description="The file as base64: CAMT.053, a bank's CSV, or Stripe's balance report.")


class StatementTakenOut(Schema):
    model_config = example(lines=40, new_lines=38, matched=36, differences=2)
    lines: int
    new_lines: int
    matched: int
    differences: int


class DifferenceOut(Schema):
    model_config = example(
        id=OTHER_ID, day="2026-11-24", kind="AMOUNT", source="stripe", reference="pi_3Q", order_id=ID,
        order_number="VER-26-104233",
        expected_amount=820000, found_amount=819999, currency="EUR", is_open=True, resolution="",
    )  # fmt: skip
    id: UUID
    day: date
    kind: Difference
    source: str
    reference: str
    order_id: UUID | None
    order_number: str
    expected_amount: int | None
    found_amount: int | None
    currency: str
    is_open: bool
    resolution: str


class ResolutionIn(Schema):
    model_config = example(resolution="A bank charge; the client was told.") | {"extra": "forbid"}
    resolution: str = Field(min_length=1, max_length=500)


class ResolvedOut(Schema):
    model_config = example(id=ID, is_open=False)
    id: UUID
    is_open: bool


class BalanceOut(Schema):
    model_config = example(account="tender:card", currency="EUR", amount=1240000)
    account: str
    currency: str
    amount: int


class MatchIn(Schema):
    model_config = example(order_number="VER-26-104233") | {"extra": "forbid"}
    order_number: str = Field(min_length=1, max_length=40)


class MatchOut(Schema):
    model_config = example(order_id=ID)
    order_id: UUID


@router.get(
    "/orders/{uuid:order_id}/payments",
    response={200: list[PaymentOut], **refused(401, 403, 404)},
    summary="List payments",
)
@access.program(permissions.ORDERS_VIEW)
def list_payments(request: access.ApiRequest, order_id: UUID) -> tuple[PaymentRow, ...]:
    """The tenders of an order and what was given back of them, oldest first."""
    orders.get_order(actor=request.actor, order_id=order_id)  # one she may not see is not there
    return payments.list_payments(actor=request.actor, order_id=order_id)


@router.post(
    "/orders/{uuid:order_id}/payments",
    response={201: AddedOut, **refused(*ALL)},
    summary="Add a tender",
    openapi_extra=KEYED,
)
@access.program(permissions.ORDERS_SELL)
def add_payment(request: access.ApiRequest, order_id: UUID, body: TenderIn) -> Status[AddedOut]:
    """The rest of a deposit, or another way to pay. Cash, a slip and a gift card settle at once; a card waits."""
    added = paying.add_tender(
        key=access.idempotency_key(request),
        order_id=order_id,
        tender=_given(request, body),
        actor=request.actor,
        at=clock.now(),
    )
    return Status(201, AddedOut.from_orm(added))


@router.post(
    "/orders/{uuid:order_id}/links",
    response={201: LinkOut, **refused(*ALL)},
    summary="Make a pay link",
    openapi_extra=KEYED,
)
@access.program(permissions.ORDERS_SELL)
def make_link(request: access.ApiRequest, order_id: UUID, body: LinkIn) -> Status[LinkOut]:
    """An address at which her card pays what is missing, once, until it runs out. A newer link ends the older one."""
    made = pay_links.create(
        key=access.idempotency_key(request),
        order_id=order_id,
        amount=body.amount,
        lasts=timedelta(hours=body.hours),
        actor=request.actor,
        at=clock.now(),
    )
    path = reverse("boutique:pay_link", args=[made.token]) if made.token else ""
    return Status(
        201,
        LinkOut(
            id=made.id,
            payment_id=made.payment_id,
            path=path,
            amount=made.amount,
            currency=made.currency,
            expires_at=made.expires_at,
        ),
    )


@router.post(
    "/payments/{uuid:payment_id}/reader", response={202: ShownOut, **refused(*ALL)}, summary="Ask a card reader"
)
@access.program(permissions.ORDERS_SELL)
def ask_reader(request: access.ApiRequest, payment_id: UUID, body: ReaderIn) -> Status[ShownOut]:
    """Show a waiting card payment on a reader of the counter; the provider's webhook settles it. Safe to repeat."""
    paying.show_on_reader(payment_id=payment_id, reader=body.reader, actor=request.actor, at=clock.now())
    return Status(202, ShownOut(payment_id=payment_id, reader=body.reader))


@router.post(
    "/gift-cards", response={201: CardMadeOut, **refused(*ALL)}, summary="Sell or give a gift card", openapi_extra=KEYED
)
@access.program(permissions.ORDERS_SELL)
def make_gift_card(request: access.ApiRequest, body: CardIn) -> Status[CardMadeOut]:
    """Sold with its tender, or given with a reason (which needs the right to refund beyond the policy)."""
    actor, key, now = request.actor, access.idempotency_key(request), clock.now()
    market = remembered.market(actor.in_maison, body.market.upper())
    if body.tender is None:
        made = gift_cards.give(
            key=key,
            amount=body.amount,
            currency=market.currency,
            reason=body.reason,
            expires=body.expires_date,
            actor=actor,
            at=now,
        )
    elif body.place_id is None:
        raise BadInput("Say at which place the card is sold.")
    else:
        made = gift_cards.sell(
            key=key,
            market=market,
            amount=body.amount,
            tender=_given(request, body.tender),
            client_id=body.client_id,
            place_id=body.place_id,
            actor=actor,
            at=now,
        )
    return Status(201, CardMadeOut.from_orm(made))


@router.post(
    "/gift-cards/look-up", response={200: GiftCardOut, **refused(401, 403, 409, 422, 503)}, summary="Read a gift card"
)
@access.program(permissions.ORDERS_SELL)
def look_up_gift_card(request: access.ApiRequest, body: CodeIn) -> GiftCardOut:
    """The balance of the card a code opens. Ten wrong codes in twenty minutes, and the caller has to wait."""
    found = gift_cards.find_card(
        code=body.code, scope=request.actor.label, maison_id=request.actor.in_maison, at=clock.now()
    )
    return GiftCardOut.from_orm(found)


@router.post(
    "/gift-cards/{uuid:card_id}/code",
    response={201: CardMadeOut, **refused(*ALL)},
    summary="Give a gift card or credit note a new code",
    openapi_extra=KEYED,
)
@access.program(permissions.PAYMENTS_REFUND)
def replace_code(request: access.ApiRequest, card_id: UUID) -> Status[CardMadeOut]:
    """For a code that was lost. The old one opens nothing from now on; what the card holds stays, and is the amount."""
    made = gift_cards.replace_code(
        key=access.idempotency_key(request), card_id=card_id, actor=request.actor, at=clock.now()
    )
    return Status(201, CardMadeOut.from_orm(made))


@router.post(
    "/statements", response={201: StatementTakenOut, **refused(400, 401, 403, 409, 422)}, summary="Take a statement in"
)
@access.program(permissions.PAYMENTS_RECONCILE)
def take_statement(request: access.ApiRequest, body: StatementIn) -> Status[StatementTakenOut]:
    """Read, matched and compared at once. The same file again is refused, so repeating books nothing twice."""
    try:
        content = base64.b64decode(body.content, validate=True)
    except ValueError as error:
        raise BadInput("`content` is not base64.") from error
    taken = reconciliation.take_in(name=body.name, content=content, actor=request.actor, at=clock.now())
    return Status(201, StatementTakenOut.from_orm(taken))


@router.get("/differences", response={200: list[DifferenceOut], **refused(401, 403, 422)}, summary="List differences")
@access.program(permissions.PAYMENTS_RECONCILE)
def list_differences(
    request: access.ApiRequest, is_open: bool = True, limit: Annotated[int, Query(ge=1, le=1000)] = 200
) -> tuple[object, ...]:
    """What statements and the house do not agree on, newest day first."""
    return money.list_differences(actor=request.actor, only_open=is_open, limit=limit)


@router.post(
    "/differences/{uuid:difference_id}/resolution",
    response={200: ResolvedOut, **refused(401, 403, 404, 422)},
    summary="Resolve a difference",
)
@access.program(permissions.PAYMENTS_RECONCILE)
def resolve_difference(request: access.ApiRequest, difference_id: UUID, body: ResolutionIn) -> ResolvedOut:
    """Close it with a sentence on what it was."""
    reconciliation.resolve(difference_id=difference_id, resolution=body.resolution, actor=request.actor, at=clock.now())
    return ResolvedOut(id=difference_id, is_open=False)


@router.post(
    "/transfers/{uuid:line_id}/match",
    response={200: MatchOut, **refused(401, 403, 404, 409, 422)},
    summary="Match a transfer",
)
@access.program(permissions.PAYMENTS_RECONCILE)
def match_transfer(request: access.ApiRequest, line_id: UUID, body: MatchIn) -> MatchOut:
    """Say by hand which order a transfer on the bank's statement pays."""
    order_id = reconciliation.match_transfer(
        line_id=line_id, order_number=body.order_number, actor=request.actor, at=clock.now()
    )
    return MatchOut(order_id=order_id)


@router.get("/balances", response={200: list[BalanceOut], **refused(401, 403)}, summary="Trial balance")
@access.program(permissions.PAYMENTS_RECONCILE)
def list_balances(request: access.ApiRequest) -> tuple[money.Balance, ...]:
    """Every account of the books that is not at zero; debits are above zero."""
    return money.list_balances(actor=request.actor)


def _given(request: access.ApiRequest, body: TenderIn) -> TenderGiven:
    return hot.given(hot.TenderBody(**body.dict()), request.actor, clock.now())
