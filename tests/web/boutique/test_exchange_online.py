"""A client exchanges a paid piece for a dearer one and pays the difference online; and reads what was less."""

from __future__ import annotations

import re
import uuid

import pytest
from django.http import HttpResponse

from tests.factories.orders import CARD, buy_online, pay
from tests.factories.parcels import offer_services
from tests.factories.returns import bring_back, give, inspector, line_state, waiting_arrivals
from tests.factories.small_house import SmallHouse
from tests.flows.test_reservations import reserve
from tests.web.boutique.conftest import Visitor
from vendome.domains.orders.policy.types import Condition
from vendome.domains.orders.types import ChangeKind, Fate, Mode
from vendome.flows import books, changes, checkout, returns
from vendome.flows.returns import BroughtLine
from vendome.flows.types import PlacedOrder, WantedLine
from vendome.kit import clock, sql

pytestmark = pytest.mark.django_db


def said(page: HttpResponse) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.content.decode()).split())


def hidden(page: HttpResponse, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', page.content.decode())
    assert found is not None
    return found.group(1)


def sums(text: str) -> list[str]:
    """The rows of an order's reckoning."""
    rows = r"(?:Bought|Exchanged with order \S+|Given back with order \S+|Of which tax|In all|Paid so far) -?€ ?[\d,.]+"
    return [row.replace("€ ", "€") for row in re.findall(rows, text.replace("\xa0", " ").replace("\u2212", "-"))]


def chosen(page: HttpResponse, paid: PlacedOrder, what: str) -> dict[str, str]:
    """Her one piece, and what becomes of it."""
    line = paid.lines[0].id
    return {"key": hidden(page, "key"), "step": "propose", "line": str(line), f"what.{line}": what}


@pytest.fixture
def paid(house: SmallHouse) -> PlacedOrder:
    """A ring that waits for her in Paris; the next size costs more by now."""
    house.stocked(house.paris, ring=1)
    placed = pay(house, buy_online(house, house.traditional, house.ring))
    sql.value("UPDATE pricing_price SET amount = 900000 WHERE reference_id = %s RETURNING id", [house.ring])
    return placed


def test_she_pays_the_difference_and_only_then_it_is_true(
    house: SmallHouse, eleonore: Visitor, paid: PlacedOrder, larger: str
) -> None:
    url = f"order/{paid.number}/change/"
    page = eleonore.get(url)
    eleonore.post(url, chosen(page, paid, larger))
    preview = eleonore.get(url)
    assert "Confirm and pay the difference" in said(preview)

    sent = {"key": hidden(preview, "key"), "preview": hidden(preview, "preview"), "step": "confirm"}
    away = eleonore.post(url, sent)
    assert away.status_code == 303
    assert "/pay/" in away["Location"]
    till = eleonore.browser.get(away["Location"])
    assert re.search(r"€\s?800", said(till))
    assert line_state(paid.lines[0].id)[0] == "HELD"
    waiting = eleonore.get(url)
    assert "kept for you for an hour" in said(waiting)
    assert "Pay the difference" in said(waiting)
    again = eleonore.post(url, {"key": hidden(waiting, "key"), "step": "pay"})
    done = eleonore.browser.post(again["Location"], {"card": "card_good"}, follow=True)

    assert "Thank you, it is paid" in said(done)
    assert eleonore.post(url, sent)["Location"].endswith(f"/order/{paid.number}/")  # a click that comes late
    assert line_state(paid.lines[0].id)[0] == "CANCELLED"
    assert books.list_problems() == []
    document = sql.value("SELECT number FROM orders_order WHERE id <> %s", [paid.id])
    before, after = (said(eleonore.get(f"order/{number}/")) for number in (paid.number, document))
    assert f"Exchanged with order {document}" in before
    assert "What you paid counts for the piece you chose instead." in before
    assert f"For pieces of order {paid.number}" in after
    assert sums(before) == ["Bought €8,200", f"Exchanged with order {document} -€8,200", "In all €0"]
    assert before.count(f"Exchanged with order {document}") == 3  # above, at its line and in the sum
    assert "Cancelled" not in before
    assert sums(after) == ["Of which tax €133.33", "In all €800"]
    account = said(eleonore.get("account/"))
    assert "Exchanged" in account
    assert "Cancelled" not in account


def test_she_leaves_it_as_it_was(house: SmallHouse, eleonore: Visitor, paid: PlacedOrder, larger: str) -> None:
    url = f"order/{paid.number}/change/"
    page = eleonore.get(url)
    eleonore.post(url, chosen(page, paid, larger))
    preview = eleonore.get(url)
    eleonore.post(url, {"key": hidden(preview, "key"), "preview": hidden(preview, "preview"), "step": "confirm"})

    eleonore.post(url, {"step": "drop"})

    assert "See what it means" in said(eleonore.get(url))
    assert line_state(paid.lines[0].id)[0] == "HELD"
    assert sql.value("SELECT count(*) FROM payments_payment WHERE state = 'REQUESTED'") == 0
    assert books.list_problems() == []


@pytest.fixture
def larger(house: SmallHouse) -> str:
    """The same ring in another size, dearer, and one of it in Paris."""
    reference = sql.value(
        "INSERT INTO catalogue_reference SELECT (jsonb_populate_record(r, jsonb_build_object('id', gen_random_uuid(), "
        "'sku', r.sku || '-L', 'size', '60'))).* FROM catalogue_reference r WHERE r.id = %s RETURNING id",
        [house.ring],
    )
    sql.value(
        "INSERT INTO pricing_price SELECT (jsonb_populate_record(p, jsonb_build_object('id', gen_random_uuid(), "
        "'reference_id', %s::text))).* FROM pricing_price p WHERE p.reference_id = %s RETURNING id",
        [str(reference), house.ring],
    )
    from vendome.domains.stock.services import shelf  # here: the fixture alone writes stock

    shelf.receive(
        place_id=house.paris, reference_id=reference, quantity=1, serials=["L-1"], epcs=["L-1"], reason="delivery",
        actor=house.system, at=clock.now(),
    )  # fmt: skip
    return str(reference)


def test_she_reads_what_was_less_and_by_which_law(house: SmallHouse, eleonore: Visitor) -> None:
    house.stocked(house.paris, ring=1)
    worn = give(house, pay(house, buy_online(house, house.traditional, house.ring)))
    back = bring_back(house, worn, BroughtLine(line_id=worn.lines[0].id, accept=False))
    returns.inspect(
        key="i", arrival_id=waiting_arrivals()[0], condition=Condition.WORN, fate=Fate.RESTOCKED, accept=True,
        deduction=20_000, deduction_reason="The clasp had to be polished.", actor=inspector(house), at=clock.now(),
    )  # fmt: skip

    page = said(eleonore.get(f"order/{worn.number}/return/{back.id}/"))

    assert re.search(r"€\s?200 less for Aurore", page)
    assert "The clasp had to be polished." in page
    assert "14(2)" in page
    assert "Your return is settled" in page
    assert re.search(r"€\s?8,000", page)


def test_of_two_alike_she_reads_which_is_which_and_changes_just_that(
    house: SmallHouse, eleonore: Visitor, larger: str
) -> None:
    house.stocked(house.paris, ring=2)
    line = WantedLine(reference_id=house.ring, mode=Mode.COLLECT, place_id=house.paris)
    ordered = checkout.place_order(
        key="two", maison=house.maison, market=house.france, channel="web", lines=[line, line], tender=CARD,
        client_id=house.traditional, actor=house.as_client(house.traditional), at=clock.now(),
    )  # fmt: skip
    placed = pay(house, ordered)
    url = f"order/{placed.number}/change/"

    page = eleonore.get(url)

    offered = page.context["page"].lines
    serials = {one.serial for one in offered}
    assert len(serials) == 2
    assert all(serial in said(page) for serial in serials)
    assert [one.is_chosen for one in offered] == [False, False]
    assert [(size.value, size.is_free) for size in offered[0].sizes] == [(larger, True)]
    second = offered[1]
    both = {f"what.{offered[0].id}": "cancel", f"what.{second.id}": larger}
    unsaid = eleonore.post(url, {"key": hidden(page, "key"), "step": "propose", **both})
    assert unsaid.status_code == 422
    assert "Choose the piece that changes." in said(unsaid)

    eleonore.post(url, {"key": hidden(unsaid, "key"), "step": "propose", "line": second.id, **both})

    seen = said(eleonore.get(url))
    assert second.serial in seen
    assert offered[0].serial not in seen
    assert str(sql.value("SELECT line_id FROM orders_change")) == second.id


def test_a_size_that_is_not_free_is_not_offered(
    house: SmallHouse, eleonore: Visitor, paid: PlacedOrder, larger: str
) -> None:
    reserve(house, house.advisor_paris, client=house.emerging, reference=uuid.UUID(larger))

    (line,) = eleonore.get(f"order/{paid.number}/change/").context["page"].lines

    assert [(size.label, size.is_free) for size in line.sizes] == [("60", False)]
    assert line.is_chosen


def test_another_size_comes_by_express_too_and_she_reads_so(house: SmallHouse, eleonore: Visitor, larger: str) -> None:
    offer_services(house)
    sql.value("UPDATE house_place SET ships = true WHERE id = %s RETURNING id", [house.paris])
    house.stocked(house.warehouse, ring=1)
    eleonore.buy(house.ring, delivery="EXPRESS")
    number, line = sql.row("SELECT o.number, l.id FROM orders_order o JOIN orders_orderline l ON l.order_id = o.id")
    url = f"order/{number}/change/"
    asked = {"key": hidden(eleonore.get(url), "key"), "step": "propose", "line": str(line), f"what.{line}": larger}
    eleonore.post(url, asked)

    preview = said(eleonore.get(url))

    assert "How it comes Express delivery" in preview
    assert "With you by Tuesday 24 November" in preview


def test_of_a_cancelled_piece_the_sum_says_what_went_back(house: SmallHouse, eleonore: Visitor) -> None:
    house.stocked(house.paris, ring=1, watch=1)
    placed = pay(house, buy_online(house, house.traditional, house.ring, house.watch))
    line = next(one for one in placed.lines if one.reference_id == house.ring)
    actor = house.as_client(house.traditional)
    seen = changes.propose(
        key="p", order_id=placed.id, kind=ChangeKind.CANCEL_LINE, line_id=line.id, actor=actor, at=clock.now()
    )
    done = changes.confirm(key="c", change_id=seen.change_id, preview_hash=seen.hash, actor=actor, at=clock.now())

    page = said(eleonore.get(f"order/{placed.number}/"))

    assert sums(page) == [
        "Bought €20,200",
        f"Given back with order {done.document_number} -€8,200",
        "Of which tax €2,000",
        "In all €12,000",
    ]


def test_a_gift_that_somebody_else_brought_back_is_not_told_to_who_gave_it(
    house: SmallHouse, eleonore: Visitor, paid: PlacedOrder
) -> None:
    actor = house.as_client(house.traditional)
    seen = changes.propose(
        key="p", order_id=paid.id, kind=ChangeKind.CANCEL_LINE, line_id=paid.lines[0].id, actor=actor, at=clock.now()
    )
    done = changes.confirm(key="c", change_id=seen.change_id, preview_hash=seen.hash, actor=actor, at=clock.now())
    sql.value("UPDATE orders_order SET client_id = %s WHERE id = %s RETURNING 1", [house.emerging, done.document_id])

    assert sums(said(eleonore.get(f"order/{paid.number}/")))[-1] == "In all €8,200"
