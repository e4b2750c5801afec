"""Transfers on screen: asked for from a piece's page, decided, picked, sent and received; seen by headquarters."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client as Browser

from tests.factories.orders import buy_online, pay
from tests.factories.small_house import NOW, SmallHouse
from tests.factories.transfers import approved, ask, key, sent, view
from tests.web.staff.pages import asks_for, hidden, text
from tests.web.staff.test_bureau import rows_of
from vendome.domains.catalogue import queries as catalogue
from vendome.domains.people.models import RoleGrant, Staff
from vendome.domains.stock.models import Hold, Level, Piece, Transfer, TransferLine
from vendome.domains.stock.queries import shelf as stock
from vendome.domains.stock.services import movements, transfers
from vendome.flows import sourcing as shelves
from vendome.kit.actors import Actor
from vendome.web.bureau import transfer_picking

type Visit = Callable[[Actor | None], Browser]


@pytest.fixture
def manager(house: SmallHouse, visit: Visit) -> Browser:
    return visit(house.manager_paris)


@pytest.fixture
def controller(house: SmallHouse, visit: Visit) -> Browser:
    """The director's browser, of a director who is the stock controller too, of every place."""
    from datetime import date

    RoleGrant.objects.create(
        staff=Staff.objects.get(id=house.director.id), role="stock_controller", during=(date(2020, 1, 1), None)
    )
    return visit(house.director)


def at(transfer: Any, surface: str = "salon") -> str:
    return f"/{surface}/transfers/{transfer.id}/"


def step(browser: Browser, page: str, **values: str) -> Any:
    return browser.post(page, {"key": hidden(browser.get(page), "key"), **values})


def agree() -> bool:
    return stock.list_disagreements() == ()


# -- the salon -------------------------------------------------------------------------------------------------


def test_asked_for_from_the_page_of_a_piece(house: SmallHouse, paris: Browser) -> None:
    assert "Ask another place for it" not in text(paris.get("/salon/collections/aurore-solitaire/"))
    house.stocked(house.london, ring=2)
    house.stocked(house.partner_door, ring=1)
    model = paris.get(f"/salon/collections/aurore-solitaire/?client={house.traditional}")
    asking = f"/salon/transfers/ask/{house.ring}/?client={house.traditional}"
    assert asking in model.content.decode()
    page = paris.get(asking)
    assert "London" in text(page)
    assert "Door" not in text(page)  # the partner's stock is asked for by the wholesale team
    assert "set aside for her when it arrives" in text(page)
    form = {"key": hidden(page, "key"), "place": str(house.london), "client": str(house.traditional)}

    wrong = paris.post(asking, form)
    done = paris.post(asking, form | {"reason": "she comes on Saturday"})

    assert (wrong.status_code, done.status_code) == (422, 303)
    assert "what the pieces are for" in text(wrong)
    made = Transfer.objects.get()
    assert (made.from_place_id, made.to_place_id, made.client_id) == (house.london, house.paris, house.traditional)
    assert done.headers["Location"] == at(made)
    said = text(paris.get(at(made)))
    assert "London decides whether it can let them go" in said
    assert "Éléonore de Brissac" in said
    assert "Let them go" not in said


def test_a_place_must_be_chosen_and_nothing_typed_is_lost(house: SmallHouse, paris: Browser) -> None:
    house.stocked(house.london, candle=20)
    page = f"/salon/transfers/ask/{house.candle}/"
    wrong = paris.post(page, {"key": "k", "quantity": "0", "reason": "gifts", "place": str(house.london)})
    assert wrong.status_code == 422
    assert 'value="gifts"' in wrong.content.decode()
    assert "Choose the place" in text(paris.post(page, {"key": "k", "quantity": "1", "reason": "x"}))
    assert paris.get(f"/salon/transfers/ask/{uuid.uuid4()}/").status_code == 404
    assert not Transfer.objects.exists()


def test_picked_sent_and_received_on_a_phone(house: SmallHouse, paris: Browser) -> None:
    house.stocked(house.paris, ring=2, candle=5)
    lines = [transfers.Wanted(reference_id=house.ring), transfers.Wanted(reference_id=house.candle, quantity=3)]
    out = approved(house, *lines, from_place_id=house.paris, to_place_id=house.london, actor=house.system)
    assert "to be picked" in text(paris.get("/salon/"))
    listed = paris.get("/salon/transfers/?show=out")
    assert at(out) in listed.content.decode()
    assert "London" in text(listed)
    piece = view(house, out).lines[0]

    refused = step(paris, at(out), step="pick")
    assert refused.status_code == 409
    assert "not every piece" in text(refused).lower()
    assert step(paris, at(out), step="pick", **{f"came-{piece.id}": "1"}).status_code == 303
    assert step(paris, at(out), step="dispatch", waybill="LX-9").status_code == 303
    assert Level.objects.get(place_id=house.transit, reference_id=house.candle).on_hand == 3
    assert "LX-9" in text(paris.get(at(out)))
    assert agree()


def test_a_scanned_number_ticks_and_another_piece_may_go(house: SmallHouse, paris: Browser) -> None:
    house.stocked(house.paris, ring=2)
    out = approved(house, from_place_id=house.paris, to_place_id=house.london, actor=house.system)
    other = Piece.objects.exclude(id=view(house, out).lines[0].piece_id).get()

    assert step(paris, at(out), step="pick", codes=other.epc).status_code == 303

    assert view(house, out).lines[0].piece_id == other.id
    assert agree()


def test_received_with_what_is_wrong(house: SmallHouse, paris: Browser) -> None:
    house.stocked(house.london, ring=3, watch=1, candle=6)
    wanted = [(house.ring, 3), (house.candle, 6)]
    coming = sent(house, *[transfers.Wanted(reference_id=one, quantity=count) for one, count in wanted])
    one, two, three, candle = coming.lines
    watch = Piece.objects.get(reference_id=house.watch)
    assert "on the way to you" in text(paris.get("/salon/"))
    form = {
        f"came-{one.id}": "1",
        f"problem-{two.id}": "MISSING",
        f"problem-{three.id}": "DAMAGED",
        f"note-{three.id}": "scratched",
        f"count-{candle.id}": "6",
        "codes": watch.serial,
        "surplus": "in the same box",
    }

    wrong = step(paris, at(coming), step="receive", **form)
    assert wrong.status_code == 409
    assert "Say in a few words what is missing" in text(wrong)
    for kept in ("scratched", "in the same box", watch.serial):
        assert kept in wrong.content.decode()
    assert not TransferLine.objects.filter(received_quantity__isnull=False).exists()
    done = step(paris, at(coming), step="receive", **form | {f"note-{two.id}": "the box was empty"})

    assert done.status_code == 303
    said = text(paris.get(at(coming)))
    for words in ("Arrived, not as sent", "Missing", "Damaged", "Not announced", "the box was empty"):
        assert words in said
    assert Piece.objects.get(id=two.piece_id).state == "LOST"
    assert Piece.objects.get(id=watch.id).state == "QUARANTINED"
    assert agree()


def test_received_in_part(house: SmallHouse, paris: Browser) -> None:
    house.stocked(house.london, ring=2)
    coming = sent(house, transfers.Wanted(reference_id=house.ring, quantity=2))
    assert step(paris, at(coming), step="receive", codes=coming.lines[0].serial).status_code == 303
    assert view(house, coming).state == "DISPATCHED"
    assert "On the way" in text(paris.get(at(coming)))
    assert step(paris, at(coming), step="receive", codes=coming.lines[1].epc.lower()).status_code == 303
    assert view(house, coming).state == "RECEIVED"
    assert at(coming) in paris.get("/salon/transfers/?show=ended").content.decode()
    nothing = step_after_end(paris, coming)
    assert nothing.status_code == 409


def step_after_end(browser: Browser, transfer: Any) -> Any:
    return browser.post(at(transfer), {"key": key(), "step": "receive", "codes": "X"})


def test_a_count_that_cannot_be_is_told(house: SmallHouse, paris: Browser) -> None:
    house.stocked(house.london, candle=3)
    coming = sent(house, transfers.Wanted(reference_id=house.candle, quantity=3))
    for count in ("4", "many", "-1"):
        page = step(paris, at(coming), step="receive", **{f"count-{coming.lines[0].id}": count})
        assert page.status_code == 409
        assert "a number from 0 to 3" in text(page)
    assert step(paris, at(coming), step="nonsense").status_code == 409
    assert agree()


def test_the_list_alone_is_answered_to_htmx(house: SmallHouse, paris: Browser) -> None:
    house.stocked(house.london, ring=1)
    coming = sent(house)
    part = paris.get("/salon/transfers/", headers=asks_for("transfer-list"))
    assert "<html" not in part.content.decode()
    assert coming.number in text(part)


def test_tokyo_knows_nothing_of_it(house: SmallHouse, paris: Browser, tokyo: Browser) -> None:
    house.stocked(house.london, ring=1)
    coming = sent(house)
    assert tokyo.get(at(coming)).status_code == 404
    assert tokyo.post(at(coming), {"key": "k", "step": "receive"}).status_code == 404
    assert coming.number not in text(tokyo.get("/salon/transfers/"))
    assert paris.post(at(coming), {"key": "k", "step": "approve"}).status_code == 403
    assert view(house, coming).state == "DISPATCHED"


def test_a_number_of_any_length_in_a_pasted_list_is_no_fault_of_ours() -> None:
    pasted = QueryDict(mutable=True)
    pasted["lines"] = "RING-52 " + "9" * 6000 + "\nRING-52 2"

    assert set(transfer_picking.read_asked(pasted)) == {"RING-52"}


# -- the bureau ------------------------------------------------------------------------------------------------


def test_headquarters_finds_filters_and_exports(house: SmallHouse, controller: Browser) -> None:
    house.stocked(house.london, ring=2)
    coming, waiting = sent(house), ask(house, reason="=cmd for the window")
    everything = text(controller.get("/bureau/transfers/"))
    assert coming.number in everything
    assert waiting.number in everything
    assert waiting.number not in text(controller.get("/bureau/transfers/?state=DISPATCHED"))
    assert coming.number not in text(controller.get("/bureau/transfers/?age=3"))
    assert coming.number in text(controller.get("/bureau/transfers/?place=paris", headers=asks_for("transfer-rows")))
    assert "No transfer matches" in text(controller.get("/bureau/transfers/?place=tokyo"))
    assert controller.get("/bureau/transfers/?state=x&age=y&place=z").status_code == 200
    assert controller.get("/bureau/transfers/?after=nonsense").status_code == 404
    rows = rows_of(controller.get("/bureau/transfers/?format=csv&state="))
    assert [row[1] for row in rows[1:]] == ["REQUESTED", "DISPATCHED"]
    assert rows[1][4] == "=cmd for the window".replace("=", "'=")
    assert "Transfers" in text(controller.get("/bureau/stock/"))


def test_a_request_is_decided_with_its_timeline(house: SmallHouse, manager: Browser) -> None:
    house.stocked(house.paris, ring=1)
    one, two = (ask(house, from_place_id=house.paris, to_place_id=house.london, actor=house.system) for _ in range(2))
    page = manager.get(at(one, "bureau"))
    assert "Let them go" in text(page)
    assert "Step by step" in text(page)
    assert step(manager, at(one, "bureau"), step="approve").status_code == 303
    late = step(manager, at(two, "bureau"), step="approve")
    assert late.status_code == 409
    assert view(house, two).state == "REQUESTED"
    unsaid = step(manager, at(two, "bureau"), step="refuse")
    assert unsaid.status_code == 409
    assert step(manager, at(two, "bureau"), step="refuse", reason="our last one").status_code == 303
    assert "our last one" in text(manager.get(at(two, "bureau")))
    assert step(manager, at(one, "bureau"), step="cancel", reason="sold meanwhile").status_code == 303
    assert not Hold.objects.filter(state="ACTIVE").exists()


def test_some_of_it_may_be_left_out(house: SmallHouse, manager: Browser) -> None:
    house.stocked(house.paris, ring=1)
    wanted = transfers.Wanted(reference_id=house.ring, quantity=2)
    one = ask(house, wanted, from_place_id=house.paris, to_place_id=house.london, actor=house.system)
    lines = view(house, one).lines
    assert "Leave out" in text(manager.get(at(one, "bureau")))
    nothing = step(manager, at(one, "bureau"), step="approve", **{f"without-{line.id}": "1" for line in lines})
    assert nothing.status_code == 409
    assert "refuse the transfer" in text(nothing)
    assert step(manager, at(one, "bureau"), step="approve", **{f"without-{lines[0].id}": "1"}).status_code == 303
    assert [line.is_open for line in view(house, one).lines] == [False, True]
    assert "Not sent" in text(manager.get(at(one, "bureau")))
    assert agree()


def test_a_new_transfer_by_reference_or_serial(house: SmallHouse, controller: Browser, visit: Visit) -> None:
    house.stocked(house.london, ring=1, candle=4)
    serial = Piece.objects.get().serial
    form = controller.get("/bureau/transfers/new/?from=london&what=BOUGIE")
    assert "BOUGIE" in form.content.decode()
    given = {"key": hidden(form, "key"), "from_place": str(house.london), "to_place": str(house.paris)}
    given["reason"] = "window"
    for lines, words in (
        ("", "at least one"), ("BOUGIE two", "Line 1 is"), ("NOTHING-AT-ALL", "no reference and no piece"),
    ):  # fmt: skip
        wrong = controller.post("/bureau/transfers/new/", given | {"lines": lines})
        assert wrong.status_code == 422
        assert words in text(wrong)
    same = controller.post("/bureau/transfers/new/", given | {"lines": "BOUGIE", "to_place": str(house.london)})
    assert "at this place already" in text(same)
    done = controller.post("/bureau/transfers/new/", given | {"lines": f"bougie × 3\n{serial}\n\n"})
    assert done.status_code == 303
    lines = TransferLine.objects.order_by("position")
    assert [(line.quantity, line.piece_id) for line in lines] == [(3, None), (1, Piece.objects.get().id)]
    assert visit(house.privacy_officer).get("/bureau/transfers/new/").status_code == 403
    assert visit(house.advisor_paris).get("/bureau/transfers/").status_code == 403


def test_what_is_asked_for_is_found_scanned_and_counted(house: SmallHouse, controller: Browser) -> None:
    house.stocked(house.london, ring=1, candle=4)
    serial = Piece.objects.get().serial
    url = "/bureau/transfers/new/"
    form = controller.get(url)
    given = {"key": hidden(form, "key"), "from_place": str(house.london), "to_place": str(house.paris)}
    given["reason"] = "window"
    label = catalogue.label_references(ids=[house.candle])[house.candle]
    shelves.set_safety(
        place_id=house.london, reference_id=house.candle, quantity=3, reason="counter",
        actor=Actor.system(house.maison.id), at=NOW,
    )  # fmt: skip

    seen = controller.post(url, given | {"q": label.model_name[:4].lower(), "step": "look"}, headers=asks_for("hits"))
    assert "4 free there, 1 to spare" in text(seen)
    assert f'name="add" value="{label.sku}"' in seen.content.decode()
    assert "<form" not in seen.content.decode()
    assert "no reference of this name" in text(controller.post(url, given | {"q": "nothing such", "step": "find"}))

    added = controller.post(url, given | {"q": "bou", "add": label.sku})
    rows = {"code": [label.sku], "count": ["2"]}
    scanned = controller.post(url, given | rows | {"q": f" {serial.lower()} ", "step": "find"}).context["page"]
    again = controller.post(url, given | rows | {"q": label.sku, "step": "find"}).context["page"]
    assert [(one.code, one.count) for one in added.context["page"].rows] == [(label.sku, "1")]
    assert [(one.code, one.count) for one in scanned.rows] == [(label.sku, "2"), (serial, "1")]
    assert scanned.query == ""
    assert [(one.code, one.count) for one in again.rows] == [(label.sku, "3")]
    assert controller.post(url, given | rows | {"remove": label.sku}).context["page"].rows == []
    assert not TransferLine.objects.exists()

    wrong = controller.post(url, given | {"code": ["NOBODY"], "count": ["1"], "step": "ask"})
    assert wrong.status_code == 422
    assert "We know no reference and no piece of this name." in text(wrong)
    both = {"code": [label.sku, serial], "count": ["2", "1"], "step": "ask"}
    assert controller.post(url, given | both).status_code == 303
    lines = TransferLine.objects.order_by("position")
    assert [(line.quantity, line.piece_id) for line in lines] == [(2, None), (1, Piece.objects.get().id)]


def test_why_is_it_two_names_its_transfers(house: SmallHouse, controller: Browser) -> None:
    house.stocked(house.london, ring=3)
    coming = sent(house)
    ask(house)
    page = controller.get(f"/bureau/stock/london/{house.ring}/")
    said = text(page)
    assert "Why is it 2?" in said
    assert "1 sent to another place" in said
    assert "Coming and going" in said
    assert at(coming, "bureau") in page.content.decode()
    transit = text(controller.get(f"/bureau/stock/transit/{house.ring}/"))
    assert "For another place" in transit
    assert coming.number in transit


def test_a_piece_is_moved_from_its_level(house: SmallHouse, manager: Browser) -> None:
    house.stocked(house.paris, ring=2)
    one = Piece.objects.order_by("serial")[0]
    level = f"/bureau/stock/paris/{house.ring}/"
    move = f"{level}move/?piece={one.id}"
    assert move in manager.get(level).content.decode()
    said = text(manager.get(move))
    for words in ("Off sale", "Lost", "Written off", "Lent to a client", "consignment"):
        assert words in said
    assert "Back on sale" not in said
    assert step(manager, move, what="quarantine").status_code == 422
    assert step(manager, move, what="quarantine", reason="a scratch").status_code == 303
    assert "To be examined" in text(manager.get(level))
    assert "Back on sale" in text(manager.get(move))
    assert step(manager, move, what="restock", reason="polished").status_code == 303
    assert step(manager, move, what="lose", reason="not in the drawer").status_code == 303
    assert step(manager, move, what="find", reason="in the other drawer").status_code == 303
    assert step(manager, move, what="write_off", reason="bent").status_code == 303
    assert Piece.objects.get(id=one.id).state == "WRITTEN_OFF"
    assert agree()


def test_a_loan_and_its_return(house: SmallHouse, manager: Browser, controller: Browser) -> None:
    house.stocked(house.paris, watch=1)
    one = Piece.objects.get()
    move = f"/bureau/stock/paris/{house.watch}/move/?piece={one.id}"
    given = {"what": "lend", "reason": "while hers is repaired", "due": "2026-12-24"}
    nobody = step(manager, move, **given, who="zzz")
    assert (nobody.status_code, "Nobody by that name" in text(nobody)) == (422, True)
    assert step(manager, move, **given, who="Brissac").status_code == 303
    lent = Hold.objects.get(state="ACTIVE")
    assert (lent.kind, lent.client_id) == ("LOAN", house.traditional)
    home = f"/bureau/stock/client-homes/{house.watch}/"
    page = controller.get(home)
    assert "back by 24 Dec 2026" in text(page)
    back = f"{home}move/?hold={lent.id}"
    assert back in page.content.decode()
    given = {"what": "take_loan_back", "reason": "hers is ready", "to_place": str(house.london)}
    assert step(controller, back, **given).status_code == 303
    assert Piece.objects.get().state == "QUARANTINED"
    assert agree()


def test_a_quantity_is_corrected_and_consigned(house: SmallHouse, manager: Browser) -> None:
    house.stocked(house.paris, candle=6)
    move = f"/bureau/stock/paris/{house.candle}/move/"
    assert "by how many" in text(step(manager, move, what="correct", reason="x", quantity="0"))
    assert step(manager, move, what="correct", reason="counted", quantity="-2").status_code == 303
    assert step(manager, move, what="quarantine", reason="x", quantity="-2").status_code == 422
    assert step(manager, move, what="consign", reason="x", quantity="1").status_code == 422
    carried = step(manager, move, what="consign", reason="x", quantity="1", to_place=str(house.partner_door))
    assert carried.status_code == 303
    too_many = step(manager, move, what="lose", reason="x", quantity="9")
    assert too_many.status_code == 409
    assert "Only 3 are free here" in text(too_many)
    for nothing in ("", "0", "-1"):
        assert step(manager, move, what="lose", reason="x", quantity=nothing).status_code == 422
    assert Level.objects.get(place_id=house.paris).on_hand == 3
    kept = movements.quarantine(
        key=key(), place_id=house.paris, reference_id=house.candle, quantity=2, reason="broken", actor=house.system,
        at=NOW,
    )  # fmt: skip
    assert step(manager, f"{move}?hold={kept}", what="write_off", reason="broken").status_code == 303
    assert Level.objects.get(place_id=house.paris).on_hand == 1
    assert agree()


def test_what_is_promised_is_only_ever_lost(house: SmallHouse, manager: Browser) -> None:
    house.stocked(house.paris, ring=1)
    pay(house, buy_online(house, house.traditional, house.ring))
    move = f"/bureau/stock/paris/{house.ring}/move/?piece={Piece.objects.get().id}"
    said = text(manager.get(move))
    assert "Lost" in said
    assert "Written off" not in said
    assert step(manager, move, what="write_off", reason="x").status_code == 422


def test_strangers_find_nothing_to_move(house: SmallHouse, visit: Visit, manager: Browser) -> None:
    house.stocked(house.london, ring=1)
    house.stocked(house.paris, ring=1)
    there = Piece.objects.get(place_id=house.london)
    assert manager.get(f"/bureau/stock/london/{house.ring}/move/?piece={there.id}").status_code == 404
    assert manager.get(f"/bureau/stock/paris/{house.ring}/move/?piece={there.id}").status_code == 404
    mine = Piece.objects.get(place_id=house.paris)
    page = visit(house.director).get(f"/bureau/stock/paris/{house.ring}/move/?piece={mine.id}")
    assert "Nothing can be done with it here" in text(page)
