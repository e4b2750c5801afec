"""The short way for programs: the three hot operations, called with a bearer token, before Django's own handling.

A program has no session, no cookie and no page, so all that a page needs is left out; that is half of the CPU of such
a request (ADR 0008). What every request has is kept: an id and a log line, the transport's rules, who acts, the
policy on the view, failures as problems. Any other request, and any doubt, takes the long way, which answers the same.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from http.client import responses
from typing import Any, cast

from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse

from vendome.api.v1 import hot, hot_drops
from vendome.config import errors, logs
from vendome.config.middleware import request_id, write_line
from vendome.domains.people import queries as people

type StartResponse = Callable[..., Any]
type Application = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]

log = logging.getLogger("vendome.request")


class ShortWay:
    """A WSGI application in front of another."""

    def __init__(self, long_way: Application) -> None:
        self.long_way = long_way
        self.transport = transport_headers()

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        authorization = environ.get("HTTP_AUTHORIZATION", "")
        if authorization[:7].lower() == "bearer ":
            method, path = environ["REQUEST_METHOD"], environ.get("PATH_INFO", "")
            found = hot.find(method, path) or hot_drops.find(method, path)
            if found is not None:
                request = WSGIRequest(environ)
                if request.is_secure() or not settings.SECURE_SSL_REDIRECT:
                    return self._answer(request, found, authorization[7:].strip(), start_response)
        return self.long_way(environ, start_response)

    def _answer(
        self, request: WSGIRequest, found: hot.Found, token: str, start_response: StartResponse
    ) -> Iterable[bytes]:
        started = time.perf_counter()
        program = cast("Any", request)
        program.id = request_id(request)
        mark = logs.request_id.set(program.id)
        try:
            response = _asked(program, found, token)
            headers = [*response.items(), *self.transport]
            headers.append(("Content-Length", str(len(response.content))))
            headers.append(("X-Request-ID", program.id))
            if not response.has_header("Cache-Control"):
                headers.append(("Cache-Control", "private, no-store"))
            start_response(f"{response.status_code} {responses[response.status_code]}", headers)
            write_line(request, route=found.name, status=response.status_code, started=started)
            return [response.content]
        finally:
            logs.request_id.reset(mark)


def _asked(request: Any, found: hot.Found, token: str) -> HttpResponse:
    try:
        request.actor = request._actor = people.actor_for_token(token)
        return cast("HttpResponse", found.view(request, **found.arguments))
    except Exception as error:  # the last line of defence, as Django's handler is on the long way
        if errors.is_passing(error):
            log.warning("%s could not reach the database", found.name, exc_info=error)
            return errors.unavailable(request)
        log.exception("%s answered 500", found.name)
        return errors.server_error(request)


def transport_headers() -> list[tuple[str, str]]:
    """What Django's SecurityMiddleware and clickjacking protection say on the long way."""
    found = [
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", str(settings.SECURE_REFERRER_POLICY)),
        ("Cross-Origin-Opener-Policy", str(settings.SECURE_CROSS_ORIGIN_OPENER_POLICY)),
        ("X-Frame-Options", str(settings.X_FRAME_OPTIONS)),
    ]
    if settings.SECURE_HSTS_SECONDS:
        rule = f"max-age={settings.SECURE_HSTS_SECONDS}"
        rule += "; includeSubDomains" if settings.SECURE_HSTS_INCLUDE_SUBDOMAINS else ""
        rule += "; preload" if settings.SECURE_HSTS_PRELOAD else ""
        found.append(("Strict-Transport-Security", rule))
    return found
