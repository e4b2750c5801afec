"""Clients: find one, and read her card."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from ninja import Query, Router, Schema
from ninja.decorators import decorate_view

from vendome.api import access
from vendome.api.v1 import hot
from vendome.api.v1.shapes import ID, OTHER_ID, example, refused
from vendome.domains.clients import queries as clients
from vendome.domains.clients import types
from vendome.domains.people import permissions

router = Router(tags=["Clients"])


class ClientHitOut(Schema):
    """One line of a search: who she is, never what she spent."""

    model_config = example(
        id=ID, name="Éléonore de Brissac", home_city="Paris", home_country="FR", is_protected=False,
        advisor_name="Camille Renaud", home_place_name="Place Vendôme", matched_by="name", score=0.82,
    )  # fmt: skip
    id: UUID
    name: str
    home_city: str
    home_country: str
    is_protected: bool
    advisor_name: str
    home_place_name: str
    matched_by: str
    score: float


class CardOut(Schema):
    """Everything an advisor needs the moment a client appears. Times are UTC, amounts in minor units."""

    model_config = example(
        id=ID, name="Éléonore de Brissac", salutation="Madame", given_name="Éléonore", family_name="de Brissac",
        language="fr", city="Paris", country="FR", persona="traditional", standing="", is_protected=False,
        client_since="2009-05-14", birthday="03-21", advisor={"id": OTHER_ID, "name": "Camille Renaud", "is_me": True},
        home_place="Place Vendôme", identifiers=[{"kind": "PHONE", "value": "+33199001234", "is_attested": True}],
        channels=[{"channel": "boutique", "orders": 7, "first_date": "2009-05-14", "last_date": "2026-03-02"}],
        primary_channel="boutique", last_purchase_date="2026-03-02", orders=[], wardrobe=[], waiting=[],
        preferences=[{"topic": "ring_size", "value": "52", "may_mention": True, "source": "advisor",
                      "noted_date": "2025-11-03"}],
        ties=[], consents=[{"purpose": "SERVICE", "channel": "phone", "is_given": True}],
    )  # fmt: skip
    id: UUID
    name: str
    salutation: str
    given_name: str
    family_name: str
    language: str
    city: str
    country: str
    persona: str
    standing: str
    is_protected: bool
    client_since: str
    birthday: str | None
    advisor: dict[str, Any] | None
    home_place: str | None
    identifiers: list[dict[str, Any]]
    channels: list[dict[str, Any]]
    primary_channel: str | None
    last_purchase_date: str | None
    orders: list[dict[str, Any]]
    wardrobe: list[dict[str, Any]]
    waiting: list[dict[str, Any]]
    preferences: list[dict[str, Any]]
    ties: list[dict[str, Any]]
    consents: list[dict[str, Any]]


@router.get(
    "/{uuid:client_id}/card", response={200: CardOut, **refused(401, 403, 404, 503)}, summary="Read a client's card"
)
@decorate_view(hot.instead(hot.client_card))
@access.program(permissions.CLIENTS_READ)
def client_card(request: access.ApiRequest, client_id: UUID) -> None:
    """Who she is, purchases per channel, wardrobe, what waits for her, what may be mentioned. Each read is audited.

    A protected file answers 403 `clients.file_protected` until it is opened with a reason.
    """


@router.get("", response={200: list[ClientHitOut], **refused(401, 403, 422)}, summary="Find clients")
@access.program(permissions.CLIENTS_SEARCH)
def search_clients(
    request: access.ApiRequest,
    q: Annotated[str, Query(min_length=2, max_length=120, description="Part of a name, a phone, an e-mail, a code.")],
    limit: Annotated[int, Query(ge=1, le=50)] = 12,
) -> tuple[types.ClientHit, ...]:
    """By phone, e-mail or code exactly, else by part of the name; typos and missing accents are forgiven."""
    return clients.search_clients(actor=request.actor, query=q, limit=limit)
