# ruff: noqa: E501  # an example reads better as one table
"""Shapes of parcels, in and out."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from ninja import Schema
from pydantic import Field

from vendome.api.v1.shapes import ID, OTHER_ID, PLACE_ID, example
from vendome.domains.fulfilment.choice import Advice, Choice, Why
from vendome.domains.fulfilment.types import (
    Booking,
    DeliveryMode,
    IdentityDocument,
    ParcelState,
    ParcelView,
    Tracked,
)

_SLOT = {"starts_at": "2026-11-24T09:00:00Z", "ends_at": "2026-11-24T11:00:00Z"}
_LINE = {
    "line_id": OTHER_ID,
    "name": "Aurore Solitaire",
    "sku": "AUR-SOL-YG-52",
    "serial": "VM-26-012345",
    "quantity": 1,
    "amount": 820000,
}
_EVENT = {"at": "2026-11-21T09:00:00Z", "kind": "OUT_FOR_DELIVERY", "message": "With the courier", "where": "Paris, FR"}


class WindowOut(Schema):
    model_config = example(**_SLOT)
    starts_at: datetime
    ends_at: datetime


class SlotOut(Schema):
    """A window in which a concierge is free."""

    model_config = example(service_id=ID, **_SLOT)
    service_id: UUID
    starts_at: datetime
    ends_at: datetime


class ParcelRowOut(Schema):
    """A line of the packing table. Amounts in minor units of `currency`."""

    model_config = example(
        id=ID, number=1, order_number="VER-26-104233", origin_id=PLACE_ID, origin_name="Roissy", state="PREPARING",
        promised_date="2026-11-24", recipient="Éléonore de Brissac", country="FR", pieces=1, value=820000, currency="EUR",
        wanted="STANDARD", service_name="", tracking_number="", booking="NONE", slot=None, problem="",
    )  # fmt: skip
    id: UUID
    number: int
    order_number: str
    origin_id: UUID
    origin_name: str
    state: ParcelState
    promised_date: date
    recipient: str
    country: str
    pieces: int
    value: int
    currency: str
    wanted: DeliveryMode
    service_name: str
    tracking_number: str
    booking: Booking
    slot: WindowOut | None
    problem: str


class ParcelLineOut(Schema):
    model_config = example(**_LINE)
    line_id: UUID
    name: str
    sku: str
    serial: str
    quantity: int
    amount: int


class ScanOut(Schema):
    model_config = example(**_EVENT)
    at: datetime
    kind: Tracked
    message: str
    where: str


class ParcelOut(Schema):
    """A parcel: its content, its cover, its carrier, its proof and its way. Amounts in minor units of `currency`."""

    model_config = example(
        id=ID, number=1, order_id=OTHER_ID, order_number="VER-26-104233", origin_id=PLACE_ID, state="OUT_FOR_DELIVERY",
        promised_date="2026-11-24", recipient="Éléonore de Brissac", address=["Éléonore de Brissac", "1 rue des Tilleuls", "75001 Paris"],
        country="FR", wanted="STANDARD", carrier="easypost", service_name="Express", why="AS_CHOSEN", tracking_number="JD000000000001",
        seal="VM-S0000123", value=820000, insured_amount=820000, insured_limit=2500000, currency="EUR", needs_signature=True,
        checks_identity=False, slot=None, footprint_grams=365, booking="BOOKED", booking_problem="", label_id=OTHER_ID,
        signature_id=None, received_by="", identity_seen="", problem="", packed_at="2026-11-20T15:00:00Z",
        dispatched_at="2026-11-20T17:00:00Z", delivered_at=None, lines=[_LINE], events=[_EVENT],
    )  # fmt: skip
    id: UUID
    number: int
    order_id: UUID
    order_number: str
    origin_id: UUID
    state: ParcelState
    promised_date: date
    recipient: str
    address: list[str]
    country: str
    wanted: DeliveryMode
    carrier: str
    service_name: str
    why: str
    tracking_number: str
    seal: str
    value: int
    insured_amount: int
    insured_limit: int
    currency: str
    needs_signature: bool
    checks_identity: bool
    slot: WindowOut | None
    footprint_grams: int
    booking: Booking
    booking_problem: str
    label_id: UUID | None
    signature_id: UUID | None
    received_by: str
    identity_seen: str
    problem: str
    packed_at: datetime | None
    dispatched_at: datetime | None
    delivered_at: datetime | None
    lines: list[ParcelLineOut]
    events: list[ScanOut]


class WeighedOut(Schema):
    """One service held against the parcel."""

    model_config = example(
        service_id=ID, name="Express", mode="EXPRESS", may_carry=True, why="AS_CHOSEN", limit=2500000, arrives="2026-11-23",
        footprint_grams=365, footprint_source="the carrier's report of 2025",
    )  # fmt: skip
    service_id: UUID
    name: str
    mode: DeliveryMode
    may_carry: bool
    why: Why
    limit: int
    arrives: date
    footprint_grams: int
    footprint_source: str


class ChoiceOut(Schema):
    """What becomes of it: SEND with the first service, SPLIT it, or ASK a person."""

    model_config = example(
        advice="SEND", highest_limit=50000000,
        services=[{"service_id": ID, "name": "Express", "mode": "EXPRESS", "may_carry": True, "why": "AS_CHOSEN", "limit": 2500000,
                   "arrives": "2026-11-23", "footprint_grams": 365, "footprint_source": "the carrier's report of 2025"}],
    )  # fmt: skip
    advice: Advice
    highest_limit: int
    services: list[WeighedOut]


class ParcelDocumentOut(Schema):
    model_config = example(media_type="application/pdf", content="JVBERi0xLjQ=")
    media_type: str
    content: str


class SplitOut(Schema):
    """The new parcel."""

    model_config = example(parcel_id=OTHER_ID)
    parcel_id: UUID


class HeardOut(Schema):
    """Whether the message was about a parcel of ours."""

    model_config = example(is_ours=True)
    is_ours: bool


class PackIn(Schema):
    """What was scanned, the seal that closes it, and who carries it."""

    model_config = example(
        service_id=ID, seal="VM-S0000123", serials=["VM-26-012345"], slot_start=None, slot_end=None
    ) | {"extra": "forbid"}
    service_id: UUID
    seal: Annotated[str, Field(min_length=1, max_length=60)]
    serials: Annotated[list[str], Field(max_length=50)] = []
    slot_start: datetime | None = None
    slot_end: datetime | None = None


class ParcelReasonIn(Schema):
    model_config = example(reason="nobody was at home") | {"extra": "forbid"}
    reason: Annotated[str, Field(min_length=1, max_length=500)]


class LinesIn(Schema):
    model_config = example(line_ids=[OTHER_ID]) | {"extra": "forbid"}
    line_ids: Annotated[list[UUID], Field(min_length=1, max_length=50)]


class DeliverIn(Schema):
    """Who took it, the kind of document that was seen (never its number), and the signature as a PNG data URL."""

    model_config = example(
        received_by="Éléonore de Brissac", identity="PASSPORT", signature="data:image/png;base64,iVBORw0KGgo="
    ) | {"extra": "forbid"}
    received_by: Annotated[str, Field(min_length=1, max_length=120)]
    identity: IdentityDocument | None = None
    signature: Annotated[str, Field(max_length=300_000)] = ""


def shown(parcel: ParcelView) -> ParcelOut:
    return ParcelOut.model_validate(parcel, from_attributes=True)


def weighed(choice: Choice) -> ChoiceOut:
    return ChoiceOut(
        advice=choice.advice,
        highest_limit=choice.highest_limit,
        services=[
            WeighedOut(
                service_id=one.service.id,
                name=one.service.name,
                mode=one.service.mode,
                may_carry=one.may_carry,
                why=one.why,
                limit=one.limit,
                arrives=one.arrives,
                footprint_grams=one.footprint_grams,
                footprint_source=one.service.footprint_source,
            )
            for one in choice.weighed
        ],
    )
