# ruff: noqa: E501  # SQL reads better on one line here
"""Two people close one count; a till sells while it is closed. With the locks taken away both must go wrong."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest

from tests.factories.orders import sell_at_counter
from tests.factories.small_house import NOW, SmallHouse
from tests.races.conftest import Outcome, race
from vendome.domains.stock.counting import CountKind, FindingKind, ReadSource
from vendome.domains.stock.errors import CountClosed, ProposalDecided
from vendome.domains.stock.queries import counts as queries
from vendome.domains.stock.queries import shelf as stock
from vendome.domains.stock.services import counts, replenishment
from vendome.kit import sql

pytestmark = pytest.mark.race


def changed(function: str, *changes: tuple[str, str]) -> str:
    """A statement that rewrites a function, for taking its defences away; a change that finds nothing to change fails."""
    body = f"pg_get_functiondef('{function}'::regproc)"
    for old, new in changes:
        body = f"replace({body}, $x${old}$x$, $x${new}$x$)"
    return f"DO $do$ BEGIN ASSERT {body} <> pg_get_functiondef('{function}'::regproc); EXECUTE {body}; END $do$"


SLOW_LEDGER = changed(
    "stock_close_count",
    (
        "SELECT vendome_new_id(), at, 'COUNTED'",
        "SELECT CASE WHEN pg_sleep(0.2)::text = '' THEN vendome_new_id() END, at, 'COUNTED'",
    ),
)
NO_LEVEL_LOCK = changed(
    "stock_close_count",
    ("ORDER BY l.reference_id FOR NO KEY UPDATE;", ";"),
    (
        "SELECT vendome_new_id(), at, 'COUNTED'",
        "SELECT CASE WHEN pg_sleep(0.2)::text = '' THEN vendome_new_id() END, at, 'COUNTED'",
    ),
)
NO_COUNT_LOCK = (
    changed("stock_count_locked", ("FOR NO KEY UPDATE", "")),
    changed("stock_close_count", ("WHERE x.id = counted AND x.state = 'OPEN'", "WHERE x.id = counted")),
    "ALTER TABLE stock_countfinding DROP CONSTRAINT finding_told_once",
    SLOW_LEDGER,
)
LEDGER_BREAKS = """
    SELECT count(*) FROM (SELECT on_hand_after - sum(on_hand_change) OVER told AS off FROM stock_movement
                          WINDOW told AS (PARTITION BY place_id, reference_id ORDER BY id)) x WHERE off <> 0
"""


def begin(house: SmallHouse, rings: int, read: int) -> uuid.UUID:
    house.stocked(house.paris, ring=rings)
    count = counts.open_count(place_id=house.paris, kind=CountKind.FULL, actor=house.advisor_paris, at=NOW)
    pieces = stock.list_pieces(actor=house.system, place_id=house.paris, reference_id=house.ring)
    counts.record_reads(
        count_id=count,
        source=ReadSource.RFID,
        lines=[one.epc for one in pieces[:read]],
        actor=house.advisor_paris,
        at=NOW,
    )
    return count


def both_close(house: SmallHouse, count: uuid.UUID) -> Outcome:
    def close() -> object:
        return counts.close_count(count_id=count, actor=house.advisor_paris, at=NOW)

    return race(close, close)


def counted_lines(house: SmallHouse) -> int:
    lines = stock.list_movements(actor=house.system, place_id=house.paris, reference_id=house.ring)
    return sum(one.kind == "COUNTED" for one in lines)


def test_a_count_is_closed_once(arena: Callable[..., SmallHouse]) -> None:
    house = arena(SLOW_LEDGER)
    count = begin(house, rings=3, read=2)

    outcome = both_close(house, count)

    assert outcome.broken == []
    assert (len(outcome.won), [type(one) for one in outcome.refused]) == (1, [CountClosed])
    assert counted_lines(house) == 1
    assert len(queries.list_findings(actor=house.system, count_id=count)) == 1


def test_control_without_the_lock_it_is_closed_twice(arena: Callable[..., SmallHouse]) -> None:
    house = arena(*NO_COUNT_LOCK)
    count = begin(house, rings=3, read=2)

    both_close(house, count)

    assert counted_lines(house) == 2


def sell_while_closing(house: SmallHouse, count: uuid.UUID) -> Outcome:
    def close() -> object:
        return counts.close_count(count_id=count, actor=house.advisor_paris, at=NOW)

    return race(close, *[lambda: sell_at_counter(house, house.ring) for _ in range(5)])


def test_a_sale_while_closing_is_before_it_or_after_it(arena: Callable[..., SmallHouse]) -> None:
    house = arena(SLOW_LEDGER)
    count = begin(house, rings=6, read=1)

    outcome = sell_while_closing(house, count)

    assert outcome.broken == []
    assert outcome.refused == []
    assert sql.value(LEDGER_BREAKS) == 0
    assert stock.list_disagreements() == ()
    told = queries.get_count(actor=house.system, count_id=count)
    lines = stock.list_movements(actor=house.system, place_id=house.paris, reference_id=house.ring)
    before = sum(one.kind == "HANDED_OVER" for one in lines[[one.kind for one in lines].index("COUNTED") :])
    missing = {
        one.piece_id
        for one in queries.list_findings(actor=house.system, count_id=count)
        if one.kind is FindingKind.MISSING
    }
    assert len(missing) == told.figures.missing == told.figures.expected - told.figures.found
    sold_before = {
        one.piece_id for one in lines[[one.kind for one in lines].index("COUNTED") :] if one.kind == "HANDED_OVER"
    }
    assert not missing & sold_before
    assert told.figures.moved + told.figures.expected == 6
    assert before == len(sold_before)


def test_control_without_the_lock_the_ledger_tells_a_wrong_quantity(arena: Callable[..., SmallHouse]) -> None:
    house = arena(NO_LEVEL_LOCK)
    count = begin(house, rings=6, read=1)

    sell_while_closing(house, count)

    assert sql.value(LEDGER_BREAKS) > 0


def test_two_people_upload_the_same_list_at_once(arena: Callable[..., SmallHouse]) -> None:
    house = arena()
    count = begin(house, rings=5, read=1)
    lines = [one.epc for one in stock.list_pieces(actor=house.system, place_id=house.paris, reference_id=house.ring)]

    def upload() -> int:
        told = counts.record_reads(
            count_id=count, source=ReadSource.RFID, lines=lines, actor=house.advisor_paris, at=NOW
        )
        return told.fresh

    outcome = race(upload, upload, upload)

    assert outcome.broken == []
    assert sorted(outcome.won) == [0, 0, 4]


def test_a_proposal_is_accepted_once(arena: Callable[..., SmallHouse]) -> None:
    house = arena()
    house.stocked(house.warehouse, ring=3)
    replenishment.save_rule(
        place_id=house.paris, reference_id=house.ring, minimum_display=2, actor=house.system, at=NOW
    )
    replenishment.work_out(actor=house.system, at=NOW)
    proposal = sql.value("SELECT id FROM stock_replenishmentproposal")

    outcome = race(
        *[lambda: replenishment.accept_proposal(proposal_id=proposal, actor=house.manager_paris, at=NOW)] * 4
    )

    assert outcome.broken == []
    assert (len(outcome.won), {type(one) for one in outcome.refused}) == (1, {ProposalDecided})
    assert sql.value("SELECT count(*) FROM kit_outboxevent WHERE kind = 'stock.replenishment_accepted'") == 1
