"""She sets a piece aside in a boutique herself: where, until when, three at most, and gives it free again."""

from __future__ import annotations

import uuid
from datetime import timedelta
from urllib.parse import unquote

import pytest
from django.http import HttpResponse

from tests.factories.small_house import NOW, SmallHouse
from tests.web.boutique.conftest import Visitor
from vendome.domains.stock.models import Hold, Level
from vendome.domains.stock.queries import shelf as stock
from vendome.flows import checkout, reservations
from vendome.kit import live
from vendome.web.boutique.pages import Keeping

pytestmark = pytest.mark.django_db

PIECE = "piece/aurore-solitaire/"
CANDLE = "piece/bougie/"


def keeping(visitor: Visitor, path: str = PIECE) -> Keeping:
    return visitor.get(path).context["page"].keeping


def set_aside(visitor: Visitor, path: str = PIECE, **said: object) -> HttpResponse:
    """Press the button as the page shows it; `said` overrides single answers."""
    page = keeping(visitor, path)
    answers = {"key": page.key, "reference": str(page.reference), "place": page.doors[0].code} | said
    return visitor.post(f"{path}set-aside/", answers)


def told(answer: HttpResponse, visitor: Visitor) -> str:
    return visitor.browser.get(answer.headers["Location"]).content.decode()


def test_she_sets_it_aside_and_reads_where_and_until_when(house: SmallHouse, eleonore: Visitor) -> None:
    house.stocked(house.paris, ring=2)
    assert "Set aside for me" in eleonore.get(PIECE).content.decode()

    answer = set_aside(eleonore)

    assert answer.status_code == 303
    hold = Hold.objects.get()
    assert (hold.kind, hold.client_id, hold.place_id, hold.advisor_id) == (
        "RESERVATION", house.traditional, house.paris, None,
    )  # fmt: skip
    assert hold.expires_at == NOW + timedelta(hours=48)
    page = told(answer, eleonore)
    (door,) = keeping(eleonore).doors
    assert door.until
    assert f"Set aside for you in {door.name} until {door.until}." in page
    (kept,) = eleonore.get("account/").context["page"].set_aside
    assert (kept.name, kept.place, kept.until) == ("Aurore Solitaire", door.name, door.until)
    assert stock.list_disagreements() == ()


def test_a_second_press_sets_nothing_more_aside(house: SmallHouse, eleonore: Visitor) -> None:
    house.stocked(house.paris, ring=3)
    key = str(uuid.uuid4())

    for _ in range(2):
        assert set_aside(eleonore, key=key).status_code == 303

    assert Level.objects.get(place_id=house.paris, reference_id=house.ring).held == 1


def test_a_guest_is_led_to_sign_in_and_back(house: SmallHouse, guest: Visitor) -> None:
    house.stocked(house.paris, ring=1)

    page = keeping(guest)

    assert page.sign_in_url.startswith("/sign-in/")
    assert f"/{guest.locale}/{PIECE}" in unquote(unquote(page.sign_in_url))
    assert unquote(unquote(page.sign_in_url)).endswith("#set-aside")
    assert "Sign in to set it aside" in guest.get(PIECE).content.decode()
    refused = guest.post(
        f"{PIECE}set-aside/", {"key": page.key, "reference": str(page.reference), "place": page.doors[0].code}
    )
    assert refused.status_code == 302
    assert refused.headers["Location"].startswith("/sign-in/")
    assert not Hold.objects.exists()


def test_three_at_once_and_then_a_sentence(house: SmallHouse, eleonore: Visitor) -> None:
    house.stocked(house.paris, candle=9, ring=1)
    for _ in range(3):
        set_aside(eleonore, CANDLE)
    page = keeping(eleonore)
    assert page.is_full
    shown = eleonore.get(PIECE).content.decode()
    assert "Three pieces are set aside for you already" in shown
    assert "Set aside for me" not in shown

    answer = set_aside(eleonore)

    assert "Three pieces are set aside for you already. Let one go" in told(answer, eleonore)
    assert Hold.objects.count() == 3


def test_after_it_ran_out_she_reads_when_she_may_again(house: SmallHouse, eleonore: Visitor) -> None:
    house.stocked(house.paris, ring=1)
    set_aside(eleonore)
    earlier = NOW - timedelta(hours=49)
    Hold.objects.update(held_at=earlier, expires_at=NOW - timedelta(hours=1))
    checkout.expire_unpaid(at=NOW)

    page = keeping(eleonore)
    shown = eleonore.get(PIECE).content.decode()

    assert page.again
    assert f"You may set it aside again from {page.again}" in shown
    assert "Set aside for me" not in shown
    assert "others may see it first" in told(set_aside(eleonore), eleonore)
    assert not Hold.objects.filter(state="ACTIVE").exists()


def test_she_lets_it_go_and_it_is_free_again(house: SmallHouse, eleonore: Visitor, mei: Visitor) -> None:
    house.stocked(house.paris, ring=1)
    set_aside(eleonore)
    (kept,) = eleonore.get("account/").context["page"].set_aside
    path = kept.release_url.removeprefix(f"/{eleonore.locale}/")

    assert mei.post(path, {"key": kept.key}).status_code == 404
    assert eleonore.post(path, {"key": kept.key}).status_code == 303

    assert Hold.objects.get().state == "RELEASED"
    assert eleonore.get("account/").context["page"].set_aside == []
    assert Level.objects.get(place_id=house.paris, reference_id=house.ring).held == 0


def test_the_last_piece_waits_for_her_and_for_nobody_else(house: SmallHouse, eleonore: Visitor, mei: Visitor) -> None:
    house.stocked(house.paris, ring=1)
    late = keeping(mei)
    set_aside(eleonore)

    assert "Kept for you until" in eleonore.get(PIECE).content.decode()
    assert keeping(mei) is None
    assert "It has found its owner" in mei.get(PIECE).content.decode()
    answer = mei.post(
        f"{PIECE}set-aside/", {"key": late.key, "reference": str(late.reference), "place": late.doors[0].code}
    )
    assert answer.status_code == 303
    assert Hold.objects.count() == 1


def test_only_where_it_stands_and_the_page_hears_of_it(house: SmallHouse, eleonore: Visitor) -> None:
    house.stocked(house.warehouse, ring=2)
    assert keeping(eleonore) is None  # it can be sent to a boutique, but nobody can look at it there today

    house.stocked(house.paris, ring=1)
    answer = eleonore.get(PIECE)
    (door,) = answer.context["page"].keeping.doors
    assert door.place == str(house.paris)
    listens = live.topics(answer.context["request"].frame.live_token)
    assert f"reference:{answer.context['page'].keeping.reference}" in listens


def test_what_her_advisor_keeps_for_her_is_told_where_she_buys_it(house: SmallHouse, eleonore: Visitor) -> None:
    """Her account lists her own only, for a surprise may be among the others; nor do they count among her three."""
    house.stocked(house.paris, ring=1)
    reservations.reserve(
        key=str(uuid.uuid4()), reference_id=house.ring, place_id=house.paris, client_id=house.traditional,
        actor=house.advisor_paris, at=NOW,
    )  # fmt: skip

    assert eleonore.get("account/").context["page"].set_aside == []
    (door,) = keeping(eleonore).doors
    assert (bool(door.until), door.is_own) == (True, False)
    assert "In your account" not in eleonore.get(PIECE).content.decode()


def test_what_is_kept_for_her_is_what_she_puts_in_her_bag_and_orders(house: SmallHouse, eleonore: Visitor) -> None:
    house.stocked(house.paris, ring=1)
    set_aside(eleonore)
    kept = Hold.objects.get()

    page = eleonore.get(PIECE).context["page"]
    first = page.offer.ways[0]
    assert (first.place, first.words) == ("", "Kept for you")
    assert first.note.startswith("Kept for you until")
    eleonore.add(page.offer.reference, first.value)
    bag = eleonore.get("bag/").context["page"]
    assert bag.can_continue
    assert bag.lines[0].note.startswith("Kept for you until")
    answer = eleonore.order()

    assert answer.status_code == 303
    kept.refresh_from_db()
    assert (kept.kind, kept.state, kept.expires_at) == ("ORDER", "ACTIVE", None)
    assert Hold.objects.count() == 1
    assert eleonore.get("account/").context["page"].set_aside == []


def test_a_declined_order_says_what_is_set_aside_for_her_again_and_what_is_free(
    house: SmallHouse, eleonore: Visitor
) -> None:
    house.stocked(house.paris, ring=1, candle=2)
    set_aside(eleonore)
    until = keeping(eleonore).doors[0].until
    eleonore.add(house.ring, "paris")
    url = eleonore.order(card="card_silent").headers["Location"]
    eleonore.browser.post(eleonore.browser.get(url).context["page"].pay_url, {"card": "card_declined"})
    assert Hold.objects.get().kind == "RESERVATION"

    again = f"Aurore Solitaire is set aside for you again, until {until}."
    page = eleonore.browser.get(url).context["page"]
    assert page.text == f"Nothing was taken. {again}"
    assert page.happenings[-1].text == again
    assert "free again" not in eleonore.browser.get(url).content.decode()

    eleonore.add(house.candle, "paris")
    url = eleonore.order(card="card_silent").headers["Location"]
    eleonore.browser.post(eleonore.browser.get(url).context["page"].pay_url, {"card": "card_declined"})
    text = eleonore.browser.get(url).context["page"].text
    assert text == f"Nothing was taken. {again} What else was in this order is free again."

    reservations.release(
        key=str(uuid.uuid4()), hold_id=Hold.objects.get(kind="RESERVATION").id, reason="sold elsewhere",
        actor=house.advisor_paris, at=NOW,
    )  # fmt: skip
    assert (
        "the pieces are free again" in eleonore.browser.get(url).context["page"].text
    )  # the control: it is so no more


@pytest.mark.parametrize(
    "said", [{"place": "atlantis"}, {"place": ""}, {"reference": "nonsense"}, {"reference": str(uuid.UUID(int=1))}]
)
def test_what_is_not_there_is_not_set_aside(house: SmallHouse, eleonore: Visitor, said: dict[str, object]) -> None:
    house.stocked(house.paris, ring=1)

    assert set_aside(eleonore, **said).status_code == 404
    assert not Hold.objects.exists()


def test_a_page_without_its_key_sets_nothing_aside(house: SmallHouse, eleonore: Visitor) -> None:
    house.stocked(house.paris, ring=1)

    assert set_aside(eleonore, key="").status_code == 303
    assert not Hold.objects.exists()
