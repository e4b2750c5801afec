"""Which rule decides. Pure: the same rules and facts give the same decision, and it always names its rule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from vendome.domains.orders.policy.types import (
    Basis,
    Condition,
    Decision,
    Facts,
    Outcome,
    Payer,
    RefundForm,
    Rule,
    Words,
)

MONTHS = {
    "en": ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
           "November", "December"),
    "fr": ("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre",
           "novembre", "décembre"),
}  # fmt: skip
GIVES_VALUE = frozenset({Outcome.RIGHT, Outcome.REFUND, Outcome.STORE_CREDIT})
LAST_RESORT = Rule(
    code="house.ask",
    position=1_000_000,
    basis=Basis.HOUSE,
    outcome=Outcome.ASK_MANAGER,
    words={
        "en": Words(
            client="Your advisor will look at this with you, and answer you personally.",
            staff="No rule covers this case: the manager decides, and writes down why.",
        ),
        "fr": Words(
            client="Votre conseillère regardera cela avec vous et vous répondra personnellement.",
            staff="Aucune règle ne couvre ce cas : la direction décide, et écrit pourquoi.",
        ),
    },
)
"""Decides when nothing else does, so that no decision is ever without a rule."""


def decide(rules: Iterable[Rule], facts: Facts) -> Decision:
    """The first legal rule that matches decides, then the first of the house's.

    The law is asked before the house whatever the positions say, so no rule of the house can take a right away. A legal
    rule that answers NO_RIGHT ends the law's part: it is an exception to the rights that stand after it.
    """
    ordered = sorted(rules, key=lambda rule: (rule.position, rule.code))
    law = None if facts.condition is Condition.NOT_OURS else _first(ordered, Basis.LAW, facts)
    if law is not None and law.outcome is Outcome.RIGHT:
        return _decision(law, facts, None)
    return _decision(_first(ordered, Basis.HOUSE, facts) or LAST_RESORT, facts, law)


def better(first: Decision, second: Decision) -> Decision:
    """The one that gives her more: its value, all of it, the way back paid. The first where both give as much."""
    return max(first, second, key=_worth)


def _worth(decision: Decision) -> tuple[int, bool, bool]:
    by_form = {RefundForm.ORIGINAL: 5, RefundForm.CREDIT: 4, RefundForm.NONE: 3}
    worth = {Outcome.EXCHANGE_ONLY: 2, Outcome.ASK_MANAGER: 1}
    value = by_form[decision.form] if decision.outcome in GIVES_VALUE else worth.get(decision.outcome, 0)
    return value, not decision.may_deduct, decision.shipping is Payer.HOUSE


def matches(rule: Rule, facts: Facts) -> bool:
    """Whether every condition of the rule holds."""
    asked = (
        (rule.personalised, facts.is_personalised),
        (rule.final_sale, facts.is_final_sale),
        (rule.unsealed, facts.is_unsealed),
        (rule.gift, facts.is_gift),
        (rule.receipt, facts.has_receipt),
    )
    return (
        (not rule.countries or facts.country in rule.countries)
        and rule.way in (None, facts.way)
        and (not rule.families or facts.family in rule.families)
        and (not rule.conditions or facts.condition in rule.conditions)
        and all(wanted in (None, found) for wanted, found in asked)
        and _is_in_force(rule, facts.on)
        and _is_in_time(rule, facts)
    )


def _is_in_force(rule: Rule, on: date) -> bool:
    return (rule.from_date is None or rule.from_date <= on) and (rule.until_date is None or on <= rule.until_date)


def _is_in_time(rule: Rule, facts: Facts) -> bool:
    last = rule.last_day(facts.received_on) if facts.received_on else None
    return last is None or facts.on <= last


def _first(rules: Iterable[Rule], basis: Basis, facts: Facts) -> Rule | None:
    return next((rule for rule in rules if rule.basis is basis and matches(rule, facts)), None)


def _decision(rule: Rule, facts: Facts, exception: Rule | None) -> Decision:
    last = rule.last_day(facts.received_on) if facts.received_on else None
    return Decision(
        rule=rule.code,
        basis=rule.basis,
        outcome=rule.outcome,
        form=rule.form,
        shipping=rule.shipping,
        statute=rule.statute,
        source_url=rule.source_url,
        last_day=last,
        days_left=(last - facts.on).days if last else None,
        exception=exception.code if exception else "",
        exception_statute=exception.statute if exception else "",
        loss_of_value=rule.loss_of_value,
        words={language: _said(words, last, language) for language, words in rule.words.items()},
    )


def _said(words: Words, last: date | None, language: str) -> Words:
    day = written(last, language) if last else _open_end(language)
    return Words(client=words.client.replace("{last_day}", day), staff=words.staff.replace("{last_day}", day))


def written(day: date, language: str) -> str:
    """A day as the policy's sentences write it: 4 December 2026."""
    return f"{day.day} {MONTHS.get(language, MONTHS['en'])[day.month - 1]} {day.year}"


def _open_end(language: str) -> str:
    return (
        "la fin du délai (il commence à la remise)"
        if language == "fr"
        else "the end of the period (it begins when it is received)"
    )


def as_document(decision: Decision) -> Mapping[str, object]:
    """A decision as it is kept beside the line it decided."""
    return {
        "rule": decision.rule,
        "basis": decision.basis.value,
        "outcome": decision.outcome.value,
        "form": decision.form.value,
        "shipping": decision.shipping.value,
        "statute": decision.statute,
        "source_url": decision.source_url,
        "last_day": decision.last_day.isoformat() if decision.last_day else None,
        "days_left": decision.days_left,
        "exception": decision.exception,
        "exception_statute": decision.exception_statute,
        "loss_of_value": decision.loss_of_value,
        "client": {language: words.client for language, words in decision.words.items()},
        "staff": {language: words.staff for language, words in decision.words.items()},
    }
