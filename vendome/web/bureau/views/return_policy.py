"""The return policy as headquarters reads it: every rule with its source, and what it would say of a case."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django import forms
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from vendome.domains.house import queries as house
from vendome.domains.orders.policy.deciding import decide
from vendome.domains.orders.policy.types import Basis, Condition, Decision, Facts, Rule, Way
from vendome.domains.orders.queries import policy
from vendome.domains.people import permissions
from vendome.kit import clock
from vendome.kit.actors import EVERYWHERE
from vendome.kit.htmx import render_page
from vendome.web.boutique.locales import country_name
from vendome.web.bureau import return_pages, words
from vendome.web.bureau.frame import BureauRequest, bureau
from vendome.web.bureau.views.returns import tabs
from vendome.web.salon import return_words

MOST_NAMED = 5  # the law of one country names it; a law of more is the Union's
WAYS = {"DISTANCE": gettext_lazy("At a distance"), "PREMISES": gettext_lazy("In a boutique")}
FORMS = {
    "ORIGINAL": gettext_lazy("to the tenders it was paid with"),
    "CREDIT": gettext_lazy("as a credit note"),
    "NONE": gettext_lazy("nothing"),
}
PAYERS = {"HOUSE": gettext_lazy("the house pays the way back"), "CLIENT": gettext_lazy("the client pays the way back")}


class TryForm(forms.Form):
    """A case to try the policy on; nothing is written."""

    use_required_attribute = False
    country = forms.ChoiceField(label=gettext_lazy("Market"), required=False)
    way = forms.ChoiceField(label=gettext_lazy("Sold"), choices=list(WAYS.items()), required=False)
    family = forms.ChoiceField(label=gettext_lazy("Family"), choices=list(words.FAMILIES.items()), required=False)
    days = forms.IntegerField(label=gettext_lazy("Days since she has it"), min_value=0, max_value=3650, required=False)
    condition = forms.ChoiceField(
        label=gettext_lazy("Condition"), choices=list(return_words.CONDITIONS.items()), required=False
    )
    personalised = forms.BooleanField(label=gettext_lazy("Made to her wishes"), required=False)
    final_sale = forms.BooleanField(label=gettext_lazy("Final sale"), required=False)
    unsealed = forms.BooleanField(label=gettext_lazy("Hygiene seal broken"), required=False)
    gift = forms.BooleanField(label=gettext_lazy("A gift to her"), required=False)
    no_receipt = forms.BooleanField(label=gettext_lazy("Without receipt"), required=False)


@require_safe
@bureau(permissions.ORDERS_VIEW, section="orders")
def return_policy(request: BureauRequest) -> HttpResponse:
    """Every rule in the order it is asked; a case typed above shows which one decides."""
    return answer(request)


def answer(request: BureauRequest, *, problem: str = "", status: int = 200) -> HttpResponse:
    """The page of the policy, also where a change of it was refused."""
    maison_id = request.place.maison_id
    rules = policy.list_rules(maison_id=maison_id)
    markets = house.list_markets(maison_id=maison_id)
    form = TryForm(request.GET or None, initial={"country": "FR", "days": 3})
    country = form.fields["country"]
    assert isinstance(country, forms.ChoiceField)
    country.choices = words.countries(market.country for market in markets)
    decision = decide(rules, _facts(form)) if form.is_bound and form.is_valid() else None
    shown = form.cleaned_data["country"] if decision else ""
    can_edit = may_edit(request)
    house_codes = [one.code for one in rules if one.basis is Basis.HOUSE]
    page = return_pages.PolicyPage(
        tabs=tabs(request, "policy"),
        form=form,
        answer=_answer(decision) if decision else None,
        rules=[
            _rule(one, decision, house_codes if can_edit else [])
            for one in rules
            if not shown or not one.countries or shown in one.countries
        ],
        can_edit=can_edit,
        version=policy.get_version(maison_id=maison_id),
        problem=problem,
    )
    return render_page(request, "bureau/return_policy.html", page, frozenset({"policy"}), status=status)


def may_edit(request: BureauRequest) -> bool:
    """Whoever answers for the whole house writes its rules."""
    return request.actor.places_for(permissions.ORDERS_POLICY) is EVERYWHERE


def _facts(form: TryForm) -> Facts:
    said = form.cleaned_data
    today = timezone.localtime(clock.now()).date()
    return Facts(
        country=said["country"],
        way=Way(said["way"] or "DISTANCE"),
        family=said["family"] or "rings",
        on=today,
        received_on=today - timedelta(days=said["days"]) if said["days"] is not None else None,
        is_personalised=said["personalised"],
        is_final_sale=said["final_sale"],
        is_unsealed=said["unsealed"],
        is_gift=said["gift"],
        has_receipt=not said["no_receipt"],
        condition=Condition(said["condition"] or "AS_SOLD"),
    )


def _answer(decision: Decision) -> return_pages.PolicyAnswer:
    language = get_language() or "en"
    return return_pages.PolicyAnswer(
        rule=decision.rule,
        outcome=words.said(return_words.OUTCOMES, decision.outcome.value),
        tone=return_words.OUTCOME_TONES[decision.outcome.value],
        client=decision.client_words(language),
        staff=decision.staff_words(language),
        last_day=decision.last_day,
        form=str(FORMS[decision.form.value]),
        shipping=str(PAYERS[decision.shipping.value]),
        exception=f"{decision.exception} · {decision.exception_statute}" if decision.exception else "",
    )


def _rule(rule: Rule, decision: Decision | None, editable: Sequence[str]) -> return_pages.PolicyRule:
    today = timezone.localtime(clock.now()).date()
    said = rule.words.get(get_language() or "en") or rule.words["en"]
    last = _("the last day of the period")
    return return_pages.PolicyRule(
        code=rule.code,
        outcome=words.said(return_words.OUTCOMES, rule.outcome.value),
        tone=return_words.OUTCOME_TONES[rule.outcome.value],
        client=said.client.replace("{last_day}", last),
        staff=said.staff.replace("{last_day}", last),
        statute=rule.statute,
        source_url=rule.source_url,
        conditions=_conditions(rule),
        is_law=rule.basis is Basis.LAW,
        is_deciding=decision is not None and rule.code in (decision.rule, decision.exception),
        is_in_force=(rule.from_date is None or rule.from_date <= today)
        and (rule.until_date is None or today <= rule.until_date),
        edit_url=reverse("bureau:return_rule", args=[rule.code.removeprefix("house.")])
        if rule.code in editable
        else "",
        is_first=bool(editable) and rule.code == editable[0],
        is_last=bool(editable) and rule.code == editable[-1],
    )


def _conditions(rule: Rule) -> list[str]:
    found = []
    if rule.countries:
        is_union = rule.basis is Basis.LAW and len(rule.countries) > MOST_NAMED
        found.append(_("European Economic Area") if is_union else ", ".join(sorted(map(country_name, rule.countries))))
    if rule.way:
        found.append(str(WAYS[rule.way.value]))
    if rule.within_days is not None:
        found.append(ngettext("within %(n)d day", "within %(n)d days", rule.within_days) % {"n": rule.within_days})
    found += [str(words.FAMILIES.get(one, one)) for one in sorted(rule.families)]
    found += [str(return_words.CONDITIONS[one.value]) for one in sorted(rule.conditions)]
    for wanted, yes, no in (
        (rule.personalised, _("made to her wishes"), _("not personalised")),
        (rule.final_sale, _("final sale"), _("not a final sale")),
        (rule.unsealed, _("seal broken"), _("seal whole")),
        (rule.gift, _("a gift"), _("not a gift")),
        (rule.receipt, _("with receipt"), _("without receipt")),
    ):
        if wanted is not None:
            found.append(yes if wanted else no)
    if rule.from_date:
        found.append(_("from %(day)s") % {"day": date_format(rule.from_date, "j F Y")})
    if rule.until_date:
        found.append(_("until %(day)s") % {"day": date_format(rule.until_date, "j F Y")})
    return found or [_("everything else")]
