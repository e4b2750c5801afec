"""Money: statements taken in, what differs, what no order was found for, what is owed; and the trial balance."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from vendome.domains.house import queries as house
from vendome.domains.payments.queries import money
from vendome.domains.payments.types import DifferenceRow
from vendome.domains.people import permissions
from vendome.flows import instalments, reconciliation
from vendome.flows.statements import LARGEST
from vendome.kit import clock
from vendome.kit.errors import DomainError, Forbidden, Kind, NotFound
from vendome.kit.htmx import render_page
from vendome.web.boutique.locales import country_name
from vendome.web.bureau import pages, words
from vendome.web.bureau.exports import csv_answer
from vendome.web.bureau.forms import StatementForm
from vendome.web.bureau.frame import BureauRequest, bureau
from vendome.web.components.frames import Link

type Typed = tuple[str, str]  # of which row, and what
MOST_EXPORTED = 5_000


@require_http_methods(["GET", "HEAD", "POST"])
@bureau(permissions.PAYMENTS_RECONCILE, section="orders")
def overview(request: BureauRequest) -> HttpResponse:
    """What wants a person, then how the days went. POST takes a statement in."""
    if request.method != "POST":
        if request.GET.get("format") == "csv":
            return _export(request)
        return render_page(request, "bureau/money.html", _page(request, StatementForm()))
    form = StatementForm(request.POST, request.FILES)
    if not form.is_valid():
        return render_page(request, "bureau/money.html", _page(request, form), status=422)
    file: UploadedFile[Any] = form.cleaned_data["file"]
    try:
        taken = reconciliation.take_in(
            name=file.name or "", content=file.read(LARGEST + 1), actor=request.actor, at=clock.now()
        )
    except DomainError as error:
        return render_page(request, "bureau/money.html", _page(request, form, _(error.message)), status=409)
    said = _("New lines: %(new)d of %(lines)d. Matched: %(matched)d. Differences: %(differences)d.") % {
        "new": taken.new_lines,
        "lines": taken.lines,
        "matched": taken.matched,
        "differences": taken.differences,
    }
    messages.success(request, said)
    return _back()


@require_POST
@bureau(permissions.PAYMENTS_RECONCILE, section="orders")
def resolve(request: BureauRequest, difference_id: uuid.UUID) -> HttpResponse:
    """Close a difference with a sentence."""
    resolution = request.POST.get("resolution", "")[:500]
    return _done(
        request,
        lambda: reconciliation.resolve(
            difference_id=difference_id,
            resolution=resolution,
            actor=request.actor,
            at=clock.now(),
        ),
        _("Noted; the difference is closed."),
        missing=_("This difference has been closed meanwhile; what you wrote was not added: “%(text)s”")
        % {"text": resolution.strip()},
        typed=(str(difference_id), resolution),
    )


@require_POST
@bureau(permissions.PAYMENTS_RECONCILE, section="orders")
def match(request: BureauRequest, line_id: uuid.UUID) -> HttpResponse:
    """Say which order a transfer pays."""
    number = request.POST.get("number", "").strip()[:40]
    return _done(
        request,
        lambda: reconciliation.match_transfer(
            line_id=line_id, order_number=number, actor=request.actor, at=clock.now()
        ),
        _("The transfer has paid its order."),
        missing=_("No order %(number)s waits for a transfer of exactly this amount. Compare both, then write it again.")
        % {"number": number},
        typed=(str(line_id), number),
    )


@require_POST
@bureau(permissions.PAYMENTS_RECONCILE, section="orders")
def give_back(request: BureauRequest, payment_id: uuid.UUID) -> HttpResponse:
    """Refund what stands as owed to a client."""
    return _done(
        request,
        lambda: reconciliation.give_back(payment_id=payment_id, actor=request.actor, at=clock.now()),
        _("The refund is written down and goes out in a moment."),
    )


@require_POST
@bureau(permissions.PAYMENTS_RECONCILE, section="orders")
def charge(request: BureauRequest, instalment_id: uuid.UUID) -> HttpResponse:
    """Charge a late rate now."""
    try:
        is_paid = instalments.try_again(instalment_id=instalment_id, actor=request.actor, at=clock.now())
    except DomainError as error:
        messages.error(request, _(error.message))
        return _back()
    if is_paid:
        messages.success(request, _("The rate is paid."))
    else:
        messages.error(request, _("It was not paid; the reason stands beside it."))
    return _back()


@require_safe
@bureau(permissions.PAYMENTS_RECONCILE, section="orders")
def balance(request: BureauRequest) -> HttpResponse:
    """Every account that is not at zero; together they are nothing, in each currency."""
    found = money.list_balances(actor=request.actor)
    if request.GET.get("format") == "csv":
        rows = [(one.account, one.currency, one.amount) for one in found]
        return csv_answer("trial-balance", ("Account", "Currency", "Amount in minor units"), rows)
    markets = {str(one.id): country_name(one.code) for one in house.list_markets(maison_id=request.place.maison_id)}
    sums: dict[str, int] = {}
    for one in found:
        sums[one.currency] = sums.get(one.currency, 0) + one.amount
    page = pages.BalancePage(
        crumbs=[Link(label=_("Money"), url=reverse("bureau:money")), Link(label=_("Trial balance"), url="")],
        rows=[(words.account(one.account, markets), one.amount, one.currency) for one in found],
        sums=sorted(sums.items()),
        at=clock.now(),
        export_url="?format=csv",
    )
    return render_page(request, "bureau/balance.html", page)


def _done(
    request: BureauRequest, act: Callable[[], object], said: str, *, missing: str = "", typed: Typed = ("", "")
) -> HttpResponse:
    """Do it and come back to the page with a word on how it went; refused, `typed` (of which row, what) stays there."""
    try:
        act()
    except NotFound as error:
        if not missing:
            messages.error(request, _("This has been dealt with meanwhile."))
            raise error
        return _refused(request, missing, typed, status=404)
    except Forbidden:
        raise
    except DomainError as error:
        return _refused(request, _(error.message), typed, status=422 if error.kind is Kind.INVALID else 409)
    messages.success(request, said)
    return _back()


def _refused(request: BureauRequest, problem: str, typed: Typed, *, status: int) -> HttpResponse:
    page = _page(request, StatementForm(), problem, typed)
    return render_page(request, "bureau/money.html", page, status=status)


def _back() -> HttpResponse:
    return HttpResponseRedirect(reverse("bureau:money"), status=303)


def _page(request: BureauRequest, form: StatementForm, problem: str = "", typed: Typed = ("", "")) -> pages.MoneyPage:
    of_row, words_typed = typed
    actor = request.actor
    today = timezone.localtime(clock.now()).date()
    return pages.MoneyPage(
        form=form,
        days=[
            pages.MoneyDay(
                day=one.day,
                source=words.said(words.SOURCES, one.source),
                lines=one.lines,
                matched=one.matched,
                amount=one.amount,
                fees=one.fees,
                currency=one.currency,
                tone="good" if one.lines == one.matched else "care",
            )
            for one in money.list_days(actor=actor)
        ],
        differences=[
            _difference(one, words_typed if str(one.id) == of_row else "")
            for one in money.list_differences(actor=actor)
        ],
        transfers=[
            pages.MoneyTransfer(
                id=str(one.line_id),
                day=one.day,
                amount=one.amount,
                currency=one.currency,
                who=one.counterparty,
                text=one.text,
                typed=words_typed if str(one.line_id) == of_row else "",
            )
            for one in money.list_unmatched_transfers(actor=actor)
        ],
        rates=[
            pages.MoneyMatter(
                id=str(one.id),
                order_number=one.order_number,
                order_url=reverse("bureau:order", args=[one.order_id]),
                amount=one.amount,
                currency=one.currency,
                what=_("Due %(day)s. %(why)s")
                % {"day": f"{one.due_date:%d.%m.%Y}", "why": _(one.last_failure) if one.last_failure else ""},
            )
            for one in money.list_late_instalments(actor=actor, day=today)
        ],
        disputes=[
            pages.MoneyMatter(
                id="",
                order_number=one.order_number,
                order_url=reverse("bureau:order", args=[one.order_id]),
                amount=one.amount,
                currency=one.currency,
                what=_("Answer by %(day)s") % {"day": f"{one.answer_by:%d.%m.%Y}"} if one.answer_by else one.reason,
            )
            for one in money.list_disputes(actor=actor)
        ],
        owed=[
            pages.MoneyMatter(
                id=str(one.payment_id),
                order_number=one.order_number,
                order_url=reverse("bureau:order", args=[one.order_id]),
                amount=one.amount,
                currency=one.currency,
                what=words.said(words.TENDERS, one.tender),
            )
            for one in money.list_owed(actor=actor)
        ],
        cards=[(one.currency, one.cards, one.amount) for one in money.list_liabilities(actor=actor)],
        export_url=f"{reverse('bureau:money')}?format=csv",
        balance_url=reverse("bureau:balance"),
        offers_url=reverse("bureau:market_offers") if request.actor.may(permissions.PAYMENTS_OFFERS) else "",
        problem=problem,
    )


def _difference(one: DifferenceRow, typed: str) -> pages.MoneyDifference:
    kind, explained, tone = words.DIFFERENCES[one.kind.value]
    return pages.MoneyDifference(
        id=str(one.id),
        day=one.day,
        kind=str(kind),
        explained=str(explained),
        source=words.said(words.SOURCES, one.source),
        reference=one.reference,
        order_number=one.order_number,
        order_url=reverse("bureau:order", args=[one.order_id]) if one.order_id else "",
        expected=one.expected_amount,
        found=one.found_amount,
        currency=one.currency,
        tone=tone,
        typed=typed,
    )


def _export(request: BureauRequest) -> HttpResponse:
    heads = (
        "Day",
        "Kind",
        "Source",
        "Reference",
        "Order",
        "Expected in minor units",
        "Found in minor units",
        "Currency",
        "Open",
        "Resolution",
    )
    rows = [
        (one.day.isoformat(), one.kind.value, one.source, one.reference, one.order_number, one.expected_amount,
        one.found_amount,
         one.currency, one.is_open, one.resolution)
        for one in money.list_differences(actor=request.actor, only_open=False, limit=MOST_EXPORTED)
    ]  # fmt: skip
    return csv_answer("differences", heads, rows)
