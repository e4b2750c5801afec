"""At the counter: shown, given once, refused to strangers, explained when it cannot be."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.test import Client as Browser

from tests.factories import orders
from tests.factories.small_house import NOW, SmallHouse
from tests.web.staff.pages import asks_for, hidden, text
from vendome.domains.clients.models import WardrobePiece
from vendome.domains.fulfilment.models import HandOver
from vendome.flows import line_steps
from vendome.flows.types import PlacedOrder
from vendome.kit.actors import Actor

type Visit = Callable[[Actor | None], Browser]


def waiting(house: SmallHouse, *, client_id: uuid.UUID | None = None) -> PlacedOrder:
    house.stocked(house.paris, ring=1)
    return orders.pay(house, orders.buy_online(house, client_id or house.traditional, house.ring))


def address(placed: PlacedOrder) -> str:
    return f"/salon/hand-over/{placed.lines[0].id}/"


def test_a_paid_collection_is_on_todays_list(house: SmallHouse, paris: Browser) -> None:
    placed = waiting(house)

    page = paris.get("/salon/")

    assert address(placed) in page.content.decode()
    assert "Éléonore de Brissac" in text(page)
    said = text(page)
    assert "0 to hand over" in said
    assert said.index("Nothing waits to be collected") < said.index("To make ready") < said.index(placed.number)


def test_papers_in_french_say_commande(house: SmallHouse, paris: Browser) -> None:
    """One English word stands for two French ones: on a paper it is what she ordered, never a sorting."""
    placed = waiting(house)
    french = {"accept-language": "fr"}

    for page in (address(placed), f"/salon/receipt/{placed.id}/"):
        said = text(paris.get(page, headers=french))
        assert "Commande" in said
        assert "Trier" not in said


def test_only_what_was_made_ready_waits_to_be_collected(house: SmallHouse, paris: Browser) -> None:
    placed = waiting(house)
    line_steps.take_step(
        key="r", line_id=placed.lines[0].id, step=line_steps.Step.READY, actor=house.advisor_paris, at=NOW
    )

    page = text(paris.get("/salon/"))

    assert "1 to hand over" in page
    assert "Nothing waits to be collected" not in page
    assert placed.number in page
    assert "To make ready" not in page


def test_the_day_alone_is_answered_to_htmx(house: SmallHouse, paris: Browser) -> None:
    placed = waiting(house)

    part = paris.get("/salon/", headers=asks_for("day"))

    assert "<html" not in part.content.decode()
    assert placed.number in text(part)
    assert "HX-Target" in part.headers["Vary"]


def test_an_unpaid_order_does_not_wait_at_the_counter(house: SmallHouse, paris: Browser) -> None:
    house.stocked(house.paris, ring=1)
    placed = orders.buy_online(house, house.traditional, house.ring)

    assert placed.number not in text(paris.get("/salon/"))
    page = paris.get(address(placed))
    assert "Not paid yet" in text(page)
    assert "Hand it over" not in text(page)


def test_the_piece_is_given_once(house: SmallHouse, paris: Browser) -> None:
    placed = waiting(house)
    form = paris.get(address(placed))
    answer = {"key": hidden(form, "key"), "proof": "IDENTITY_SEEN"}

    first = paris.post(address(placed), answer)
    again = paris.post(address(placed), answer)

    assert (first.status_code, again.status_code) == (303, 303)
    assert first.headers["Location"] == again.headers["Location"] == f"{address(placed)}done/"
    assert "It is hers" in text(paris.get(first.headers["Location"]))
    assert HandOver.objects.filter(order_line_id=placed.lines[0].id, proof="IDENTITY_SEEN").count() == 1
    assert WardrobePiece.objects.filter(client_id=house.traditional).count() == 1


def test_a_second_hand_over_is_refused_with_a_sentence(house: SmallHouse, paris: Browser) -> None:
    placed = waiting(house)
    paris.post(address(placed), {"key": "one", "proof": "ORDER_CODE"})

    page = paris.post(address(placed), {"key": "two", "proof": "ORDER_CODE"})

    assert page.status_code == 409
    assert "already been handed over" in text(page)
    assert HandOver.objects.count() == 1


def test_without_a_proof_nothing_is_given(house: SmallHouse, paris: Browser) -> None:
    placed = waiting(house)

    page = paris.post(address(placed), {"key": "one"})

    assert page.status_code == 422
    assert "Say how you know" in text(page)
    assert not HandOver.objects.exists()


def test_tokyo_knows_nothing_of_a_line_in_paris(house: SmallHouse, tokyo: Browser) -> None:
    placed = waiting(house)

    assert tokyo.get(address(placed)).status_code == 404
    assert tokyo.post(address(placed), {"key": "one", "proof": "ORDER_CODE"}).status_code == 404
    assert tokyo.get(f"{address(placed)}done/").status_code == 404
    assert not HandOver.objects.exists()


def test_a_director_may_not_hand_over(house: SmallHouse, visit: Visit) -> None:
    placed = waiting(house)

    assert visit(house.director).post(address(placed), {"key": "one", "proof": "ORDER_CODE"}).status_code == 403
    assert not HandOver.objects.exists()


def test_a_protected_client_has_no_name_at_the_counter(house: SmallHouse, paris: Browser) -> None:
    placed = waiting(house, client_id=house.protected)

    for path in ("/salon/", address(placed)):
        page = text(paris.get(path))
        assert "Protected client" in page
        assert "Starling" not in page


def test_the_day_asks_the_database_a_bounded_number_of_times(
    house: SmallHouse, paris: Browser, django_assert_max_num_queries: Callable[[int], object]
) -> None:
    house.stocked(house.paris, watch=4)
    for _ in range(4):
        orders.pay(house, orders.buy_online(house, house.traditional, house.watch, at=NOW))

    with django_assert_max_num_queries(14):  # type: ignore[attr-defined]
        paris.get("/salon/")
