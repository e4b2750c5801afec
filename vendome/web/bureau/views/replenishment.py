"""The replenishment desk: what places should be sent and why, and the rules it is worked out from."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from vendome.domains.catalogue import queries as catalogue
from vendome.domains.catalogue.types import ReferenceLabel
from vendome.domains.house import queries as house
from vendome.domains.house.types import PlaceView
from vendome.domains.people import permissions
from vendome.domains.stock.queries import replenishment as queries
from vendome.domains.stock.replenishing import QUIET_AFTER_DISMISSAL, ProposalState, ProposalView, RuleView
from vendome.domains.stock.services import replenishment
from vendome.kit import clock
from vendome.kit.errors import BadInput, DomainError, Forbidden, Kind, NotFound
from vendome.kit.htmx import render_page
from vendome.web.bureau import count_pages as pages
from vendome.web.bureau.exports import csv_answer
from vendome.web.bureau.frame import BureauRequest, bureau
from vendome.web.bureau.sureness import stock_tabs
from vendome.web.bureau.views.counts import places_seen
from vendome.web.components.frames import Choice, Link
from vendome.web.salon import count_words as words
from vendome.web.salon.counting import name_of
from vendome.web.salon.words import form_of

EVERYTHING = ""
MOST_DISMISSED = 30
SHORT_LIST = 40
"""Up to so many proposals every place of the desk is open; beyond it, one opens the place one works on."""


# -- the desk ---------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@bureau(permissions.STOCK_VIEW, section="stock")
def desk(request: BureauRequest) -> HttpResponse:
    """Proposals by destination; each is accepted, changed or dismissed by a person."""
    code = request.GET.get("place", "")
    if request.method == "POST":
        try:
            messages.success(request, _decide(request))
        except (Forbidden, NotFound):
            raise
        except DomainError as error:
            status = 422 if error.kind is Kind.INVALID else 409
            page = _desk(request, code, words.problem(error), request.POST.get("proposal", ""))
            return render_page(request, "bureau/replenishment.html", page, status=status)
        return HttpResponseRedirect(request.get_full_path(), status=303)
    if request.GET.get("format") == "csv":
        return _export(request, code)
    return render_page(request, "bureau/replenishment.html", _desk(request, code))


def _decide(request: BureauRequest) -> str:
    given, actor, now = request.POST, request.actor, clock.now()
    do = given.get("do")
    if do == "work_out":
        n = replenishment.work_out(actor=actor, at=now)
        return ngettext("Worked out: %(n)d proposal.", "Worked out: %(n)d proposals.", n) % {"n": n}
    if do == "accept_all":
        n = replenishment.accept_all(
            to_place_id=_uuid(given.get("to", "")),
            proposal_ids=[_uuid(one) for one in given.getlist("proposals")],
            actor=actor,
            at=now,
        )
        return ngettext("%(n)d proposal accepted.", "%(n)d proposals accepted.", n) % {"n": n}
    proposal_id = _uuid(given.get("proposal", ""))
    if do == "reopen":
        replenishment.reopen_proposal(proposal_id=proposal_id, actor=actor, at=now)
        return _("It is proposed again.")
    if do == "dismiss":
        reason = given.get("reason", "")
        replenishment.dismiss_proposal(proposal_id=proposal_id, reason=reason, actor=actor, at=now)
        return _("Dismissed; it will not be proposed again for two weeks.")
    told = replenishment.accept_proposal(
        proposal_id=proposal_id, quantity=_quantity(given.get("quantity", "")), actor=actor, at=now
    )
    return ngettext(
        "Accepted: %(n)d piece is asked for.", "Accepted: %(n)d pieces are asked for.", told["quantity"]
    ) % {"n": told["quantity"]}


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise NotFound() from None


def _quantity(text: str) -> int | None:
    if not text:
        return None
    try:
        return int(text)
    except ValueError:
        raise BadInput(_("A quantity is a whole number from 1.")) from None


def _desk(request: BureauRequest, code: str, problem: str = "", refused: str = "") -> pages.ReplenishmentPage:
    places = places_seen(request)
    chosen = next((one for one in places.values() if one.code == code), None)
    found = queries.list_proposals(actor=request.actor, to_place_id=chosen.id if chosen else None)
    labels = catalogue.label_references(ids={one.reference_id for one in found})
    names = _names(request)
    groups = []
    for place in places.values():
        mine = [one for one in found if one.to_place_id == place.id]
        if not mine:
            continue
        may = request.actor.may(permissions.STOCK_REQUEST, place_id=place.id)
        mine.sort(key=lambda one: (labels[one.reference_id].model_name, labels[one.reference_id].sku))
        lines = [
            _line(one, labels[one.reference_id], names, may, problem if str(one.id) == refused else "") for one in mine
        ]
        groups.append(
            pages.ProposalGroup(
                place_id=place.id,
                place=place.name,
                lines=lines,
                words=_how_many(mine),
                may_decide=may,
                is_open=chosen is not None or len(found) <= SHORT_LIST or any(line.problem for line in lines),
            )
        )
    is_told = any(line.problem for group in groups for line in group.lines)
    return pages.ReplenishmentPage(
        crumbs=[Link(label=_("Stock"), url=reverse("bureau:stock")), Link(label=_("Replenishment"), url="")],
        tabs=stock_tabs("replenishment"),
        places=[Choice(value=one.code, label=one.name, chosen=one is chosen) for one in places.values()],
        groups=groups,
        note=_how_many(found),
        dismissed=_dismissed(request, names),
        may_work_out=request.actor.may(permissions.STOCK_RULES),
        problem="" if is_told else problem,
        export_url=f"?place={code}&format=csv" if code else "?format=csv",
    )


def _dismissed(request: BureauRequest, names: Mapping[uuid.UUID, str]) -> list[pages.DismissedLine]:
    """What was said no to lately, newest first; each can be taken back."""
    since = clock.now() - QUIET_AFTER_DISMISSAL
    found = queries.list_proposals(actor=request.actor, state=ProposalState.DISMISSED, limit=MOST_DISMISSED)
    lately = [one for one in found if one.decided_at is not None and one.decided_at > since]
    labels = catalogue.label_references(ids={one.reference_id for one in lately})
    return [
        pages.DismissedLine(
            id=one.id,
            name=labels[one.reference_id].model_name,
            form=form_of(labels[one.reference_id].material, labels[one.reference_id].size),
            place=names.get(one.to_place_id, ""),
            reason=one.reason,
            who=name_of(one.decided_by),
            at=one.decided_at,
            may_reopen=request.actor.may(permissions.STOCK_REQUEST, place_id=one.to_place_id),
        )
        for one in lately
        if one.decided_at is not None
    ]


def _how_many(found: Sequence[ProposalView]) -> str:
    pieces = sum(one.quantity for one in found)
    told = ngettext("%(n)d proposal", "%(n)d proposals", len(found)) % {"n": len(found)}
    return f"{told}, " + ngettext("%(n)d piece", "%(n)d pieces", pieces) % {"n": pieces}


def _names(request: BureauRequest) -> dict[uuid.UUID, str]:
    return {one.id: one.name for one in house.list_places(maison_id=request.place.maison_id)}


def _line(
    one: ProposalView, label: ReferenceLabel, names: Mapping[uuid.UUID, str], may: bool, problem: str
) -> pages.ProposalLine:
    return pages.ProposalLine(
        id=one.id,
        name=label.model_name,
        form=form_of(label.material, label.size),
        sku=label.sku,
        quantity=one.quantity,
        most=max(one.quantity, one.facts.get("source_free", one.quantity)),
        source=names.get(one.from_place_id, ""),
        sentence=sentence(one.facts),
        may_decide=may,
        problem=problem,
    )


def sentence(facts: Mapping[str, Any]) -> str:
    """Why a place should be sent something, in a sentence."""
    told = [
        ngettext("%(n)d sold in %(weeks)d weeks", "%(n)d sold in %(weeks)d weeks", facts["sold"])
        % {"n": facts["sold"], "weeks": facts["weeks"]},
        _("%(n)d free on the shelf") % {"n": facts["free"]},
    ]
    if facts["incoming"]:
        told.append(_("%(n)d on the way") % {"n": facts["incoming"]})
    if facts["target"] > facts["minimum"]:
        cover = f"{facts['cover']:g}"
        wish = _("for %(weeks)s weeks it should keep %(n)d") % {"weeks": cover, "n": facts["target"]}
    elif facts["maximum"] is not None and facts["target"] == facts["maximum"] < facts["minimum"]:
        wish = _("at most %(n)d are kept there") % {"n": facts["target"]}
    else:
        wish = _("%(n)d should always be on display") % {"n": facts["target"]}
    told.append(wish)
    return _("%(facts)s. The source can spare %(n)d.") % {"facts": ", ".join(told), "n": facts["source_spare"]}


def _export(request: BureauRequest, code: str) -> HttpResponse:
    places = places_seen(request)
    chosen = next((one for one in places.values() if one.code == code), None)
    found = queries.list_proposals(actor=request.actor, to_place_id=chosen.id if chosen else None)
    labels, names = catalogue.label_references(ids={one.reference_id for one in found}), _names(request)
    heads = (
        "To",
        "From",
        "Reference",
        "Model",
        "Quantity",
        "Sold",
        "Free",
        "On the way",
        "Should keep",
        "Source spares",
    )
    rows = [
        (names[one.to_place_id], names[one.from_place_id], labels[one.reference_id].sku,
         labels[one.reference_id].model_name, one.quantity, one.facts["sold"], one.facts["free"], one.facts["incoming"],
         one.facts["target"], one.facts["source_spare"])
        for one in found
    ]  # fmt: skip
    return csv_answer("replenishment", heads, rows)


# -- rules ------------------------------------------------------------------------------------------------------


class RuleForm(forms.Form):
    """How much one place keeps, and of what."""

    place = forms.ChoiceField(label=gettext_lazy("Place"))
    family = forms.ChoiceField(
        label=gettext_lazy("Family"),
        required=False,
        choices=[(EVERYTHING, gettext_lazy("Everything")), *words.FAMILIES.items()],
    )
    sku = forms.CharField(
        label=gettext_lazy("Only this reference or model"),
        required=False,
        max_length=80,
        help_text=gettext_lazy("Its reference, or the code of the model. The narrowest rule wins."),
    )
    minimum_display = forms.IntegerField(
        label=gettext_lazy("Always on display"),
        min_value=0,
        max_value=10_000,
        initial=1,
        error_messages={"required": gettext_lazy("Write how many; 0 when none has to be.")},
    )
    weeks_of_cover = forms.DecimalField(
        label=gettext_lazy("Weeks of cover"),
        min_value=0,
        max_value=104,
        decimal_places=1,
        initial=6,
        help_text=gettext_lazy("Enough for this many weeks at the pace of the last thirteen."),
        error_messages={"required": gettext_lazy("Write how many; 0 when sales ask for none.")},
    )
    maximum = forms.IntegerField(label=gettext_lazy("At most"), required=False, min_value=1, max_value=10_000)

    def __init__(self, *args: Any, places: Mapping[uuid.UUID, PlaceView], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by_code = {one.code: one for one in places.values()}
        field = self.fields["place"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(one.code, one.name) for one in places.values()]


@require_http_methods(["GET", "HEAD", "POST"])
@bureau(permissions.STOCK_VIEW, section="stock")
def rules(request: BureauRequest) -> HttpResponse:
    """Every rule, and the form that writes one."""
    seen = places_seen(request)
    may = {key: one for key, one in seen.items() if request.actor.may(permissions.STOCK_RULES, place_id=key)}
    found = queries.list_rules(actor=request.actor)
    editing = next((one for one in found if str(one.id) == request.GET.get("edit")), None)
    if request.GET.get("format") == "csv":
        return _export_rules(seen, found)
    initial = _initial(editing, seen) if editing else None
    form = RuleForm(request.POST if request.POST.get("do") == "save" else None, initial=initial, places=may)
    problem, status = "", 200
    if request.method == "POST":
        request.actor.require(permissions.STOCK_RULES)
        try:
            said = _change_rule(request, form, editing)
        except (Forbidden, NotFound):
            raise
        except DomainError as error:
            problem, status = words.problem(error), 409
        else:
            if said:
                messages.success(request, said)
                return HttpResponseRedirect(reverse("bureau:rules"), status=303)
            status = 422
    return render_page(
        request,
        "bureau/rules.html",
        _rules_page(request, seen, found, form if may else None, editing, problem),
        status=status,
    )


def _change_rule(request: BureauRequest, form: RuleForm, editing: RuleView | None) -> str:
    """Writes or removes a rule; an empty answer means that the form says what is wrong."""
    if request.POST.get("do") == "remove":
        replenishment.remove_rule(rule_id=_uuid(request.POST.get("rule", "")), actor=request.actor, at=clock.now())
        return _("The rule is gone; its proposals go when they are worked out next.")
    if not form.is_valid():
        return ""
    given = form.cleaned_data
    reference_id, model_id = _narrow(request, given["sku"].strip())
    if given["sku"].strip() and reference_id is None and model_id is None:
        form.add_error("sku", _("There is no reference or model of this name."))
        return ""
    replenishment.save_rule(
        place_id=form.by_code[given["place"]].id,
        rule_id=editing.id if editing else None,
        reference_id=reference_id,
        model_id=model_id,
        family="" if reference_id or model_id else given["family"],
        minimum_display=given["minimum_display"],
        weeks_of_cover=given["weeks_of_cover"],
        maximum=given["maximum"],
        actor=request.actor,
        at=clock.now(),
    )
    return _("The rule is written. Work the proposals out again to see what follows.")


def _narrow(request: BureauRequest, text: str) -> tuple[uuid.UUID | None, uuid.UUID | None]:
    if not text:
        return None, None
    found = catalogue.find_references(maison_id=request.place.maison_id, text=text, limit=2)
    exact = next((one for one in found if one.sku.casefold() == text.casefold()), None)
    if exact is not None:
        return exact.id, None
    models = catalogue.list_models(maison_id=request.place.maison_id)
    return None, next((one.id for one in models if one.code.casefold() == text.casefold()), None)


def _initial(rule: RuleView, places: Mapping[uuid.UUID, PlaceView]) -> dict[str, Any]:
    narrow = ""
    if rule.reference_id:
        narrow = catalogue.label_references(ids=[rule.reference_id])[rule.reference_id].sku
    return {
        "place": places[rule.place_id].code if rule.place_id in places else "",
        "family": rule.family,
        "sku": narrow,
        "minimum_display": rule.minimum_display,
        "weeks_of_cover": rule.weeks_of_cover,
        "maximum": rule.maximum,
    }


def _rules_page(
    request: BureauRequest,
    places: Mapping[uuid.UUID, PlaceView],
    found: tuple[RuleView, ...],
    form: RuleForm | None,
    editing: RuleView | None,
    problem: str,
) -> pages.RulesPage:
    scopes = _scopes(request, found)
    return pages.RulesPage(
        crumbs=[Link(label=_("Stock"), url=reverse("bureau:stock")), Link(label=_("Rules"), url="")],
        tabs=stock_tabs("rules"),
        rules=[
            pages.RuleLine(
                id=one.id,
                place=places[one.place_id].name if one.place_id in places else "",
                scope=scopes[one.id],
                minimum=one.minimum_display,
                cover=f"{one.weeks_of_cover.normalize():f}" if one.weeks_of_cover else "",
                maximum=str(one.maximum) if one.maximum is not None else "",
                who=name_of(one.changed_by),
                changed_at=one.changed_at,
                edit_url=f"?edit={one.id}#rule"
                if request.actor.may(permissions.STOCK_RULES, place_id=one.place_id)
                else "",
            )
            for one in found
        ],
        form=form,
        editing=scopes[editing.id] if editing else "",
        problem=problem,
        export_url="?format=csv",
    )


def _scopes(request: BureauRequest, found: tuple[RuleView, ...]) -> dict[uuid.UUID, str]:
    labels = catalogue.label_references(ids={one.reference_id for one in found if one.reference_id})
    named = any(one.model_id for one in found)
    models = {one.id: one.name for one in catalogue.list_models(maison_id=request.place.maison_id)} if named else {}
    told = {}
    for one in found:
        if one.reference_id:
            told[one.id] = f"{labels[one.reference_id].model_name}, {labels[one.reference_id].sku}"
        elif one.model_id:
            told[one.id] = models.get(one.model_id, "")
        else:
            told[one.id] = str(words.FAMILIES[one.family]) if one.family in words.FAMILIES else _("Everything")
    return told


def _export_rules(places: Mapping[uuid.UUID, PlaceView], found: tuple[RuleView, ...]) -> HttpResponse:
    labels = catalogue.label_references(ids={one.reference_id for one in found if one.reference_id})
    heads = ("Place", "Family", "Reference", "Model id", "Minimum on display", "Weeks of cover", "At most")
    rows = [
        (places[one.place_id].code if one.place_id in places else "", one.family,
         labels[one.reference_id].sku if one.reference_id else "", str(one.model_id or ""), one.minimum_display,
         one.weeks_of_cover, one.maximum if one.maximum is not None else "")
        for one in found
    ]  # fmt: skip
    return csv_answer("replenishment-rules", heads, rows)
