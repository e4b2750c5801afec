"""What those read who are turned away from an overrun house: a page, a sentence for htmx, a problem for programs.

Made without the database and kept ready, because it is made when there is least time for it.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from vendome.api import problems
from vendome.config import errors
from vendome.kit.errors import Overrun
from vendome.web.boutique import middleware
from vendome.web.components.context import HOUSE, THEMES


def answer(request: HttpRequest, seconds: int) -> HttpResponse:
    """503, to be asked again after so many seconds."""
    is_program = errors.wants_json(request)
    response = problems.answer(request, Overrun()) if is_program else _for_people(request, seconds)
    response.headers["Retry-After"] = str(seconds)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _for_people(request: HttpRequest, seconds: int) -> HttpResponse:
    language = "en" if request.path.startswith(middleware.STAFF) else middleware.wanted(request)
    if request.headers.get("HX-Request") == "true":  # the page stays; its own script says so (toast.js)
        with translation.override(language):
            return HttpResponse(_(Overrun.sentence), status=503, content_type="text/plain; charset=utf-8")
    theme = request.COOKIES.get("theme", "")
    asks_again = request.method in ("GET", "HEAD")
    body, style = page(language, theme if theme in THEMES else "", seconds if asks_again else 0)
    response = HttpResponse(body, status=503)
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src '{style}'; font-src 'self'; img-src data:; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    )
    response.headers["Vary"] = "Cookie, Accept-Language, HX-Request"
    return response


@cache
def page(language: str, theme: str, seconds: int) -> tuple[bytes, str]:
    """The page, and the digest of its style for the content policy. With seconds it asks again by itself."""
    with translation.override(language):
        style = render_to_string("errors/overrun.css")
        context = {"house": HOUSE, "language": language, "theme": theme, "seconds": seconds, "style": style}
        body = render_to_string("errors/overrun.html", context).encode()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return body, f"sha256-{digest}"
