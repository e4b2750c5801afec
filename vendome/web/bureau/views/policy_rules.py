"""The house's own return rules are written here: added, changed, dated, ordered, taken out, and brought back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from vendome.domains.house import queries as house
from vendome.domains.orders.policy.types import (
    Basis,
    Condition,
    Outcome,
    Payer,
    RefundForm,
    Rule,
    Way,
    Words,
)
from vendome.domains.orders.queries import policy
from vendome.domains.orders.services import policy as writing
from vendome.domains.people import permissions
from vendome.flows import returnable
from vendome.kit import clock
from vendome.kit.errors import DomainError, Forbidden, NotFound
from vendome.kit.htmx import render_page
from vendome.web.bureau import return_pages, versions, words
from vendome.web.bureau.frame import BureauRequest, bureau
from vendome.web.bureau.views import return_policy
from vendome.web.components.frames import Link
from vendome.web.salon import return_words

OUTCOMES = ("REFUND", "STORE_CREDIT", "EXCHANGE_ONLY", "ASK_MANAGER", "REFUSE")
FORM_OF = {
    Outcome.REFUND: RefundForm.ORIGINAL,
    Outcome.STORE_CREDIT: RefundForm.CREDIT,
    Outcome.EXCHANGE_ONLY: RefundForm.CREDIT,
}
EITHER = [("", gettext_lazy("either")), ("yes", gettext_lazy("yes")), ("no", gettext_lazy("no"))]
ASKED = ("personalised", "final_sale", "unsealed", "gift", "receipt")


def _asked(label: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=EITHER, required=False)


def _words(label: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": gettext_lazy("Write the sentence.")},
    )


class RuleForm(forms.Form):
    """One rule of the house. What is left open matches everything."""

    use_required_attribute = False
    expected = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    name = forms.SlugField(
        label=gettext_lazy("Name"),
        max_length=40,
        help_text=gettext_lazy("Short, for staff: it stands beside every decision, as house.name."),
        error_messages={"required": gettext_lazy("Give the rule a name.")},
    )
    outcome = forms.ChoiceField(label=gettext_lazy("What it decides"))
    shipping = forms.ChoiceField(
        label=gettext_lazy("The way back"),
        choices=[("HOUSE", gettext_lazy("the house pays it")), ("CLIENT", gettext_lazy("the client pays it"))],
    )
    within_days = forms.IntegerField(
        label=gettext_lazy("Within days"),
        required=False,
        min_value=0,
        max_value=3650,
        help_text=gettext_lazy("From the day she received it; empty for no end."),
    )
    from_date = forms.DateField(
        label=gettext_lazy("Asked from"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    until_date = forms.DateField(
        label=gettext_lazy("Asked until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("The last day. To end a rule, write today."),
    )
    countries = forms.MultipleChoiceField(
        label=gettext_lazy("Markets"), required=False, widget=forms.CheckboxSelectMultiple
    )
    way = forms.ChoiceField(label=gettext_lazy("Sold"), required=False)
    families = forms.MultipleChoiceField(
        label=gettext_lazy("Families"), required=False, widget=forms.CheckboxSelectMultiple
    )
    conditions = forms.MultipleChoiceField(
        label=gettext_lazy("Condition"), required=False, widget=forms.CheckboxSelectMultiple
    )
    personalised = _asked(gettext_lazy("Made to her wishes"))
    final_sale = _asked(gettext_lazy("Final sale"))
    unsealed = _asked(gettext_lazy("Hygiene seal broken"))
    gift = _asked(gettext_lazy("A gift to her"))
    receipt = _asked(gettext_lazy("With its receipt"))
    client_en = _words(gettext_lazy("To the client, in English"))
    client_fr = _words(gettext_lazy("To the client, in French"))
    staff_en = _words(gettext_lazy("To the advisor, in English"))
    staff_fr = _words(gettext_lazy("To the advisor, in French"))
    note = forms.CharField(
        label=gettext_lazy("What changes, and why"),
        max_length=300,
        help_text=gettext_lazy("It stands in the history beside your name."),
        error_messages={"required": gettext_lazy("Say what changes and why.")},
    )
    order = forms.CharField(
        label=gettext_lazy("Try it on an order"),
        required=False,
        max_length=40,
        help_text=gettext_lazy("Its number: what would be decided if its pieces came back today, as sold."),
    )

    def __init__(self, *args: Any, markets: Sequence[str], is_new: bool, **more: Any) -> None:
        super().__init__(*args, **more)
        choices: dict[str, list[tuple[str, Any]]] = {
            "outcome": [(one, return_words.OUTCOMES[one]) for one in OUTCOMES],
            "way": [("", _("either")), *return_policy.WAYS.items()],
            "countries": words.countries(markets),
            "families": list(words.FAMILIES.items()),
            "conditions": list(return_words.CONDITIONS.items()),
        }
        for name, options in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = options
        if not is_new:
            self.fields["name"].widget.attrs["readonly"] = True
        if self.data.get("step") == "preview":  # looking needs no reason
            self.fields["note"].required = False


@require_http_methods(["GET", "HEAD", "POST"])
@bureau(permissions.ORDERS_POLICY, section="orders")
def new_rule(request: BureauRequest) -> HttpResponse:
    """A rule of the house, asked last until it is moved."""
    rules, version = _stands(request)
    start = {"expected": version, "outcome": "ASK_MANAGER", "shipping": "CLIENT"}
    form = RuleForm(request.POST or None, initial=start, markets=_markets(request, None), is_new=True)
    return _work(request, form, rules, replaces="")


@require_http_methods(["GET", "HEAD", "POST"])
@bureau(permissions.ORDERS_POLICY, section="orders")
def rule(request: BureauRequest, name: str) -> HttpResponse:
    """One rule of the house: change it, date it, end it, or take it out."""
    rules, version = _stands(request)
    code = f"house.{name}"
    found = next((one for one in rules if one.code == code), None)
    if found is None or found.basis is Basis.LAW:
        raise NotFound()
    form = RuleForm(
        request.POST or None,
        initial=_written(found) | {"expected": version},
        markets=_markets(request, found),
        is_new=False,
    )
    if request.method == "POST" and request.POST.get("step") == "drop":
        note = request.POST.get("note", "").strip() or f"{code} taken out"
        try:
            writing.drop_rule(
                code=code,
                expected=versions.number_of(request.POST.get("expected")),
                note=note,
                actor=request.actor,
                at=clock.now(),
            )
        except (NotFound, Forbidden):
            raise
        except DomainError as problem:
            return _page(request, form, replaces=code, problem=_(problem.message), status=409)
        return _done(request)
    return _work(request, form, rules, replaces=code)


@require_POST
@bureau(permissions.ORDERS_POLICY, section="orders")
def move(request: BureauRequest) -> HttpResponse:
    """Ask a rule one place earlier or later among those of the house."""
    rules, _version = _stands(request)
    codes = [one.code for one in rules if one.basis is Basis.HOUSE]
    code, act = request.POST.get("code", ""), request.POST.get("act", "")
    if code not in codes or act not in ("up", "down"):
        raise NotFound()
    at = codes.index(code)
    if act == "up":
        before = codes[max(at - 1, 0)] if at else codes[min(1, len(codes) - 1)]
    else:
        before = codes[at + 2] if at + 2 < len(codes) else ""
    try:
        writing.move_rule(
            code=code,
            before="" if before == code else before,
            expected=versions.number_of(request.POST.get("expected")),
            actor=request.actor,
            at=clock.now(),
        )
    except (NotFound, Forbidden):
        raise
    except DomainError as problem:
        return return_policy.answer(request, problem=_(problem.message), status=409)
    return _done(request)


@require_http_methods(["GET", "HEAD", "POST"])
@bureau(permissions.ORDERS_POLICY, section="orders")
def history(request: BureauRequest) -> HttpResponse:
    """Every version with who wrote it and why; an earlier one can be brought back."""
    problem = versions.bring_back(request, writing.restore) if request.method == "POST" else ""
    if request.method == "POST" and not problem:
        return HttpResponseRedirect(reverse("bureau:return_policy"), status=303)
    said = versions.Said(
        crumbs=_crumbs(_("History")),
        title=_("History of the return policy"),
        explained=_(
            "Bringing a version back writes the house’s rules as they were, as a new version; the law stays as it is "
            "now. Decisions made before keep the words they were made with."
        ),
        empty=_("Nothing was changed yet: the policy is the one every house begins with."),
    )
    return versions.answer(request, policy.list_versions(maison_id=request.place.maison_id), said, problem=problem)


def _work(request: BureauRequest, form: RuleForm, rules: Sequence[Rule], *, replaces: str) -> HttpResponse:
    """Show the form, look at what it would decide, or write it."""
    if request.method != "POST":
        return _page(request, form, replaces=replaces)
    if not form.is_valid():
        return _page(request, form, replaces=replaces, status=422)
    given = form.cleaned_data
    wanted = _read(given, next((one for one in rules if one.code == replaces), None), request)
    try:
        if request.POST.get("step") == "preview":
            then = writing.read_preview(rules=rules, rule=wanted, replaces=replaces)
            today = timezone.localtime(clock.now()).date()
            form.fields["note"].required = True  # writing it down does
            lines = returnable.preview_policy(actor=request.actor, number=given["order"], rules=then, on=today)
            return _page(request, form, replaces=replaces, preview=[_preview(one) for one in lines])
        writing.save_rule(
            rule=wanted,
            replaces=replaces,
            expected=given["expected"],
            note=given["note"],
            actor=request.actor,
            at=clock.now(),
        )
    except NotFound:
        form.add_error("order", _("There is no order of this number."))
        return _page(request, form, replaces=replaces, status=422)
    except Forbidden:
        raise
    except DomainError as problem:
        return _page(request, form, replaces=replaces, problem=_(problem.message), status=409)
    return _done(request)


def _page(
    request: BureauRequest,
    form: RuleForm,
    *,
    replaces: str,
    preview: Sequence[return_pages.PolicyPreviewRow] = (),
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    title = replaces or _("A new rule")
    page = return_pages.RuleFormPage(
        crumbs=_crumbs(title),
        title=title,
        form=form,
        url=request.path,
        preview=preview,
        can_drop=bool(replaces),
        problem=problem,
    )
    return render_page(request, "bureau/return_rule.html", page, status=status)


def _preview(line: returnable.PolicyLine) -> return_pages.PolicyPreviewRow:
    now, then = line.now.outcome.value, line.then.outcome.value
    return return_pages.PolicyPreviewRow(
        name=line.model_name,
        identity=line.serial,
        now_outcome=words.said(return_words.OUTCOMES, now),
        now_tone=return_words.OUTCOME_TONES[now],
        now_sentence=line.now.client_words(get_language() or "en"),
        then_outcome=words.said(return_words.OUTCOMES, then),
        then_tone=return_words.OUTCOME_TONES[then],
        note=_("Has come back already: this is what would have been decided.")
        if line.is_back
        else ""
        if line.is_with_her
        else _("Not with her: this is what would be decided if it were."),
        then_sentence=line.then.client_words(get_language() or "en"),
        is_changed=line.now != line.then,
        is_law=line.then.basis is Basis.LAW,
    )


def _stands(request: BureauRequest) -> tuple[tuple[Rule, ...], int]:
    if not return_policy.may_edit(request):
        raise Forbidden(permission=permissions.ORDERS_POLICY)
    maison_id = request.place.maison_id
    return policy.list_rules(maison_id=maison_id), policy.get_version(maison_id=maison_id)


def _markets(request: BureauRequest, found: Rule | None) -> list[str]:
    """The countries the house sells in, and those the rule names already."""
    known = {market.country for market in house.list_markets(maison_id=request.place.maison_id)}
    return sorted(known | (found.countries if found else frozenset()))


def _written(found: Rule) -> dict[str, Any]:
    """A rule as the form shows it."""
    said = {None: "", True: "yes", False: "no"}
    texts = {
        f"{who}_{language}": getattr(found.words.get(language) or found.words["en"], who)
        for language in ("en", "fr")
        for who in ("client", "staff")
    }
    return {
        "name": found.code.removeprefix("house."),
        "outcome": found.outcome.value,
        "shipping": found.shipping.value,
        "within_days": found.within_days,
        "from_date": found.from_date,
        "until_date": found.until_date,
        "countries": sorted(found.countries),
        "way": found.way.value if found.way else "",
        "families": sorted(found.families),
        "conditions": sorted(one.value for one in found.conditions),
        **{name: said[getattr(found, name)] for name in ASKED},
        **texts,
    }


def _read(given: Mapping[str, Any], found: Rule | None, request: BureauRequest) -> Rule:
    """The rule as it was written in the form; what the form does not show stays."""
    outcome = Outcome(given["outcome"])
    said = {"": None, "yes": True, "no": False}
    texts = {
        language: Words(client=given[f"client_{language}"].strip(), staff=given[f"staff_{language}"].strip())
        for language in ("en", "fr")
    }
    return Rule(
        code=found.code if found else f"house.{given['name']}",
        position=found.position if found else 0,
        basis=Basis.HOUSE,
        outcome=outcome,
        form=FORM_OF.get(outcome, RefundForm.NONE),
        shipping=Payer(given["shipping"]),
        countries=frozenset(given["countries"]),
        way=Way(given["way"]) if given["way"] else None,
        families=frozenset(given["families"]),
        conditions=frozenset(Condition(one) for one in given["conditions"]),
        within_days=given["within_days"],
        moves_past_weekend=found.moves_past_weekend if found else False,
        from_date=given["from_date"],
        until_date=given["until_date"],
        words={**(found.words if found else {}), **texts},
        personalised=said[given["personalised"]],
        final_sale=said[given["final_sale"]],
        unsealed=said[given["unsealed"]],
        gift=said[given["gift"]],
        receipt=said[given["receipt"]],
    )


def _done(request: BureauRequest) -> HttpResponse:
    messages.success(request, _("Written down. Every return from now on is decided by it; the history can undo it."))
    return HttpResponseRedirect(reverse("bureau:return_policy"), status=303)


def _crumbs(last: str) -> list[Link]:
    return [
        Link(label=_("Orders"), url=reverse("bureau:orders")),
        Link(label=_("Return policy"), url=reverse("bureau:return_policy")),
        Link(label=last, url=""),
    ]
