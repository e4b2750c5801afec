"""What is scarce in the demo: a drop next week, a ballot, a waiting list, a committee's table; all books agree."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.db import transaction

from vendome.connectors.demo_house import allocations, loading
from vendome.domains.house import queries as house
from vendome.domains.stock.queries import scarcity
from vendome.domains.stock.queries import shelf as stock
from vendome.domains.stock.types_of_scarcity import AllocationPolicy, AllocationState
from vendome.kit import sql
from vendome.kit.actors import Actor

AT = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)


@pytest.mark.django_db
def test_the_demo_shows_every_kind_and_nothing_disagrees() -> None:
    with transaction.atomic():
        loading.load(size="test", today=date(2026, 11, 22))
        assert allocations.begin(at=AT, seed=7) == 4
        assert allocations.begin(at=AT, seed=7) == 0
        actor = Actor.system(house.get_maison().id)
        views = {one.policy: one for one in scarcity.list_allocations(actor=actor)}

        drop, ballot = views[AllocationPolicy.FIRST_COME], views[AllocationPolicy.BALLOT]
        assert (drop.state, drop.entries, drop.free) == (AllocationState.OPEN, 0, drop.pieces)
        assert drop.opens_at > AT
        assert drop.invited == 40
        assert (ballot.state, ballot.waiting) == (AllocationState.OPEN, 26)
        assert (views[AllocationPolicy.WAITING_LIST].offered, views[AllocationPolicy.WAITING_LIST].waiting) == (1, 6)
        assert views[AllocationPolicy.NOMINATIONS].waiting == 4
        assert stock.list_disagreements() == ()
        over = sql.value(
            "SELECT count(*) FROM catalogue_model m WHERE m.limited_edition > 0 AND m.limited_edition < "
            "(SELECT count(*) FROM stock_piece p JOIN catalogue_reference r ON r.id = p.reference_id "
            "WHERE r.model_id = m.id)"
        )
        assert over == 0
        transaction.set_rollback(True)
