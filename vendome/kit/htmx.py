"""One address, two answers: the whole page, or the part of it that htmx asked for."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import unquote

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers


def render_page(
    request: HttpRequest,
    template: str,
    page: object,
    partials: Collection[str] = frozenset(),
    *,
    status: int = 200,
) -> HttpResponse:
    """The template, or its `{% partialdef %}` of the name htmx wants to replace, if that is one of `partials`.

    One name is DOM id, partial and entry of `partials`; a template reads the page's dataclass as `page`, and as
    `is_refused` whether it answers a form that was not taken.
    """
    wanted = target(request)
    name = f"{template}#{wanted}" if wanted in partials else template
    is_refused = request.method == "POST" and status >= 400
    response = render(request, name, {"page": page, "is_refused": is_refused}, status=status)
    if partials:
        patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response


def target(request: HttpRequest) -> str:
    """The DOM id htmx will replace, empty for other requests. htmx 4 writes `tag#id`, earlier ones the id alone."""
    if request.headers.get("HX-Request") != "true":
        return ""
    return unquote(request.headers.get("HX-Target", "").rpartition("#")[2])
