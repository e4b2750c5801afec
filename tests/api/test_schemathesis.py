"""The API against its own document: no 5xx, no undocumented answer, nothing of another maison, in three roles.

Whatever operation the document has is tried: a new router needs no line here. `make fuzz` runs it long
(VENDOME_TEST_FUZZ names the seconds for each role).
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pytest_django.live_server_helper import LiveServer

from tests.api.fuzzing import fuzz
from tests.factories import orders
from tests.factories.small_house import SmallHouse, make_token
from vendome.domains.people.permissions import ROLES

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
SECONDS = int(os.environ.get("VENDOME_TEST_FUZZ", "15"))
EXAMPLES = 5 if SECONDS <= 15 else 60
CAST = {"every role": sorted(ROLES), "an advisor": ["advisor"], "a partner": ["partner_seller"]}


@pytest.mark.parametrize("who", CAST)
def test_the_api_keeps_to_its_document(live_server: LiveServer, house: SmallHouse, who: str) -> None:
    code, said = fuzz(
        live_server.url,
        make_token(house, roles=CAST[who], place=house.paris),
        known=ids_of(house),
        seconds=SECONDS,
        examples=EXAMPLES,
    )

    if folder := os.environ.get("VENDOME_TEST_FUZZ_LOGS"):
        (Path(folder) / f"fuzz-{who.replace(' ', '-')}.log").write_text(said, encoding="utf-8")
    assert code == 0, summary_of(said)


def summary_of(said: str) -> str:
    """The failures, without the progress before them."""
    return said[max(0, said.find("= FAILURES =")) :][:20_000]


def ids_of(house: SmallHouse) -> dict[str, str]:
    """Things that are there, by the names that parameters and members give them."""
    house.stocked(house.paris, ring=2, candle=500)
    placed = orders.pay(house, orders.buy_online(house, house.traditional, house.candle))
    known = {
        "client_id": house.traditional,
        "reference_id": house.candle,
        "place_id": house.paris,
        "selling_place_id": house.paris,
        "order_id": placed.id,
        "line_id": placed.lines[0].id,
        "hold_id": placed.lines[0].hold_id,
        "advisor_id": house.advisor_paris.id,
        "staff_id": house.advisor_paris.id,
    }
    return {name: str(value) for name, value in known.items()}
