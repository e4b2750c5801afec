"""What programs read and write of returns: what may come back, what is brought, decided and given back."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from ninja import Schema
from pydantic import Field

from vendome.api.v1.shapes import ID, OTHER_ID, PLACE_ID, example
from vendome.domains.orders.policy.types import Condition, Reason
from vendome.domains.orders.types import Fate, ReturnRoute
from vendome.domains.payments.types import Tender


class DecisionOut(Schema):
    """What the policy says of a line, by which rule."""

    model_config = example(
        rule="fr.withdrawal",
        outcome="RIGHT",
        form="ORIGINAL",
        shipping="HOUSE",
        last_day="2026-12-04",
        days_left=11,
        statute="Code de la consommation, art. L221-18",
        source_url="www.legifrance.gouv.fr/…",
        exception="",
        loss_of_value="Directive 2011/83/EU, art. 14(2)",
    )
    rule: str
    outcome: str
    form: str
    shipping: str
    last_day: date | None
    days_left: int | None
    statute: str
    source_url: str
    exception: str
    loss_of_value: Annotated[str, Field(description="The law that allows a deduction for handling; empty: none.")]


class ReturnableLineOut(Schema):
    model_config = example(
        line_id=OTHER_ID,
        reference_id=ID,
        model_name="Aurore Solitaire",
        serial="VM-26-012345",
        quantity=1,
        out=1,
        amount=820000,
        state="HANDED_OVER",
        received_on="2026-11-20",
        open_return=None,
        decision=DecisionOut.model_config["json_schema_extra"]["example"],  # type: ignore[index]  # the example above
    )
    line_id: UUID
    reference_id: UUID
    model_name: str
    serial: str
    quantity: int
    out: Annotated[int, Field(description="How many are with the client still.")]
    amount: int
    state: str
    received_on: date | None
    open_return: UUID | None
    decision: DecisionOut


class ReceiptOut(Schema):
    """An order whose pieces may come back, with the policy’s answer for each line."""

    model_config = example(
        order_id=ID,
        number="VER-26-104233",
        placed_at="2026-11-20T15:00:00Z",
        channel="web",
        country="FR",
        currency="EUR",
        lines=[ReturnableLineOut.model_config["json_schema_extra"]["example"]],  # type: ignore[index]  # as above
    )
    order_id: UUID
    number: str
    placed_at: datetime
    channel: str
    country: str
    currency: str
    lines: list[ReturnableLineOut]


class ReturnWantedIn(Schema):
    """A line that will come back. `instead`: the reference she takes for it, at the price she has read
    (`instead_amount`); it is kept for her until hers has been examined.
    """

    model_config = example(
        line_id=OTHER_ID, quantity=1, reason="SIZE", is_unsealed=False, instead=None, instead_amount=None
    ) | {"extra": "forbid"}
    line_id: UUID
    quantity: Annotated[int, Field(ge=1, le=1000)] = 1
    reason: Reason = Reason.NOT_SAID
    is_unsealed: bool = False
    instead: UUID | None = None
    instead_amount: Annotated[int | None, Field(ge=0)] = None


class PickupIn(Schema):
    """Where the courier comes to, as on an envelope, the country last; whom to call, and the day she would like."""

    model_config = example(
        address=["Éléonore de Brissac", "12, rue de Varenne", "75007 Paris", "France"],
        phone="+33612345678",
        day="2026-11-24",
    ) | {"extra": "forbid"}
    address: Annotated[list[Annotated[str, Field(max_length=120)]], Field(min_length=2, max_length=8)]
    phone: Annotated[str, Field(max_length=40)] = ""
    day: date | None = None


class AnnounceIn(Schema):
    """What will come back, and how. `client_id` is whose gift it was; else leave it out. `pickup` is where a courier
    comes to; left out, where the order was sent.
    """

    model_config = example(
        order_id=ID,
        lines=[{"line_id": OTHER_ID, "quantity": 1}],
        route="COURIER",
        place_id=None,
        is_gift=False,
        client_id=None,
        pickup=PickupIn.model_config["json_schema_extra"]["example"],  # type: ignore[index]  # as above
    ) | {"extra": "forbid"}
    order_id: UUID
    lines: Annotated[list[ReturnWantedIn], Field(min_length=1, max_length=50)]
    route: ReturnRoute
    place_id: UUID | None = None
    is_gift: bool = False
    client_id: UUID | None = None
    pickup: PickupIn | None = None


class BroughtIn(Schema):
    """A line on the counter. `accept` false: it waits for its inspection and nothing is paid yet."""

    model_config = example(
        line_id=OTHER_ID,
        quantity=1,
        condition="AS_SOLD",
        reason="SIZE",
        is_unsealed=False,
        accept=True,
        exception_reason="",
    ) | {"extra": "forbid"}
    line_id: UUID
    quantity: Annotated[int, Field(ge=1, le=1000)] = 1
    condition: Condition = Condition.AS_SOLD
    reason: Reason = Reason.NOT_SAID
    is_unsealed: bool = False
    accept: bool = True
    exception_reason: Annotated[str, Field(max_length=300)] = ""


class InsteadIn(Schema):
    model_config = example(reference_id=ID, piece_id=OTHER_ID, quantity=1) | {"extra": "forbid"}
    reference_id: UUID
    piece_id: UUID | None = None
    quantity: Annotated[int, Field(ge=1, le=20)] = 1


class ReturnTenderIn(Schema):
    """Money taken at the till or terminal for a balance to pay."""

    model_config = example(tender="TERMINAL", reference="T-004211") | {"extra": "forbid"}
    tender: Literal[Tender.CASH, Tender.TERMINAL]
    reference: Annotated[str, Field(max_length=64)] = ""


class ReturnReceiveIn(Schema):
    """What came back at a place, and what is taken instead. `balance` is what was shown; no other is booked.

    `pay_within_hours`: a balance to pay without a tender is paid online by then, and the exchange is true when it is.
    """

    model_config = example(
        order_id=ID,
        place_id=PLACE_ID,
        lines=[{"line_id": OTHER_ID}],
        instead=[],
        tender=None,
        balance=None,
        return_id=None,
        is_gift=False,
        client_id=None,
        pay_within_hours=None,
    ) | {"extra": "forbid"}
    order_id: UUID
    place_id: UUID
    lines: Annotated[list[BroughtIn], Field(min_length=1, max_length=50)]
    instead: Annotated[list[InsteadIn], Field(max_length=20)] = []
    tender: ReturnTenderIn | None = None
    balance: int | None = None
    return_id: UUID | None = None
    is_gift: bool = False
    client_id: UUID | None = None
    pay_within_hours: Annotated[int | None, Field(ge=1, le=336)] = None


class CreditDocumentOut(Schema):
    """The document of a return or exchange. A total below zero is given back."""

    model_config = example(
        id=ID,
        number="VER-26-104240",
        total_amount=-820000,
        currency="EUR",
        refunded_amount=820000,
        credited_amount=0,
        awaits_payment=False,
        credit_note_code="",
    )
    id: UUID
    number: str
    total_amount: int
    currency: str
    refunded_amount: int
    credited_amount: int
    awaits_payment: Annotated[bool, Field(description="The difference is still to be paid: make a pay link for it.")]
    credit_note_code: Annotated[str, Field(description="Shown now and never again; empty on a repeat.")]


class ReturnOut(Schema):
    model_config = example(id=OTHER_ID, number="RET-26-20001", document=None)
    id: UUID
    number: str
    document: CreditDocumentOut | None


class ArrivalOut(Schema):
    model_config = example(
        id=ID,
        return_id=OTHER_ID,
        return_number="RET-26-20001",
        place_id=PLACE_ID,
        model_name="Aurore Solitaire",
        serial="VM-26-012345",
        quantity=1,
        condition="AS_SOLD",
        is_accepted=False,
        fate="WAITING",
        rule="fr.withdrawal",
        arrived_at="2026-11-23T10:00:00Z",
    )
    id: UUID
    return_id: UUID
    return_number: str
    place_id: UUID
    model_name: str
    serial: str
    quantity: int
    condition: str
    is_accepted: bool
    fate: str
    rule: str
    arrived_at: datetime


class InspectIn(Schema):
    """What was seen, whether its value is given back, and what becomes of the piece."""

    model_config = example(
        condition="WORN",
        fate="RESTOCKED",
        accept=True,
        exception_reason="",
        note="scratches on the clasp",
        deduction=15000,
        deduction_reason="Worn for some days: the clasp had to be polished.",
    ) | {"extra": "forbid"}
    condition: Condition
    fate: Fate
    accept: bool
    exception_reason: Annotated[str, Field(max_length=300)] = ""
    note: Annotated[str, Field(max_length=300)] = ""
    deduction: Annotated[
        int, Field(ge=0, le=10**12, description="Loss of value, only where the law that decides allows it.")
    ] = 0
    deduction_reason: Annotated[str, Field(max_length=300, description="Why, as the client reads it.")] = ""


class RefundOut(Schema):
    model_config = example(
        id=ID,
        document_number="VER-26-104240",
        tender="CARD",
        amount=-820000,
        currency="EUR",
        state="REFUNDED",
        at="2026-11-23T10:00:05Z",
        gift_card_id=None,
    )
    id: UUID
    document_number: str
    tender: str
    amount: int
    currency: str
    state: str
    at: datetime
    gift_card_id: Annotated[UUID | None, Field(description="The credit note or gift card the money went onto.")]


class ReturnLineOut(Schema):
    model_config = example(
        line_id=OTHER_ID,
        quantity=1,
        arrived=1,
        accepted=1,
        reason="SIZE",
        rule="fr.withdrawal",
        exception_reason="",
        wanted_name="",
        wanted_size="",
        wanted_amount=0,
        wanted_balance=0,
        is_kept=False,
        kept_until=None,
    )
    line_id: UUID
    quantity: int
    arrived: int
    accepted: int
    reason: str
    rule: str
    exception_reason: str
    wanted_name: str
    wanted_size: str
    wanted_amount: int
    wanted_balance: int
    is_kept: bool
    kept_until: datetime | None


class ReturnViewOut(Schema):
    """One return with all that came of it. `awaits_payment`: the exchange whose difference is to be paid.
    Of a line, `wanted_…` is what she takes instead, and `is_kept` whether it is still kept for her.
    """

    model_config = example(
        id=OTHER_ID,
        number="RET-26-20001",
        state="CLOSED",
        route="COUNTER",
        place_id=PLACE_ID,
        order_id=ID,
        is_gift=False,
        announced_at="2026-11-23T10:00:00Z",
        pickup_address=["Éléonore de Brissac", "12, rue de Varenne", "75007 Paris", "France"],
        pickup_phone="+33612345678",
        pickup_date="2026-11-24",
        awaits_payment=None,
        lines=[],
        arrivals=[],
        payments=[],
    )
    id: UUID
    number: str
    state: str
    route: str
    place_id: UUID | None
    order_id: UUID
    is_gift: bool
    announced_at: datetime
    pickup_address: list[str]
    pickup_phone: str
    pickup_date: date | None
    awaits_payment: UUID | None
    lines: list[ReturnLineOut]
    arrivals: list[ArrivalOut]
    payments: list[RefundOut]


class DoneOut(Schema):
    """It is so now, whether this request or an earlier one made it so."""

    model_config = example(id=OTHER_ID, state="WITHDRAWN")
    id: UUID
    state: str


class ByHandIn(Schema):
    model_config = example(reference="T-004212") | {"extra": "forbid"}
    reference: Annotated[str, Field(max_length=64)] = ""


class ReturnRuleOut(Schema):
    model_config = example(
        code="fr.withdrawal",
        position=30,
        basis="LAW",
        outcome="RIGHT",
        form="ORIGINAL",
        shipping="HOUSE",
        countries=["FR"],
        within_days=14,
        statute="Code de la consommation, art. L221-18",
        source_url="www.legifrance.gouv.fr/…",
        client="You may return it …",
        staff="Statutory withdrawal …",
    )
    code: str
    position: int
    basis: str
    outcome: str
    form: str
    shipping: str
    countries: list[str]
    within_days: int | None
    statute: str
    source_url: str
    client: str
    staff: str
