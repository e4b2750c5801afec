"""What happens around every request: an id and a log line, who acts, expected failures, no shared caching."""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Callable
from typing import Any, cast

from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from vendome.config import errors, logs
from vendome.kit.actors import Actor
from vendome.kit.errors import DomainError, Kind
from vendome.kit.ids import new_id

type Next = Callable[[HttpRequest], HttpResponse]

log = logging.getLogger("vendome.request")
SAFE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
EPOCH_KEY = "epoch"
SESSION_ID_KEY = "sid"
STATUS = {
    Kind.INVALID: 400,
    Kind.FORBIDDEN: 403,
    Kind.NOT_FOUND: 404,
    Kind.CONFLICT: 409,
    Kind.UNAVAILABLE: 503,
}


def request_log(get_response: Next) -> Next:
    """Give each request an id (`X-Request-ID`, in and out) and write one line about it: no path, no person."""

    def middleware(request: HttpRequest) -> HttpResponse:
        known = request_id(request)
        cast("Any", request).id = known
        mark = logs.request_id.set(known)
        started = time.perf_counter()
        try:
            response = get_response(request)
            response.headers["X-Request-ID"] = known
            write_line(request, route=logs.route(request), status=response.status_code, started=started)
            return response
        finally:
            logs.request_id.reset(mark)

    return middleware


def request_id(request: HttpRequest) -> str:
    """The id the caller sent, if it is a plain one, else a new one."""
    given = request.META.get("HTTP_X_REQUEST_ID", "")
    return given if SAFE_ID.fullmatch(given) else new_id().hex


def write_line(request: HttpRequest, *, route: str, status: int, started: float, level: int | None = None) -> None:
    """One line about a request that has been answered, at the level of its status unless the caller knows better."""
    fields = {
        "method": request.method,
        "route": route,
        "status": status,
        "ms": round((time.perf_counter() - started) * 1000, 1),
        "actor": _kind(request),
    }
    log.log(level or _level(status), "request", extra={"fields": fields})


def _level(status: int) -> int:
    return logging.ERROR if status >= 500 else logging.INFO


def _kind(request: HttpRequest) -> str:
    """The actor's kind if the request came to ask for it; a log line causes no query of its own."""
    actor = getattr(request, "_actor", None)
    return actor.kind.value if isinstance(actor, Actor) else "UNASKED"


def actor(get_response: Next) -> Next:
    """`request.actor`: who acts, found on first use; and answers made for a known person are hers alone."""

    def middleware(request: HttpRequest) -> HttpResponse:
        cast("Any", request).actor = SimpleLazyObject(lambda: _find_actor(request))
        response = get_response(request)
        if _is_for_somebody(request) and not response.has_header("Cache-Control"):
            response.headers["Cache-Control"] = "private, no-store"
        return response

    return middleware


def _is_for_somebody(request: HttpRequest) -> bool:
    """Whether a known actor was asked for, or a signed-in session was read, in making the answer."""
    found = getattr(request, "_actor", None)
    return bool(found and found.is_known) or (request.session.accessed and SESSION_KEY in request.session)


def _find_actor(request: HttpRequest) -> Actor:
    """One remembered query for actor and rights; the account's own row is not loaded.

    A session made before the account's epoch was raised (sign out everywhere, new password) is nobody's, and so is a
    copy of one that was signed out of.
    """
    from vendome.domains.people import queries as people

    found = Actor.anonymous()
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        found = people.actor_for_token(token.strip())
    elif account := request.session.get(SESSION_KEY):
        found = people.actor_for_account(uuid.UUID(account))
        is_ended = request.session.get(SESSION_ID_KEY) in found.ended_sessions
        if is_ended or found.session_epoch != request.session.get(EPOCH_KEY, 0):
            found = Actor.anonymous()
    cast("Any", request)._actor = found
    return found


def expected_failures(get_response: Next) -> Next:
    """A DomainError that reached the edge becomes a page with its sentence, by kind.

    No text of the database can hold a NUL: an address or a form with one that nothing else has refused ends here too.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        return get_response(request)

    def process_exception(request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, DomainError):
            return errors.page(request, STATUS[exception.kind], exception.message)
        if errors.is_passing(exception):
            log.warning("the database could not be reached", exc_info=exception)
            return errors.unavailable(request)
        has_nul = (
            "\0" in request.path
            or "%00" in request.META.get("QUERY_STRING", "")
            or any("\0" in text for _name, texts in request.POST.lists() for text in texts)
        )
        return errors.bad_request(request) if has_nul else None

    cast("Any", middleware).process_exception = process_exception
    return middleware
