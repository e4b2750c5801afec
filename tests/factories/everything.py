"""One of nearly everything a boutique has, by the names that addresses give it; and people to ask for it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import date, timedelta

from tests.factories.orders import buy_online, pay
from tests.factories.parcels import offer_services, to_send
from tests.factories.returns import bring_back, give, waiting_arrivals
from tests.factories.scarcity import an_allocation
from tests.factories.small_house import NOW, SmallHouse
from vendome.domains.fulfilment.types import RefusalReason
from vendome.domains.orders.types import ChangeKind
from vendome.domains.people import queries as people
from vendome.domains.people.models import Account, RoleGrant, Staff
from vendome.domains.stock.counting import CountKind
from vendome.domains.stock.services import counts, transfers
from vendome.domains.stock.services.transfers import Wanted
from vendome.domains.webhooks.models import Endpoint
from vendome.flows import changes, line_steps, reservations
from vendome.flows.returns import BroughtLine, TakenInstead
from vendome.kit import sql
from vendome.kit.actors import Actor


def a_person(
    house: SmallHouse, code: str, roles: Iterable[str], *, home: uuid.UUID, place: uuid.UUID | None = None
) -> Actor:
    """A member of staff with these roles, at one place or everywhere; she can sign in."""
    account = Account.objects.create(email=f"{code}@{house.maison.code}.example")
    staff = Staff.objects.create(
        account=account, maison_id=house.maison.id, home_place_id=home, code=code, given_name=code.title(),
        family_name="Test", started_date=date(2020, 1, 1),
    )  # fmt: skip
    for role in roles:
        RoleGrant.objects.create(staff=staff, role=role, place_id=place, during=(date(2020, 1, 1), None))
    return people.actor_for_account(account.id)


def everything_of(house: SmallHouse) -> dict[str, list[uuid.UUID]]:
    """Things in Paris in the middle of what can happen to them."""
    day = NOW + timedelta(days=3)
    house.stocked(house.paris, ring=6, watch=6, candle=50)
    house.stocked(house.warehouse, ring=2)
    offer_services(house)
    client, advisor = house.traditional, house.advisor_paris
    waiting = buy_online(house, client, house.ring)
    kept = pay(house, buy_online(house, client, house.ring))
    refused = pay(house, buy_online(house, client, house.ring))
    changed = changes.propose(
        key="change", order_id=kept.id, kind=ChangeKind.SWAP, line_id=kept.lines[0].id, reference_id=house.watch,
        actor=advisor, at=NOW,
    )  # fmt: skip
    exception = line_steps.refuse(
        key="refuse", line_id=refused.lines[0].id, reason=RefusalReason.NOT_FOUND, note="", actor=advisor, at=NOW
    )
    worn = give(house, pay(house, buy_online(house, client, house.ring)))
    returned = bring_back(house, worn, BroughtLine(line_id=worn.lines[0].id, accept=False))
    [arrival] = waiting_arrivals()
    given = give(house, pay(house, buy_online(house, client, house.candle)))
    as_gift = bring_back(house, given, is_gift=True, client_id=house.emerging)
    dearer = give(house, pay(house, buy_online(house, client, house.candle)))
    exchange = bring_back(
        house, dearer, instead=(TakenInstead(reference_id=house.watch),),
        pay_within=timedelta(days=1),
    )  # fmt: skip
    assert exchange.document is not None
    _sent, parcel = to_send(house, house.ring)
    reserved = reservations.reserve(
        key="keep", reference_id=house.candle, place_id=house.paris, client_id=client, actor=advisor, at=NOW
    )
    moved = transfers.request(
        key="move", from_place_id=house.paris, to_place_id=house.london, reason="asked for",
        lines=[Wanted(reference_id=house.watch, quantity=1)], actor=house.manager_paris, at=NOW,
    )  # fmt: skip
    counted = counts.open_count(place_id=house.paris, kind=CountKind.FULL, actor=advisor, at=day)
    counts.record_quantity(count_id=counted, reference_id=house.candle, quantity=4, key="count", actor=advisor, at=day)
    counts.close_count(count_id=counted, actor=advisor, at=day)
    allocation = an_allocation(house, pieces=1)
    endpoint = Endpoint.objects.create(
        maison_id=house.maison.id, url="https://erp.example.com/", state="ACTIVE", secret=b"x", created_by="SYSTEM",
        created_at=NOW,
    )  # fmt: skip

    def ids(query: str, *values: object) -> list[uuid.UUID]:
        return [row[0] for row in sql.rows(query, values)]

    return {
        "client_id": [client, house.protected],
        "order_id": [waiting.id, kept.id, worn.id, exchange.document.id],
        "document_id": [exchange.document.id],
        "line_id": [waiting.lines[0].id, kept.lines[0].id, worn.lines[0].id],
        "hold_id": [reserved.hold_id, *(one.hold_id for one in kept.lines)],
        "payment_id": [waiting.payment_id, *ids("SELECT id FROM payments_payment WHERE order_id = %s", kept.id)],
        "change_id": [changed.change_id],
        "exception_id": [exception],
        "return_id": [returned.id, as_gift.id],
        "arrival_id": [arrival],
        "refund_id": ids("SELECT id FROM payments_payment WHERE refund_of_id IS NOT NULL"),
        "card_id": ids("SELECT id FROM payments_giftcard"),
        "parcel_id": [parcel.id],
        "transfer_id": [moved.id],
        "count_id": [counted],
        "finding_id": ids("SELECT id FROM stock_countfinding WHERE count_id = %s", counted),
        "allocation_id": [allocation],
        "endpoint_id": [endpoint.id],
        "staff_id": [advisor.id] if advisor.id else [],
        "reference_id": [house.candle, house.watch],
        "place_id": [house.paris],
    }
