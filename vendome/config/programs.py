"""The short way in for programs: a request with a bearer token needs no session, no cookie, no page (ADR 0008).

It keeps what every request has: an id and a log line, the transport's rules, who acts, the policy on the view,
expected failures as problems. Everything else takes the long way through the middleware of pages.
"""

from __future__ import annotations

from typing import Any, cast

from django.http import Http404, HttpRequest, HttpResponse
from django.middleware.security import SecurityMiddleware
from django.urls import Resolver404, get_resolver

from vendome.api import problems
from vendome.config.middleware import Next, request_log
from vendome.domains.people import queries as people
from vendome.kit.errors import DomainError, NotFound

DOOR = "/api/"
URLS = "vendome.api.urls"


def programs(get_response: Next) -> Next:
    """Middleware, first of all: sends programs the short way and everybody else on."""
    short = request_log(cast("Next", SecurityMiddleware(_answer)))

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.META.get("HTTP_AUTHORIZATION", "")[:7].lower() == "bearer " and request.path_info.startswith(DOOR):
            return short(request)
        return get_response(request)

    return middleware


def _answer(request: HttpRequest) -> HttpResponse:
    response = _asked(request)
    if not response.has_header("Cache-Control"):
        response.headers["Cache-Control"] = "private, no-store"
    response.headers["Content-Length"] = str(len(response.content))
    return response


def _asked(request: HttpRequest) -> HttpResponse:
    try:
        match = request.resolver_match = get_resolver(URLS).resolve(request.path_info[len(DOOR) - 1 :])
        program = cast("Any", request)
        program.actor = program._actor = people.actor_for_token(request.META["HTTP_AUTHORIZATION"][7:].strip())
        return cast("HttpResponse", match.func(request, *match.args, **match.kwargs))
    except (Resolver404, Http404):
        return problems.answer(request, NotFound())
    except DomainError as error:
        return problems.answer(request, error)
