"""Which ways to pay each market offers: read, tried on an amount, switched from a day on, and brought back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_lazy, gettext_noop
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from vendome.domains.house import queries as house
from vendome.domains.house.types import MarketView
from vendome.domains.payments import services as writing
from vendome.domains.payments.queries import offers
from vendome.domains.payments.types import OfferVersion, OfferView
from vendome.domains.people import permissions
from vendome.kit import clock
from vendome.kit.errors import DomainError, Forbidden, NotFound
from vendome.kit.htmx import render_page
from vendome.kit.money import decimals
from vendome.web.boutique.locales import country_name
from vendome.web.boutique.pay_ways import ways
from vendome.web.bureau.actors import names_of
from vendome.web.bureau.frame import BureauRequest, bureau
from vendome.web.bureau.offer_pages import MarketOfferRow, OfferPage, OffersPage, OfferVersionRow
from vendome.web.components import money
from vendome.web.components.frames import Link
from vendome.web.components.parts import Tone

COUNTS = (2, 3, 4, 6, 10, 12)
ANSWERS = (  # what the domain may say of a form that reads well
    gettext_noop("An offer begins today or later."),
    gettext_noop("Write the account that a transfer goes to."),
    gettext_noop("The account has at most six lines."),
)
USUAL_ORDER = 5_000
"""Of the market's currency, in whole units: what the form looks at until another amount is written."""


class OfferForm(forms.Form):
    """What a market offers beside the card. Amounts are whole units of its currency."""

    use_required_attribute = False
    expected = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    is_transfer_offered = forms.BooleanField(label=gettext_lazy("Bank transfer is offered"), required=False)
    transfer_days = forms.IntegerField(
        label=gettext_lazy("Days a piece is kept for it"),
        min_value=1,
        max_value=30,
        error_messages={"required": gettext_lazy("Say how many days.")},
    )
    transfer_account = forms.CharField(
        label=gettext_lazy("Account she sends it to"),
        required=False,
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
        help_text=gettext_lazy("As she reads it, one line for each part: holder, IBAN, BIC."),
    )
    instalment_counts = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Monthly instalments"),
        required=False,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None chosen: instalments are not offered."),
    )
    instalments_from = forms.IntegerField(
        label=gettext_lazy("Instalments from an order of"),
        min_value=0,
        max_value=100_000_000,
        error_messages={"required": gettext_lazy("Write an amount, or 0.")},
    )
    deposit_percent = forms.IntegerField(
        label=gettext_lazy("Deposit that confirms an order, in percent"),
        min_value=1,
        max_value=99,
        help_text=gettext_lazy("The least an advisor may agree on."),
        error_messages={"required": gettext_lazy("Write a percentage.")},
    )
    from_date = forms.DateField(
        label=gettext_lazy("From"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("Orders placed before keep the terms they were placed on."),
        error_messages={"required": gettext_lazy("Say from which day.")},
    )
    note = forms.CharField(
        label=gettext_lazy("What changes, and why"),
        max_length=300,
        help_text=gettext_lazy("It stands in the history beside your name."),
        error_messages={"required": gettext_lazy("Say what changes and why.")},
    )
    amount = forms.IntegerField(
        label=gettext_lazy("Look at an order of"), required=False, min_value=1, max_value=100_000_000
    )

    def __init__(self, *args: Any, counts: Sequence[int], **more: Any) -> None:
        super().__init__(*args, **more)
        field = self.fields["instalment_counts"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(count, str(count)) for count in counts]
        if self.data.get("step") == "preview":  # looking needs no reason
            self.fields["note"].required = False


@require_safe
@bureau(permissions.PAYMENTS_OFFERS, section="orders")
def market_offers(request: BureauRequest) -> HttpResponse:
    """Every market with what it offers today."""
    now = clock.now()
    rows = []
    for market in house.list_markets(maison_id=request.place.maison_id):
        offer = offers.get_offer(market_id=market.id, at=now)
        coming = _coming(offers.list_versions(market_id=market.id), now.date())
        later = min((day for day, one in coming.items() if one.offer != offer), default=None)
        rows.append(
            MarketOfferRow(
                name=country_name(market.code),
                currency=market.currency,
                ways=_summary(offer, market),
                deposit=f"{offer.deposit_bp // 100}\N{NO-BREAK SPACE}%",
                later=_("changes on %(day)s") % {"day": date_format(later, "j F Y")} if later else "",
                url=reverse("bureau:market_offer", args=[market.code.lower()]),
            )
        )
    page = OffersPage(crumbs=_crumbs(), rows=rows)
    return render_page(request, "bureau/market_offers.html", page)


@require_http_methods(["GET", "HEAD", "POST"])
@bureau(permissions.PAYMENTS_OFFERS, section="orders")
def market_offer(request: BureauRequest, code: str) -> HttpResponse:
    """One market: what it offers now, what it would, from which day, and everything that was written before."""
    market = house.get_market(maison_id=request.place.maison_id, code=code)
    now = clock.now()
    stands = offers.get_offer(market_id=market.id, at=now)
    versions = offers.list_versions(market_id=market.id)
    start = _written(stands, market) | {
        "expected": versions[0].number if versions else 0,
        "from_date": now.date(),
        "amount": USUAL_ORDER,
    }
    counts = sorted({*COUNTS, *stands.instalment_counts})
    form = OfferForm(request.POST or None, initial=start, counts=counts)
    if request.method != "POST":
        return _page(request, market, form)
    step = request.POST.get("step", "")
    try:
        if step == "restore":
            writing.restore_offer(
                number=_number(request.POST.get("number")),
                from_date=_day(request.POST.get("from")) or now.date(),
                expected=_number(request.POST.get("expected")),
                market=market.code,
                actor=request.actor,
                at=now,
            )
            return _done(request)
        if not form.is_valid():
            return _page(request, market, form, status=422)
        wanted = writing.read_checked(offer=_read(form.cleaned_data, market))
        if step == "preview":
            form.fields["note"].required = True  # writing it down does
            return _page(request, market, form, wanted=wanted)
        given = form.cleaned_data
        writing.write_offer(
            market=market.code,
            offer=wanted,
            from_date=given["from_date"],
            expected=given["expected"],
            note=given["note"],
            actor=request.actor,
            at=now,
        )
    except (NotFound, Forbidden):
        raise
    except DomainError as problem:
        return _page(request, market, form, problem=_(problem.message), status=409)
    return _done(request)


def _page(
    request: BureauRequest,
    market: MarketView,
    form: OfferForm,
    *,
    wanted: OfferView | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    now = clock.now()
    stands = offers.get_offer(market_id=market.id, at=now)
    versions = offers.list_versions(market_id=market.id)
    names = names_of([one.actor for one in versions if one.actor])
    given = form.cleaned_data if wanted else {}
    amount = (given.get("amount") or USUAL_ORDER) * _unit(market)
    title = country_name(market.code)
    page = OfferPage(
        crumbs=[
            *_crumbs()[:-1],
            Link(label=_("Ways to pay"), url=reverse("bureau:market_offers")),
            Link(label=title, url=""),
        ],
        title=title,
        form=form,
        amount=_money(amount, market),
        now=_said(stands, amount, market),
        then=_said(wanted, amount, market) if wanted else [],
        then_from=given.get("from_date"),
        versions=_versions(versions, market, names, stands, now.date()),
        version=versions[0].number if versions else 0,
        problem=problem,
    )
    return render_page(request, "bureau/market_offer.html", page, status=status)


def _coming(versions: Sequence[OfferVersion], today: date) -> dict[date, OfferVersion]:
    """What begins later, by its day; of two written for one day the newer."""
    later = [one for one in versions if one.from_date and one.from_date > today]
    return {one.from_date: one for one in sorted(later, key=lambda one: one.number) if one.from_date}


def _versions(
    versions: Sequence[OfferVersion], market: MarketView, names: Mapping[str, str], stands: OfferView, today: date
) -> list[OfferVersionRow]:
    """Newest first. What is to come can be taken back: on its day what stands now goes on."""
    coming = _coming(versions, today)
    standing = next((one.number for one in versions if one.offer == stands and one not in coming.values()), 0)
    rows = []
    for one in versions:
        is_later = one.from_date is not None and one.from_date > today
        state, tone = _state(one, stands, is_later=is_later, is_coming=one in coming.values())
        rows.append(
            OfferVersionRow(
                number=one.number,
                from_date=one.from_date,
                at=one.at,
                by=names.get(one.actor, ""),
                note=one.note or _("As it was before the first change"),
                ways=" · ".join(_summary(one.offer, market)),
                state=state,
                tone=tone,
                restores=standing if is_later else one.number,
                restores_from=one.from_date if is_later else None,
                can_restore=one.offer != stands and (not is_later or one in coming.values()),
            )
        )
    return rows


def _state(one: OfferVersion, stands: OfferView, *, is_later: bool, is_coming: bool) -> tuple[str, Tone]:
    if is_later:
        return (_("to come"), "open") if is_coming else (_("taken back"), "")
    return (_("as it stands"), "good") if one.offer == stands else ("", "")


def _summary(offer: OfferView, market: MarketView) -> list[str]:
    """In few words, whatever the order's size."""
    found = [_("Card")]
    if offer.is_transfer_offered:
        found.append(_("bank transfer, kept %(n)d days") % {"n": offer.transfer_days})
    if offer.instalment_counts:
        counts = ", ".join(str(count) for count in offer.instalment_counts)
        amount = _money(offer.instalments_from_amount, market)
        found.append(_("%(counts)s instalments from %(amount)s") % {"counts": counts, "amount": amount})
    return found


def _said(offer: OfferView, amount: int, market: MarketView) -> list[str]:
    """What she reads at the checkout, word for word."""
    return [words for _value, words in ways(offer, amount, lambda part: _money(part, market))]


def _written(offer: OfferView, market: MarketView) -> dict[str, Any]:
    return {
        "is_transfer_offered": offer.is_transfer_offered,
        "transfer_days": offer.transfer_days,
        "transfer_account": "\n".join(offer.transfer_account),
        "instalment_counts": offer.instalment_counts,
        "instalments_from": offer.instalments_from_amount // _unit(market),
        "deposit_percent": offer.deposit_bp // 100,
    }


def _read(given: Mapping[str, Any], market: MarketView) -> OfferView:
    return OfferView(
        is_transfer_offered=given["is_transfer_offered"],
        transfer_days=given["transfer_days"],
        transfer_account=tuple(given["transfer_account"].splitlines()),
        instalment_counts=tuple(given["instalment_counts"]),
        instalments_from_amount=given["instalments_from"] * _unit(market),
        deposit_bp=given["deposit_percent"] * 100,
    )


def _unit(market: MarketView) -> int:
    return int(10 ** decimals(market.currency))


def _money(amount: int, market: MarketView) -> str:
    return money.written(amount, market.currency, get_language() or "en")


def _number(text: str | None) -> int:
    if not text or not text.isdecimal() or len(text) > 8:
        raise NotFound()
    return int(text)


def _day(text: str | None) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise NotFound() from error


def _done(request: BureauRequest) -> HttpResponse:
    messages.success(request, _("Written down. Checkouts follow it from that day; the history can undo it."))
    return HttpResponseRedirect(request.path, status=303)


def _crumbs() -> list[Link]:
    return [Link(label=_("Money"), url=reverse("bureau:money")), Link(label=_("Ways to pay"), url="")]
