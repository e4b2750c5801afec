"""Default deny: every endpoint says who may use it, or the program does not start (hard rule 11).

A policy is written on the view itself. `vendome.config.policies` walks the URL map at start.
"""

from __future__ import annotations

import enum
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase

from vendome.kit.actors import Actor, ActorKind
from vendome.kit.errors import DomainError, Forbidden, Kind

type View[**P] = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


class Audience(enum.Enum):
    PUBLIC = "PUBLIC"
    SIGNED_IN = "SIGNED_IN"
    CLIENT = "CLIENT"
    STAFF = "STAFF"
    TOKEN = "TOKEN"  # noqa: S105  # a kind of policy, not a secret


class SignInNeeded(DomainError):
    """A program came without a token, or with one that is not known. The API answers 401."""

    code = "access.sign_in_needed"
    kind = Kind.FORBIDDEN
    sentence = "Send your token as `Authorization: Bearer …`; this one is missing or not known."


@dataclass(frozen=True, slots=True)
class Policy:
    """Who may use an endpoint; public ones say why."""

    audience: Audience
    permission: str = ""
    reason: str = ""


def public[**P](*, reason: str) -> Callable[[View[P]], View[P]]:
    """Anybody may; the reason is for the reader of the URL map."""
    if not reason.strip():
        raise TypeError("a public endpoint needs a reason")
    return _policy(Policy(Audience.PUBLIC, reason=reason), lambda actor: True)


def signed_in[**P](view: View[P]) -> View[P]:
    """Any client or member of staff who has signed in."""
    known = frozenset({ActorKind.CLIENT, ActorKind.STAFF})
    return _policy(Policy(Audience.SIGNED_IN), lambda actor: actor.kind in known)(view)


def client[**P](view: View[P]) -> View[P]:
    """A client who has signed in; what she may see is her own."""
    return _policy(Policy(Audience.CLIENT), lambda actor: actor.kind is ActorKind.CLIENT)(view)


def staff[**P](permission: str) -> Callable[[View[P]], View[P]]:
    """Staff with the permission, anywhere; the command behind the view asks for the place."""
    policy = Policy(Audience.STAFF, permission=permission)
    return _policy(policy, lambda actor: actor.is_staff and actor.may(permission))


def token[**P](permission: str) -> Callable[[View[P]], View[P]]:
    """A program with an API token, or staff, holding the permission; answers 401 or 403, never a sign-in page."""
    kinds = frozenset({ActorKind.APP, ActorKind.STAFF})
    policy = Policy(Audience.TOKEN, permission=permission)
    return _policy(policy, lambda actor: actor.kind in kinds and actor.may(permission))


def policy_of(view: object) -> Policy | None:
    """The policy written on a view, through whatever else wraps it."""
    seen: object | None = view
    while seen is not None:
        found = getattr(seen, "policy", None)
        if isinstance(found, Policy):
            return found
        seen = getattr(seen, "__wrapped__", None)
    return None


def _policy[**P](policy: Policy, admits: Callable[[Actor], bool]) -> Callable[[View[P]], View[P]]:
    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            actor = cast("Any", request).actor
            if not admits(actor):
                return _refuse(request, actor, policy)
            return view(request, *args, **kwargs)

        marked = cast("Any", guarded)
        marked.policy = policy
        try:  # frameworks that read annotations look for names in the view's module, not in this one
            marked.__signature__ = inspect.signature(view, eval_str=True)
        except (NameError, TypeError, ValueError):
            pass
        return guarded

    return decorate


def _refuse(request: HttpRequest, actor: Actor, policy: Policy) -> HttpResponseBase:
    """Unknown people are asked to sign in; a page that is not yours is not there; staff learn what is missing."""
    if policy.audience is Audience.TOKEN:
        raise Forbidden(permission=policy.permission) if actor.is_known else SignInNeeded()
    if not actor.is_known:
        return redirect_to_login(request.get_full_path())
    if actor.is_staff and policy.audience is Audience.STAFF:
        raise PermissionDenied(policy.permission)
    raise Http404
