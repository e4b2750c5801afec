"""The four operations a house asks for thousands of times a minute: plain views with finished JSON (ADR 0008).

Each is one statement on a prepared, pooled connection. Shapes are documented beside the others in the OpenAPI
document; `wide.py` hangs these views in place of the framework's own handling.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import wraps
from typing import Annotated, Concatenate, cast

import msgspec
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls.converters import UUIDConverter

from vendome.api import access, problems, remembered
from vendome.api.v1.files import open_file
from vendome.domains.orders.types import Mode
from vendome.domains.payments.types import Tender
from vendome.domains.people import permissions
from vendome.flows import availability, checkout, gift_cards, recognition
from vendome.flows.types import TenderGiven, WantedLine, WayMode
from vendome.kit import clock
from vendome.kit.actors import Actor
from vendome.kit.errors import BadInput, DomainError
from vendome.kit.policy import token

type HotView[**P] = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def answered[**P](view: HotView[P]) -> HotView[P]:
    """Expected failures become problems here, without a way back through the framework."""

    @wraps(view)
    def within(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            access.guard(request)
            return view(request, *args, **kwargs)
        except DomainError as error:
            return problems.answer(request, error)

    return within


def json_answer(body: str | bytes, status: int = 200) -> HttpResponse:
    return HttpResponse(body, status=status, content_type="application/json")


def _actor(request: HttpRequest) -> Actor:
    return cast("access.ApiRequest", request).actor


# -- the client's card -------------------------------------------------------------------------------------


@answered
@token(permissions.CLIENTS_READ)
@access.knows()
def client_card(request: HttpRequest, client_id: uuid.UUID) -> HttpResponse:
    return json_answer(recognition.card_json(actor=_actor(request), client_id=client_id, at=clock.now()))


# -- availability over every place -------------------------------------------------------------------------


@answered
@token(permissions.STOCK_VIEW)
@access.knows()
def reference_availability(request: HttpRequest, reference_id: uuid.UUID) -> HttpResponse:
    return json_answer(availability.standing_json(actor=_actor(request), reference_id=reference_id))


# -- availability with arguments ------------------------------------------------------------------------------


@answered
@token(permissions.STOCK_VIEW)
@access.knows(
    "market",
    "references",
    "modes",
    "place_id",
    "near",
    "client_id",
    "quantity",
    "channel",
    "together",
    "piece_id",
    "by",
)
def ways(request: HttpRequest) -> HttpResponse:
    actor = _actor(request)
    return json_answer(availability.ways_json(question=_question(request, actor), actor=actor, at=clock.now()))


def _question(request: HttpRequest, actor: Actor) -> availability.Question:
    """What the address asks for. Raises BadInput, naming the member; NotFound for an unknown market."""
    given = request.GET

    def read[T](name: str, as_: Callable[[str], T], meant: str) -> T | None:
        text = given.get(name, "")
        try:
            return as_(text) if text else None
        except ValueError:
            raise BadInput(wrong=[{"at": name, "problem": f"Expected {meant}"}]) from None

    def ids(text: str) -> list[uuid.UUID]:
        return [uuid.UUID(one) for one in text.split(",")]

    def modes(text: str) -> list[WayMode]:
        return [WayMode(one) for one in text.split(",")]

    near = read("near", _point, "latitude and longitude with a comma between")
    client_id = read("client_id", uuid.UUID, "an id")
    if client_id is not None:
        actor.require(permissions.STOCK_HOLD)  # what is kept for her is hers, not stock
        open_file(cast("access.ApiRequest", request), client_id)
    market = remembered.market(actor.in_maison, given.get("market", "").upper())
    return availability.Question(
        reference_ids=read("references", ids, "ids with commas between") or [],
        market_id=market.id,
        channel=given.get("channel", "web")[:40],
        modes=read("modes", modes, f"some of {', '.join(WayMode)}") or (),
        place_id=read("place_id", uuid.UUID, "an id"),
        latitude=near[0] if near else None,
        longitude=near[1] if near else None,
        client_id=client_id,
        quantity=read("quantity", int, "a whole number") or 1,
        together=given.get("together") == "true",
        piece_id=read("piece_id", uuid.UUID, "an id"),
        by=read("by", date.fromisoformat, "a day such as 2026-12-24"),
    )


def _point(text: str) -> tuple[float, float]:
    latitude, longitude = (float(part) for part in text.split(","))
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise ValueError(text)
    return latitude, longitude


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
    amount: Annotated[int, msgspec.Meta(ge=1)] | None = None
    gift_card_code: Annotated[str, msgspec.Meta(max_length=60)] = ""


class OrderBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    market: Annotated[str, msgspec.Meta(min_length=2, max_length=8)]
    channel: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    lines: Annotated[list[LineBody], msgspec.Meta(min_length=1, max_length=100)]
    tender: TenderBody | None = None
    tenders: Annotated[list[TenderBody], msgspec.Meta(max_length=8)] = []
    due_amount: Annotated[int, msgspec.Meta(ge=1)] | None = None
    instalments: Annotated[int, msgspec.Meta(ge=0, le=24)] = 0
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
HOLDS_NUL = "A text in this request holds a NUL character (\\u0000)."


@answered
@token(permissions.ORDERS_SELL)
@access.knows()
def place_order(request: HttpRequest) -> HttpResponse:
    key = access.idempotency_key(request)
    body = read(request, _decode)
    actor, now = _actor(request), clock.now()
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
        tenders=[given(one, actor, now) for one in body.tenders or ([body.tender] if body.tender else [])],
        due_amount=body.due_amount,
        instalments=body.instalments,
        client_id=body.client_id,
        basket_id=body.basket_id,
        advisor_id=body.advisor_id,
        selling_place_id=body.selling_place_id,
        contact=body.contact,
        address=body.address,
        expected_total_amount=body.expected_total_amount,
        actor=actor,
        at=now,
    )
    return json_answer(_encode(placed), status=201)


STORED = (Tender.GIFT_CARD, Tender.CREDIT_NOTE)
BY_HAND = (Tender.CASH, Tender.TERMINAL)  # what a person can have received; a provider or a bank settles all else


def given(body: TenderBody, actor: Actor, at: datetime) -> TenderGiven:
    """A tender as the flows take it; a gift card by its code, whose misses are counted against the caller."""
    if body.is_settled and body.tender not in BY_HAND:
        raise BadInput(
            wrong=[{"at": "is_settled", "problem": "Only cash and a terminal's slip are settled by who sends them"}]
        )
    card = None
    if body.gift_card_code:
        card = gift_cards.find_card(code=body.gift_card_code, scope=actor.label, maison_id=actor.in_maison, at=at)
        if body.tender in STORED:  # what the code opens says which of the two it is
            return gift_cards.read_as_tender(card=card, amount=body.amount)
    return TenderGiven(
        tender=body.tender,
        provider=body.provider,
        reference=body.reference,
        is_settled=body.is_settled,
        amount=body.amount,
        card_id=card.id if card else None,
    )


def read[T](request: HttpRequest, decode: Callable[[bytes], T]) -> T:
    """The body of a request, read by msgspec. Raises BadInput, Unreadable."""
    try:
        if NUL in request.body:  # no text of the database can hold it
            raise BadInput(HOLDS_NUL)
        return decode(request.body)
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
    if path == "/api/v1/availability":
        return _WAYS
    for begin, end, name, view, member in _READ:
        if path.startswith(begin) and path.endswith(end):
            text = path[len(begin) : -len(end)]
            return Found(name, view, {member: uuid.UUID(text)}) if PLAIN_ID.fullmatch(text) else None
    return None


PLAIN_ID = re.compile(UUIDConverter.regex)
_PLACE = Found("api_v1:place_order", place_order, {})
_WAYS = Found("api_v1:availability", ways, {})
_READ: tuple[tuple[str, str, str, Callable[..., HttpResponseBase], str], ...] = (
    ("/api/v1/clients/", "/card", "api_v1:client_card", client_card, "client_id"),
    ("/api/v1/references/", "/availability", "api_v1:reference_availability", reference_availability, "reference_id"),
)


def instead(view: HotView[...]) -> Callable[[Callable[..., HttpResponse]], HotView[...]]:
    """For `ninja.decorators.decorate_view`: answer with `view`, past the framework's own parsing and dumping."""

    def long_way(request: HttpRequest, /, **ids: str) -> HttpResponseBase:
        return view(request, **{name: uuid.UUID(text) for name, text in ids.items()})

    return lambda run: long_way
