"""Error answers: a page for people, problem JSON (RFC 9457) for programs, each with the request's id."""

from __future__ import annotations

import json
from typing import Any

import psycopg
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.translation import gettext as _

from vendome.api import problems
from vendome.kit.errors import Busy, DomainError

CODES = {400: "input.invalid", 403: "access.forbidden", 404: "access.not_found", 503: "access.busy"}
"""Codes of what is refused before the API itself is reached; they mean what they mean there."""


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return page(request, 400, _said(exception) or _("Something in this request is not as expected."))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return page(request, 403, _said(exception) or _("Your role does not allow this here."))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return page(request, 404, _("We could not find that."))


def server_error(request: HttpRequest) -> HttpResponse:
    return page(request, 500, _("Something went wrong on our side. It has been noted."))


def is_passing(exception: BaseException) -> bool:
    """The database went away, or was not there: nothing is wrong with the request, which may be sent again."""
    return isinstance(exception, (OperationalError, InterfaceError, psycopg.OperationalError, psycopg.InterfaceError))


def unavailable(request: HttpRequest) -> HttpResponse:
    """503 with Retry-After: whether an unsafe request took effect is not known; its key makes a repeat safe."""
    if request.path.startswith("/api/"):
        return problems.answer(request, Busy(_("The house cannot answer at this moment. Please try again.")))
    response = page(request, 503, _("The house cannot answer at this moment. Please try again."))
    response.headers["Retry-After"] = str(problems.RETRY_AFTER_SECONDS)
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return page(
        request,
        403,
        _("This form was open for too long. Go back, load the page again and send it once more."),
    )


def page(request: HttpRequest, status: int, sentence: str) -> HttpResponse:
    """The answer for a status: its own template if there is one, else that of the status class."""
    request_id = str(getattr(request, "id", ""))
    if wants_json(request):
        return problem(status, sentence, request_id=request_id)
    context = {"status": status, "sentence": sentence, "request_id": request_id}
    nearest = 500 if status >= 500 else 400
    try:
        html: str = render_to_string([f"errors/{status}.html", f"errors/{nearest}.html"], context, request)
    except Exception:
        if status < 500:
            raise
        # The page itself may need what is broken; then the plainest page that can be made.
        html = f"<!doctype html><title>{status}</title><h1>{escape(sentence)}</h1><p>{escape(request_id)}</p>"
    return HttpResponse(html, status=status)


def wants_json(request: HttpRequest) -> bool:
    """Programs are answered in JSON, whatever went wrong before the API could."""
    return request.path.startswith("/api/") or request.get_preferred_type(["text/html", "application/json"]) == (
        "application/json"
    )


def problem(status: int, sentence: str, *, request_id: str = "", **members: Any) -> HttpResponse:
    """`application/problem+json` with the members RFC 9457 names."""
    code = CODES.get(status, "error")
    body = {
        "type": "about:blank",
        "title": sentence,
        "status": status,
        "code": code,
        "detail": sentence,
        "details": {},
        "request_id": request_id,
    } | members
    return HttpResponse(json.dumps(body), status=status, content_type="application/problem+json")


def _said(exception: Exception | None) -> str:
    """Sentences we wrote ourselves may be shown; what a framework or a visitor wrote may not."""
    return exception.message if isinstance(exception, DomainError) else ""
