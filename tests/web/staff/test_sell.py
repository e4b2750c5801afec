"""A sale at the counter, from the search to the paper."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.test import Client as Browser

from tests.factories import orders
from tests.factories.returns import bring_back
from tests.factories.small_house import NOW, SmallHouse
from tests.flows.test_reservations import reserve
from tests.web.staff.pages import asks_for, hidden, text
from vendome.domains.catalogue.models import Reference
from vendome.domains.orders.models import Order
from vendome.domains.payments.models import Payment
from vendome.domains.stock.models import Hold, Piece
from vendome.domains.stock.services import movements
from vendome.kit import sql
from vendome.kit.actors import Actor

type Visit = Callable[[Actor | None], Browser]


def line(house: SmallHouse) -> str:
    piece = Piece.objects.get(reference_id=house.ring, place_id=house.paris)
    return f"{house.ring}.{piece.id}"


def test_what_stands_here_is_found_and_can_be_added(house: SmallHouse, paris: Browser) -> None:
    house.stocked(house.paris, ring=1)
    house.stocked(house.london, watch=1)

    here = paris.get("/salon/sell/", {"q": "solitaire"})
    elsewhere = paris.get("/salon/sell/", {"q": "38"})

    assert "1 here" in text(here)
    assert line(house) in here.content.decode()
    assert "1 elsewhere" in text(elsewhere)
    assert "Where else?" in text(elsewhere)


def test_what_was_typed_of_the_payment_goes_along_when_the_sale_changes(house: SmallHouse, paris: Browser) -> None:
    house.stocked(house.paris, ring=1)
    typed = {"tender": "CASH", "cash_part": "1,200.50", "deposit": "3000", "guest_name": "Ada <L>", "sealed": "1"}

    page = paris.get("/salon/sell/", {"line": line(house), **typed})

    body = page.content.decode()
    assert re.search(r'value="CASH"[^>]*checked', body)
    assert re.search(r'name="cash_part" value="1,200.50"', body)
    assert re.search(r'name="deposit" value="3000"', body)
    assert 'value="Ada &lt;L&gt;"' in body
    assert '<details class="fold" open' in body
    assert "Write the code again" in text(page)
    plain = paris.get("/salon/sell/", {"line": line(house), "tender": "GOLD"})
    assert re.search(r'value="TERMINAL"[^>]*checked', plain.content.decode())
    assert "Write the code again" not in text(plain)
    assert '<details class="fold" open' not in plain.content.decode()


def test_a_scanned_serial_number_finds_its_piece(house: SmallHouse, paris: Browser) -> None:
    house.stocked(house.paris, ring=2)
    piece = Piece.objects.filter(reference_id=house.ring).latest("serial")

    part = paris.get("/salon/sell/", {"q": piece.serial.lower()}, headers=asks_for("findings"))

    assert piece.serial in text(part)
    assert f"{house.ring}.{piece.id}" in part.content.decode()


def test_words_in_any_order_find_a_piece(house: SmallHouse, paris: Browser) -> None:
    house.stocked(house.paris, ring=1)
    Reference.objects.filter(id=house.ring).update(size="52")

    assert line(house) in paris.get("/salon/sell/", {"q": "52 solitaire"}).content.decode()
    assert "No piece by that name" in text(paris.get("/salon/sell/", {"q": "53 solitaire"}))


def test_a_scanned_piece_that_cannot_be_sold_says_why(house: SmallHouse, paris: Browser) -> None:
    house.stocked(house.paris, ring=3)
    house.stocked(house.london, watch=1)
    reserve(house, house.advisor_paris)
    kept = Piece.objects.get(hold_id__isnull=False)
    sick, sold = Piece.objects.filter(reference_id=house.ring, hold_id=None).order_by("serial")
    movements.quarantine(
        key="q",
        place_id=house.paris,
        reference_id=house.ring,
        piece_id=sick.id,
        reason="bent",
        actor=house.system,
        at=NOW,
    )
    sale = {"line": f"{house.ring}.{sold.id}", "key": "s", "tender": "CASH"}
    assert paris.post("/salon/sell/", sale).status_code == 303
    away = Piece.objects.get(reference_id=house.watch)

    for piece, why in (
        (kept, "is promised"),
        (sick, "is off sale until it has been examined"),
        (sold, "has been sold. To take it back, begin a return."),
        (away, "is in London"),
    ):
        assert f"{piece.serial} {why}" in text(paris.get("/salon/sell/", {"q": piece.serial}))
    assert "is promised" not in text(paris.get("/salon/sell/", {"q": kept.serial, "client": str(house.traditional)}))


def test_a_sale_in_cash_to_a_client(house: SmallHouse, paris: Browser) -> None:
    house.stocked(house.paris, ring=1)
    chosen = {"line": line(house), "client": str(house.traditional)}
    page = paris.get("/salon/sell/", chosen)
    assert "Éléonore de Brissac" in text(page)
    assert "€ 8,200" in text(page)

    answer = paris.post("/salon/sell/", {**chosen, "key": hidden(page, "key"), "tender": "CASH"})

    assert answer.status_code == 303
    receipt = text(paris.get(answer.headers["Location"]))
    assert "€ 8,200.00" in receipt
    assert "Camille Test" in receipt
    sold = Order.objects.get()
    assert (sold.client_id, sold.channel, sold.state) == (house.traditional, "boutique", "COMPLETED")
    assert Piece.objects.get(reference_id=house.ring).client_id == house.traditional


def test_a_sale_sent_twice_is_one_sale(house: SmallHouse, paris: Browser) -> None:
    house.stocked(house.paris, ring=2)
    piece = Piece.objects.filter(reference_id=house.ring).earliest("serial")
    sale = {"line": f"{house.ring}.{piece.id}", "key": "one-sale", "tender": "TERMINAL", "reference": "SLIP-1"}

    first, again = paris.post("/salon/sell/", sale), paris.post("/salon/sell/", sale)

    assert (first.status_code, again.status_code) == (303, 303)
    assert first.headers["Location"] == again.headers["Location"]
    assert Order.objects.count() == 1
    assert Payment.objects.get().provider_reference == "SLIP-1"


def test_a_slip_settles_one_sale_only(house: SmallHouse, paris: Browser) -> None:
    house.stocked(house.paris, ring=2)
    for number, piece in enumerate(Piece.objects.filter(reference_id=house.ring).order_by("serial")):
        sale = {"line": f"{house.ring}.{piece.id}", "key": f"sale-{number}", "tender": "TERMINAL", "reference": "S-9"}
        last = paris.post("/salon/sell/", sale)

    assert last.status_code == 409
    assert "belongs to another sale" in text(last)
    assert Order.objects.count() == 1
    assert Piece.objects.filter(state="IN_STOCK", hold_id=None).count() == 1


def test_a_terminal_sale_needs_its_slip_and_keeps_the_rest(house: SmallHouse, paris: Browser) -> None:
    house.stocked(house.paris, ring=1)
    sale = {"line": line(house), "key": "k", "tender": "TERMINAL", "client": str(house.traditional)}

    page = paris.post("/salon/sell/", sale)

    assert page.status_code == 422
    assert "Write the reference printed on the slip" in text(page)
    assert "Éléonore de Brissac" in text(page)
    assert hidden(page, "line") == line(house)
    assert not Order.objects.exists()


def test_a_piece_sold_meanwhile_is_not_sold_again(house: SmallHouse, paris: Browser) -> None:
    house.stocked(house.paris, ring=1)
    gone = line(house)
    orders.pay(house, orders.buy_online(house, house.emerging, house.ring))

    page = paris.post("/salon/sell/", {"line": gone, "key": "k", "tender": "CASH"})

    assert page.status_code == 409
    assert "has just found its owner" in text(page)
    assert "no longer free here" in text(page)
    assert Order.objects.count() == 1


def test_tokyo_cannot_sell_what_stands_in_paris(house: SmallHouse, tokyo: Browser) -> None:
    house.stocked(house.paris, ring=1)

    page = tokyo.post("/salon/sell/", {"line": line(house), "key": "k", "tender": "CASH"})

    assert page.status_code == 409
    assert not Order.objects.exists()


def test_a_broken_address_sells_nothing(house: SmallHouse, paris: Browser) -> None:
    page = paris.get("/salon/sell/", {"line": ["x", "1.2", ""], "client": "nobody", "q": "\u0000"})
    sent = paris.post("/salon/sell/", {"line": "x", "key": "k", "tender": "CASH"})

    assert page.status_code == 200
    assert sent.status_code == 409
    assert "nothing in the bag" in text(sent)


def test_a_client_of_another_house_is_nobody_here(house: SmallHouse, other_house: SmallHouse, paris: Browser) -> None:
    page = paris.get("/salon/sell/", {"client": str(other_house.traditional)})

    assert "Éléonore" not in text(page)


def test_the_receipt_of_paris_is_not_for_tokyo(house: SmallHouse, tokyo: Browser) -> None:
    house.stocked(house.paris, ring=1)
    sold = orders.sell_at_counter(house, house.ring)

    assert tokyo.get(f"/salon/receipt/{sold.id}/").status_code == 404


def test_what_is_set_aside_for_her_is_hers_at_the_till(house: SmallHouse, paris: Browser) -> None:
    house.stocked(house.paris, ring=1)
    kept = reserve(house, house.as_client(house.traditional)).hold_id
    assert "none free" in text(paris.get("/salon/sell/", {"q": "solitaire"}))
    hers = {"client": str(house.traditional)}
    assert "kept for her" in text(paris.get("/salon/sell/", {"q": "solitaire", **hers}))
    chosen = {"line": line(house), **hers}

    page = paris.get("/salon/sell/", chosen)
    answer = paris.post("/salon/sell/", {**chosen, "key": hidden(page, "key"), "tender": "CASH"})

    assert "kept for her" in text(page)
    assert answer.status_code == 303
    assert Hold.objects.get().id == kept
    assert Hold.objects.get().state == "CONSUMED"


def test_nobody_else_is_sold_what_is_set_aside(house: SmallHouse, paris: Browser) -> None:
    house.stocked(house.paris, ring=1)
    reserve(house, house.as_client(house.traditional))
    chosen = {"line": line(house), "client": str(house.emerging)}

    page = paris.get("/salon/sell/", chosen)
    answer = paris.post("/salon/sell/", {**chosen, "key": hidden(page, "key"), "tender": "CASH"})

    assert "no longer free here" in text(page)
    assert answer.status_code == 409
    assert Hold.objects.get().state == "ACTIVE"


def test_receipts_of_an_exchange_name_each_other(house: SmallHouse, paris: Browser) -> None:
    house.stocked(house.paris, ring=1)
    sold = orders.sell_at_counter(house, house.ring, client_id=house.traditional)
    done = bring_back(house, sold)
    assert done.document is not None

    before, after = (text(paris.get(f"/salon/receipt/{one}/")) for one in (sold.id, done.document.id))

    assert f"Given back in {done.document.number}" in before
    assert f"Takes back pieces of {sold.number}" in after


def test_a_gift_has_a_paper_without_amounts_and_without_who_gave_it(house: SmallHouse, paris: Browser) -> None:
    house.stocked(house.paris, ring=1, candle=1)
    sold = orders.sell_at_counter(house, house.ring, house.candle, client_id=house.traditional)
    candle = next(one.id for one in sold.lines if one.reference_id == house.candle)
    sql.value("UPDATE orders_orderline SET state = 'RETURNED' WHERE id = %s RETURNING id", [candle])

    full = paris.get(f"/salon/receipt/{sold.id}/")
    gift = paris.get(f"/salon/receipt/{sold.id}/", {"gift": "1"})

    assert "As a gift, without amounts" in text(full)
    assert "Éléonore" in text(full)
    assert "8,200" in text(full)
    paper = text(gift)
    assert sold.number in paper
    assert gift.context["page"].lines[0].serial in paper
    assert "within its time" in paper
    for told in ("€", "8,200", "Éléonore", "Paid", "Total", "VAT"):
        assert told not in paper
    assert [one.sku for one in gift.context["page"].lines] != [one.sku for one in full.context["page"].lines]


def test_the_page_of_a_sale_asks_a_bounded_number_of_times(
    house: SmallHouse, paris: Browser, django_assert_max_num_queries: Callable[[int], object]
) -> None:
    house.stocked(house.paris, ring=3, watch=3, candle=3)
    pieces = Piece.objects.filter(place_id=house.paris)
    wanted = [f"{piece.reference_id}.{piece.id}" for piece in pieces]

    with django_assert_max_num_queries(15):  # type: ignore[attr-defined]
        paris.get("/salon/sell/", {"line": wanted, "q": "bou", "client": str(house.traditional)})
