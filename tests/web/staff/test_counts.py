"""Counting on a phone and at a desk, answering what was found, and the replenishment desk."""

from __future__ import annotations

import csv
import io
import re
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser

from tests.factories.orders import sell_at_counter
from tests.factories.small_house import NOW, SmallHouse, _staff
from tests.web.staff.pages import asks_for, text
from vendome.domains.house.models import Maison, Place
from vendome.domains.stock.counting import CountKind, FindingKind, ReadSource
from vendome.domains.stock.queries import counts as queries
from vendome.domains.stock.queries import replenishment as proposals
from vendome.domains.stock.queries import shelf as stock
from vendome.domains.stock.services import counts, replenishment
from vendome.kit.actors import Actor

type Visit = Callable[[Actor | None], Browser]


@pytest.fixture
def manager(house: SmallHouse, visit: Visit) -> Browser:
    return visit(house.manager_paris)


@pytest.fixture
def controller(house: SmallHouse, visit: Visit) -> Browser:
    maison, home = Maison.objects.get(id=house.maison.id), Place.objects.get(id=house.warehouse)
    return visit(_staff(maison, home, "thierry", "stock_controller"))


def epcs(house: SmallHouse, place: uuid.UUID, reference: uuid.UUID) -> list[str]:
    return [one.epc for one in stock.list_pieces(actor=house.system, place_id=place, reference_id=reference)]


def begun(house: SmallHouse, browser: Browser) -> str:
    answer = browser.post("/salon/counts/", {"kind": "FULL"})
    assert answer.status_code == 303
    return str(answer.headers["Location"])


def closed(house: SmallHouse) -> uuid.UUID:
    """A full count of Paris: one ring of two missing, a watch of London read, four candles of five."""
    house.stocked(house.paris, ring=2, candle=5)
    house.stocked(house.london, watch=1)
    actor = house.advisor_paris
    count = counts.open_count(place_id=house.paris, kind=CountKind.FULL, actor=actor, at=NOW)
    lines = [
        epcs(house, house.paris, house.ring)[1],
        *epcs(house, house.london, house.watch),
        "E2801190200050D4A6C60A2F",
    ]
    counts.record_reads(count_id=count, source=ReadSource.RFID, lines=lines, actor=actor, at=NOW)
    counts.record_quantity(count_id=count, reference_id=house.candle, quantity=4, key="a", actor=actor, at=NOW)
    counts.close_count(count_id=count, actor=actor, at=NOW)
    return count


def finding(house: SmallHouse, count: uuid.UUID, kind: FindingKind) -> Any:
    return next(one for one in queries.list_findings(actor=house.system, count_id=count) if one.kind is kind)


# -- the phone -----------------------------------------------------------------------------------------------------


def test_a_boutique_is_counted_with_a_phone(house: SmallHouse, paris: Browser) -> None:
    house.stocked(house.paris, ring=3, candle=6)
    pieces = stock.list_pieces(actor=house.system, place_id=house.paris, reference_id=house.ring)
    assert "Count this boutique" in text(paris.get("/salon/"))
    assert "has not been counted yet" in text(paris.get("/salon/counts/"))
    page = begun(house, paris)
    assert "Go on counting" in text(paris.get("/salon/counts/"))

    said = text(paris.get(page))
    assert "0 of 9" in said
    assert "Not read yet 3" in said
    file = SimpleUploadedFile("reads.csv", f"epc,rssi\n{pieces[0].epc},-54\n{pieces[0].epc},-60\n".encode())
    said = text(paris.post(page, {"do": "reads", "file": file}, follow=True))
    assert "2 reads, 1 different tags: 1 of ours here" in said
    said = text(paris.post(page, {"do": "scan", "code": pieces[1].serial.lower()}, follow=True))
    named = f"Aurore Solitaire, {pieces[1].serial}"
    assert f"Scanned: {named}." in said  # in the message
    assert said.count(named) >= 2  # and beside “Take back”
    again = text(paris.post(page, {"do": "scan", "code": pieces[1].serial}, follow=True))
    assert f"Scanned: {named}, which had been read before." in again
    quantity = {"do": "quantity", "reference": house.candle, "quantity": "6", "key": "q"}
    said = text(paris.post(page, quantity, follow=True))
    assert "6 counted of 6" in said
    assert "8 of 9" in said
    assert pieces[2].serial in said
    said = text(paris.get(page, headers=asks_for("progress")))
    assert "8 of 9" in said
    assert "Label, tag or serial number" not in said

    said = text(paris.post(page, {"do": "close"}, follow=True))
    assert "88.8%" in said
    assert "1 missing" in said
    assert "1 to answer" in text(paris.get("/salon/counts/"))


def test_what_was_pasted_stays_when_a_line_is_bad(house: SmallHouse, paris: Browser) -> None:
    house.stocked(house.paris, ring=1)
    page = begun(house, paris)

    answer = paris.post(page, {"do": "reads", "text": "303C257BF7194E4000001A85\nVM-1"})

    assert answer.status_code == 422
    assert "Line 1 cannot be read" in text(answer)
    assert "303C257BF7194E4000001A85\nVM-1</textarea>" in answer.content.decode()
    for empty in (
        {"do": "reads"},
        {"do": "scan"},
        {"do": "scan", "code": "NOBODY"},
        {"do": "dance"},
        {"do": "quantity"},
    ):
        assert paris.post(page, empty).status_code == 422
    assert "NOBODY: We know no piece" in text(paris.post(page, {"do": "scan", "code": "NOBODY"}))
    assert paris.post(page, {"do": "undo"}).status_code == 422
    assert paris.post(page, {"do": "undo", "batch": uuid.uuid4()}).status_code == 409
    assert paris.post(page, {"do": "close"}).status_code == 409
    assert "0 of 1" in text(paris.get(page))


def last_batch(paris: Browser, page: str) -> str:
    shown = re.search(r'name="batch" value="([^"]+)"', paris.get(page).content.decode())
    assert shown is not None
    return shown[1]


def test_nobody_takes_a_colleagues_list_back_by_accident(house: SmallHouse, paris: Browser) -> None:
    house.stocked(house.paris, ring=2)
    one, two = epcs(house, house.paris, house.ring)
    page = begun(house, paris)
    paris.post(page, {"do": "reads", "text": one})
    mine = last_batch(paris, page)
    paris.post(page, {"do": "reads", "text": two})

    answer = paris.post(page, {"do": "undo", "batch": mine})

    assert answer.status_code == 409
    assert "Somebody has read since" in text(answer)
    assert "2 of 2" in text(paris.get(page))


def test_what_is_left_to_read_and_what_is_left_to_count_are_told_once_each(house: SmallHouse, paris: Browser) -> None:
    house.stocked(house.paris, ring=2, candle=5)
    page = begun(house, paris)
    assert "2 pieces have not been read" in text(paris.get(page))

    paris.post(page, {"do": "reads", "text": "\n".join(epcs(house, house.paris, house.ring))})

    assert "Every piece has been read. 1 quantity has not been counted" in " ".join(text(paris.get(page)).split())


def test_the_last_list_is_taken_back_and_a_count_given_up(house: SmallHouse, paris: Browser) -> None:
    house.stocked(house.paris, ring=1)
    page = begun(house, paris)
    paris.post(page, {"do": "reads", "text": "\n".join(epcs(house, house.paris, house.ring))})
    assert "1 of 1" in text(paris.get(page))

    assert "taken back" in text(paris.post(page, {"do": "undo", "batch": last_batch(paris, page)}, follow=True))
    assert "0 of 1" in text(paris.get(page))
    assert paris.post(page, {"do": "cancel", "reason": ""}).status_code == 422
    assert "gave this count up" in text(paris.post(page, {"do": "cancel", "reason": "too late"}, follow=True))


def test_a_cycle_count_wants_its_families(house: SmallHouse, paris: Browser) -> None:
    assert paris.post("/salon/counts/", {"kind": "CYCLE"}).status_code == 422
    answer = paris.post("/salon/counts/", {"kind": "CYCLE", "families": ["rings", "watches"]}, follow=True)
    assert "Count of rings, watches" in text(answer)
    assert paris.post("/salon/counts/", {"kind": "FULL"}).status_code == 409


def test_nobody_counts_another_place(house: SmallHouse, paris: Browser, tokyo: Browser, visit: Visit) -> None:
    house.stocked(house.paris, ring=1)
    page = begun(house, paris)

    assert tokyo.get(page).status_code == 404
    assert tokyo.post(page, {"do": "close"}).status_code == 404
    assert visit(None).get(page).status_code == 302
    assert visit(house.director).get(page).status_code == 403


# -- the desk ------------------------------------------------------------------------------------------------------


def test_findings_are_answered_by_who_may_correct_stock(house: SmallHouse, manager: Browser, visit: Visit) -> None:
    count = closed(house)
    page = f"/bureau/counts/{count}/"
    said = text(manager.get(page))
    for words in ("Missing 1", "Ours, from elsewhere 1", "Fewer than the books say 1", "Strangers in the field 1"):
        assert words in said
    assert "By the books today: On the shelf, London." in said
    assert "4 counted, 5 in the books." in said
    assert "E2801190200050D4A6C60A2F" in said
    assert "Waits for somebody who may correct stock here" in text(visit(house.director).get(page))

    missing = finding(house, count, FindingKind.MISSING)
    address = f"/bureau/findings/{missing.id}/"
    refused = manager.post(address, {"answer": "LOST", "reason": ""})
    assert (refused.status_code, "Write why" in text(refused)) == (422, True)
    assert manager.post(address, {"answer": "CORRECTED", "reason": "it was me"}).status_code == 422
    assert "it was me" in manager.post(address, {"answer": "", "reason": "it was me"}).content.decode()
    assert "in the drawer" in text(manager.post(address, {"answer": "FOUND", "reason": "in the drawer"}, follow=True))
    assert "taken back" in text(manager.post(address, {"do": "reopen"}, follow=True))
    manager.post(address, {"answer": "LOST", "reason": "searched twice"})
    assert manager.post(address, {"answer": "FOUND", "reason": "x"}).status_code == 409
    assert visit(house.director).post(address, {"answer": "FOUND", "reason": "x"}).status_code == 403
    assert visit(house.advisor_tokyo).post(address, {"answer": "FOUND", "reason": "x"}).status_code in (403, 404)

    level = stock.get_level(actor=house.system, place_id=house.paris, reference_id=house.ring)
    assert level.on_hand == 1
    moved = finding(house, count, FindingKind.MISPLACED)
    manager.post(f"/bureau/findings/{moved.id}/", {"answer": "MOVED_HERE", "reason": "came with the trunk"})
    assert epcs(house, house.paris, house.watch) != []
    assert stock.list_disagreements() == ()


def test_a_refusal_says_whose_holds_stand_in_the_way(house: SmallHouse, manager: Browser) -> None:
    count = closed(house)
    for _ in range(2):
        sell_at_counter(house, house.candle)
    from vendome.domains.stock.services import shelf
    from vendome.domains.stock.types import HoldKind

    shelf.hold_reference(
        kind=HoldKind.SELECTION, place_id=house.paris, reference_id=house.candle, client_id=None, quantity=3,
        expires_at=None, actor=house.system, at=NOW,
    )  # fmt: skip
    short = finding(house, count, FindingKind.SHORT)

    answer = manager.post(f"/bureau/findings/{short.id}/", {"answer": "CORRECTED", "reason": "counted twice"})

    assert answer.status_code == 409
    assert "Held: 3 in a selection." in text(answer)
    assert "counted twice" in answer.content.decode()


def test_counts_and_accuracy_are_listed_and_exported(house: SmallHouse, manager: Browser, controller: Browser) -> None:
    assert "No count has been closed yet" in text(manager.get("/bureau/accuracy/"))
    count = closed(house)
    said = text(manager.get("/bureau/counts/?place=paris"))
    assert "Full count" in said
    assert "71.4%" in said
    assert "71.4%" in text(manager.get("/bureau/accuracy/"))
    for address in ("/bureau/counts/", "/bureau/accuracy/", f"/bureau/counts/{count}/"):
        rows = list(csv.reader(io.StringIO(manager.get(f"{address}?format=csv").content.decode("utf-8-sig"))))
        assert len(rows) > 1
    answer = controller.post("/bureau/counts/", {"kind": "FULL", "place": "depot"})
    assert answer.status_code == 303
    assert "Depot" in text(controller.get(answer.headers["Location"]))
    assert controller.post("/bureau/counts/", {"kind": "FULL", "place": "depot"}).status_code == 409
    assert manager.post("/bureau/counts/", {"kind": "FULL", "place": "depot"}).status_code == 422


def test_a_level_says_how_sure_it_is(house: SmallHouse, manager: Browser) -> None:
    house.stocked(house.paris, watch=1)
    assert "Never counted" in text(manager.get(f"/bureau/stock/paris/{house.watch}/"))
    assert "Never counted: 1" in text(manager.get("/bureau/stock/paris/"))
    closed(house)

    said = text(manager.get(f"/bureau/stock/paris/{house.ring}/"))

    assert "Doubtful" in said
    assert "0 movements since. 1 finding here has no answer yet." in said
    assert "1 of 2" in said


# -- replenishment -------------------------------------------------------------------------------------------------


def proposed(house: SmallHouse) -> list[Any]:
    house.stocked(house.warehouse, ring=4, watch=2)
    for reference in (house.ring, house.watch):
        replenishment.save_rule(
            place_id=house.paris, reference_id=reference, minimum_display=2, weeks_of_cover=Decimal(6),
            actor=house.system, at=NOW,
        )  # fmt: skip
    replenishment.work_out(actor=house.system, at=NOW)
    return list(proposals.list_proposals(actor=house.system))


def test_a_person_decides_on_each_proposal(house: SmallHouse, manager: Browser) -> None:
    found = {one.reference_id: one for one in proposed(house)}
    said = text(manager.get("/bureau/replenishment/"))
    assert "2 proposals, 4 pieces" in said
    assert "0 sold in 13 weeks, 0 free on the shelf, 2 should always be on display. The source can spare 4." in said
    assert "Work out again" not in said

    ring, watch = found[house.ring].id, found[house.watch].id
    refused = manager.post("/bureau/replenishment/", {"do": "accept", "proposal": ring, "quantity": "9"})
    assert (refused.status_code, "Free there: 4." in text(refused)) == (409, True)
    assert (
        manager.post("/bureau/replenishment/", {"do": "accept", "proposal": ring, "quantity": "x"}).status_code == 422
    )
    assert manager.post("/bureau/replenishment/", {"do": "dismiss", "proposal": watch, "reason": ""}).status_code == 422
    assert manager.post("/bureau/replenishment/", {"do": "accept", "proposal": "nothing"}).status_code == 404
    said = text(
        manager.post("/bureau/replenishment/", {"do": "accept", "proposal": ring, "quantity": "1"}, follow=True)
    )
    assert "Accepted: 1 piece is asked for." in said
    manager.post("/bureau/replenishment/", {"do": "dismiss", "proposal": watch, "reason": "window is full"})
    said = text(manager.get("/bureau/replenishment/"))
    assert "Nothing needs to be sent" in said
    assert "Paris: window is full" in said
    manager.post("/bureau/replenishment/", {"do": "reopen", "proposal": watch})
    assert "1 proposal, 2 pieces" in text(manager.get("/bureau/replenishment/"))
    assert manager.post("/bureau/replenishment/", {"do": "reopen", "proposal": watch}).status_code == 409
    assert manager.post("/bureau/replenishment/", {"do": "work_out"}).status_code == 403


def test_a_place_accepts_all_it_is_offered(house: SmallHouse, controller: Browser, visit: Visit) -> None:
    found = proposed(house)
    body = {"do": "accept_all", "to": house.paris, "proposals": [one.id for one in found]}
    assert visit(house.director).post("/bureau/replenishment/", body).status_code == 403

    said = text(controller.post("/bureau/replenishment/?place=paris", body, follow=True))

    assert "2 proposals accepted." in said
    assert "Worked out: 0 proposals." in text(
        controller.post("/bureau/replenishment/", {"do": "work_out"}, follow=True)
    )
    assert "Reference" in controller.get("/bureau/replenishment/?format=csv").content.decode("utf-8-sig")


def test_rules_are_written_changed_and_taken_away(house: SmallHouse, controller: Browser, manager: Browser) -> None:
    form = {
        "do": "save",
        "place": "paris",
        "family": "rings",
        "sku": "",
        "minimum_display": "1",
        "weeks_of_cover": "6",
        "maximum": "",
    }
    assert "No place has a rule yet" in text(controller.get("/bureau/replenishment/rules/"))
    assert "A new rule" not in text(manager.get("/bureau/replenishment/rules/"))
    assert manager.post("/bureau/replenishment/rules/", form).status_code == 403

    assert controller.post("/bureau/replenishment/rules/", form).status_code == 303
    assert controller.post("/bureau/replenishment/rules/", form).status_code == 409
    assert controller.post("/bureau/replenishment/rules/", form | {"sku": "nothing"}).status_code == 422
    assert controller.post("/bureau/replenishment/rules/", form | {"sku": "meridien"}).status_code == 303
    assert (
        controller.post("/bureau/replenishment/rules/", form | {"place": "london", "maximum": "0"}).status_code == 422
    )
    page = controller.get("/bureau/replenishment/rules/")
    assert "Méridien 38" in text(page)
    edit = re.search(r"\?edit=([0-9a-f-]+)#rule", page.content.decode())
    assert edit is not None
    assert "Change:" in text(controller.get(f"/bureau/replenishment/rules/?edit={edit[1]}"))
    rules = proposals.list_rules(actor=house.system)
    for rule in rules:
        answer = controller.post("/bureau/replenishment/rules/", {"do": "remove", "rule": rule.id})
        assert answer.status_code == 303
    assert proposals.list_rules(actor=house.system) == ()
