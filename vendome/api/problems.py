"""Problem answers (RFC 9457): what went wrong, as a stable code a program can act on and a sentence for people."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any, Final

from django.http import HttpRequest, HttpResponse

from vendome.kit.errors import BadInput, DomainError, Kind
from vendome.kit.policy import SignInNeeded

STATUS: Final = {
    Kind.INVALID: 422,
    Kind.FORBIDDEN: 403,
    Kind.NOT_FOUND: 404,
    Kind.CONFLICT: 409,
    Kind.UNAVAILABLE: 503,
}
RETRY_AFTER_SECONDS: Final = 1
DOCS: Final = "/api/v1/docs"
CONTENT_TYPE: Final = "application/problem+json"


class Unreadable(DomainError):
    """The body is not JSON."""

    code = "input.unreadable"
    kind = Kind.INVALID
    sentence = "The body of this request is not JSON that can be read."


class UnknownParameter(DomainError):
    """The address has a parameter that this operation does not know; nothing was done."""

    code = "input.unknown_parameter"
    kind = Kind.INVALID
    sentence = "This operation does not know a parameter of the address; the details name it, and those it knows."


class KeyMissing(DomainError):
    """A request that changes something came without an Idempotency-Key."""

    code = "idempotency.key_missing"
    kind = Kind.INVALID
    sentence = "Send an Idempotency-Key header: a fresh UUID for each new request, the same one for each repeat."


class FormTokenMissing(DomainError):
    """A browser's session changes something only together with its form token (CSRF)."""

    code = "access.form_token_missing"
    kind = Kind.FORBIDDEN
    sentence = "Send the form token of this page in X-CSRFToken, or call with a bearer token."


EXACT: Final[Mapping[type[DomainError], int]] = {SignInNeeded: 401, Unreadable: 400, KeyMissing: 400}


def status_of(error: type[DomainError]) -> int:
    """The HTTP status of an expected failure."""
    return EXACT.get(error, STATUS[error.kind])


def title_of(code: str) -> str:
    """`stock.out_of_stock` reads "Out of stock"."""
    return code.rpartition(".")[2].replace("_", " ").capitalize()


def answer(request: HttpRequest, error: DomainError) -> HttpResponse:
    """The problem document of an expected failure."""
    status = status_of(type(error))
    body = {
        "type": f"{DOCS}#{error.code}",
        "title": title_of(error.code),
        "status": status,
        "code": error.code,
        "detail": error.message,
        "details": error.details(),
        "request_id": str(getattr(request, "id", "")),
    }
    response = HttpResponse(json.dumps(body, ensure_ascii=False, default=str), status=status, content_type=CONTENT_TYPE)
    response.headers["Cache-Control"] = "private, no-store"
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    elif status == 503:
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def check_parameters(request: HttpRequest, known: Collection[str]) -> None:
    """A misspelt filter shall not answer as if it had filtered. Raises UnknownParameter, naming it."""
    if not request.META.get("QUERY_STRING"):
        return
    unknown = sorted(request.GET.keys() - set(known))
    if unknown:
        wrong = [one[:60] for one in unknown[:10]]
        may = f"It knows {', '.join(sorted(known))}." if known else "It knows none."
        raise UnknownParameter(
            f"This operation does not know the parameter “{wrong[0]}”. {may}", unknown=wrong, known=sorted(known)
        )


def bad_input(wrong: list[dict[str, Any]]) -> BadInput:
    """Says which members of a request are wrong, without repeating what was sent."""
    return BadInput(wrong=wrong)
