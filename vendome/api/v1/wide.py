"""The API of version 1 as one object: routers, who may come in, and how failures are told."""

from __future__ import annotations

from functools import wraps
from typing import Any

import msgspec
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.operation import Operation
from ninja.parser import Parser
from ninja.renderers import BaseRenderer

from vendome import __version__
from vendome.api import access, problems
from vendome.api.v1 import (
    allocations,
    baskets,
    catalogue,
    changes,
    clients,
    counts,
    events,
    fulfilment,
    hot,
    house,
    lanes,
    movements,
    orders,
    parcels,
    payments,
    replenishment,
    returns,
    selections,
    sourcing,
    staff,
    stock,
    transfers,
    webhooks,
)
from vendome.kit.errors import BadInput, DomainError, NotFound
from vendome.kit.policy import SignInNeeded

DESCRIPTION = """\
One client, one stock, one order: what the house’s own surfaces use, for programs.

Send `Authorization: Bearer …` with a token made by `vendome api_token create`. Amounts are whole minor units with their
currency; times are UTC; ids are UUIDs. Every request that changes something is safe to repeat: with the same
Idempotency-Key where one is asked for, by its nature where it is not. Failures are problem documents (RFC 9457):
act on `code`, show `detail`. A parameter that an operation does not know is refused with 422 and named: a misspelt
filter never answers as if it had filtered.
"""


class Renderer(BaseRenderer):
    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        return msgspec.json.encode(data)


class Reader(Parser):
    """No text of the database can hold a NUL, so that none comes in."""

    def parse_body(self, request: HttpRequest) -> Any:
        if hot.NUL in request.body:
            raise BadInput(hot.HOLDS_NUL)
        return super().parse_body(request)


api = NinjaAPI(
    title="Vendôme",
    version=__version__,
    description=DESCRIPTION,
    auth=access.Bearer(),
    renderer=Renderer(),
    parser=Reader(),
    openapi_url=None,
    docs_url=None,
    urls_namespace="api_v1",
)
# Addresses are tried in this order: the hot ones first.
api.add_router("", stock.router)
api.add_router("", sourcing.router)
api.add_router("", lanes.router)
api.add_router("/clients", clients.router)
api.add_router("/orders", orders.router)
api.add_router("/clients", baskets.router)
api.add_router("/clients", selections.router)
api.add_router("", catalogue.router)
api.add_router("", house.router)
api.add_router("", fulfilment.router)
api.add_router("", counts.router)
api.add_router("/replenishment", replenishment.router)
api.add_router("", parcels.router)
api.add_router("", payments.router)
api.add_router("", returns.router)
api.add_router("", changes.router)
api.add_router("/staff", staff.router)
api.add_router("/transfers", transfers.router)
api.add_router("", movements.router)
api.add_router("/allocations", allocations.router)
api.add_router("/webhooks", webhooks.router)
api.add_router("", events.router)


def _check_parameters(operation: Operation) -> None:
    """Each operation refuses what its own signature does not name, once the caller is known."""
    known = {
        name
        for model in operation.models
        if model.__ninja_param_source__ == "query"
        for name in model.__ninja_flatten_map__
    }
    run = operation.view_func

    @wraps(run)
    def checked(request: HttpRequest, **values: Any) -> Any:
        problems.check_parameters(request, known)
        return run(request, **values)

    operation.view_func = checked


for _prefix, _router in api._routers:  # the framework has no public list of its operations
    for _view in _router.path_operations.values():
        for _operation in _view.operations:
            _check_parameters(_operation)


@api.exception_handler(DomainError)
def _expected(request: HttpRequest, error: DomainError) -> HttpResponse:
    return problems.answer(request, error)


@api.exception_handler(ValidationError)
def _wrong_shape(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Where and what, never the value itself: it may be personal."""
    wrong = [
        {"at": ".".join(str(part) for part in one.get("loc", ())), "problem": one.get("msg", "")}
        for one in error.errors
    ]
    return problems.answer(request, BadInput(wrong=wrong))


@api.exception_handler(HttpError)
def _unreadable(request: HttpRequest, error: HttpError) -> HttpResponse:
    if isinstance(error.__cause__, DomainError):  # what the reader said
        return problems.answer(request, error.__cause__)
    if error.status_code == 400:
        return problems.answer(request, problems.Unreadable())
    raise error


@api.exception_handler(AuthenticationError)
def _unknown(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return problems.answer(request, SignInNeeded())


@api.exception_handler(Http404)
def _missing(request: HttpRequest, error: Http404) -> HttpResponse:
    return problems.answer(request, NotFound())
