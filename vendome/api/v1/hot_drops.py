"""A drop's two questions, asked by thousands at one moment: let me in, and where do I stand (ADR 0008, ADR 0019)."""

from __future__ import annotations

import re
import uuid
from typing import cast

import msgspec
from django.http import HttpRequest, HttpResponse

from vendome.api import access
from vendome.api.v1 import hot
from vendome.api.v1.files import open_file
from vendome.api.v1.hot import HotView
from vendome.domains.people import permissions
from vendome.domains.stock.queries import scarcity as queries
from vendome.domains.stock.services import scarcity
from vendome.kit import clock
from vendome.kit.actors import Actor
from vendome.kit.errors import NotFound
from vendome.kit.policy import token


class EntryBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    client_id: uuid.UUID


_decode = msgspec.json.Decoder(EntryBody).decode


@hot.answered
@token(permissions.STOCK_HOLD)
@access.knows()
def enter(request: HttpRequest, allocation_id: uuid.UUID) -> HttpResponse:
    body = hot.read(request, _decode)
    open_file(cast("access.ApiRequest", request), body.client_id)
    told = scarcity.enter_json(
        allocation_id=allocation_id, client_id=body.client_id, actor=_actor(request), at=clock.now()
    )
    return hot.json_answer(told)


@hot.answered
@token(permissions.STOCK_HOLD)
@access.knows()
def standing(request: HttpRequest, allocation_id: uuid.UUID, client_id: uuid.UUID) -> HttpResponse:
    open_file(cast("access.ApiRequest", request), client_id)
    told = queries.standing_json(maison_id=_actor(request).in_maison, allocation_id=allocation_id, client_id=client_id)
    if told is None:
        raise NotFound()
    return hot.json_answer(told)


def _actor(request: HttpRequest) -> Actor:
    return cast("access.ApiRequest", request).actor


_UUID = hot.PLAIN_ID.pattern
_ADDRESS = re.compile(rf"/api/v1/allocations/({_UUID})/entries(?:/({_UUID}))?")


def find(method: str, path: str) -> hot.Found | None:
    """The hot operation of a drop at this address; None for anything else."""
    if not path.startswith("/api/v1/allocations/"):
        return None
    found = _ADDRESS.fullmatch(path)
    if found is None:
        return None
    allocation, client = found.groups()
    if method == "POST" and client is None:
        return hot.Found("api_v1:enter_allocation", enter, {"allocation_id": uuid.UUID(allocation)})
    if method == "GET" and client is not None:
        ids = {"allocation_id": uuid.UUID(allocation), "client_id": uuid.UUID(client)}
        return hot.Found("api_v1:get_standing", cast("HotView[...]", standing), ids)
    return None
