"""A client returns and changes her own order, and nobody else's."""

from __future__ import annotations

import re
import uuid
from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.factories.orders import buy_online, pay
from tests.factories.returns import LATER, bring_back, give, inspector, line_state, waiting_arrivals
from tests.factories.small_house import NOW, SmallHouse
from tests.web.boutique.conftest import Visitor
from vendome.domains.orders.policy.reading import shipped_rules
from vendome.domains.orders.policy.types import Condition
from vendome.domains.orders.services import policy as writing
from vendome.domains.orders.types import Fate
from vendome.flows import books, returnable, returns
from vendome.flows.types import PlacedOrder
from vendome.kit import clock, sql
from vendome.web.boutique.return_forms import ReturnForm, name_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def worn(house: SmallHouse) -> PlacedOrder:
    house.stocked(house.paris, ring=2)
    return give(house, pay(house, buy_online(house, house.traditional, house.ring)))


HOME = {
    "at": "new",
    "name": "Éléonore de Brissac",
    "street": "12, rue de Varenne",
    "postcode": "75007",
    "city": "Paris",
    "phone": "+33 6 12 34 56 78",
}


def key_of(page: object) -> str:
    found = re.search(r'name="key" value="([^"]+)"', page.content.decode())  # type: ignore[attr-defined]
    assert found is not None
    return found.group(1)


def test_she_announces_and_prints_her_label(house: SmallHouse, eleonore: Visitor, worn: PlacedOrder) -> None:
    assert "Return or exchange" in eleonore.get(f"order/{worn.number}/").content.decode()
    page = eleonore.get(f"order/{worn.number}/return/")
    body = page.content.decode()
    assert "without giving a reason" in body
    assert "L221-18" in body
    line = str(worn.lines[0].id)

    nothing = eleonore.post(f"order/{worn.number}/return/", {"key": key_of(page), "way": "courier"})
    assert nothing.status_code == 422
    assert "Choose at least one piece." in nothing.content.decode()
    asked = {"key": key_of(page), "way": "courier", "back": line, f"r.{line}": "SIZE"}
    nowhere = eleonore.post(f"order/{worn.number}/return/", asked)
    assert nowhere.status_code == 422
    assert "Tell us the street and number." in nowhere.content.decode()
    assert "Tell us the postcode." in nowhere.content.decode()
    unsent = eleonore.post(f"order/{worn.number}/return/", {**asked, **HOME, "postcode": ""})
    assert unsent.status_code == 422
    assert sql.value("SELECT count(*) FROM orders_return") == 0
    done = eleonore.post(f"order/{worn.number}/return/", {**asked, **HOME})
    assert done.status_code == 303
    label = eleonore.browser.get(done["Location"]).content.decode()
    number = sql.value("SELECT number FROM orders_return")
    assert number in label
    assert "1 announced" in label
    assert "12, rue de Varenne" in label
    assert "+33 6 12 34 56 78" in label
    assert number in eleonore.get(f"order/{worn.number}/").content.decode()
    assert "Already announced" in eleonore.get(f"order/{worn.number}/return/").content.decode()
    assert sql.value("SELECT reason FROM orders_returnline") == "SIZE"

    bring_back(house, worn)
    assert "On its way to you" in eleonore.browser.get(done["Location"]).content.decode()


def test_the_courier_comes_to_an_address_the_house_knows(
    house: SmallHouse, eleonore: Visitor, worn: PlacedOrder
) -> None:
    known = ["Éléonore de Brissac", "3, quai Voltaire", "75007 Paris", "France"]
    sql.value("UPDATE orders_order SET delivery_address = %s WHERE id = %s RETURNING id", [known, worn.id])
    page = eleonore.get(f"order/{worn.number}/return/")
    assert "3, quai Voltaire" in page.content.decode()
    day = re.search(r'<option value="(\d{4}-\d\d-\d\d)"', page.content.decode())
    assert day is not None
    asked = {"key": key_of(page), "way": "courier", "back": str(worn.lines[0].id), "phone": "+33 6 12 34 56 78"}

    for wrong in ({"at": "somewhere else"}, {"at": name_of(known), "day": "2020-01-01"}):
        assert eleonore.post(f"order/{worn.number}/return/", {**asked, **wrong}).status_code == 422
    done = eleonore.post(f"order/{worn.number}/return/", {**asked, "at": name_of(known), "day": day.group(1)})

    assert done.status_code == 303
    assert sql.row("SELECT pickup_address, pickup_date::text FROM orders_return") == (known, day.group(1))


def test_she_exchanges_it_while_she_announces_it(house: SmallHouse, eleonore: Visitor, worn: PlacedOrder) -> None:
    house.stocked(house.warehouse, watch=1)
    eleonore.add(house.watch)  # what lies in her bag may be taken instead
    line, url = str(worn.lines[0].id), f"order/{worn.number}/return/"
    page = eleonore.get(url)
    offered = f"{house.watch}:1200000"
    assert f'value="{offered}"' in page.content.decode()
    assert re.search(r"€\s?3,800 more", page.content.decode())
    asked = {"key": key_of(page), "back": line, f"x.{line}": offered, **HOME}

    stale = eleonore.post(url, {**asked, "way": "courier", f"x.{line}": f"{house.watch}:1"})
    assert stale.status_code == 409
    done = eleonore.post(url, {**asked, "way": "courier"})
    assert done.status_code == 303
    label = eleonore.browser.get(done["Location"]).content.decode()
    assert "is kept for you until" in label
    bring_back(house, worn)
    returns.inspect(
        key="i", arrival_id=waiting_arrivals()[0], condition=Condition.AS_SOLD, fate=Fate.RESTOCKED, accept=True,
        actor=inspector(house), at=LATER,
    )  # fmt: skip
    with clock.frozen(LATER):
        waiting = eleonore.browser.get(done["Location"]).content.decode()
        assert "It has arrived" in waiting
        assert "Pay the difference" in waiting
        away = eleonore.browser.post(done["Location"] + "exchange/", {"step": "pay"})
        assert "/pay/" in away["Location"]
        dropped = eleonore.browser.post(done["Location"] + "exchange/", {"step": "drop"})
        assert dropped.status_code == 303
        assert "Your exchange" not in eleonore.browser.get(done["Location"]).content.decode()
    assert sql.value("SELECT state FROM orders_order WHERE channel = 'client_service'") == "CANCELLED"
    assert books.list_problems() == []


def test_what_she_brings_is_exchanged_where_she_brings_it(
    house: SmallHouse, eleonore: Visitor, worn: PlacedOrder
) -> None:
    house.stocked(house.warehouse, watch=1)
    line, url = str(worn.lines[0].id), f"order/{worn.number}/return/"
    key = key_of(eleonore.get(url))

    done = eleonore.post(url, {"key": key, "way": "paris", "back": line, f"x.{line}": f"{house.watch}:1200000"})

    assert done.status_code == 303
    assert sql.value("SELECT wanted_hold_id FROM orders_returnline") is None


def test_where_nothing_can_be_announced_nothing_is_asked_to_be_ticked(
    house: SmallHouse, eleonore: Visitor, worn: PlacedOrder
) -> None:
    url = f"order/{worn.number}/return/"
    page = eleonore.get(url)
    assert "Tick what comes back" in page.content.decode()
    line = str(worn.lines[0].id)
    eleonore.post(url, HOME | {"key": key_of(page), "way": "courier", "back": line})

    page = eleonore.get(url)

    assert not page.context["page"].may_announce
    assert "Tick what comes back" not in page.content.decode()
    assert 'type="checkbox"' not in page.content.decode()
    assert "Ask client service" in page.content.decode()


def test_an_order_without_a_number_is_called_under_her_own(
    house: SmallHouse, eleonore: Visitor, worn: PlacedOrder
) -> None:
    sql.value("UPDATE orders_order SET contact = contact - 'phone' WHERE id = %s RETURNING id", [worn.id])
    hers = eleonore.get("account/").context["page"].phones

    assert hers
    assert eleonore.get(f"order/{worn.number}/return/").context["page"].form["phone"].value() == hers[0]


@pytest.mark.parametrize(("country", "is_asked"), [("FR", True), ("HK", False)])
def test_a_postcode_is_asked_for_where_addresses_have_one(country: str, is_asked: bool) -> None:
    given = {**HOME, "key": str(uuid.uuid4()), "way": "courier", "postcode": ""}
    form = ReturnForm(given, addresses=(), country=country, today=date(2026, 11, 20))

    assert form.is_valid() is not is_asked


def test_one_announced_is_said_in_the_singular(house: SmallHouse, eleonore: Visitor, worn: PlacedOrder) -> None:
    page = eleonore.get(f"order/{worn.number}/return/")
    line = str(worn.lines[0].id)
    done = eleonore.post(f"order/{worn.number}/return/", {"key": key_of(page), "way": "paris", "back": line})

    label = eleonore.browser.get(done["Location"].replace("/fr-en/", "/fr-fr/")).content.decode()

    assert "1 annoncée<" in label
    assert "(s)" not in label


def test_she_keeps_it_after_all(house: SmallHouse, eleonore: Visitor, worn: PlacedOrder) -> None:
    page = eleonore.get(f"order/{worn.number}/return/")
    done = eleonore.post(
        f"order/{worn.number}/return/", {"key": key_of(page), "way": "paris", "back": str(worn.lines[0].id)}
    )

    page = " ".join(eleonore.browser.get(done["Location"]).content.decode().split())
    step = re.search(r"<details[^>]*><summary[^>]*>I keep it after all</summary>(.*?)</details>", page)
    assert step is not None  # a first tap says what it means, a second does it
    assert "This return ends" in step[1]
    assert "Yes, I keep it" in step[1]

    withdrawn = eleonore.browser.post(done["Location"] + "withdraw/")

    assert withdrawn.status_code == 303
    assert sql.value("SELECT state FROM orders_return") == "WITHDRAWN"


def test_nobody_elses(house: SmallHouse, eleonore: Visitor, mei: Visitor, worn: PlacedOrder) -> None:
    for path in ("return/", "change/", f"return/{uuid.uuid4()}/"):
        assert mei.get(f"order/{worn.number}/{path}").status_code == 404
    assert (
        mei.post(
            f"order/{worn.number}/return/", {"key": str(uuid.uuid4()), "way": "courier", "back": str(worn.lines[0].id)}
        ).status_code
        == 404
    )
    gift = bring_back(house, worn, is_gift=True, client_id=house.emerging)
    assert eleonore.get(f"order/{worn.number}/return/{gift.id}/").status_code == 404
    page = eleonore.get(f"order/{worn.number}/").content.decode()
    assert gift.number not in page
    assert "With you" in page  # the giver is not told


def test_she_cancels_after_reading_what_it_means(house: SmallHouse, eleonore: Visitor) -> None:
    house.stocked(house.paris, ring=1)
    placed = pay(house, buy_online(house, house.traditional, house.ring))
    path = f"order/{placed.number}/change/"
    page = eleonore.get(path)
    line = placed.lines[0].id
    wanted = {"key": key_of(page), "step": "propose", "line": str(line), f"what.{line}": "cancel"}

    for wrong in ({"line": "nothing"}, {f"what.{line}": "nothing"}, {f"what.{line}": ""}):
        assert eleonore.post(path, {**wanted, **wrong}).status_code == 422
    assert eleonore.post(path, wanted).status_code == 303
    seen = eleonore.get(path)
    assert "goes back to you" in seen.content.decode()
    assert line_state(placed.lines[0].id)[0] == "HELD"
    assert eleonore.post(path, {"step": "drop"}).status_code == 303
    eleonore.post(path, {**wanted, "key": str(uuid.uuid4())})
    seen = eleonore.get(path)
    preview = re.search(r'name="preview" value="([^"]+)"', seen.content.decode())
    assert preview is not None
    stale = eleonore.post(path, {"step": "confirm", "key": key_of(seen), "preview": "0" * 64})
    assert stale.status_code == 409
    done = eleonore.post(path, {"step": "confirm", "key": key_of(seen), "preview": preview.group(1)})

    assert done.status_code == 303
    assert "This order was changed" in eleonore.get(f"order/{placed.number}/").content.decode()
    assert books.list_problems() == []


def test_what_was_cancelled_is_no_longer_on_its_way_on_the_page(house: SmallHouse, eleonore: Visitor) -> None:
    house.stocked(house.warehouse, ring=1)
    house.stocked(house.paris, watch=1)
    eleonore.add(house.watch, "paris")
    url = eleonore.buy(house.ring).headers["Location"].removeprefix("/fr-en/")
    before = eleonore.get(url).context["page"]
    assert before.address
    line = sql.value("SELECT id FROM orders_orderline WHERE mode = 'DELIVER'")
    path = f"{url}change/"
    wanted = {"key": key_of(eleonore.get(path)), "step": "propose", "line": str(line), f"what.{line}": "cancel"}
    eleonore.post(path, wanted)
    seen = eleonore.get(path)
    preview = re.search(r'name="preview" value="([^"]+)"', seen.content.decode())
    assert preview is not None
    eleonore.post(path, {"step": "confirm", "key": key_of(seen), "preview": preview.group(1)})

    page = eleonore.get(url).context["page"]

    assert page.address == ()
    assert [one.title for one in page.happenings][-1] == "Handed over to you"
    assert "Wrapped and entrusted to the carrier" not in [one.title for one in page.happenings]


PLACES = ("piece/aurore-solitaire/", "checkout/", "service/returns/")


def test_the_days_to_return_are_those_of_the_rules_in_force(house: SmallHouse, guest: Visitor) -> None:
    house.stocked(house.warehouse, ring=1)
    guest.add(house.ring)
    for path in PLACES:
        assert "30 days" in guest.get(path).content.decode(), path

    thirty = next(one for one in shipped_rules() if one.code == "house.thirty-days")
    version = writing.save_rule(
        rule=replace(thirty, within_days=45),
        replaces=thirty.code,
        expected=0,
        note="longer",
        actor=house.director,
        at=NOW,
    )
    for path in PLACES:
        page = guest.get(path).content.decode()
        assert "45 days" in page, path
        assert "30 days" not in page, path
        assert "Thirty days" not in page, path

    writing.drop_rule(code=thirty.code, expected=version, note="over", actor=house.director, at=NOW)
    for path in PLACES:  # the law of France stays
        assert "14 days" in guest.get(path).content.decode(), path


def test_a_rule_counts_only_for_as_long_as_it_is_in_force(house: SmallHouse) -> None:
    thirty = next(one for one in shipped_rules() if one.code == "house.thirty-days")
    writing.save_rule(
        rule=replace(thirty, until_date=NOW.date() + timedelta(days=20)),
        replaces=thirty.code,
        expected=0,
        note="ends",
        actor=house.director,
        at=NOW,
    )
    asked = {"maison_id": house.maison.id, "channel": "web", "on": NOW.date()}

    assert returnable.read_return_days(country="FR", **asked) == 20
    assert returnable.read_return_days(country="FR", **{**asked, "on": NOW.date() + timedelta(days=21)}) == 14
