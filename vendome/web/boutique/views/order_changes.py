"""A client changes an order that has not left: she reads what it would mean, then confirms just that."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from vendome.domains.catalogue import queries as catalogue
from vendome.domains.catalogue.types import ReferenceLabel
from vendome.domains.orders.types import ChangeKind, Mode, OrderView
from vendome.flows import changes
from vendome.flows.changes import Preview
from vendome.kit.errors import BadInput, DomainError, NotFound
from vendome.kit.htmx import render_page
from vendome.kit.policy import public
from vendome.web.boutique import change_choices, delivering, return_pages, showing, sorry
from vendome.web.boutique.shop import Shop, ShopRequest, in_shop
from vendome.web.boutique.views.order_returns import OWN, crumbs_of
from vendome.web.boutique.views.orders import own_order, url_of
from vendome.web.boutique.wording import spoken_day


class ChangeForm(forms.Form):
    """What every proposal carries; which piece and what of it is read beside it (change_choices)."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    address = forms.CharField(
        label=gettext_lazy("New address"),
        required=False,
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 5, "autocomplete": "street-address"}),
        help_text=gettext_lazy("Write it as on an envelope, the country last."),
    )


class ConfirmForm(forms.Form):
    key = forms.UUIDField(widget=forms.HiddenInput)
    preview = forms.CharField(widget=forms.HiddenInput, max_length=64)


PAY_WITHIN = timedelta(hours=1)
"""How long the new piece of an exchange is kept while its difference is paid."""


@public(reason=OWN)
@require_http_methods(["GET", "HEAD", "POST"])
@in_shop
def order_change(request: ShopRequest, number: str) -> HttpResponse:
    """Propose, read, confirm or drop; each step by its own button."""
    found = own_order(request, number)
    shop = request.shop
    if request.method != "POST":
        return _answer(request, found)
    step = request.POST.get("step", "propose")
    try:
        if step == "propose":
            form = _form(found, request.POST)
            if not form.is_valid():
                return _answer(request, found, form, status=422)
            _propose(request, found, form)
            return _see(url_of(request, found, "order_change"))
        seen = changes.find_open(order_id=found.id, actor=shop.actor, at=shop.at)
        if seen is None and step != "confirm":
            return _see(url_of(request, found, "order_change"))
        if step == "pay" and seen is not None:
            return _see(_pay_url(request, found, seen.change_id))
        if step == "drop" and seen is not None:
            changes.withdraw(change_id=seen.change_id, actor=shop.actor, at=shop.at)
            return _see(url_of(request, found, "order_change"))
        confirm = ConfirmForm(request.POST)
        if seen is not None and confirm.is_valid():
            done = changes.confirm(
                key=str(confirm.cleaned_data["key"]),
                change_id=seen.change_id,
                preview_hash=confirm.cleaned_data["preview"],
                pay_within=PAY_WITHIN,
                actor=shop.actor,
                at=shop.at,
            )
            if done.awaits_payment:
                return _see(_pay_url(request, found, done.change_id))
            messages.success(request, _("Your order was changed."))
    except NotFound:
        raise
    except DomainError as error:
        kept = _form(found, request.POST) if step == "propose" else None
        return _answer(
            request, found, kept, problem=sorry.sentence(error), status=422 if isinstance(error, BadInput) else 409
        )
    return _see(url_of(request, found))


def _pay_url(request: ShopRequest, found: OrderView, change_id: uuid.UUID) -> str:
    """The payment page for the difference, as for every link; the order once it is paid or withdrawn meanwhile."""
    shop = request.shop
    try:
        made = changes.difference_link(change_id=change_id, lasts=PAY_WITHIN, actor=shop.actor, at=shop.at)
    except NotFound:
        return url_of(request, found)
    return shop.url("pay", token=made.token)


def _see(url: str) -> HttpResponse:
    response = HttpResponseRedirect(url)
    response.status_code = 303
    return response


def _propose(request: ShopRequest, found: OrderView, form: ChangeForm) -> None:
    wanted = change_choices.read(request.POST, found)
    address = form.cleaned_data["address"]
    if wanted.kind is ChangeKind.ADDRESS and not address.strip():
        raise BadInput(_("Write the new address."))
    changes.propose(
        key=str(form.cleaned_data["key"]),
        order_id=found.id,
        kind=wanted.kind,
        line_id=wanted.line_id,
        reference_id=wanted.reference_id,
        place_id=wanted.place_id,
        address=address.splitlines(),
        actor=request.shop.actor,
        at=request.shop.at,
    )


def _form(found: OrderView, data: Any = None) -> ChangeForm:
    return ChangeForm(data, initial={"key": uuid.uuid4(), "address": "\n".join(found.delivery_address)})


def _answer(
    request: ShopRequest, found: OrderView, form: ChangeForm | None = None, *, problem: str = "", status: int = 200
) -> HttpResponse:
    shop = request.shop
    seen = changes.find_open(order_id=found.id, actor=shop.actor, at=shop.at)
    awaits = seen is not None and seen.document_id is not None
    if seen is not None and not problem and not awaits:
        known = DomainError.catalogue.get(seen.problem)
        problem = _(known.sentence) if known else ""
    page = return_pages.ChangePage(
        head=showing.private(_("Change %(number)s") % {"number": found.number}),
        crumbs=crumbs_of(request, found, _("Change")),
        number=found.number,
        form=form or _form(found),
        lines=change_choices.offered(shop, found, request.POST) if seen is None else [],
        may_redirect=change_choices.may_redirect(found),
        is_redirected=request.POST.get("line") == change_choices.ADDRESS,
        preview=_preview(request, found, seen) if seen else [],
        balance=_balance(request, seen) if seen else "",
        problem=problem,
        is_open=seen is not None,
        can_confirm=seen is not None and not seen.problem and not awaits,
        is_paid_first=seen is not None and seen.balance > 0,
        awaits_payment=awaits,
        confirm_form=ConfirmForm(initial={"key": uuid.uuid4(), "preview": seen.hash}) if seen else None,
        url=url_of(request, found, "order_change"),
        order_url=url_of(request, found),
        contact_url=shop.url("service", topic="contact"),
    )
    return render_page(request, "boutique/change.html", page, status=status)


def _balance(request: ShopRequest, seen: Preview) -> str:
    said = showing.amount(abs(seen.balance), seen.currency, request.shop)
    if seen.balance < 0:
        return _("%(amount)s goes back to you") % {"amount": said}
    return _("%(amount)s to pay") % {"amount": said} if seen.balance > 0 else _("Nothing is to pay")


def _preview(request: ShopRequest, found: OrderView, seen: Preview) -> list[tuple[str, str]]:
    shop = request.shop
    line = next((one for one in found.lines if one.id == seen.line_id), None)
    ids = {one for one in (line.reference_id if line else None, seen.reference_id) if one}
    labels = catalogue.label_references(ids=ids)
    kinds = {
        ChangeKind.CANCEL_LINE: _("Cancelled"),
        ChangeKind.SWAP: _("Exchanged before it leaves"),
        ChangeKind.COLLECT_AT: _("Collected elsewhere"),
        ChangeKind.ADDRESS: _("Sent to another address"),
    }
    rows = [(_("The change"), kinds[seen.kind])]
    if line is not None:
        rows.append((_("Piece"), _named(shop, labels[line.reference_id], line.serial)))
    if seen.reference_id is not None:
        rows.append((_("Instead"), _named(shop, labels[seen.reference_id])))
    place = next((one for one in shop.boutiques if one.id == seen.place_id), None)
    if seen.kind is ChangeKind.COLLECT_AT and place is not None:
        rows.append((_("Boutique"), place.name))
    if seen.delivery is not None and not seen.problem:
        rows.append((_("How it comes"), delivering.mode_name(seen.delivery)))
    if seen.promised_date is not None and not seen.problem and line is not None:
        told = _("With you by") if line.mode is Mode.DELIVER else _("Ready from")
        rows.append((told, spoken_day(seen.promised_date)))
    if seen.address:
        rows.append((_("New address"), ", ".join(seen.address)))
    return rows


def _named(shop: Shop, label: ReferenceLabel, serial: str = "") -> str:
    """ "Aurore Solitaire, yellow gold, size 52, VM-26-012345": so that of two alike she knows which."""
    size = _("size %(size)s") % {"size": label.size} if label.size else ""
    return ", ".join(part for part in (label.model_name, shop.text(label.material_name), size, serial) if part)
