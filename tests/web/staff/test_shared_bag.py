"""Her bag beside her card, and the selection an advisor composes there."""

from __future__ import annotations

import pytest

from tests.factories.small_house import SmallHouse
from tests.web.staff.pages import asks_for, text
from vendome.domains.orders.models import BasketLine, Selection
from vendome.domains.stock.models import Hold

pytestmark = pytest.mark.django_db


@pytest.fixture
def bag(house: SmallHouse) -> str:
    return f"/salon/clients/{house.traditional}/bag/"


def test_into_her_bag_and_out_again(house, paris, bag):
    house.stocked(house.paris, ring=1)
    assert "Her bag is empty" in text(paris.get(bag))
    assert "1 here" in text(paris.get(bag, {"q": "solitaire"}))

    for _ in range(2):
        assert paris.post(f"{bag}put/", {"reference": house.ring, "q": "solitaire"}).status_code == 303

    page = text(paris.get(bag))
    assert "Aurore Solitaire" in page
    assert "€ 8,200" in page.replace("\xa0", " ")
    assert BasketLine.objects.count() == 1
    part = paris.get(bag, headers=asks_for("her-bag"))
    assert "<html" not in part.content.decode()
    assert paris.post(f"{bag}{BasketLine.objects.get().id}/remove/").status_code == 303
    assert not BasketLine.objects.exists()


def test_compose_keep_send_and_withdraw(house, paris, bag):
    house.stocked(house.paris, ring=1)
    choose = f"/salon/clients/{house.traditional}/selection/choose/"

    paris.post(choose, {"reference": house.ring, "note": "as in May", "keep": "1"})
    paris.post(choose, {"reference": house.watch})

    page = text(paris.get(bag))
    assert "as in May" in page
    assert "kept until 22 November" in page
    draft = Selection.objects.get()
    sending = f"/salon/clients/{house.traditional}/selection/{draft.id}/"
    assert paris.post(f"{sending}send/", {"note": "For Saturday"}).status_code == 303
    assert "sent" in text(paris.get(bag))
    again = paris.post(f"{sending}send/", {"note": "my words stay"})
    assert again.status_code == 409
    assert paris.post(f"{sending}withdraw/").status_code == 303
    assert Hold.objects.get().state == "RELEASED"


def test_left_out_it_is_free_again(house, paris, bag):
    house.stocked(house.paris, ring=1)
    paris.post(f"/salon/clients/{house.traditional}/selection/choose/", {"reference": house.ring, "keep": "1"})
    draft = Selection.objects.get()

    answer = paris.post(f"/salon/clients/{house.traditional}/selection/{draft.id}/{draft.items.get().id}/leave-out/")

    assert answer.status_code == 303
    assert Hold.objects.get().state == "RELEASED"


def test_what_is_gone_says_so_and_nothing_is_chosen(house, paris, bag):
    answer = paris.post(f"/salon/clients/{house.traditional}/selection/choose/", {"reference": house.ring, "keep": "1"})

    assert (answer.status_code, Selection.objects.count()) == (409, 0)
    assert paris.post(f"{bag}put/", {"reference": "nonsense"}).status_code == 404


def test_a_protected_file_asks_for_its_reason_first(house, paris):
    url = f"/salon/clients/{house.protected}/"

    assert paris.get(f"{url}bag/").headers["Location"] == url
    assert paris.post(f"{url}bag/put/", {"reference": house.ring}).headers["Location"] == url
    assert not BasketLine.objects.exists()


def test_other_maisons_and_roles_see_nothing(house, other_house, visit, paris):
    assert paris.get(f"/salon/clients/{other_house.traditional}/bag/").status_code == 404
    assert visit(house.director).get(f"/salon/clients/{house.traditional}/bag/").status_code == 403


def test_her_card_leads_to_it(house, paris, bag):
    assert bag in paris.get(f"/salon/clients/{house.traditional}/").content.decode()
