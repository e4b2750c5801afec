"""Sign-in through allauth, under the house's own addresses. Anything not listed here does not exist."""

from __future__ import annotations

import json
import secrets
import uuid
from typing import Any, cast

from allauth.account import views
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import (
    ConfirmEmailVerificationCodeForm,
    ConfirmLoginCodeForm,
    LoginForm,
    RequestLoginCodeForm,
    SignupForm,
)
from allauth.account.internal.stagekit import clear_login
from allauth.account.stages import EmailVerificationStage, LoginByCodeStage
from allauth.core import context
from allauth.core.internal import ratelimit
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path, re_path, reverse
from django.utils.translation import gettext_lazy as _

from vendome.config.middleware import EPOCH_KEY, SESSION_ID_KEY
from vendome.domains.people import services as people
from vendome.kit import clock
from vendome.kit.actors import Actor
from vendome.kit.policy import public

SILENT = frozenset(
    {
        "account/messages/logged_in.txt",
        "account/messages/logged_out.txt",
        "account/messages/email_confirmation_sent.txt",
        "account/messages/email_confirmed.txt",
    }
)
EMAIL = _("E-mail")
MOST_NEXT = 400  # bytes of the address to go on to: with it a session under way stays below sessions.LEAST_BYTES


class HouseAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth is untyped
    """Sessions carry the account's epoch: raising it ends every session of the account at once."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _(
            "Address and password do not belong together. Try again, or let us send you a code by e-mail."
        ),
        "incorrect_code": _("That is not the code. Compare it with our latest letter, or ask for another code."),
        "rate_limited": _("That was too many tries. Please wait a few minutes, then try again."),
        "too_many_login_attempts": _(
            "That was too many tries. Please wait a few minutes, or ask for a code by e-mail."
        ),
    }

    def login(self, request: HttpRequest, user: Any) -> None:
        super().login(request, user)
        request.session[EPOCH_KEY] = user.session_epoch
        request.session[SESSION_ID_KEY] = secrets.token_urlsafe(12)

    def logout(self, request: HttpRequest) -> None:
        """The session ends for whoever has a copy of its cookie, not only on this device."""
        account, session = request.session.get(SESSION_KEY), request.session.get(SESSION_ID_KEY)
        if account and session:
            people.end_session(account_id=uuid.UUID(account), session=session, actor=Actor.system(), at=clock.now())
        super().logout(request)

    def is_safe_url(self, url: str) -> bool:
        return len(json.dumps(url)) <= MOST_NEXT and bool(super().is_safe_url(url))

    def set_password(self, user: Any, password: str) -> None:
        user.session_epoch += 1
        super().set_password(user, password)
        request = cast("HttpRequest | None", context.request)
        if request is not None and request.session.get(EPOCH_KEY) is not None:
            request.session[EPOCH_KEY] = user.session_epoch

    def add_message(
        self, request: HttpRequest, level: int, message_template: str | None = None, *args: Any, **more: Any
    ) -> None:
        """The page she arrives on says that she is in, or out; the library's sentence with her address is not ours."""
        if message_template not in SILENT:
            super().add_message(request, level, message_template, *args, **more)

    def send_account_already_exists_mail(self, email: str) -> None:
        """Who never finished signing up has an account without a password: the letter tells her how to come in."""
        request = context.request
        urls = {
            "code_url": request.build_absolute_uri(reverse("account_request_login_code")),
            "password_reset_url": request.build_absolute_uri(reverse("account_reset_password")),
        }
        self.send_mail("account/email/account_already_exists", email, urls)

    def get_from_email(self) -> str:
        from django.conf import settings

        return str(settings.DEFAULT_FROM_EMAIL)


class SignInForm(LoginForm):  # type: ignore[misc]  # allauth is untyped
    """Asks for the password although signing up does not: staff have one, clients may rather ask for a code."""

    def _setup_password_field(self) -> None:
        self.fields["password"].help_text = ""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["login"].label = EMAIL
        self.fields["remember"].label = _("Keep me signed in on this device")


class CodeForm(RequestLoginCodeForm):  # type: ignore[misc]  # allauth is untyped
    """Where the code is sent."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["email"].label = EMAIL


class OpenForm(SignupForm):  # type: ignore[misc]  # allauth is untyped
    """An address is enough to open an account."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["email"].label = EMAIL


class Counted:
    """Every code that is entered counts by where it comes from, before it is compared; a right one is taken off.

    The count in the session is in her own cookie: who puts an old cookie back would have as many tries as she likes.
    """

    def clean_code(self) -> str:
        used = ratelimit.consume(context.request, app="allauth.account", action="enter_code")
        if used is None:
            raise HouseAdapter(context.request).validation_error("rate_limited")
        code: str = super().clean_code()  # type: ignore[misc]  # of the form beside it
        used.rollback()
        return code


class SignInCodeForm(Counted, ConfirmLoginCodeForm):  # type: ignore[misc]  # allauth is untyped
    """The code of a sign-in."""


class AddressCodeForm(Counted, ConfirmEmailVerificationCodeForm):  # type: ignore[misc]  # allauth is untyped
    """The code of a sign-up, or of a new address."""


class AskForCode(views.RequestLoginCodeView):  # type: ignore[misc]  # allauth is untyped
    """Also while another code is waited for: it may never come, or be lost."""

    def _redirect_to_pending_stage(self, request: HttpRequest, stage: Any) -> HttpResponse | None:
        if stage.key in (LoginByCodeStage.key, EmailVerificationStage.key):
            clear_login(request)
            return None
        return cast("HttpResponse | None", super()._redirect_to_pending_stage(request, stage))


ask_for_code = public(reason="who asks for a code is not known yet; allauth throttles it and never tells who exists")(
    AskForCode.as_view()
)


@public(reason="a session ends for whoever has it; there is nothing else to see")
def sign_out(request: HttpRequest) -> HttpResponse:
    """What her browser keeps for her, the words of a checkout, goes with her; a guest who only leaves the page where a
    code is entered keeps hers."""
    was_in = request.user.is_authenticated
    answer: HttpResponse = views.logout(request)
    if was_in and request.method == "POST":
        answer.headers["Clear-Site-Data"] = '"storage"'
    return answer


urlpatterns: list[URLPattern | URLResolver] = [
    path("sign-in/", views.login, name="account_login"),
    path("sign-in/code/", ask_for_code, name="account_request_login_code"),
    path("sign-in/code/confirm/", views.confirm_login_code, name="account_confirm_login_code"),
    path("sign-in/again/", views.reauthenticate, name="account_reauthenticate"),
    path("sign-in/closed/", views.account_inactive, name="account_inactive"),
    path("sign-out/", sign_out, name="account_logout"),
    path("sign-up/", views.signup, name="account_signup"),
    path("sign-up/sent/", views.email_verification_sent, name="account_email_verification_sent"),
    re_path(r"^sign-up/confirm/(?P<key>[-:\w]+)/$", views.confirm_email, name="account_confirm_email"),
    path("account/email/", views.email, name="account_email"),
    path("account/password/", views.password_change, name="account_change_password"),
    path("account/password/set/", views.password_set, name="account_set_password"),
    path("password/", views.password_reset, name="account_reset_password"),
    path("password/sent/", views.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/new/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        views.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("password/done/", views.password_reset_from_key_done, name="account_reset_password_from_key_done"),
    path("account/security/", include("allauth.mfa.urls")),
]
