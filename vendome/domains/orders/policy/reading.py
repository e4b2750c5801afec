"""Rules as data: those a house begins with, from rules.toml beside this file, and those a version keeps."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from vendome.domains.orders.policy.types import Basis, Condition, Outcome, Payer, RefundForm, Rule, Way, Words

FILE = Path(__file__).with_name("rules.toml")


@cache
def shipped_rules() -> tuple[Rule, ...]:
    """The rules of the data file, in their order; the position of a rule is its place in the file."""
    data = tomllib.loads(FILE.read_text(encoding="utf-8"))
    groups = data.get("group", {})
    return tuple(_rule(entry, 10 * nr, groups) for nr, entry in enumerate(data["rule"], start=1))


def _rule(entry: Mapping[str, Any], position: int, groups: Mapping[str, list[str]]) -> Rule:
    countries: set[str] = set()
    for code in entry.get("countries", ()):
        countries.update(groups.get(code, [code]))
    return Rule(
        code=entry["code"],
        position=position,
        basis=Basis(entry["basis"]),
        outcome=Outcome(entry["outcome"]),
        form=RefundForm(entry.get("form", "NONE")),
        shipping=Payer(entry.get("shipping", "CLIENT")),
        countries=frozenset(countries),
        way=Way(entry["way"]) if "way" in entry else None,
        families=frozenset(entry.get("families", ())),
        conditions=frozenset(Condition(one) for one in entry.get("conditions", ())),
        personalised=entry.get("personalised"),
        final_sale=entry.get("final_sale"),
        unsealed=entry.get("unsealed"),
        gift=entry.get("gift"),
        receipt=entry.get("receipt"),
        within_days=entry.get("within_days"),
        moves_past_weekend=entry.get("moves_past_weekend", False),
        loss_of_value=entry.get("loss_of_value", ""),
        statute=entry.get("statute", ""),
        source_url=entry.get("source_url", ""),
        words={language: Words(**entry[language]) for language in ("en", "fr")},
    )


def as_row(rule: Rule) -> dict[str, Any]:
    """A rule as a version of the policy keeps it."""
    return {
        name: _plain(value) for name, value in ((name, getattr(rule, name)) for name in rule.__dataclass_fields__)
    } | {"words": {language: asdict(said) for language, said in rule.words.items()}}


def from_row(row: Mapping[str, Any]) -> Rule:
    """The rule that a version kept."""
    days = {name: date.fromisoformat(row[name]) if row.get(name) else None for name in ("from_date", "until_date")}
    return Rule(
        **{
            **row,
            **days,
            "basis": Basis(row["basis"]),
            "outcome": Outcome(row["outcome"]),
            "form": RefundForm(row["form"]),
            "shipping": Payer(row["shipping"]),
            "way": Way(row["way"]) if row["way"] else None,
            "countries": frozenset(row["countries"]),
            "families": frozenset(row["families"]),
            "conditions": frozenset(Condition(one) for one in row["conditions"]),
            "words": {language: Words(**said) for language, said in row["words"].items()},
        }
    )


def _plain(value: Any) -> Any:
    if isinstance(value, frozenset):
        return sorted(value)
    return value.isoformat() if isinstance(value, date) else value
