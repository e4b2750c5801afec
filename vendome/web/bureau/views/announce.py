"""Client service announces a return for a client who calls or writes: the same decision she would read herself."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from vendome.domains.house import queries as house
from vendome.domains.orders.policy.types import Reason
from vendome.domains.orders.types import ReturnRoute
from vendome.domains.people import permissions
from vendome.flows import exchanging, returnable, returns
from vendome.flows.exchanging import Pickup, WantedReturn
from vendome.flows.returnable import Receipt
from vendome.kit import clock
from vendome.kit.errors import DomainError, Forbidden, NotFound
from vendome.kit.htmx import render_page
from vendome.web.bureau import return_pages
from vendome.web.bureau.frame import BureauRequest, bureau
from vendome.web.components.frames import Link
from vendome.web.salon import return_words
from vendome.web.salon.choosing import uuid_or_none
from vendome.web.salon.forms import KeyedForm, new_key


class AnnounceForm(KeyedForm):
    """Whole lines of one order; part of a line is returned at the counter or by the client herself."""

    use_required_attribute = False
    lines = forms.MultipleChoiceField(
        label=gettext_lazy("What comes back"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one piece.")},
    )
    reason = forms.ChoiceField(label=gettext_lazy("Reason"), choices=list(return_words.REASONS.items()), required=False)
    place = forms.ChoiceField(label=gettext_lazy("How it comes back"), required=False)
    address = forms.CharField(
        label=gettext_lazy("Where our courier comes to"),
        required=False,
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 5, "autocomplete": "off"}),
        help_text=gettext_lazy("Write it as on an envelope, the country last."),
    )
    phone = forms.CharField(
        label=gettext_lazy("Telephone"),
        required=False,
        max_length=24,
        help_text=gettext_lazy("Our courier calls before coming."),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
    )

    def clean(self) -> dict[str, Any]:
        """Only a courier needs an address."""
        given = super().clean() or {}
        if not given.get("place") and len(_lines(given.get("address", ""))) < 2:
            self.add_error("address", _("Say where our courier comes to."))
        return given


def _lines(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.splitlines() if part.strip())


@require_http_methods(["GET", "HEAD", "POST"])
@bureau(permissions.ORDERS_CHANGE, section="orders")
def announce(request: BureauRequest, order_id: uuid.UUID) -> HttpResponse:
    """Choose what comes back and how; what was chosen stays when it cannot be done."""
    receipt = returnable.get_receipt(actor=request.actor, order_id=order_id, on=clock.now().date())
    form = _form(request, receipt, request.POST if request.method == "POST" else None)
    if request.method != "POST":
        return _answer(request, receipt, form)
    if not form.is_valid():
        return _answer(request, receipt, form, status=422)
    given = form.cleaned_data
    place_id = uuid_or_none(given["place"])
    out = {str(line.line_id): line.out for line in receipt.lines}
    try:
        done = returns.announce(
            key=given["key"],
            order_id=order_id,
            lines=[
                WantedReturn(line_id=uuid.UUID(one), quantity=out[one], reason=Reason(given["reason"] or "NOT_SAID"))
                for one in given["lines"]
            ],
            route=ReturnRoute.COUNTER if place_id else ReturnRoute.COURIER,
            place_id=place_id,
            pickup=None if place_id else Pickup(address=_lines(given["address"]), phone=given["phone"]),
            actor=request.actor,
            at=clock.now(),
        )
    except (NotFound, Forbidden):
        raise
    except DomainError as problem:
        return _answer(request, receipt, form, problem=_(problem.message), status=409)
    messages.success(request, _("Announced. Give her the number: %(number)s.") % {"number": done.number})
    return HttpResponseRedirect(reverse("bureau:return", args=[done.id]), status=303)


def _form(request: BureauRequest, receipt: Receipt, data: Any) -> AnnounceForm:
    known_addresses = exchanging.list_addresses(receipt=receipt)
    initial = {
        "key": new_key(),
        "address": "\n".join(known_addresses[0]) if known_addresses else "",
        "phone": exchanging.read_phone(receipt=receipt),
    }
    form = AnnounceForm(data, initial=initial)
    lines, places = form.fields["lines"], form.fields["place"]
    assert isinstance(lines, forms.MultipleChoiceField)
    assert isinstance(places, forms.ChoiceField)
    lines.choices = [
        (str(line.line_id), f"{line.model_name} · {line.serial or line.sku}")
        for line in receipt.lines
        if line.may_come_back and not line.open_return
    ]
    known = house.list_places(maison_id=request.place.maison_id)
    boutiques = [(str(place.id), place.name) for place in known if place.is_visible and place.kind.value == "BOUTIQUE"]
    places.choices = [("", _("By courier")), *boutiques]
    return form


def _answer(
    request: BureauRequest, receipt: Receipt, form: AnnounceForm, *, problem: str = "", status: int = 200
) -> HttpResponse:
    language = get_language() or "en"
    page = return_pages.AnnouncePage(
        crumbs=[
            Link(label=_("Orders"), url=reverse("bureau:orders")),
            Link(label=receipt.number, url=reverse("bureau:order", args=[receipt.order_id])),
            Link(label=_("Return"), url=""),
        ],
        number=receipt.number,
        decisions=[
            (
                line.model_name,
                str(return_words.OUTCOMES[line.decision.outcome.value]),
                line.decision.client_words(language),
            )
            for line in receipt.lines
            if line.may_come_back
        ],
        form=form,
        problem=problem,
    )
    return render_page(request, "bureau/announce.html", page, status=status)
