"""The launch page: one door, one tap, her honest place, the piece that is kept, and a draw that anybody can check."""

from __future__ import annotations

import json
import re
import uuid
from datetime import timedelta
from typing import Any

import pytest

from tests.factories.scarcity import an_allocation, clients_of
from tests.factories.small_house import NOW, SmallHouse
from tests.web.boutique.conftest import ANSWERS, Visitor
from vendome.domains.stock.queries import scarcity
from vendome.domains.stock.queries import shelf as stock
from vendome.domains.stock.services import scarcity as services
from vendome.domains.stock.types_of_scarcity import AllocationPolicy, Draw, EntryState, draw_problems
from vendome.flows import drops
from vendome.kit import sql
from vendome.web.boutique.launch_words import ordinal

pytestmark = pytest.mark.django_db

DROP = {"policy": AllocationPolicy.FIRST_COME, "code": "drop"}


def line(visitor: Visitor) -> Any:
    return visitor.get("launch/drop/").context["page"].line


def test_before_the_doors_everybody_reads_the_hour_and_a_guest_may_sign_in(house: SmallHouse, guest: Visitor) -> None:
    house.stocked(house.paris, watch=2)
    an_allocation(house, pieces=2, opens_at=NOW + timedelta(days=7), **DROP)

    answer = guest.get("launch/drop/")

    told = answer.context["page"].line
    assert told.moment == "BEFORE"
    assert "next=" in told.sign_in_url
    assert not told.may_enter
    assert "One hundred pieces." in answer.content.decode()


def test_the_waiting_room_takes_one_tap_and_says_that_places_are_drawn(house: SmallHouse, mei: Visitor) -> None:
    house.stocked(house.paris, watch=2)
    an_allocation(house, pieces=2, opens_at=NOW + timedelta(hours=1), room_opens_at=NOW, **DROP)
    assert line(mei).may_enter

    for _ in range(2):
        assert mei.post("launch/drop/enter/", {}).status_code == 303

    told = line(mei)
    assert (told.moment, told.headline) == ("ROOM", "You are in")
    assert re.fullmatch(r"[0-9a-f-]{36}", told.token)


def test_her_place_is_told_honestly_and_the_part_alone_can_be_fetched(house: SmallHouse, mei: Visitor) -> None:
    house.stocked(house.paris, watch=1)
    allocation = an_allocation(house, pieces=1, **DROP)
    for one in clients_of(house, 2):
        services.enter(allocation_id=allocation, client_id=one, actor=house.as_client(one), at=NOW)

    mei.post("launch/drop/enter/", {})

    assert line(mei).headline == "You are 3rd"
    assert line(mei).note == "1 person before you still waits."
    part = mei.get("launch/drop/", part="line").content.decode()
    assert "You are 3rd" in part
    assert "<html" not in part


def test_the_winner_reads_until_when_and_buys_the_very_piece(house: SmallHouse, mei: Visitor) -> None:
    house.stocked(house.paris, watch=1)
    allocation = an_allocation(house, pieces=1, **DROP)
    mei.post("launch/drop/enter/", {})
    assert line(mei).headline == "One is yours until 16:15"
    kept = services.enter(
        allocation_id=allocation, client_id=house.emerging, actor=house.as_client(house.emerging), at=NOW
    )
    form = mei.get("launch/drop/checkout/").context["page"].form

    bad = mei.post("launch/drop/checkout/", ANSWERS | {"key": str(form["key"].value()), "name": ""})
    assert bad.status_code == 422
    assert "12, rue de Sèvres" in bad.content.decode()
    declined = mei.post("launch/drop/checkout/", ANSWERS | {"key": str(form["key"].value()), "card": "card_declined"})
    assert declined.status_code in (400, 409)
    again = str(declined.context["page"].form["key"].value())
    bought = mei.post("launch/drop/checkout/", ANSWERS | {"key": again})
    twice = mei.post("launch/drop/checkout/", ANSWERS | {"key": again})

    assert bought.status_code == twice.status_code == 303
    assert "/order/" in bought.url
    assert bought.url == twice.url
    entries = scarcity.list_entries(actor=house.system, allocation_id=allocation)
    assert [one.state for one in entries] == [EntryState.BOUGHT]
    assert kept.place == 1
    assert line(mei).moment == "BOUGHT"
    assert stock.list_disagreements() == ()


def test_a_bank_that_does_not_answer_leads_to_the_order_that_keeps_it_and_so_does_the_door(
    house: SmallHouse, mei: Visitor
) -> None:
    house.stocked(house.paris, watch=1)
    an_allocation(house, pieces=1, **DROP)
    mei.post("launch/drop/enter/", {})
    form = mei.get("launch/drop/checkout/").context["page"].form
    again = mei.get("launch/drop/checkout/").context["page"].form

    silent = mei.post("launch/drop/checkout/", ANSWERS | {"key": str(form["key"].value()), "card": "card_silent"})
    number = sql.value("SELECT number FROM orders_order WHERE state = 'AWAITING_PAYMENT'")

    assert silent.url.endswith(f"/order/{number}/")
    assert mei.get("launch/drop/checkout/").url == silent.url
    other = mei.post("launch/drop/checkout/", ANSWERS | {"key": str(again["key"].value())})
    assert (other.status_code, other.url) == (303, silent.url)
    assert "Try the payment again" in mei.get(f"order/{number}/").content.decode()
    mei.post(f"order/{number}/pay/", {"card": "card_good"})
    assert line(mei).moment == "BOUGHT"


def test_an_offer_that_lasts_for_days_names_its_day(house: SmallHouse, mei: Visitor) -> None:
    house.stocked(house.paris, watch=1)
    an_allocation(house, pieces=1, hold_seconds=5 * 86_400, **DROP)

    mei.post("launch/drop/enter/", {})

    assert line(mei).headline == "One is yours until 25 November, 16:00"
    assert "until 25 November, 16:00" in mei.get("launch/drop/checkout/").content.decode()


def test_the_launch_checkout_sums_up_as_every_checkout_does(house: SmallHouse, mei: Visitor) -> None:
    house.stocked(house.paris, watch=1)
    an_allocation(house, pieces=1, **DROP)
    mei.post("launch/drop/enter/", {})

    rows = [term for term, _amount in mei.get("launch/drop/checkout/").context["page"].sum]

    assert rows == ["Pieces", "Delivery", "of which VAT", "To pay"]


def test_where_cards_are_entered_at_the_provider_the_launch_speaks_of_no_demonstration(
    house: SmallHouse, mei: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.stocked(house.paris, watch=1)
    an_allocation(house, pieces=1, **DROP)
    mei.post("launch/drop/enter/", {})
    monkeypatch.setattr("vendome.domains.payments.ports.card_provider", lambda: "stripe")

    page = mei.get("launch/drop/checkout/").content.decode()

    assert "Your card is asked for on the next page" in page
    assert "demonstration" not in page


def test_the_day_is_the_one_her_market_is_promised(house: SmallHouse, mei: Visitor) -> None:
    house.stocked(house.paris, watch=1)
    an_allocation(house, pieces=1, **DROP)
    mei.post("launch/drop/enter/", {})
    days = {}
    for locale, market in (("fr-en", house.france), ("gb-en", house.britain)):
        mei.locale = locale
        days[locale] = mei.get("launch/drop/checkout/").context["page"].delivery
        promised = sql.value("SELECT flows_promise_date(%s, 'DELIVER', NULL, %s, %s)", [house.paris, market.id, NOW])
        assert str(promised.day) in days[locale]
    assert days["fr-en"] != days["gb-en"]


def test_losers_are_told_at_once_and_the_late_find_the_door_shut(
    house: SmallHouse, mei: Visitor, guest: Visitor
) -> None:
    house.stocked(house.paris, watch=1)
    allocation = an_allocation(house, pieces=1, **DROP)
    (first,) = clients_of(house, 1)
    services.enter(allocation_id=allocation, client_id=first, actor=house.as_client(first), at=NOW)
    mei.post("launch/drop/enter/", {})

    buy(house, allocation, first)

    assert line(mei).headline == "Every piece has found its owner"
    assert line(guest).moment == "ENDED"


def test_passing_gives_the_piece_to_the_next_and_what_runs_out_says_so(
    house: SmallHouse, mei: Visitor, eleonore: Visitor
) -> None:
    house.stocked(house.paris, watch=1)
    an_allocation(house, pieces=1, **DROP)
    mei.post("launch/drop/enter/", {})
    eleonore.post("launch/drop/enter/", {})

    mei.post("launch/drop/leave/", {})

    assert line(mei).headline == "You have passed"
    assert line(eleonore).moment == "YOURS"
    drops.run_due(actor=house.system, at=NOW + timedelta(minutes=16))
    assert line(eleonore).headline == "The time ran out"


def test_the_draw_is_public_and_can_be_checked_by_anybody(house: SmallHouse, guest: Visitor, mei: Visitor) -> None:
    house.stocked(house.paris, watch=2)
    allocation = an_allocation(
        house, pieces=2, policy=AllocationPolicy.BALLOT, code="drop", closes_at=NOW + timedelta(days=1)
    )
    mei.post("launch/drop/enter/", {})
    for one in clients_of(house, 6):
        services.enter(allocation_id=allocation, client_id=one, actor=house.as_client(one), at=NOW)
    before = guest.get("launch/drop/draw/").context["page"]
    assert not before.is_revealed
    services.freeze(allocation_id=allocation, actor=house.director, at=NOW)
    services.draw(allocation_id=allocation, actor=house.director, at=NOW)

    page = mei.get("launch/drop/draw/").context["page"]
    record = json.loads(guest.get("launch/drop/draw.json").content)

    assert page.holds
    assert page.steps[0][1] == before.steps[0][1]
    assert sum(is_hers for _, _, is_hers in page.order) == 1
    assert draw_problems(Draw(**{k: tuple(v) if isinstance(v, list) else v for k, v in record.items()})) == ()
    assert set(record) == {"commitment", "list_digest", "entries", "seed", "order"}
    told = guest.get("launch/drop/draw.json")
    again = guest.browser.get("/fr-en/launch/drop/draw.json", headers={"If-None-Match": told.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_draft_is_not_there_and_a_guest_cannot_enter(house: SmallHouse, guest: Visitor, mei: Visitor) -> None:
    house.stocked(house.paris, watch=1)
    an_allocation(house, pieces=1, is_published=False, **DROP)

    assert mei.get("launch/drop/").status_code == 404
    assert mei.post("launch/drop/enter/", {}).status_code == 303
    assert guest.post("launch/drop/enter/", {}).status_code == 302
    assert guest.get("launch/nothing/").status_code == 404


def test_the_piece_and_the_home_page_lead_to_it(house: SmallHouse, guest: Visitor) -> None:
    house.stocked(house.paris, watch=1)
    an_allocation(house, pieces=1, opens_at=NOW + timedelta(days=7), **DROP)

    for path in ("", "piece/meridien/"):
        assert "/fr-en/launch/drop/" in guest.get(path).content.decode()


@pytest.mark.parametrize(
    ("number", "english", "french"),
    [(1, "1st", "1er"), (2, "2nd", "2e"), (11, "11th", "11e"), (112, "112th", "112e"), (143, "143rd", "143e")],
)
def test_ordinals(number: int, english: str, french: str) -> None:
    assert (ordinal(number, "en"), ordinal(number, "fr")) == (english, french)


def buy(house: SmallHouse, allocation: uuid.UUID, client: uuid.UUID) -> None:
    from tests.domains.test_scarcity import claim

    claim(house, allocation, client)


def test_by_invitation_she_signs_in_first_and_who_is_not_invited_is_told(
    house: SmallHouse, guest: Visitor, mei: Visitor, eleonore: Visitor
) -> None:
    house.stocked(house.paris, watch=1)
    allocation = an_allocation(house, pieces=1, only_invited=True, **DROP)
    services.invite(allocation_id=allocation, client_ids=[house.emerging], actor=house.director, at=NOW)

    assert (line(guest).headline, "launch" in line(guest).sign_in_url) == ("By invitation", True)
    assert (line(eleonore).headline, line(eleonore).sign_in_url, line(eleonore).may_enter) == (
        "By invitation", "", False,
    )  # fmt: skip
    assert line(mei).may_enter
    assert mei.post("launch/drop/enter/", {}).status_code == 303
    assert line(mei).checkout_url
