# ruff: noqa: E501  # SQL reads better on one line here
"""Counts: what is read is compared with the ledger as it was, findings are answered, the books agree at every step."""

from __future__ import annotations

import time
import uuid
from datetime import timedelta
from typing import Any

import pytest

from tests.domains.test_constraints import refused_by
from tests.factories.orders import sell_at_counter
from tests.factories.small_house import NOW, SmallHouse
from vendome.domains.stock.counting import (
    CountKind,
    CountState,
    FindingKind,
    ReadSource,
    Resolution,
    Sureness,
    sureness,
)
from vendome.domains.stock.epc import Sgtin
from vendome.domains.stock.errors import (
    CorrectionBelowHolds,
    CountClosed,
    CountEmpty,
    CountOpen,
    EpcUnreadable,
    FindingResolved,
    HoldTravels,
    NothingToUndo,
    OutsideCount,
    PieceMovedOn,
    PiecePromised,
    PieceUnknown,
    ReadListUnreadable,
    ReadMeanwhile,
    ReasonMissing,
    ResolutionUnfit,
    ScopeMissing,
)
from vendome.domains.stock.queries import counts as queries
from vendome.domains.stock.queries import shelf as stock
from vendome.domains.stock.services import counts, shelf
from vendome.domains.stock.types import HoldKind
from vendome.kit import sql
from vendome.kit.errors import Forbidden, NotFound

pytestmark = pytest.mark.django_db


def opened(house: SmallHouse, **more: Any) -> uuid.UUID:
    given = {"place_id": house.paris, "kind": CountKind.FULL, "actor": house.advisor_paris, "at": NOW} | more
    return counts.open_count(**given)


def epcs(house: SmallHouse, place: uuid.UUID, *names: str) -> list[str]:
    return [
        piece.epc
        for name in names
        for piece in stock.list_pieces(actor=house.system, place_id=place, reference_id=getattr(house, name))
    ]


def read(house: SmallHouse, count: uuid.UUID, lines: list[str], **more: Any) -> Any:
    given = {"source": ReadSource.RFID, "actor": house.advisor_paris, "at": NOW} | more
    return counts.record_reads(count_id=count, lines=lines, **given)


def close(house: SmallHouse, count: uuid.UUID) -> Any:
    return counts.close_count(count_id=count, actor=house.advisor_paris, at=NOW)


def findings(house: SmallHouse, count: uuid.UUID) -> dict[FindingKind, Any]:
    return {one.kind: one for one in queries.list_findings(actor=house.system, count_id=count)}


def answer(house: SmallHouse, finding: Any, how: Resolution, reason: str = "looked for it") -> None:
    counts.answer_finding(finding_id=finding.id, answer=how, reason=reason, actor=house.manager_paris, at=NOW)


def level(house: SmallHouse, place: uuid.UUID, reference: uuid.UUID) -> tuple[int, int]:
    found = stock.get_level(actor=house.system, place_id=place, reference_id=reference)
    return found.on_hand, found.held


# -- reading ------------------------------------------------------------------------------------------------------


def test_a_list_says_what_it_was_made_of(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=3)
    house.stocked(house.london, watch=1)
    count = opened(house)
    lines = [*epcs(house, house.paris, "ring")[:2] * 3, *epcs(house, house.london, "watch"), "E2801190200050D4A6C60A2F"]

    told = read(house, count, lines)
    again = read(house, count, lines)

    assert (told.lines, told.distinct, told.fresh) == (8, 4, 4)
    assert (told.here, told.elsewhere, told.strangers) == (2, 1, 1)
    assert (again.distinct, again.fresh) == (4, 0)
    progress = queries.get_progress(actor=house.advisor_paris, count_id=count)
    assert (progress.found, progress.expected, progress.missing_total) == (2, 3, 1)
    assert (progress.elsewhere, progress.strangers) == (1, 1)


def test_a_piece_counts_once_however_it_is_named(house: SmallHouse) -> None:
    piece = Sgtin(filter=1, company="9521897", item="000001", serial=77)
    shelf.receive(
        place_id=house.paris, reference_id=house.ring, quantity=1, serials=["VM-1"], epcs=[piece.hexed], reason="test",
        actor=house.system, at=NOW,
    )  # fmt: skip
    count = opened(house)

    forms = [piece.hexed, piece.uri, piece.tag_uri, f"https://id.example.com/01/{piece.gtin}/21/77", "vm-1"]
    told = [counts.record_scan(count_id=count, text=form, actor=house.advisor_paris, at=NOW) for form in forms]

    assert [one.fresh for one in told] == [1, 0, 0, 0, 0]
    assert close(house, count).found == 1


def test_nothing_is_taken_from_a_list_with_a_bad_line(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    count = opened(house)

    with pytest.raises(ReadListUnreadable) as refused:
        read(house, count, [*epcs(house, house.paris, "ring"), "303C257BF7194E4000001A85"])
    with pytest.raises(EpcUnreadable):
        counts.record_scan(count_id=count, text="3034257BF7194E40", actor=house.advisor_paris, at=NOW)
    with pytest.raises(PieceUnknown):
        counts.record_scan(count_id=count, text="VM-NOBODY", actor=house.advisor_paris, at=NOW)

    assert refused.value.details()["line"] == 2
    assert queries.get_progress(actor=house.system, count_id=count).found == 0
    with pytest.raises(NothingToUndo):
        counts.undo_last_batch(count_id=count, actor=house.advisor_paris, at=NOW)


def test_the_last_batch_can_be_taken_back_and_read_again(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=2)
    one, two = epcs(house, house.paris, "ring")
    count = opened(house)
    read(house, count, [one])
    read(house, count, [one, two])

    counts.undo_last_batch(count_id=count, actor=house.advisor_paris, at=NOW)
    assert queries.get_progress(actor=house.system, count_id=count).found == 1
    read(house, count, [two])

    assert queries.get_progress(actor=house.system, count_id=count).found == 2


def test_the_last_batch_is_the_one_that_came_last_whatever_its_id(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=2)
    one, two = epcs(house, house.paris, "ring")
    count = opened(house)
    read(house, count, [one], at=NOW + timedelta(minutes=5))
    read(house, count, [two], at=NOW)
    last = queries.get_progress(actor=house.system, count_id=count).last_batch
    assert last is not None
    assert last.at == NOW + timedelta(minutes=5)

    with pytest.raises(ReadMeanwhile):
        counts.undo_last_batch(count_id=count, batch_id=house.paris, actor=house.advisor_paris, at=NOW)
    counts.undo_last_batch(count_id=count, batch_id=last.id, actor=house.advisor_paris, at=NOW)

    left = queries.get_progress(actor=house.system, count_id=count).last_batch
    assert left is not None
    assert left.at == NOW


def test_a_repeated_upload_with_its_key_does_nothing_more(house: SmallHouse) -> None:
    house.stocked(house.paris, candle=5)
    count = opened(house)
    for _ in range(2):
        counts.record_quantity(
            count_id=count, reference_id=house.candle, quantity=5, key="k1", actor=house.advisor_paris, at=NOW
        )

    assert close(house, count).found == 5


# -- what was expected ---------------------------------------------------------------------------------------------


def test_a_full_count_is_in_the_ledger_and_finds_what_is_missing(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=3, candle=5)
    house.stocked(house.london, watch=1)
    count = opened(house)
    read(
        house,
        count,
        [*epcs(house, house.paris, "ring")[1:], *epcs(house, house.london, "watch"), "ABCDEF0123456789ABCDEF01"],
    )
    counts.record_quantity(
        count_id=count, reference_id=house.candle, quantity=3, key="a", actor=house.advisor_paris, at=NOW
    )
    counts.record_quantity(
        count_id=count, reference_id=house.candle, quantity=1, key="b", actor=house.advisor_paris, at=NOW
    )

    told = close(house, count)

    assert (told.expected, told.found, told.missing, told.misplaced, told.strangers) == (8, 6, 2, 1, 1)
    found = findings(house, count)
    assert set(found) == {FindingKind.MISSING, FindingKind.MISPLACED, FindingKind.STRANGER, FindingKind.SHORT}
    assert (found[FindingKind.SHORT].expected, found[FindingKind.SHORT].found) == (5, 4)
    last = stock.list_movements(actor=house.system, place_id=house.paris, reference_id=house.ring)[0]
    assert (last.kind, last.on_hand_change, last.on_hand_after, last.reason) == ("COUNTED", 0, 3, "2 of 3")
    assert (level(house, house.paris, house.ring), level(house, house.paris, house.candle)) == ((3, 0), (5, 0))
    assert stock.list_disagreements() == ()
    with pytest.raises(CountClosed):
        close(house, count)
    with pytest.raises(CountClosed):
        read(house, count, ["ABCDEF0123456789ABCDEF01"])


def test_what_is_sold_while_the_count_is_open_is_not_missing(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=3)
    count = opened(house)
    pieces = stock.list_pieces(actor=house.system, place_id=house.paris, reference_id=house.ring)
    read(house, count, [pieces[2].epc])

    sell_at_counter(house, house.ring)  # the oldest, which nobody has read
    house.stocked(house.paris, ring=1)  # and one comes in, which nobody has read either
    told = close(house, count)

    assert (told.expected, told.found, told.missing, told.moved) == (2, 1, 1, 1)
    kinds = findings(house, count)
    assert kinds[FindingKind.MOVED_SINCE].resolution is Resolution.EXPLAINED
    assert kinds[FindingKind.MISSING].serial == pieces[1].serial


def test_a_piece_read_and_then_sold_was_found(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1, candle=4)
    count = opened(house)
    read(house, count, epcs(house, house.paris, "ring"))
    counts.record_quantity(
        count_id=count, reference_id=house.candle, quantity=4, key="a", actor=house.advisor_paris, at=NOW
    )
    sell_at_counter(house, house.ring)
    sell_at_counter(house, house.candle)

    told = close(house, count)

    assert (told.expected, told.found, told.missing, told.misplaced, told.surplus) == (5, 5, 0, 0, 0)
    assert findings(house, count) == {}


def test_a_cycle_count_looks_at_its_families_only(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=2, watch=1)
    with pytest.raises(ScopeMissing):
        opened(house, kind=CountKind.CYCLE)
    count = opened(house, kind=CountKind.CYCLE, families=["rings"])
    read(house, count, epcs(house, house.paris, "ring", "watch"))
    with pytest.raises(OutsideCount):
        counts.record_quantity(
            count_id=count, reference_id=house.candle, quantity=1, key="a", actor=house.advisor_paris, at=NOW
        )

    told = close(house, count)

    assert (told.expected, told.found, told.misplaced) == (2, 2, 0)
    watch = stock.list_movements(actor=house.system, place_id=house.paris, reference_id=house.watch)[0]
    assert watch.kind == "RECEIVED"


def test_a_place_is_counted_once_at_a_time_and_never_for_nothing(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    count = opened(house)

    with pytest.raises(CountOpen):
        opened(house)
    with pytest.raises(CountEmpty):
        close(house, count)
    with pytest.raises(ReasonMissing):
        counts.cancel_count(count_id=count, reason=" ", actor=house.advisor_paris, at=NOW)
    counts.cancel_count(count_id=count, reason="the reader broke", actor=house.advisor_paris, at=NOW)

    assert queries.get_count(actor=house.system, count_id=count).state is CountState.CANCELLED
    assert stock.list_movements(actor=house.system, place_id=house.paris, reference_id=house.ring)[0].kind == "RECEIVED"
    opened(house)


def test_strangers_see_and_count_nothing(house: SmallHouse, other_house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    count = opened(house)

    with pytest.raises(Forbidden):
        opened(house, actor=house.advisor_tokyo)
    for actor in (house.advisor_tokyo, other_house.manager_paris):
        with pytest.raises(NotFound):
            counts.close_count(count_id=count, actor=actor, at=NOW)
        with pytest.raises(NotFound):
            queries.get_progress(actor=actor, count_id=count)
    with pytest.raises(NotFound):
        opened(house, place_id=other_house.paris, actor=house.system)
    assert queries.how_sure(actor=other_house.system, place_ids=[house.paris], reference_ids=[house.ring], at=NOW) == {}


# -- answers -------------------------------------------------------------------------------------------------------


@pytest.fixture
def counted(house: SmallHouse) -> dict[FindingKind, Any]:
    """One ring missing, a watch of London read in Paris, one candle short of five of which four are held."""
    house.stocked(house.paris, ring=2, candle=5)
    house.stocked(house.london, watch=1)
    count = opened(house)
    read(house, count, [*epcs(house, house.paris, "ring")[1:], *epcs(house, house.london, "watch")])
    counts.record_quantity(
        count_id=count, reference_id=house.candle, quantity=4, key="a", actor=house.advisor_paris, at=NOW
    )
    close(house, count)
    return findings(house, count)


def hold(house: SmallHouse, reference: uuid.UUID, place: uuid.UUID | None = None, **more: Any) -> uuid.UUID:
    return shelf.hold_reference(
        kind=HoldKind.SELECTION, place_id=place or house.paris, reference_id=reference, client_id=house.traditional,
        expires_at=None, actor=house.system, at=NOW, **more,
    )  # fmt: skip


def test_lost_is_taken_off_the_shelf_and_found_comes_back_into_quarantine(
    house: SmallHouse, counted: dict[FindingKind, Any]
) -> None:
    missing = counted[FindingKind.MISSING]
    with pytest.raises(ReasonMissing):
        answer(house, missing, Resolution.LOST, " ")
    with pytest.raises(ResolutionUnfit):
        answer(house, missing, Resolution.CORRECTED)
    with pytest.raises(Forbidden):
        counts.answer_finding(
            finding_id=missing.id, answer=Resolution.LOST, reason="x", actor=house.advisor_paris, at=NOW
        )
    assert level(house, house.paris, house.ring) == (2, 0)

    answer(house, missing, Resolution.LOST, "not in the safe, not in the window")

    assert level(house, house.paris, house.ring) == (1, 0)
    last = stock.list_movements(actor=house.system, place_id=house.paris, reference_id=house.ring)[0]
    assert (last.kind, last.serial, last.reason) == ("LOST", missing.serial, "not in the safe, not in the window")
    assert stock.list_disagreements() == ()
    with pytest.raises(FindingResolved):
        answer(house, missing, Resolution.FOUND)

    again = opened(house)
    counts.record_scan(count_id=again, text=missing.serial, actor=house.advisor_paris, at=NOW)
    close(house, again)
    answer(house, findings(house, again)[FindingKind.MISPLACED], Resolution.TAKEN_IN, "behind the drawer")
    assert level(house, house.paris, house.ring) == (2, 1)
    assert stock.list_disagreements() == ()


def test_a_piece_read_here_is_brought_here_in_the_books(house: SmallHouse, counted: dict[FindingKind, Any]) -> None:
    with pytest.raises(ResolutionUnfit):
        answer(house, counted[FindingKind.MISPLACED], Resolution.TAKEN_IN)
    answer(house, counted[FindingKind.MISPLACED], Resolution.MOVED_HERE, "came back with the trunk show")

    assert (level(house, house.paris, house.watch), level(house, house.london, house.watch)) == ((1, 0), (0, 0))
    here = stock.list_movements(actor=house.system, place_id=house.paris, reference_id=house.watch)
    assert [(one.kind, one.reason) for one in here][-1] == ("CORRECTED", "came back with the trunk show")
    assert stock.list_disagreements() == ()


def test_what_is_promised_is_neither_lost_nor_moved(house: SmallHouse, counted: dict[FindingKind, Any]) -> None:
    hold(house, house.ring, piece_id=counted[FindingKind.MISSING].piece_id)
    hold(house, house.watch, house.london)

    for kind, how in ((FindingKind.MISSING, Resolution.LOST), (FindingKind.MISPLACED, Resolution.MOVED_HERE)):
        with pytest.raises(PiecePromised) as refused:
            answer(house, counted[kind], how)
        assert refused.value.details()["kind"] == "SELECTION"

    assert (level(house, house.paris, house.ring), level(house, house.london, house.watch)) == ((2, 1), (1, 1))
    assert queries.get_finding(actor=house.system, finding_id=counted[FindingKind.MISSING].id).resolution == ""


def test_a_correction_never_goes_below_what_is_held(house: SmallHouse, counted: dict[FindingKind, Any]) -> None:
    held = hold(house, house.candle, quantity=5)

    with pytest.raises(CorrectionBelowHolds) as refused:
        answer(house, counted[FindingKind.SHORT], Resolution.CORRECTED)
    told = refused.value.details()
    assert (told["on_hand"], told["held"]) == (5, 5)
    assert [(one["kind"], one["quantity"]) for one in told["holds"]] == [("SELECTION", 5)]
    shelf.release_hold(hold_id=held, place_id=house.paris, reason="test", actor=house.system, at=NOW)

    answer(house, counted[FindingKind.SHORT], Resolution.CORRECTED, "counted twice")
    assert level(house, house.paris, house.candle) == (4, 0)
    assert stock.list_disagreements() == ()


def test_a_finding_knows_when_its_piece_has_moved_on(house: SmallHouse, counted: dict[FindingKind, Any]) -> None:
    sell_at_counter(house, house.ring)  # the missing one turned up, and was the oldest

    with pytest.raises(PieceMovedOn):
        answer(house, counted[FindingKind.MISSING], Resolution.LOST)
    answer(house, counted[FindingKind.MISSING], Resolution.FOUND, "sold since")
    assert level(house, house.paris, house.ring) == (1, 0)


def test_what_travels_is_received_before_it_is_corrected(house: SmallHouse) -> None:
    house.stocked(house.london, watch=1)
    held = shelf.hold_reference(
        kind=HoldKind.TRANSFER, place_id=house.london, reference_id=house.watch, client_id=None, expires_at=None,
        actor=house.system, at=NOW,
    )  # fmt: skip
    sql.value(
        "SELECT stock_move_hold(%s, %s, 'TRANSFERRED_OUT', 'TRANSFERRED_IN', 'IN_TRANSIT', 'SYSTEM', 'test', %s)",
        [held, house.transit, NOW],
    )
    count = opened(house)
    read(house, count, epcs(house, house.transit, "watch"))
    close(house, count)

    with pytest.raises(HoldTravels):
        answer(house, findings(house, count)[FindingKind.MISPLACED], Resolution.MOVED_HERE)
    with pytest.raises(NotFound):
        opened(house, place_id=house.transit, actor=house.system)
    assert level(house, house.transit, house.watch) == (1, 1)


def test_an_answer_without_effect_can_be_taken_back(house: SmallHouse, counted: dict[FindingKind, Any]) -> None:
    missing = counted[FindingKind.MISSING]
    answer(house, missing, Resolution.FOUND)
    counts.reopen_finding(finding_id=missing.id, actor=house.manager_paris, at=NOW)
    answer(house, missing, Resolution.LOST)
    with pytest.raises(FindingResolved):
        counts.reopen_finding(finding_id=missing.id, actor=house.manager_paris, at=NOW)


# -- how sure, how exact ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "moves", "open_", "word"),
    [
        (None, 0, 0, Sureness.UNKNOWN),
        (14, 4, 0, Sureness.SURE),
        (14, 5, 0, Sureness.FAIRLY),
        (15, 0, 0, Sureness.FAIRLY),
        (100, 24, 0, Sureness.FAIRLY),
        (101, 0, 0, Sureness.DOUBTFUL),
        (1, 25, 0, Sureness.DOUBTFUL),
        (1, 0, 1, Sureness.DOUBTFUL),
    ],
)
def test_sureness_has_its_thresholds(days: int | None, moves: int, open_: int, word: Sureness) -> None:
    counted_at = None if days is None else NOW - timedelta(days=days)
    assert sureness(last_counted_at=counted_at, movements_since=moves, open_findings=open_, at=NOW) is word


def test_how_sure_follows_the_ledger(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=3)

    def sure() -> Any:
        return queries.how_sure(actor=house.advisor_paris, place_ids=[house.paris], reference_ids=[house.ring], at=NOW)[
            (house.paris, house.ring)
        ]

    assert sure().word is Sureness.UNKNOWN
    count = opened(house)
    read(house, count, epcs(house, house.paris, "ring"))
    close(house, count)
    assert (sure().word, sure().last_counted_at, sure().movements_since) == (Sureness.SURE, NOW, 0)
    sell_at_counter(house, house.ring)
    assert sure().movements_since == 1
    assert queries.how_sure_of_place(actor=house.advisor_paris, place_id=house.paris, at=NOW)[Sureness.SURE] == 1
    late = opened(house)
    read(house, late, epcs(house, house.paris, "ring")[1:])
    close(house, late)
    assert sure().word is Sureness.DOUBTFUL


def test_accuracy_is_kept_for_each_closed_count(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=4)
    for missing in (1, 0):
        count = opened(house)
        read(house, count, epcs(house, house.paris, "ring")[missing:])
        close(house, count)

    found = queries.list_accuracy(actor=house.advisor_paris, place_id=house.paris)

    assert [one.share for one in found] == [0.75, 1.0]
    assert [one.figures.accuracy for one in queries.list_counts(actor=house.director)] == [1.0, 0.75]


# -- the row is the judge ------------------------------------------------------------------------------------------


def test_rows_refuse_what_a_forgetful_writer_would_do(house: SmallHouse, counted: dict[FindingKind, Any]) -> None:
    house.stocked(house.london, ring=1)
    live = opened(house)
    read(house, live, epcs(house, house.paris, "ring"))
    refused_by("stock_countread_append_only", "UPDATE stock_countread SET quantity = 2")
    refused_by("stock_countread_append_only", "DELETE FROM stock_countread")
    refused_by("place_counted_once_at_a_time", "UPDATE stock_count SET state = 'OPEN', closed_at = NULL")
    refused_by("count_ends_once", "UPDATE stock_count SET closed_at = NULL WHERE state = 'CLOSED'")
    refused_by("count_names_its_scope", "UPDATE stock_count SET kind = 'CYCLE'")
    refused_by("count_found_of_expected", "UPDATE stock_count SET found = expected + 1")
    refused_by(
        "tag_counts_once",
        "INSERT INTO stock_countread (id, count_id, batch_id, tag, piece_id, reference_id, quantity, source, at) "
        "SELECT gen_random_uuid(), count_id, batch_id, tag, piece_id, reference_id, 1, source, at FROM stock_countread",
    )
    copied = (
        "INSERT INTO stock_countread (id, count_id, batch_id, tag, piece_id, reference_id, quantity, source, at) "
        "SELECT gen_random_uuid(), count_id, batch_id, 'x' || tag, piece_id, reference_id, {}, source, at FROM stock_countread"
    )
    refused_by("read_of_a_piece_is_one", copied.format("2"))
    refused_by("read_quantity_not_negative", copied.format("-1") + " WHERE piece_id IS NULL")
    refused_by(
        "finding_told_once",
        "INSERT INTO stock_countfinding (id, count_id, kind, piece_id, reference_id, expected, found) "
        "SELECT gen_random_uuid(), count_id, kind, piece_id, reference_id, expected, found FROM stock_countfinding",
    )
    refused_by("finding_answered_once", "UPDATE stock_countfinding SET resolved_at = now()")
    answered = (
        "UPDATE stock_countfinding SET resolution = '{}', reason = '{}', resolved_at = now() WHERE kind = 'MISSING'"
    )
    refused_by("answer_has_a_reason", answered.format("FOUND", ""))
    refused_by("answer_fits_the_finding", answered.format("CORRECTED", "x"))


@pytest.mark.django_db
def test_a_hundred_thousand_reads_are_taken_in_seconds(house: SmallHouse) -> None:
    tags = [Sgtin(filter=1, company="9521897", item=f"{n % 50:06}", serial=n).hexed for n in range(30_000)]
    house.stocked(house.paris, ring=1)
    sql.value(
        "INSERT INTO stock_piece (id, maison_id, reference_id, serial, epc, state, owner, place_id, received_at) "
        "SELECT gen_random_uuid(), %s, %s, 'M' || n, t.tag, 'IN_STOCK', 'HOUSE', %s, now() "
        "FROM unnest(%s::text[]) WITH ORDINALITY t (tag, n) RETURNING 1",
        [house.maison.id, house.ring, house.paris, tags[:20_000]],
    )
    count = opened(house)
    lines = [f"2026-11-20T10:00:00Z,{tags[n * 7919 % 30_000]},1,-54" for n in range(100_000)]

    begun = time.monotonic()
    told = read(house, count, lines)
    seconds = time.monotonic() - begun

    assert (told.lines, told.distinct, told.here, told.strangers) == (100_000, 30_000, 20_000, 10_000)
    print(f"100,000 reads in {seconds:.1f} s")
    assert seconds < 60
