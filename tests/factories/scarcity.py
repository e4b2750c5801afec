"""Allocations and many clients in one line."""

from __future__ import annotations

import itertools
import uuid
from typing import Any

from django.db import connection

from tests.factories.small_house import NOW, SmallHouse
from vendome.domains.clients.models import Client, Merge
from vendome.domains.stock.services import scarcity
from vendome.domains.stock.types_of_scarcity import AllocationPolicy, NewAllocation
from vendome.kit.ids import new_id

_count = itertools.count(1)


def an_allocation(house: SmallHouse, *, pieces: int, is_published: bool = True, **more: Any) -> uuid.UUID:
    """Watches that stand in Paris, published unless said otherwise; a drop that is open has its doors opened too."""
    policy = more.pop("policy", AllocationPolicy.WAITING_LIST)
    at = more.pop("at", NOW)
    new = NewAllocation(
        code=more.pop("code", f"meridien-{next(_count)}"),
        title="Méridien 38, numbered",
        words={"en": "One hundred pieces."},
        reference_id=house.watch,
        place_id=more.pop("place_id", house.paris),
        pieces=pieces,
        policy=policy,
        opens_at=more.pop("opens_at", at),
        **more,
    )
    allocation_id = scarcity.make_allocation(new=new, actor=house.director, at=at)
    if is_published:
        scarcity.publish(allocation_id=allocation_id, actor=house.director, at=at)
        if policy is AllocationPolicy.FIRST_COME and new.opens_at <= at:
            with connection.cursor() as cursor:
                cursor.execute("SELECT stock_run_allocations(%s)", [at])
    return allocation_id


def clients_of(house: SmallHouse, count: int, *standings: str) -> list[uuid.UUID]:
    """Clients without anything else, in the order in which they were made."""
    made = Client.objects.bulk_create(
        Client(
            id=new_id(),
            maison_id=house.maison.id,
            given_name=f"Client {number}",
            family_name="Test",
            created_at=NOW,
            standing=standings[number] if number < len(standings) else "",
        )
        for number in range(count)
    )
    return [one.id for one in made]


def merged(*, kept: uuid.UUID, absorbed: uuid.UUID) -> None:
    Merge.objects.create(kept_id=kept, absorbed_id=absorbed, reason="test", actor="SYSTEM", at=NOW)
