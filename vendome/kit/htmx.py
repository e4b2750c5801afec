"""One address, two answers: the whole page, or the part of it that htmx will put in place."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

NO_PARTIALS: frozenset[str] = frozenset()


def asked_part(request: HttpRequest, partials: frozenset[str]) -> str:
    """The part htmx asks for, if this page offers it, else "". htmx 4 names its target `tag#id`."""
    if request.headers.get("HX-Request") != "true":
        return ""
    target = request.headers.get("HX-Target", "").rpartition("#")[2]
    return target if target in partials else ""


def render_page(
    request: HttpRequest,
    template: str,
    page: Any,
    partials: frozenset[str] = NO_PARTIALS,
    *,
    status: int = 200,
) -> HttpResponse:
    """The page, or the named part of it; `page` is one frozen dataclass and all the template may read."""
    part = asked_part(request, partials)
    response = render(request, f"{template}#{part}" if part else template, {"page": page}, status=status)
    if partials:
        patch_vary_headers(response, ("HX-Request", "HX-Target"))
    return response
