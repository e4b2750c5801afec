"""What the house makes, where it stands, and setting a piece aside."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client as Browser

from tests.factories import orders
from tests.factories.small_house import NOW, SmallHouse
from tests.web.staff.pages import asks_for, text
from vendome.domains.catalogue.models import Reference
from vendome.domains.stock.models import Hold, Level

MODEL = "/salon/collections/aurore-solitaire/"


def test_the_shelf_says_what_is_here_and_elsewhere(house: SmallHouse, paris: Browser) -> None:
    house.stocked(house.paris, ring=2)
    house.stocked(house.london, watch=1)

    said = text(paris.get("/salon/collections/"))
    here = text(paris.get("/salon/collections/", {"here": "1"}, headers=asks_for("shelf")))

    assert "2 here" in said
    assert "1 elsewhere" in said
    assert "€ 8,200" in said
    assert "Aurore Solitaire" in here
    assert "Méridien" not in here


def test_another_metal_than_the_pictures_is_said_beside_them(house: SmallHouse, paris: Browser) -> None:
    gold = Reference.objects.get(id=house.ring)
    Reference.objects.filter(id=gold.id).update(material="YG", position=0)
    platinum = Reference.objects.create(
        maison_id=house.maison.id, model=gold.model, sku="SOLITAIRE-PT", material="PT", position=1, is_serialised=True
    )

    shown = paris.get(MODEL, {"reference": str(platinum.id)})
    assert "The pictures show it in yellow gold." in text(shown)
    assert 'class="swatch-metal" data-metal="PT"' in shown.content.decode()
    assert "The pictures show it in" not in text(paris.get(MODEL, {"reference": str(gold.id)}))


def test_a_model_shows_every_place_and_how_to_get_it(house: SmallHouse, paris: Browser) -> None:
    house.stocked(house.london, ring=1)
    house.stocked(house.warehouse, ring=2)
    house.stocked(house.partner_door, ring=1)

    said = text(paris.get(MODEL))

    assert "Not free here" in said
    assert "London" in said
    assert "Can be sent to her home" in said
    assert "Belongs to the partner" in said


def test_a_model_nobody_makes_is_not_there(house: SmallHouse, paris: Browser) -> None:
    assert paris.get("/salon/collections/unknown/").status_code == 404
    assert paris.get(MODEL, {"reference": "x", "client": "y"}).status_code == 200


def set_aside(browser: Browser, house: SmallHouse, **more: str) -> int:
    day = (NOW + timedelta(days=3)).date().isoformat()
    given = {"reference": str(house.ring), "client": str(house.traditional), "until": day, "reason": "to show her"}
    return browser.post(MODEL, given | more).status_code


def test_a_piece_is_set_aside_until_the_evening(house: SmallHouse, paris: Browser) -> None:
    house.stocked(house.paris, ring=1)

    assert set_aside(paris, house) == 303

    held = Hold.objects.get()
    assert (held.kind, held.client_id, held.advisor_id) == ("RESERVATION", house.traditional, house.advisor_paris.id)
    assert held.expires_at is not None
    assert held.expires_at.date() == (NOW + timedelta(days=3)).date()
    assert "to show her" in text(paris.get("/salon/"))


@pytest.mark.parametrize(
    ("more", "status"),
    [({"client": ""}, 409), ({"until": ""}, 422), ({"until": "2020-01-01"}, 409), ({"until": "2099-01-01"}, 409)],
)
def test_a_wish_that_cannot_be_kept_holds_nothing(
    house: SmallHouse, paris: Browser, more: dict[str, str], status: int
) -> None:
    house.stocked(house.paris, ring=1)

    assert set_aside(paris, house, **more) == status
    assert not Hold.objects.exists()


def test_the_last_piece_is_set_aside_once(house: SmallHouse, paris: Browser) -> None:
    house.stocked(house.paris, ring=1)

    assert set_aside(paris, house) == 303
    assert set_aside(paris, house) == 409
    assert Hold.objects.count() == 1


def test_a_hold_is_released_with_a_reason_here_and_by_nobody_else(
    house: SmallHouse, paris: Browser, tokyo: Browser
) -> None:
    house.stocked(house.paris, ring=1)
    set_aside(paris, house)
    path = f"/salon/holds/{Hold.objects.get().id}/release/"

    assert tokyo.post(path, {"reason": "mine now"}).status_code == 404
    assert paris.post(path, {"reason": ""}).status_code == 422
    assert Hold.objects.get().state == "ACTIVE"
    assert paris.post(path, {"reason": "she changed her mind"}).status_code == 303
    assert Level.objects.get(reference_id=house.ring, place_id=house.paris).held == 0
    assert paris.post(path, {"reason": "again"}).status_code == 409


def test_what_an_order_holds_is_not_released_by_hand(house: SmallHouse, paris: Browser) -> None:
    house.stocked(house.paris, ring=1)
    placed = orders.pay(house, orders.buy_online(house, house.traditional, house.ring))

    answer = paris.post(f"/salon/holds/{placed.lines[0].hold_id}/release/", {"reason": "nobody came"})

    assert answer.status_code == 404
    assert Hold.objects.get().state == "ACTIVE"


def test_the_shelf_asks_a_bounded_number_of_times(
    house: SmallHouse, paris: Browser, django_assert_max_num_queries: Callable[[int], object]
) -> None:
    house.stocked(house.paris, ring=2, watch=2, candle=9)

    with django_assert_max_num_queries(10):  # type: ignore[attr-defined]
        paris.get("/salon/collections/")
    with django_assert_max_num_queries(12):  # type: ignore[attr-defined]
        paris.get(MODEL)
