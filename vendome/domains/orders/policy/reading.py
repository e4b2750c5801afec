"""The policy a house begins with, read from rules.toml beside this file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
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
        statute=entry.get("statute", ""),
        source_url=entry.get("source_url", ""),
        words={language: Words(**entry[language]) for language in ("en", "fr")},
    )
