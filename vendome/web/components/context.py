"""The context processor behind every page: house, surface, language, theme and frame."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import get_language, get_language_bidi

from vendome.web.components import frames

HOUSE = "Maison Vermeil"
THEMES = ("day", "evening")
QUIET_PATHS = (
    "/gallery/",
    "/sign-in/",
    "/sign-out/",
    "/sign-up/",
    "/password/",
    "/account/email/",
    "/account/password/",
    "/account/security/",
)


def surface_of(path: str) -> str:
    """Which surface a path belongs to: salon, bureau, quiet (sign-in, gallery) or boutique."""
    for name in ("salon", "bureau"):
        if path == f"/{name}" or path.startswith(f"/{name}/"):
            return name
    return "quiet" if path.startswith(QUIET_PATHS) else "boutique"


def surface(request: HttpRequest) -> dict[str, Any]:
    """Everything the base templates read. Asks the database nothing: the surface puts its frame on the request."""
    name = surface_of(request.path)
    theme = request.COOKIES.get("theme", "")
    return {
        "house": HOUSE,
        "surface": name,
        "language": get_language() or "en",
        "direction": "rtl" if get_language_bidi() else "ltr",
        "theme": theme if theme in THEMES else "",
        "frame": getattr(request, "frame", None) or frames.EMPTY[name],
    }
