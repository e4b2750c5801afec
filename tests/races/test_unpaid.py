"""One person orders all at once, under both her records: no more wait for their payment than the house keeps."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.factories.orders import buy_online
from tests.factories.scarcity import merged
from tests.factories.small_house import NOW, SmallHouse
from tests.races.conftest import Outcome, race
from tests.sabotage import changed
from vendome.domains.house import services
from vendome.domains.orders.models import Order
from vendome.domains.stock.queries import shelf as stock

pytestmark = pytest.mark.race

MOST = 3
ATTEMPTS = 12
BREATH = changed("flows_check_unpaid", "IF waiting > 1 THEN", "PERFORM pg_sleep(0.1); IF waiting > 1 THEN")
EVERYBODY_AT_ONCE = changed("flows_check_unpaid", "'orders.unpaid:' || hers[1]", "gen_random_uuid()::text")
A_LINE_FOR_EACH_RECORD = changed("flows_check_unpaid", "'orders.unpaid:' || hers[1]", "'orders.unpaid:' || client")


def orders_all_at_once(house: SmallHouse) -> Outcome:
    services.set_unpaid_orders(most=MOST, actor=house.system, at=NOW)
    house.stocked(house.paris, candle=ATTEMPTS)
    house.stocked(house.london, candle=ATTEMPTS)
    merged(kept=house.traditional, absorbed=house.emerging)
    records = ((house.traditional, house.paris), (house.emerging, house.london))  # levels of their own: they never meet
    return race(*[
        lambda client=client, place=place: buy_online(house, client, house.candle, place=place)
        for client, place in records * (ATTEMPTS // 2)
    ])  # fmt: skip


def test_so_many_and_no_more(arena: Callable[..., SmallHouse]) -> None:
    outcome = orders_all_at_once(arena(BREATH))

    assert outcome.broken == []
    assert len(outcome.won) == MOST == Order.objects.count()
    assert {error.code for error in outcome.refused} == {"orders.too_many_unpaid"}
    assert stock.list_disagreements() == ()


@pytest.mark.parametrize("mistake", [EVERYBODY_AT_ONCE, A_LINE_FOR_EACH_RECORD])
def test_control_without_one_line_for_the_person_there_are_more(arena: Callable[..., SmallHouse], mistake: str) -> None:
    orders_all_at_once(arena(BREATH, mistake))

    assert Order.objects.count() > MOST
