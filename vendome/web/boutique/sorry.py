"""What a visitor reads when something could not be done: why, and where to go on."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from vendome.domains.payments.errors import Declined
from vendome.kit.errors import DomainError, Kind
from vendome.kit.htmx import render_page
from vendome.web.boutique.pages import Head, SorryPage

STATUS = {
    Kind.INVALID: 400,
    Kind.FORBIDDEN: 403,
    Kind.NOT_FOUND: 404,
    Kind.CONFLICT: 409,
    Kind.UNAVAILABLE: 503,
}
LETTERED = frozenset({"order", "order_pay", "order_return", "order_returned", "order_change", "pay"})
"""Pages of hers that a letter leads to: an address without its key, or an old one, opens nothing."""


def sentence(error: DomainError) -> str:
    """The error's own sentence, in the language of the page; what a bank says of a card is followed by what to do."""
    said = _(error.message)
    if isinstance(error, Declined) and error.message != Declined.sentence:
        said = f"{said} {_('Nothing was taken. Try another card, or another way to pay.')}"
    return said


def answer(request: HttpRequest, error: DomainError, home_url: str) -> HttpResponse:
    """A page with the error's sentence and its status."""
    is_missing = error.kind is Kind.NOT_FOUND
    lost = _("The page may have moved, or the piece may have left the collection.")
    if request.resolver_match and request.resolver_match.url_name in LETTERED:
        lost = _("Open it by the link in our letter, or sign in and find it in your account. Client service helps too.")
    page = SorryPage(
        head=Head(title=_("Not found") if is_missing else _("That did not work"), is_private=True),
        title=_("There is nothing at this address") if is_missing else _("That did not work"),
        sentence=lost if is_missing else sentence(error),
        home_url=home_url,
    )
    return render_page(request, "boutique/sorry.html", page, status=STATUS[error.kind])
