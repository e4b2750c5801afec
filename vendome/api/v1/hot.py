"""The three operations a house asks for thousands of times a minute: plain views with finished JSON (ADR 0008).

Each is one statement on a prepared, pooled connection. Shapes are documented beside the others in the OpenAPI
document; `wide.py` hangs these views in place of the framework's own handling.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import wraps
from typing import Annotated, Concatenate, cast

import msgspec
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls.converters import UUIDConverter

from vendome.api import access, problems, remembered
from vendome.domains.orders.types import Mode
from vendome.domains.payments.types import Tender
from vendome.domains.people import permissions
from vendome.flows import availability, checkout, recognition
from vendome.flows.types import TenderGiven, WantedLine
from vendome.kit import clock
from vendome.kit.actors import Actor
from vendome.kit.errors import BadInput, DomainError
from vendome.kit.policy import token

type HotView[**P] = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def _answered[**P](view: HotView[P]) -> HotView[P]:
    """Expected failures become problems here, without a way back through the framework."""

    @wraps(view)
    def answered(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            access.guard(request)
            return view(request, *args, **kwargs)
        except DomainError as error:
            return problems.answer(request, error)

    return answered


def _json(body: str | bytes, status: int = 200) -> HttpResponse:
    return HttpResponse(body, status=status, content_type="application/json")


def _actor(request: HttpRequest) -> Actor:
    return cast("access.ApiRequest", request).actor


# -- the client's card -------------------------------------------------------------------------------------


@_answered
@token(permissions.CLIENTS_READ)
def client_card(request: HttpRequest, client_id: uuid.UUID) -> HttpResponse:
    return _json(recognition.card_json(actor=_actor(request), client_id=client_id, at=clock.now()))


# -- availability over every place -------------------------------------------------------------------------


@_answered
@token(permissions.STOCK_VIEW)
def reference_availability(request: HttpRequest, reference_id: uuid.UUID) -> HttpResponse:
    return _json(availability.standing_json(actor=_actor(request), reference_id=reference_id))


# -- place an order ----------------------------------------------------------------------------------------


class LineBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    reference_id: uuid.UUID
    mode: Mode
    quantity: Annotated[int, msgspec.Meta(ge=1, le=20)] = 1
    place_id: uuid.UUID | None = None
    piece_id: uuid.UUID | None = None
    promised_date: date | None = None
    hold_id: uuid.UUID | None = None


class TenderBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    tender: Tender
    provider: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    reference: Annotated[str, msgspec.Meta(max_length=120)] = ""
    is_settled: bool = False


class OrderBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    market: Annotated[str, msgspec.Meta(min_length=2, max_length=8)]
    channel: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    lines: Annotated[list[LineBody], msgspec.Meta(min_length=1, max_length=100)]
    tender: TenderBody
    client_id: uuid.UUID | None = None
    advisor_id: uuid.UUID | None = None
    selling_place_id: uuid.UUID | None = None
    basket_id: uuid.UUID | None = None
    expected_total_amount: Annotated[int, msgspec.Meta(ge=0, le=2**53)] | None = None
    contact: Annotated[
        dict[Annotated[str, msgspec.Meta(max_length=40)], Annotated[str, msgspec.Meta(max_length=200)]],
        msgspec.Meta(max_length=12),
    ] = {}
    address: Annotated[list[Annotated[str, msgspec.Meta(max_length=200)]], msgspec.Meta(max_length=8)] = []


_decode = msgspec.json.Decoder(OrderBody).decode
_encode = msgspec.json.Encoder().encode
NUL = rb"\u0000"


@_answered
@token(permissions.ORDERS_SELL)
def place_order(request: HttpRequest) -> HttpResponse:
    key = access.idempotency_key(request)
    body = _read(request)
    actor = _actor(request)
    maison = remembered.maison(actor)
    placed = checkout.place_order(
        key=key,
        maison=maison,
        market=remembered.market(maison.id, body.market.upper()),
        channel=body.channel,
        lines=[
            WantedLine(
                reference_id=line.reference_id,
                mode=line.mode,
                place_id=line.place_id,
                quantity=line.quantity,
                piece_id=line.piece_id,
                promised_date=line.promised_date,
                hold_id=line.hold_id,
            )
            for line in body.lines
        ],
        tender=TenderGiven(
            tender=body.tender.tender,
            provider=body.tender.provider,
            reference=body.tender.reference,
            is_settled=body.tender.is_settled,
        ),
        client_id=body.client_id,
        basket_id=body.basket_id,
        advisor_id=body.advisor_id,
        selling_place_id=body.selling_place_id,
        contact=body.contact,
        address=body.address,
        expected_total_amount=body.expected_total_amount,
        actor=actor,
        at=clock.now(),
    )
    return _json(_encode(placed), status=201)


def _read(request: HttpRequest) -> OrderBody:
    try:
        if NUL in request.body:  # no text of the database can hold it
            raise BadInput("A text in this request holds a NUL character (\\u0000).")
        return _decode(request.body)
    except RequestDataTooBig as error:
        raise BadInput("The body of this request is too large.") from error
    except msgspec.ValidationError as error:
        sentence, _, where = str(error).partition(" - at `")
        raise BadInput(wrong=[{"at": where.rstrip("`") or "$", "problem": sentence}]) from error
    except msgspec.DecodeError as error:
        raise problems.Unreadable() from error


# -- how they are reached -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Found:
    """A hot operation with what its address says."""

    name: str
    view: Callable[..., HttpResponseBase]
    arguments: Mapping[str, uuid.UUID]


def find(method: str, path: str) -> Found | None:
    """The hot operation at this address, as the URL map would find it; None for anything else."""
    if method == "POST":
        return _PLACE if path == "/api/v1/orders" else None
    if method != "GET":
        return None
    for begin, end, name, view, member in _READ:
        if path.startswith(begin) and path.endswith(end):
            text = path[len(begin) : -len(end)]
            return Found(name, view, {member: uuid.UUID(text)}) if PLAIN_ID.fullmatch(text) else None
    return None


PLAIN_ID = re.compile(UUIDConverter.regex)
_PLACE = Found("api_v1:place_order", place_order, {})
_READ: tuple[tuple[str, str, str, Callable[..., HttpResponseBase], str], ...] = (
    ("/api/v1/clients/", "/card", "api_v1:client_card", client_card, "client_id"),
    ("/api/v1/references/", "/availability", "api_v1:reference_availability", reference_availability, "reference_id"),
)


def instead(view: HotView[...]) -> Callable[[Callable[..., HttpResponse]], HotView[...]]:
    """For `ninja.decorators.decorate_view`: answer with `view`, past the framework's own parsing and dumping."""

    def long_way(request: HttpRequest, /, **ids: str) -> HttpResponseBase:
        return view(request, **{name: uuid.UUID(text) for name, text in ids.items()})

    return lambda run: long_way
