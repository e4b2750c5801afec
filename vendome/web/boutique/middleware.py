"""Pages around the shop speak the shop's language: sign-in, sign-up, and what goes wrong there."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import translation

from vendome.web.boutique.locales import LANGUAGES, Locale
from vendome.web.boutique.shop import LOCALE_COOKIE

type Next = Callable[[HttpRequest], HttpResponse]

STAFF = ("/salon/", "/bureau/", "/api/", "/gallery/", "/live/", "/health/")


def language(get_response: Next) -> Next:
    """The language chosen in the shop, else the browser's, for every page that has no language in its address."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path.startswith(STAFF):
            return get_response(request)
        with translation.override(wanted(request)):
            return get_response(request)

    return middleware


def wanted(request: HttpRequest) -> str:
    """The language of the address, else the one chosen in the shop, else the browser's, else English."""
    here = Locale.read(request.path[1:6])
    chosen = here or Locale.read(request.COOKIES.get(LOCALE_COOKIE, ""))
    if chosen:
        return chosen.language
    browser = request.headers.get("Accept-Language", "")[:2].lower()
    return browser if browser in LANGUAGES else "en"
