"""Who calls: a program with its bearer token, or a signed-in member of staff from a page of ours."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.http import HttpRequest
from ninja.security.base import AuthBase
from ninja.utils import check_csrf

from vendome.api.problems import FormTokenMissing, KeyMissing, check_parameters
from vendome.kit import idempotency, policy
from vendome.kit.actors import Actor
from vendome.kit.policy import SignInNeeded

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class ApiRequest(HttpRequest):
    """A request whose actor is known to the middleware; annotation only."""

    actor: Actor


def guard(request: HttpRequest) -> None:
    """A change asked for with a browser's session needs the page's form token; a bearer token is proof enough.

    Raises FormTokenMissing, SignInNeeded for who has neither.
    """
    if request.method in SAFE or request.META.get("HTTP_AUTHORIZATION", "")[:7].lower() == "bearer ":
        return
    if not cast("ApiRequest", request).actor.is_known:
        raise SignInNeeded()
    if check_csrf(request) is not None:
        raise FormTokenMissing()


def idempotency_key(request: HttpRequest) -> str:
    """The caller's key for this change. Raises KeyMissing, BadInput."""
    key = request.META.get("HTTP_IDEMPOTENCY_KEY", "")
    if not key:
        raise KeyMissing()
    return idempotency.check_key(key)


class Bearer(AuthBase):
    """The wide surface's door; who may do what is said by each operation's policy."""

    openapi_type = "http"
    openapi_scheme = "bearer"
    openapi_description = "A token made by `vendome api_token create`. It acts with the roles it was given."

    def __call__(self, request: HttpRequest) -> Any:
        actor: Actor = cast("ApiRequest", request).actor
        if not actor.is_known:
            raise SignInNeeded()
        guard(request)
        return actor


# -- policies of the wide surface: its operations answer values, which the framework turns into responses --------


def program[**P, R](permission: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A program with a token, or staff, holding the permission."""
    guarded = cast("Callable[[Callable[P, R]], Callable[P, R]]", policy.token(permission))
    return lambda view: guarded(_listed(view))


def anyone[**P, R](*, reason: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Anybody may; the reason is for the reader of the URL map."""
    guarded = cast("Callable[[Callable[P, R]], Callable[P, R]]", policy.public(reason=reason))
    return lambda view: guarded(_listed(view))


def knows[**P, R](*names: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A plain view's parameters after the `?`, checked once the caller is known; the wide surface says its own."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def checked(*args: P.args, **kwargs: P.kwargs) -> R:
            check_parameters(cast("HttpRequest", args[0]), names)
            return view(*args, **kwargs)

        return checked

    return decorate


def _listed[**P, R](view: Callable[P, R]) -> Callable[P, R]:
    """Queries answer tuples of rows, and the framework takes a tuple of two for a status and a body."""

    @wraps(view)
    def listed(*args: P.args, **kwargs: P.kwargs) -> R:
        found = view(*args, **kwargs)
        return cast("R", list(found)) if isinstance(found, tuple) else found

    return listed


def once(request: HttpRequest, what: str, body: Any, run: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Do `run` once for this caller's Idempotency-Key. Raises KeyMissing, BodyChanged, and whatever `run` raises."""
    actor = cast("ApiRequest", request).actor
    key = idempotency_key(request)
    return idempotency.once(scope=f"{actor.label}:{what}", key=key, body=body, run=run)
