"""What is pushed to open pages: only that something changed, by id. Each page asks again for what it may see."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2] / "vendome"
IDS = {"order", "number", "line", "return", "hold", "parcel", "kind", "state"}
"""What whoever listens to `orders:` a maison may be told: which thing, of which kind, and how it stands. No name,
amount, place, client or reason: the topic is heard by staff of a single place too."""


def emitted() -> Iterator[tuple[str, str, str]]:
    """Every event the SQL functions write: where, for which topics, and what is pushed."""
    for path in sorted(ROOT.rglob("*.sql")):
        text = path.read_text(encoding="utf-8")
        for found in re.finditer(r"\bvendome_emit\(\s*(?!kind text)", text):
            arguments = list(_split(text, found.end()))
            where = f"{path.relative_to(ROOT)}:{text.count(chr(10), 0, found.start()) + 1}"
            yield where, arguments[5] if len(arguments) > 5 else "", arguments[6] if len(arguments) > 6 else "NULL"


def _split(text: str, start: int) -> Iterator[str]:
    """The arguments of a call, from behind its bracket on."""
    depth, quoted, begun = 0, False, start
    for at in range(start, len(text)):
        one = text[at]
        if one == "'":
            quoted = not quoted
        elif quoted:
            continue
        elif one in "([":
            depth += 1
        elif one in ")]" and depth:
            depth -= 1
        elif depth == 0 and one in ",)":
            yield text[begun:at].strip()
            begun = at + 1
            if one == ")":
                return


def keys_of(pushed: str) -> set[str]:
    """The keys of `jsonb_build_object('order', o.id, …)`: every second argument."""
    found = re.fullmatch(r"jsonb_build_object\((.*)\)", pushed, re.DOTALL)
    assert found, f"write what is pushed out as jsonb_build_object: {pushed}"
    return {one.strip("'") for one in list(_split(found[1] + ")", 0))[::2]}


EVENTS = list(emitted())
OF_ORDERS = [one for one in EVENTS if "'orders'" in one[1]]


@pytest.mark.parametrize(("where", "topics", "pushed"), OF_ORDERS, ids=[one[0] for one in OF_ORDERS])
def test_the_topic_of_all_orders_says_only_that_something_changed(where: str, topics: str, pushed: str) -> None:
    assert pushed == "NULL" or keys_of(pushed) <= IDS


def test_the_rule_sees_them_all() -> None:
    assert len(OF_ORDERS) > 20
    assert {"order", "number"} in [keys_of(one[2]) for one in OF_ORDERS if one[2] != "NULL"]
    spelled = sum(path.read_text(encoding="utf-8").count("'orders'") for path in ROOT.rglob("*.sql"))
    elsewhere = 3  # where the outbox writes the maison behind it, and two lists of the client's card
    assert spelled - sum(one[1].count("'orders'") for one in OF_ORDERS) == elsewhere
    assert keys_of("jsonb_build_object('order', o.id, 'amount', f(o.total, 1))") - IDS == {"amount"}
