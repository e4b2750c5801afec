"""Transfers in one line, and what a test asks of them."""

from __future__ import annotations

import uuid
from dataclasses import replace

from tests.factories.small_house import NOW, SmallHouse
from vendome.domains.people.permissions import ROLES
from vendome.domains.stock.queries import shelf as stock
from vendome.domains.stock.queries import transfers as reads
from vendome.domains.stock.services import transfers
from vendome.domains.stock.services.transfers import Arrived, Step, Wanted
from vendome.kit.actors import EVERYWHERE, Actor
from vendome.kit.models import OutboxEvent


def key() -> str:
    return str(uuid.uuid4())


def as_role(house: SmallHouse, role: str, *places: uuid.UUID) -> Actor:
    scope = frozenset(places) if places else EVERYWHERE
    return replace(house.manager_paris, permissions=dict.fromkeys(ROLES[role], scope))


def ask(house: SmallHouse, *lines: Wanted, actor: Actor | None = None, **more: object) -> Step:
    """Paris asks London."""
    values = {"from_place_id": house.london, "to_place_id": house.paris, "reason": "for the window", "key": key()}
    return transfers.request(  # type: ignore[arg-type]  # the test gives what it changes
        **(values | more), lines=lines or [Wanted(reference_id=house.ring)], actor=actor or house.advisor_paris, at=NOW
    )


def approved(house: SmallHouse, *lines: Wanted, **more: object) -> Step:
    return transfers.approve(key=key(), transfer_id=ask(house, *lines, **more).id, actor=house.system, at=NOW)


def sent(house: SmallHouse, *lines: Wanted, **more: object) -> reads.TransferView:
    step = transfers.dispatch(
        key=key(), transfer_id=approved(house, *lines, **more).id, waybill="LX-1", actor=house.system, at=NOW
    )
    return view(house, step)


def view(house: SmallHouse, step: Step | reads.TransferView) -> reads.TransferView:
    return reads.get_transfer(actor=house.system, transfer_id=step.id)


def receive(house: SmallHouse, transfer: reads.TransferView, *arrived: Arrived, **more: object) -> Step:
    whole = [Arrived(line_id=line.id, received=line.quantity) for line in transfer.lines]
    return transfers.receive(  # type: ignore[arg-type]
        **({"key": key(), "arrived": arrived or whole, "actor": house.advisor_paris, "at": NOW} | more),
        transfer_id=transfer.id,
    )


def agree() -> bool:
    return stock.list_disagreements() == ()


def events(kind: str) -> list[dict[str, object]]:
    return [event.payload for event in OutboxEvent.objects.filter(kind=kind).order_by("id")]
