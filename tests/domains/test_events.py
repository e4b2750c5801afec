"""The registry of events: every kind that is emitted is in it, and nothing else leaves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.factories import orders
from tests.factories.small_house import SmallHouse
from vendome.domains.webhooks import registry
from vendome.kit.models import OutboxEvent

ROOT = Path(__file__).resolve().parents[2] / "vendome"
KIND = re.compile(r"'([a-z_]+\.[a-z_]+)'")
NAMED = re.compile(r'"([a-z_]+\.[a-z_]+)"')
OWNERS = {"clients", "fulfilment", "orders", "payments", "stock"}
COMPOSED = re.compile(r"'([a-z_]+\.[a-z_]*)'\s*\|\|")


def emitted() -> Iterator[tuple[str, str]]:
    """Every kind written down as an event, with the file that does."""
    for path in sorted(ROOT.rglob("sql/*.sql")):
        for call in path.read_text(encoding="utf-8").split("vendome_emit(")[1:]:
            said = call.split(",")[0]
            if "||" in said:  # composed of a beginning and a step: what it may become is looked for by its beginning
                yield from ((beginning, path.name) for beginning in COMPOSED.findall(said))
            else:
                yield from ((kind, path.name) for kind in KIND.findall(said))  # a kind, or a CASE over kinds
    for path in sorted(ROOT.rglob("*.py")):
        for call in path.read_text(encoding="utf-8").split("outbox.record(")[1:]:
            found = re.search(r'\bkind=("([a-z_.]+)"|registry\.TEST)', call)
            if found:
                yield found.group(2) or registry.TEST, path.name
                continue
            named = [kind for kind in NAMED.findall(path.read_text(encoding="utf-8")) if kind.split(".")[0] in OWNERS]
            assert named, f"{path.name} records an event whose kind this test cannot read"
            yield from ((kind, path.name) for kind in named)  # it is handed on as an argument


def test_there_are_events_to_look_at() -> None:
    assert {"orders.order_placed", "stock.level_changed", "clients.client_created"} <= {kind for kind, _ in emitted()}


@pytest.mark.parametrize(("kind", "where"), sorted(set(emitted())))
def test_every_kind_that_is_emitted_is_registered(kind: str, where: str) -> None:
    is_beginning = kind.endswith((".", "_"))
    known = any(one.startswith(kind) for one in registry.BY_KIND) if is_beginning else kind in registry.BY_KIND
    assert known, (
        f"{where} emits {kind}: describe it in vendome/domains/webhooks/registry.py (public or not), then `make docs`"
    )


def test_public_events_name_ids_codes_and_figures_only() -> None:
    """Free text could be a name or an address; a member is an id, a code, a count, a flag or a moment."""
    allowed = (
        registry.ID, registry.MAYBE_ID, registry.IDS, registry.COUNT, registry.AMOUNT, registry.CURRENCY,
        registry.CODE, registry.MAYBE_CODE, registry.MOMENT, registry.FLAG,
    )  # fmt: skip
    strange = [
        f"{one.kind}.{name}" for one in registry.EVERY for name, member in one.members.items() if member not in allowed
    ]
    personal = [
        f"{one.kind}.{name}"
        for one in registry.EVERY
        for name in one.members
        if any(word in name for word in ("name", "email", "phone", "address", "reason", "note", "birthday"))
    ]

    assert strange == []
    assert personal == []
    assert all(one.words.endswith(".") for one in registry.EVERY)


@pytest.mark.django_db
def test_what_is_written_holds_every_member_that_is_promised(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1, candle=3)
    orders.pay(house, orders.buy_online(house, house.traditional, house.ring))
    orders.sell_at_counter(house, house.candle)

    rows = list(OutboxEvent.objects.filter(kind__in=registry.PUBLIC))

    assert {"orders.order_placed", "payments.payment_captured", "fulfilment.handed_over"} <= {row.kind for row in rows}
    for row in rows:
        assert set(registry.shown(row.kind, row.payload)) == set(registry.BY_KIND[row.kind].members), row.kind


def test_a_member_that_is_not_promised_does_not_leave() -> None:
    told = registry.shown("orders.order_expired", {"order_id": "1", "client_name": "Éléonore de Brissac"})

    assert told == {"order_id": "1"}
