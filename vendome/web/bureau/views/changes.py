"""A paid order is changed in three steps: propose, read what it would mean, confirm just that."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from vendome.domains.catalogue import queries as catalogue
from vendome.domains.house import queries as house
from vendome.domains.orders.queries import placed as orders
from vendome.domains.orders.types import ChangeKind, Direction, OrderView
from vendome.domains.payments.types import Tender
from vendome.domains.people import permissions
from vendome.flows import changes, pay_links
from vendome.flows.changes import Preview
from vendome.flows.types import TenderGiven
from vendome.kit import clock
from vendome.kit.errors import BadInput, DomainError, Forbidden, NotFound
from vendome.kit.htmx import render_page
from vendome.web.bureau import return_pages, words
from vendome.web.bureau.frame import BureauRequest, bureau
from vendome.web.components import money
from vendome.web.components.frames import Link
from vendome.web.salon import return_words
from vendome.web.salon.choosing import uuid_or_none
from vendome.web.salon.forms import TENDERS, KeyedForm, OneOfField, new_key
from vendome.web.salon.words import form_of

KINDS = {
    "CANCEL_LINE": gettext_lazy("Cancel a piece"),
    "SWAP": gettext_lazy("Another size or reference"),
    "COLLECT_AT": gettext_lazy("Collect it elsewhere"),
    "ADDRESS": gettext_lazy("Send it to another address"),
}
LINK = "LINK"
PROVIDERS = {Tender.CASH: "till", Tender.TERMINAL: "terminal"}


class ProposeForm(KeyedForm):
    use_required_attribute = False
    kind = forms.ChoiceField(
        label=gettext_lazy("What changes"),
        choices=list(KINDS.items()),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose what changes.")},
    )
    line = forms.ChoiceField(label=gettext_lazy("Piece"), required=False)
    sku = forms.CharField(
        label=gettext_lazy("New reference"),
        required=False,
        max_length=80,
        help_text=gettext_lazy("For another size or piece."),
    )
    place = forms.ChoiceField(
        label=gettext_lazy("Boutique"), required=False, help_text=gettext_lazy("For collecting elsewhere.")
    )
    address = forms.CharField(
        label=gettext_lazy("New address"),
        required=False,
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("One line for each line of the envelope, the country last and as before."),
    )


class ConfirmForm(KeyedForm):
    use_required_attribute = False
    preview = forms.CharField(widget=forms.HiddenInput, max_length=64)
    tender = forms.ChoiceField(
        label=gettext_lazy("Difference paid by"),
        choices=[*TENDERS.items(), (LINK, gettext_lazy("A link: she pays it online"))],
        widget=forms.RadioSelect,
        required=False,
        initial="TERMINAL",
    )
    reference = OneOfField(label=gettext_lazy("Reference on the terminal’s slip"), max_length=64, required=False)


@require_http_methods(["GET", "HEAD", "POST"])
@bureau(permissions.ORDERS_CHANGE, section="orders")
def change(request: BureauRequest, order_id: uuid.UUID) -> HttpResponse:
    """The proposal that waits, or the form that makes one."""
    found = orders.get_order(actor=request.actor, order_id=order_id)
    if request.method != "POST":
        return _answer(request, found)
    form = _propose_form(request, found, request.POST)
    if not form.is_valid():
        return _answer(request, found, form, status=422)
    given = form.cleaned_data
    try:
        changes.propose(
            key=given["key"],
            order_id=order_id,
            kind=ChangeKind(given["kind"]),
            line_id=uuid_or_none(given["line"]),
            reference_id=_reference(request, given["sku"]) if given["kind"] == "SWAP" else None,
            place_id=uuid_or_none(given["place"]),
            address=given["address"].splitlines(),
            actor=request.actor,
            at=clock.now(),
        )
    except (NotFound, Forbidden):
        raise
    except DomainError as problem:
        return _answer(request, found, form, problem=_(problem.message), status=409)
    return HttpResponseRedirect(reverse("bureau:change", args=[order_id]), status=303)


@require_POST
@bureau(permissions.ORDERS_CHANGE, section="orders")
def confirm(request: BureauRequest, change_id: uuid.UUID) -> HttpResponse:
    """Make it true, as it was read."""
    seen = changes.preview(change_id=change_id, actor=request.actor, at=clock.now())
    found = orders.get_order(actor=request.actor, order_id=seen.order_id)
    form = ConfirmForm(request.POST)
    if not form.is_valid():
        return _answer(request, found, status=422)
    given = form.cleaned_data
    is_online = given["tender"] == LINK and seen.balance > 0
    pays = None if is_online or seen.balance <= 0 else _taken(given)
    try:
        done = changes.confirm(
            key=given["key"],
            change_id=change_id,
            preview_hash=given["preview"],
            tender=pays,
            pay_within=pay_links.USUAL if is_online else None,
            actor=request.actor,
            at=clock.now(),
        )
    except (NotFound, Forbidden):
        raise
    except DomainError as problem:
        return _answer(request, found, problem=_(problem.message), status=409)
    if done.awaits_payment:
        return _link(request, change_id)
    messages.success(request, _("The order was changed."))
    return HttpResponseRedirect(reverse("bureau:order", args=[seen.order_id]), status=303)


@require_POST
@bureau(permissions.ORDERS_CHANGE, section="orders")
def link(request: BureauRequest, change_id: uuid.UUID) -> HttpResponse:
    """A link for the difference that waits; its address is on the answer's page, once."""
    return _link(request, change_id)


def _link(request: BureauRequest, change_id: uuid.UUID) -> HttpResponse:
    seen = changes.preview(change_id=change_id, actor=request.actor, at=clock.now())
    found = orders.get_order(actor=request.actor, order_id=seen.order_id)
    try:
        made = changes.difference_link(change_id=change_id, lasts=pay_links.USUAL, actor=request.actor, at=clock.now())
    except (NotFound, Forbidden):
        raise
    except DomainError as problem:
        return _answer(request, found, problem=_(problem.message), status=409)
    response = _answer(request, found, made=made)
    response.headers["Cache-Control"] = "no-store"
    return response


def _taken(given: Mapping[str, Any]) -> TenderGiven:
    tender = Tender(given["tender"] or "TERMINAL")
    return TenderGiven(tender=tender, provider=PROVIDERS[tender], reference=given["reference"].strip(), is_settled=True)


@require_POST
@bureau(permissions.ORDERS_CHANGE, section="orders")
def withdraw(request: BureauRequest, change_id: uuid.UUID) -> HttpResponse:
    seen = changes.preview(change_id=change_id, actor=request.actor, at=clock.now())
    changes.withdraw(change_id=change_id, actor=request.actor, at=clock.now())
    messages.info(request, _("The proposal was dropped; nothing was changed."))
    return HttpResponseRedirect(reverse("bureau:change", args=[seen.order_id]), status=303)


def _answer(
    request: BureauRequest,
    found: OrderView,
    form: forms.Form | None = None,
    *,
    problem: str = "",
    made: pay_links.MadeLink | None = None,
    status: int = 200,
) -> HttpResponse:
    seen = changes.find_open(order_id=found.id, actor=request.actor, at=clock.now())
    page = _page(request, found, seen, form or _propose_form(request, found), problem, made)
    return render_page(request, "bureau/change.html", page, status=status)


def _propose_form(request: BureauRequest, found: OrderView, data: Any = None) -> ProposeForm:
    form = ProposeForm(data, initial={"key": new_key(), "address": "\n".join(found.delivery_address)})
    labels = catalogue.label_references(ids={line.reference_id for line in found.lines})
    lines, places = form.fields["line"], form.fields["place"]
    assert isinstance(lines, forms.ChoiceField)
    assert isinstance(places, forms.ChoiceField)
    lines.choices = [
        (
            str(line.id),
            " · ".join(
                part
                for part in (labels[line.reference_id].model_name, line.serial or labels[line.reference_id].sku)
                if part
            ),
        )
        for line in found.lines
        if line.direction is Direction.OUT and line.state.value in ("HELD", "ARRIVED", "READY")
    ]
    known = house.list_places(maison_id=request.place.maison_id)
    places.choices = [("", "—"), *((str(place.id), place.name) for place in known if place.offers_collection)]
    return form


def _reference(request: BureauRequest, sku: str) -> uuid.UUID | None:
    if not sku.strip():
        return None
    found = catalogue.find_references(maison_id=request.place.maison_id, text=sku.strip(), limit=5)
    exact = next((one.id for one in found if one.sku.casefold() == sku.strip().casefold()), None)
    if exact is None:
        raise BadInput(_("There is no reference of this name."))
    return exact


def _page(
    request: BureauRequest,
    found: OrderView,
    seen: Preview | None,
    form: forms.Form,
    problem: str,
    made: pay_links.MadeLink | None,
) -> return_pages.ChangePage:
    confirm_form = None
    if seen is not None:
        confirm_form = ConfirmForm(initial={"key": new_key(), "preview": seen.hash})
        if seen.problem and seen.document_id is None:
            problem = problem or said_problem(seen.problem)
    return return_pages.ChangePage(
        crumbs=[
            Link(label=_("Orders"), url=reverse("bureau:orders")),
            Link(label=found.number, url=reverse("bureau:order", args=[found.id])),
            Link(label=_("Change"), url=""),
        ],
        number=found.number,
        form=form,
        preview=preview_words(request, found, seen) if seen else [],
        balance_words=balance_words(seen) if seen else "",
        problem=problem,
        is_open=seen is not None,
        can_confirm=seen is not None and not seen.problem and seen.document_id is None,
        link_url=reverse("bureau:change_link", args=[seen.change_id]) if seen and seen.document_id else "",
        pay_url=request.build_absolute_uri(reverse("boutique:pay_link", args=[made.token])) if made else "",
        pay_until=made.expires_at if made else None,
        confirm_form=confirm_form,
        asks_tender=seen is not None and seen.balance > 0,
        withdraw_url=reverse("bureau:change_withdraw", args=[seen.change_id]) if seen else "",
        confirm_url=reverse("bureau:change_confirm", args=[seen.change_id]) if seen else "",
    )


def said_problem(code: str) -> str:
    """The sentence of a failure by its code."""
    known = DomainError.catalogue.get(code)
    return _(known.sentence) if known else code


def balance_words(seen: Preview) -> str:
    if seen.kind in (ChangeKind.ADDRESS, ChangeKind.COLLECT_AT):
        return _("Nothing is to pay")
    return return_words.balance(
        seen.balance, money.written(abs(seen.balance), seen.currency, get_language() or "en", exact=True)
    )


def preview_words(request: BureauRequest, found: OrderView, seen: Preview) -> list[tuple[str, str]]:
    """The preview as terms and values."""
    line = next((one for one in found.lines if one.id == seen.line_id), None)
    ids = {one for one in (line.reference_id if line else None, seen.reference_id) if one}
    labels = catalogue.label_references(ids=ids)

    def name(reference_id: uuid.UUID) -> str:
        label = labels[reference_id]
        return ", ".join(part for part in (label.model_name, form_of(label.material, label.size)) if part)

    rows = [(_("What changes"), words.said(KINDS, seen.kind.value))]
    if line is not None:
        rows.append((_("Piece"), ", ".join(part for part in (name(line.reference_id), line.serial) if part)))
    if seen.reference_id is not None:
        rows.append((_("New piece"), name(seen.reference_id)))
    if seen.kind is ChangeKind.COLLECT_AT and seen.place_id is not None:
        rows.append((_("Boutique"), house.get_place(maison_id=request.place.maison_id, place_id=seen.place_id).name))
    if seen.promised_date is not None and not seen.problem:
        rows.append((_("Promised for"), date_format(seen.promised_date, "j F Y")))
    if seen.address:
        rows.append((_("New address"), ", ".join(seen.address)))
    language = get_language() or "en"
    rows += [
        (words.said(return_words.TENDERS, one.tender), money.written(-one.amount, seen.currency, language, exact=True))
        for one in seen.back_to
    ]
    return rows
