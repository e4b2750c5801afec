"""The inspection desk: what stands in quarantine is looked at once, by a named person, and decided."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from vendome.domains.house import queries as house
from vendome.domains.orders.policy.types import Condition
from vendome.domains.orders.types import Fate
from vendome.domains.people import permissions
from vendome.flows import return_desk, returns
from vendome.flows.return_desk import ArrivalRow
from vendome.kit import clock
from vendome.kit.actors import EVERYWHERE
from vendome.kit.errors import DomainError, Forbidden, NotFound
from vendome.kit.htmx import render_page
from vendome.web.bureau import return_pages, words
from vendome.web.bureau.frame import BureauRequest, bureau
from vendome.web.bureau.views.returns import sentence, tabs
from vendome.web.components.frames import Choice
from vendome.web.salon import return_words
from vendome.web.salon.choosing import uuid_or_none
from vendome.web.salon.forms import AmountField, KeyedForm, new_key
from vendome.web.salon.words import form_of

DECISIONS = {
    "pay_restock": gettext_lazy("Give the value back, and put it on sale again"),
    "pay_write_off": gettext_lazy("Give the value back, and write it off"),
    "pay_keep": gettext_lazy("Give the value back; the piece stays in quarantine"),
    "give_back": gettext_lazy("Give the piece back to her; nothing is paid"),
}
EXCHANGES = {
    "pay_restock": gettext_lazy("Accept it and send the other; put it on sale again"),
    "pay_write_off": gettext_lazy("Accept it and send the other; write it off"),
    "pay_keep": gettext_lazy("Accept it and send the other; the piece stays in quarantine"),
    "give_back": gettext_lazy("Give the piece back to her; nothing is sent"),
}
FATES_ONLY = {
    "restock": gettext_lazy("Put it on sale again"),
    "write_off": gettext_lazy("Write it off"),
}
FATE_OF = {
    "pay_restock": Fate.RESTOCKED,
    "pay_write_off": Fate.WRITTEN_OFF,
    "pay_keep": Fate.WAITING,
    "give_back": Fate.GIVEN_BACK,
    "restock": Fate.RESTOCKED,
    "write_off": Fate.WRITTEN_OFF,
}


SHOWN = 20


class InspectForm(KeyedForm):
    """What was seen, and what becomes of it."""

    condition = forms.ChoiceField(
        label=gettext_lazy("Condition"),
        choices=list(return_words.CONDITIONS.items()),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Say in which condition it is.")},
    )
    decision = forms.ChoiceField(
        label=gettext_lazy("What becomes of it"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose what becomes of it.")},
    )
    note = forms.CharField(label=gettext_lazy("What you saw"), required=False, max_length=300)
    exception_reason = forms.CharField(
        label=gettext_lazy("Why an exception"),
        required=False,
        max_length=300,
        help_text=gettext_lazy(
            "Only where the policy gives nothing back; a manager’s name and reason are written down."
        ),
    )

    deduction = AmountField(
        label=gettext_lazy("Less for its loss of value"),
        help_text=gettext_lazy("Only for handling beyond what trying it on needs. Left empty, all of it goes back."),
    )
    deduction_reason = forms.CharField(label=gettext_lazy("Why, as she will read it"), required=False, max_length=300)

    def __init__(
        self,
        *args: object,
        is_accepted: bool,
        is_exchange: bool,
        may_deduct: bool,
        currency: str,
        **more: object,
    ) -> None:
        super().__init__(*args, **more)  # type: ignore[arg-type]  # handed on as they came
        field = self.fields["decision"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list((FATES_ONLY if is_accepted else EXCHANGES if is_exchange else DECISIONS).items())
        if is_accepted:
            del self.fields["exception_reason"]
        amount = self.fields["deduction"]
        assert isinstance(amount, AmountField)
        amount.currency = currency
        if is_accepted or not may_deduct:
            del self.fields["deduction"], self.fields["deduction_reason"]

    def clean(self) -> dict[str, object]:
        given = super().clean() or {}
        if given.get("deduction") and not str(given.get("deduction_reason", "")).strip():
            self.add_error("deduction_reason", _("She is told why her refund is less; write it here."))
        return given


@require_safe
@bureau(permissions.ORDERS_INSPECT, section="orders")
def inspect(request: BureauRequest) -> HttpResponse:
    """Longest waiting first."""
    return _answer(request)


@require_POST
@bureau(permissions.ORDERS_INSPECT, section="orders")
def decide(request: BureauRequest, arrival_id: uuid.UUID) -> HttpResponse:
    """One decision; what was typed stays when it cannot be done."""
    waiting = {one.id: one for one in return_desk.list_to_inspect(actor=request.actor)}
    one = waiting.get(arrival_id)
    if one is None:
        messages.info(request, _("This piece has already been decided on."))
        return HttpResponseRedirect(reverse("bureau:inspect"), status=303)
    form = InspectForm(request.POST, **_terms(one), prefix=str(one.id))
    if not form.is_valid():
        return _answer(request, (arrival_id, form, ""), status=422)
    given = form.cleaned_data
    fate = FATE_OF[given["decision"]]
    try:
        done = returns.inspect(
            key=given["key"],
            arrival_id=arrival_id,
            condition=Condition(given["condition"]),
            fate=fate,
            accept=not one.is_accepted and fate is not Fate.GIVEN_BACK,
            exception_reason=given.get("exception_reason", ""),
            note=given["note"],
            deduction=given.get("deduction") or 0,
            deduction_reason=given.get("deduction_reason", ""),
            actor=request.actor,
            at=clock.now(),
        )
    except (NotFound, Forbidden):
        raise
    except DomainError as problem:
        return _answer(request, (arrival_id, form, _(problem.message)), status=409)
    if done.document is not None and done.document.awaits_payment:
        messages.info(
            request,
            _("%(piece)s: accepted. The new piece leaves once she has paid the difference; hers stays here until then.")
            % {"piece": one.model_name},
        )
    else:
        messages.success(request, _("%(piece)s: decided.") % {"piece": one.model_name})
    if done.document is not None and done.document.credit_note_code:
        return _answer(request, note=done.document)
    return HttpResponseRedirect(reverse("bureau:inspect"), status=303)


def _answer(
    request: BureauRequest,
    failed: tuple[uuid.UUID, InspectForm, str] | None = None,
    *,
    note: returns.ReturnDocument | None = None,
    status: int = 200,
) -> HttpResponse:
    known = {place.id: place for place in house.list_places(maison_id=request.place.maison_id)}
    chosen = uuid_or_none(request.GET.get("place"))
    allowed = request.actor.places_for(permissions.ORDERS_INSPECT)
    if chosen is not None and not (allowed is EVERYWHERE or chosen in allowed):
        chosen = None
    query = request.GET.get("q", "").strip()[:60]
    everything = return_desk.list_to_inspect(actor=request.actor)
    places = {one.place_id for one in everything}
    found = [one for one in everything if chosen in (None, one.place_id) and _is_meant(one, query)]
    if failed:  # what was refused is read first, with its reason
        found.sort(key=lambda one: one.id != failed[0])
    page = return_pages.InspectPage(
        tabs=tabs(request, "inspect"),
        places=[
            Choice(value=str(place.id), label=place.name, chosen=place.id == chosen)
            for place in known.values()
            if place.id in places
        ],
        waiting=[
            _card(request, one, known[one.place_id].name, failed if failed and failed[0] == one.id else None)
            for one in found[:SHOWN]
        ],
        query=query,
        more=len(found[SHOWN:]),
        note=return_pages.CreditNote(
            amount=note.credited_amount, currency=note.currency, code=note.credit_note_code, number=note.number
        )
        if note
        else None,
    )
    response = render_page(request, "bureau/inspect.html", page, status=status)
    if note is not None:
        response.headers["Cache-Control"] = "no-store"
    return response


def _is_meant(one: ArrivalRow, query: str) -> bool:
    """Whether a word typed or scanned is of this piece: its number, reference or name, or its return."""
    known = f"{one.serial} {one.sku} {one.return_number} {one.model_name}".casefold()
    return query.casefold() in known


def _terms(one: ArrivalRow) -> dict[str, Any]:
    """What the rule lets the inspector decide on; an arrival keeps the rule it came with."""
    return {
        "is_accepted": one.is_accepted,
        "is_exchange": bool(one.wanted_name),
        "may_deduct": bool(one.decision.get("loss_of_value")),
        "currency": one.currency,
    }


def _card(
    request: BureauRequest, one: ArrivalRow, place: str, failed: tuple[uuid.UUID, InspectForm, str] | None
) -> return_pages.Inspection:
    outcome = str(one.decision["outcome"])
    form = failed[1] if failed else None
    return return_pages.Inspection(
        name=one.model_name,
        form_words=form_of(one.material, one.size),
        identity=one.serial or one.sku,
        code=one.model_code,
        quantity=one.quantity,
        amount=one.amount,
        currency=one.currency,
        place=place,
        since=one.arrived_at,
        client=one.client_name,
        return_number=one.return_number,
        return_url=reverse("bureau:return", args=[one.return_id]),
        condition=words.said(return_words.CONDITIONS, one.condition),
        reason=words.said(return_words.REASONS, one.reason),
        rule=one.rule,
        sentence=sentence(one.decision),
        outcome=words.said(return_words.OUTCOMES, outcome),
        tone=return_words.OUTCOME_TONES[outcome],
        is_accepted=one.is_accepted,
        awaits_payment=one.awaits_payment is not None,
        exchange_url=reverse("salon:payments", args=[one.awaits_payment])
        if one.awaits_payment and request.actor.may(permissions.ORDERS_SELL)
        else "",
        wanted=", ".join(part for part in (one.wanted_name, form_of(one.wanted_material, one.wanted_size)) if part)
        if one.wanted_name
        else "",
        loss_of_value=str(one.decision.get("loss_of_value", "")),
        url=reverse("bureau:inspect_decide", args=[one.id]),
        form=form
        or InspectForm(**_terms(one), prefix=str(one.id), initial={"key": new_key(), "condition": one.condition}),
        problem=failed[2] if failed else "",
    )
