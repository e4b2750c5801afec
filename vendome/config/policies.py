"""Walks the URL map: an endpoint without a policy is an error at start, so default is deny (hard rule 11)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, register
from django.urls import URLPattern, URLResolver, get_resolver

from vendome.kit.policy import Audience, Policy, policy_of

_SIGN_IN = "signing in, up or out is for people we do not know yet; allauth throttles it and never tells who exists"
_SIGNED_IN = "allauth asks for a signed-in account itself"
_DOCS = "what the API can do is no secret; calling it needs a token"

# Views of other people's packages carry no policy of ours; here is one for each, by name, with its reason.
OTHERS: dict[str, Policy] = {
    name: Policy(Audience.PUBLIC, reason=_SIGN_IN)
    for name in (
        "account_login",
        "account_confirm_login_code",
        "account_inactive",
        "account_signup",
        "account_email_verification_sent",
        "account_confirm_email",
        "account_reset_password",
        "account_reset_password_done",
        "account_reset_password_from_key",
        "account_reset_password_from_key_done",
        "mfa_authenticate",
        "mfa_login_webauthn",
        "mfa_trust",
    )
} | {
    name: Policy(Audience.SIGNED_IN, reason=_SIGNED_IN)
    for name in (
        "account_email",
        "account_change_password",
        "account_set_password",
        "account_reauthenticate",
        "mfa_index",
        "mfa_reauthenticate",
        "mfa_activate_totp",
        "mfa_deactivate_totp",
        "mfa_view_recovery_codes",
        "mfa_generate_recovery_codes",
        "mfa_download_recovery_codes",
        "mfa_list_webauthn",
        "mfa_add_webauthn",
        "mfa_edit_webauthn",
        "mfa_remove_webauthn",
        "mfa_reauthenticate_webauthn",
    )
}
NINJA_PAGES = {"openapi-json": _DOCS, "openapi-view": _DOCS, "api-root": _DOCS}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One address (and method, where one address serves several) with the policy found on it."""

    route: str
    view: str
    policy: Policy | None


def endpoints(patterns: Iterable[URLPattern | URLResolver] | None = None, prefix: str = "") -> Iterator[Endpoint]:
    """Every endpoint of the URL map, operations of the API included."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = f"{prefix}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            yield from endpoints(pattern.url_patterns, route)
        else:
            yield from _of(pattern, route)


def _of(pattern: URLPattern, route: str) -> Iterator[Endpoint]:
    view: Any = pattern.callback
    name = f"{getattr(view, '__module__', '')}.{getattr(view, '__qualname__', type(view).__qualname__)}"
    operations = _ninja_operations(view)
    if operations is not None:
        for operation in operations:
            methods = "|".join(operation.methods)
            yield Endpoint(f"{methods} {route}", operation.view_func.__qualname__, policy_of(operation.view_func))
        return
    found = policy_of(view) or policy_of(getattr(view, "view_class", None))
    if found is None and pattern.name in OTHERS and name.startswith("allauth."):
        found = OTHERS[pattern.name]
    if found is None and pattern.name in NINJA_PAGES and "ninja" in repr(view):
        found = Policy(Audience.PUBLIC, reason=NINJA_PAGES[pattern.name])
    yield Endpoint(route, name, found)


def _ninja_operations(view: Any) -> Sequence[Any] | None:
    """Operations behind a django-ninja address: they are held in the view's closure."""
    from ninja.operation import PathView

    for cell in getattr(view, "__closure__", None) or ():
        if isinstance(cell.cell_contents, PathView):
            return cell.cell_contents.operations
    owner = getattr(view, "__self__", None)
    return owner.operations if isinstance(owner, PathView) else None


@register()
def check_every_endpoint_has_a_policy(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """System check: `vendome check`, `serve` and the tests all run it."""
    return [
        Error(
            f"{endpoint.route or '/'} ({endpoint.view}) says nobody may or may not use it.",
            hint="Put one of vendome.kit.policy's decorators on the view: public, signed_in, client, staff or token.",
            id="vendome.E001",
        )
        for endpoint in endpoints()
        if endpoint.policy is None
    ]
