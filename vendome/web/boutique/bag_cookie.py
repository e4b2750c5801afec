"""A guest's bag: a signed cookie names her open basket in each market; nothing else about her is kept."""

from __future__ import annotations

import uuid

from django.core import signing
from django.http import HttpRequest, HttpResponse

NAME = "bag"
SALT = "vendome.bag"
MAX_AGE = 60 * 60 * 24 * 60


def read(request: HttpRequest, *, market: str) -> uuid.UUID | None:
    """The basket of a guest in this market; None when she has none or the cookie was changed."""
    found = _baskets(request).get(market)
    try:
        return uuid.UUID(found) if found else None
    except ValueError:
        return None


def remember(request: HttpRequest, response: HttpResponse, *, market: str, basket_id: uuid.UUID) -> None:
    """Keep the basket for sixty days."""
    _write(request, response, _baskets(request) | {market: str(basket_id)})


def forget(request: HttpRequest, response: HttpResponse, *, market: str) -> None:
    """The basket is ordered, or has become a client's own."""
    _write(request, response, {code: basket for code, basket in _baskets(request).items() if code != market})


def _baskets(request: HttpRequest) -> dict[str, str]:
    text = request.COOKIES.get(NAME, "")
    try:
        found = signing.loads(text, salt=SALT, max_age=MAX_AGE) if text else {}
    except signing.BadSignature:
        return {}
    return {str(code): str(basket) for code, basket in found.items()} if isinstance(found, dict) else {}


def _write(request: HttpRequest, response: HttpResponse, baskets: dict[str, str]) -> None:
    if not baskets:
        response.delete_cookie(NAME, samesite="Lax")
        return
    response.set_cookie(
        NAME,
        signing.dumps(baskets, salt=SALT),
        max_age=MAX_AGE,
        httponly=True,
        samesite="Lax",
        secure=request.is_secure(),
    )
