"""One bag, many devices: whatever they do at the same moment, no line is lost and none is doubled."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest

from tests.factories.small_house import NOW, SmallHouse
from tests.races.conftest import Outcome, race
from vendome.domains.catalogue.models import Model, Reference
from vendome.domains.orders.models import Basket, BasketLine
from vendome.domains.orders.queries import placed as orders
from vendome.domains.orders.services import baskets
from vendome.domains.orders.types import Mode
from vendome.domains.stock.queries import shelf as stock
from vendome.flows import selections

pytestmark = pytest.mark.race
MANY = 12


def references(house: SmallHouse) -> list[uuid.UUID]:
    model = Model.objects.get(maison_id=house.maison.id, code="aurore-solitaire")
    rows = [
        Reference(maison_id=house.maison.id, model=model, sku=f"R{n}", size=f"R{n}", is_serialised=True)
        for n in range(MANY)
    ]
    return [row.id for row in Reference.objects.bulk_create(rows)]


def put(house: SmallHouse, basket: uuid.UUID, reference: uuid.UUID) -> None:
    baskets.put_line(
        basket_id=basket, reference_id=reference, is_serialised=True, mode=Mode.DELIVER, place_id=None,
        actor=house.system, at=NOW,
    )  # fmt: skip


def sign_in_while_another_tab_adds(house: SmallHouse) -> tuple[Outcome, set[uuid.UUID], set[uuid.UUID]]:
    wanted = references(house)
    own = baskets.open_basket(maison_id=house.maison.id, market_id=house.france.id, client_id=house.traditional, at=NOW)
    guest = baskets.open_basket(maison_id=house.maison.id, market_id=house.france.id, client_id=None, at=NOW)
    for reference in wanted[:4]:
        put(house, guest, reference)
    outcome = race(
        lambda: baskets.give_basket_to_client(basket_id=guest, client_id=house.traditional, actor=house.system, at=NOW),
        *[lambda one=one: put(house, guest, one) for one in wanted[4:8]],
        *[lambda one=one: put(house, own, one) for one in wanted[8:]],
    )
    found = orders.find_open_basket(market_id=house.france.id, client_id=house.traditional)
    assert found is not None
    return outcome, set(wanted), {line.reference_id for line in found.lines}


def test_no_line_is_lost_while_she_signs_in(arena: Callable[..., SmallHouse]) -> None:
    house = arena()

    outcome, wanted, found = sign_in_while_another_tab_adds(house)

    assert outcome.broken == outcome.refused == []
    assert found == wanted


def test_control_without_the_pointer_to_her_own_bag_lines_are_lost(
    arena: Callable[..., SmallHouse], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it was before: no lock on the basket, and the guest's bag does not point on."""
    house = arena()

    def unlocked(basket_id: uuid.UUID) -> Basket:
        return Basket.objects.get(id=basket_id)

    monkeypatch.setattr(baskets, "_locked", unlocked)

    lost = 0
    for _ in range(3):
        _, wanted, found = sign_in_while_another_tab_adds(house)
        lost += len(wanted - found)
        BasketLine.objects.all().delete()
        Basket.objects.update(merged_into=None)
        Basket.objects.all().delete()
        Reference.objects.filter(sku__startswith="R").delete()

    assert lost > 0


def test_all_devices_open_one_bag_and_every_edit_stays(arena: Callable[..., SmallHouse]) -> None:
    house = arena()
    wanted = references(house)

    def edit(reference: uuid.UUID) -> None:
        basket = baskets.open_basket(
            maison_id=house.maison.id, market_id=house.france.id, client_id=house.traditional, at=NOW
        )
        put(house, basket, reference)

    outcome = race(*[lambda one=one: edit(one) for one in wanted * 2])

    assert outcome.broken == outcome.refused == []
    assert Basket.objects.count() == 1
    assert sorted(BasketLine.objects.values_list("reference_id", flat=True)) == sorted(wanted)


def test_a_selection_tapped_on_every_device_is_one_set_of_lines(arena: Callable[..., SmallHouse]) -> None:
    house = arena()
    house.stocked(house.paris, ring=1)
    for reference, keep in ((house.ring, house.paris), (house.watch, None), (house.candle, None)):
        draft = selections.choose(
            market=house.france, client_id=house.traditional, reference_id=reference, keep_at=keep,
            actor=house.advisor_paris, at=NOW,
        )  # fmt: skip
    selections.send(selection_id=draft.id, note="", actor=house.advisor_paris, at=NOW)
    me = house.as_client(house.traditional)

    outcome = race(
        *[
            lambda: selections.take_up(
                market=house.france, selection_id=draft.id, client_id=house.traditional, actor=me, at=NOW
            )
        ]
        * 12
    )

    assert outcome.broken == outcome.refused == []
    assert sum(outcome.won) == 3
    assert BasketLine.objects.count() == 3
    assert stock.list_disagreements() == ()
