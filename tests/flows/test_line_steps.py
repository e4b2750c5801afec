"""Arrived, ready and handed over are three things; a refusal goes to a person, and nothing moves before she decides."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.domains.test_constraints import refused_by
from tests.factories.orders import buy_online, pay
from tests.factories.small_house import NOW, SmallHouse
from vendome.domains.fulfilment.models import OrderException, Parcel
from vendome.domains.fulfilment.types import ExceptionKind, Proof, RefusalReason, Resolution
from vendome.domains.orders.errors import ExceptionEnded, LineNotReady, NotPaid
from vendome.domains.orders.models import LineStep, Order, OrderLine
from vendome.domains.orders.types import Mode
from vendome.domains.payments.models import Payment
from vendome.domains.people.permissions import ROLES
from vendome.domains.stock.errors import OutOfStock
from vendome.domains.stock.models import Hold
from vendome.domains.stock.queries import shelf as stock
from vendome.flows import books, exceptions, hand_over, line_steps, refunds
from vendome.flows.line_steps import Step, Task
from vendome.flows.types import PlacedOrder
from vendome.kit.actors import EVERYWHERE, Actor, ActorKind
from vendome.kit.errors import BadInput, BodyChanged, Forbidden, NotFound
from vendome.kit.models import AuditEntry, OutboxEvent

pytestmark = pytest.mark.django_db


def staff(house: SmallHouse, role: str, place: uuid.UUID | None) -> Actor:
    scope = EVERYWHERE if place is None else frozenset({place})
    held = dict.fromkeys(ROLES[role], scope)
    return Actor(
        kind=ActorKind.STAFF, id=house.manager_paris.id, maison_id=house.maison.id, home_place_id=place or house.paris,
        permissions=held,
    )  # fmt: skip


def step(line: uuid.UUID, what: Step, actor: Actor, key: str = "") -> Any:
    return line_steps.take_step(key=key or str(uuid.uuid4()), line_id=line, step=what, actor=actor, at=NOW)


def refuse(line: uuid.UUID, actor: Actor, reason: RefusalReason = RefusalReason.NOT_FOUND, key: str = "") -> uuid.UUID:
    return line_steps.refuse(
        key=key or str(uuid.uuid4()), line_id=line, reason=reason, note="not in its tray", actor=actor, at=NOW
    )


def resolve(exception: uuid.UUID, how: Resolution, actor: Actor, **more: Any) -> None:
    exceptions.resolve(
        key=more.pop("key", str(uuid.uuid4())), exception_id=exception, resolution=how, actor=actor, at=NOW, **more
    )


def tasks(house: SmallHouse, place: uuid.UUID) -> list[Task]:
    return [one.task for one in line_steps.list_tasks(actor=house.system, place_id=place)]


def elsewhere(house: SmallHouse) -> PlacedOrder:
    """Collected in Paris, standing in London."""
    house.stocked(house.london, ring=1)
    return pay(house, buy_online(house, house.traditional, house.ring))


def test_the_very_hold_travels_and_each_step_is_written_down(house: SmallHouse) -> None:
    placed = elsewhere(house)
    line, hold = placed.lines[0].id, placed.lines[0].hold_id
    london = staff(house, "advisor", house.london)
    event = OutboxEvent.objects.get(kind="orders.line_needs_transfer").payload
    assert (event["from_place_id"], event["to_place_id"], event["hold_id"]) == (
        str(house.london), str(house.paris), str(hold),
    )  # fmt: skip
    assert (tasks(house, house.london), tasks(house, house.paris)) == ([Task.SEND_TO_BOUTIQUE], [Task.EXPECT])
    assert hand_over.list_waiting(actor=house.advisor_paris, place_id=house.paris) == ()
    with pytest.raises(LineNotReady):
        give(house, line)
    with pytest.raises(LineNotReady):
        step(line, Step.READY, house.advisor_paris)

    assert step(line, Step.LEAVES, london, key="once") == "ON_THE_WAY"
    assert step(line, Step.LEAVES, london, key="once") == "ON_THE_WAY"
    assert stock.list_disagreements() == ()
    assert tasks(house, house.london) == []
    assert step(line, Step.ARRIVES, house.advisor_paris) == "ARRIVED"
    assert tasks(house, house.paris) == [Task.MAKE_READY]
    assert step(line, Step.READY, house.advisor_paris) == "READY"
    give(house, line)

    assert stock.list_disagreements() == ()
    assert Hold.objects.get(id=hold).state == "CONSUMED"
    assert Order.objects.get(id=placed.id).state == "COMPLETED"
    assert [one.state for one in line_steps.list_steps(order_id=placed.id)] == ["ON_THE_WAY", "ARRIVED", "READY"]
    for statement in ("UPDATE orders_linestep SET note = 'x'", "DELETE FROM orders_linestep"):
        with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
            connection.cursor().execute(statement)


def give(house: SmallHouse, line: uuid.UUID) -> None:
    hand_over.hand_over(
        key=str(uuid.uuid4()), line_id=line, proof=Proof.IDENTITY_SEEN, actor=house.advisor_paris, at=NOW
    )


def test_steps_are_for_who_stands_there(house: SmallHouse, other_house: SmallHouse) -> None:
    placed = elsewhere(house)
    line = placed.lines[0].id

    for wrong in (house.advisor_paris, house.advisor_tokyo, other_house.manager_paris):
        with pytest.raises(NotFound):
            step(line, Step.LEAVES, wrong)
    with pytest.raises(Forbidden):
        step(line, Step.LEAVES, staff(house, "director", None))
    assert not LineStep.objects.exists()
    unpaid_house = elsewhere_unpaid(house)
    with pytest.raises(NotPaid):
        step(unpaid_house.lines[0].id, Step.LEAVES, staff(house, "advisor", house.london))


def elsewhere_unpaid(house: SmallHouse) -> PlacedOrder:
    house.stocked(house.london, ring=1)
    return buy_online(house, house.emerging, house.ring)


def test_a_transfer_that_moved_the_hold_brings_the_line_along(house: SmallHouse) -> None:
    placed = elsewhere(house)
    line, hold = placed.lines[0].id, placed.lines[0].hold_id

    for place, state, expected in ((house.transit, "IN_TRANSIT", "ON_THE_WAY"), (house.paris, "IN_STOCK", "ARRIVED")):
        connection.cursor().execute(
            "SELECT stock_move_hold(%s, %s, 'TRANSFERRED_OUT', 'TRANSFERRED_IN', %s, 'SYSTEM', 'x', %s)",
            [hold, place, state, NOW],
        )
        for _again in range(2):
            connection.cursor().execute("SELECT flows_note_travel(%s, 'SYSTEM', %s)", [hold, NOW])
        assert OrderLine.objects.get(id=line).state == expected
    assert LineStep.objects.filter(line_id=line).count() == 2


# -- refusals ---------------------------------------------------------------------------------------------------


def test_a_refusal_goes_to_a_person_with_her_number_and_nothing_moves(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    house.stocked(house.london, ring=1)
    placed = pay(house, buy_online(house, house.traditional, house.ring))
    line = placed.lines[0]

    made = refuse(line.id, house.advisor_paris, key="r")
    assert refuse(line.id, house.advisor_paris, key="r") == made
    assert refuse(line.id, house.advisor_paris) == made  # the same is open already
    with pytest.raises(BodyChanged):
        refuse(line.id, house.advisor_paris, RefusalReason.DAMAGED, key="r")

    (row,) = exceptions.list_open(actor=staff(house, "client_service", None), at=NOW)
    assert (row.kind, row.reason, row.client_phone, row.amount) == ("REFUSED", "NOT_FOUND", "+33612345678", 820_000)
    assert Hold.objects.get(id=line.hold_id).place_id == house.paris
    assert AuditEntry.objects.filter(action="clients.read_phone").count() == 1
    assert exceptions.count_open(actor=house.manager_paris, at=NOW + timedelta(days=2)) == (1, 1)
    assert tasks(house, house.paris) == [Task.MAKE_READY]


def test_a_protected_client_and_other_places_show_nothing(house: SmallHouse, other_house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    placed = pay(house, buy_online(house, house.protected, house.ring))
    connection.cursor().execute(
        'UPDATE orders_order SET contact = \'{"phone": "+44 20 1", "name": "Ophelia"}\' WHERE id = %s', [placed.id]
    )
    made = refuse(placed.lines[0].id, house.advisor_paris)

    (row,) = exceptions.list_open(actor=staff(house, "client_service", None), at=NOW)
    assert (row.client_name, row.client_phone, row.is_guarded) == ("Protected client", "", True)
    for without in (staff(house, "boutique_manager", house.london), other_house.manager_paris):
        assert exceptions.list_open(actor=without, at=NOW) == ()
        with pytest.raises(NotFound):
            exceptions.get(actor=without, exception_id=made, at=NOW)
        with pytest.raises(NotFound):
            resolve(made, Resolution.SPOKEN_TO, without, note="x")
    with pytest.raises(Forbidden):
        exceptions.list_open(actor=house.advisor_paris, at=NOW)
    assert exceptions.list_open(actor=staff(house, "stock_controller", None), at=NOW)[0].client_name == ""


def test_another_source_is_taken_and_only_then_the_old_one_ends(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    house.stocked(house.london, ring=1)
    placed = pay(house, buy_online(house, house.traditional, house.ring))
    made = refuse(placed.lines[0].id, house.advisor_paris)
    service = staff(house, "client_service", None)

    resolve(made, Resolution.RESOURCED, service, key="k")
    resolve(made, Resolution.RESOURCED, service, key="k")

    line = OrderLine.objects.get(id=placed.lines[0].id)
    assert (line.state, line.place_id) == ("HELD", house.paris)
    assert Hold.objects.get(id=line.hold_id).place_id == house.london
    old = Hold.objects.get(id=placed.lines[0].hold_id)
    assert (old.kind, old.state, old.order_line_id) == ("QUARANTINE", "ACTIVE", None)  # not found is not back on sale
    assert stock.list_disagreements() == ()
    plan = Order.objects.get(id=placed.id).sourcing
    assert (plan[-1]["place"], plan[-1]["anew"], plan[-1]["before"]) == (str(house.london), True, str(house.paris))
    assert OutboxEvent.objects.filter(kind="orders.line_needs_transfer").count() == 1
    assert exceptions.list_open(actor=service, at=NOW) == ()
    with pytest.raises(ExceptionEnded):
        resolve(made, Resolution.FOUND_AFTER_ALL, service)


def test_a_piece_kept_for_another_client_is_free_again(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    house.stocked(house.warehouse, ring=1)
    placed = pay(house, buy_online(house, house.traditional, house.ring, mode=Mode.DELIVER, address=["1 rue X"]))
    assert Parcel.objects.get(order_id=placed.id).origin_id == house.warehouse
    made = refuse(placed.lines[0].id, house.system, RefusalReason.KEPT_FOR_ANOTHER)

    resolve(made, Resolution.RESOURCED, staff(house, "client_service", None), place_id=house.paris)

    assert Hold.objects.get(id=placed.lines[0].hold_id).state == "RELEASED"
    assert OrderLine.objects.get(id=placed.lines[0].id).place_id == house.paris
    (parcel,) = Parcel.objects.filter(order_id=placed.id)
    assert (parcel.origin_id, parcel.state) == (house.paris, "PREPARING")
    assert stock.list_disagreements() == ()


def test_without_another_source_nothing_changes(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    placed = pay(house, buy_online(house, house.traditional, house.ring))
    made = refuse(placed.lines[0].id, house.advisor_paris)

    for place in (None, house.london, uuid.uuid4()):
        with pytest.raises(OutOfStock):
            resolve(made, Resolution.RESOURCED, staff(house, "client_service", None), place_id=place)

    hold = Hold.objects.get(id=placed.lines[0].hold_id)
    assert (hold.state, hold.kind, hold.order_line_id) == ("ACTIVE", "ORDER", placed.lines[0].id)
    assert exceptions.get(actor=house.system, exception_id=made, at=NOW).resolved_at is None


def test_a_refund_ends_the_line_and_the_books_agree(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1, watch=1)
    placed = pay(house, buy_online(house, house.traditional, house.ring, house.watch))
    ring = next(line for line in placed.lines if line.reference_id == house.ring)
    made = refuse(ring.id, house.advisor_paris, RefusalReason.DAMAGED)

    resolve(made, Resolution.REFUNDED, staff(house, "client_service", None))
    refunds.send_due(actor=house.system, at=NOW)

    order = Order.objects.get(id=placed.id)
    assert (order.total_amount, order.state) == (placed.total_amount, "CONFIRMED")
    given_back = Payment.objects.get(amount__lt=0, order__maison_id=house.maison.id)
    assert (given_back.amount, given_back.order.total_amount) == (-820_000, -820_000)  # on a document of its own
    assert OrderLine.objects.get(id=ring.id).state == "CANCELLED"
    assert books.list_problems() == []
    other = next(line for line in placed.lines if line.reference_id == house.watch)
    resolve(refuse(other.id, house.advisor_paris), Resolution.REFUNDED, staff(house, "client_service", None))
    refunds.send_due(actor=house.system, at=NOW)
    assert Order.objects.get(id=placed.id).state == "CANCELLED"
    assert books.list_problems() == []
    exceptions.find_due(at=NOW)
    assert exceptions.list_open(actor=house.system, at=NOW) == ()  # given back is not owed


def test_a_person_takes_it_in_hand_lets_it_wait_and_says_what_was_agreed(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    placed = pay(house, buy_online(house, house.traditional, house.ring))
    made = refuse(placed.lines[0].id, house.advisor_paris)
    service = staff(house, "client_service", None)

    exceptions.take(exception_id=made, until=NOW + timedelta(days=1), note="She calls back.", actor=service, at=NOW)
    row = exceptions.get(actor=service, exception_id=made, at=NOW)
    assert (row.owner_id, row.waits_until) == (service.id, NOW + timedelta(days=1))
    assert row.note == "not in its tray\nShe calls back."
    with pytest.raises(BadInput):
        exceptions.take(exception_id=made, until=NOW, actor=service, at=NOW)
    for how in (Resolution.SPOKEN_TO, Resolution.PASSED):
        with pytest.raises(BadInput):
            resolve(made, how, service)

    resolve(made, Resolution.ALTERNATIVE, service, note="She takes the smaller size.")
    assert exceptions.get(actor=service, exception_id=made, at=NOW).resolution == "ALTERNATIVE"
    refused_by(
        "exception_ends_with_a_resolution", "UPDATE fulfilment_orderexception SET resolution = '' WHERE id = %s", [made]
    )
    refused_by("refusal_says_why", "UPDATE fulfilment_orderexception SET reason = 'MOOD' WHERE id = %s", [made])
    refused_by("exception_kind_known", "UPDATE fulfilment_orderexception SET kind = 'MOOD' WHERE id = %s", [made])


def test_the_same_is_open_once(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    placed = pay(house, buy_online(house, house.traditional, house.ring))
    refuse(placed.lines[0].id, house.advisor_paris)

    refused_by(
        "exception_open_once",
        "INSERT INTO fulfilment_orderexception (id, maison_id, kind, order_id, order_line_id, parcel_id, place_id, "
        "reason, note, amount, currency, raised_at, raised_by, resolved_by, resolution, resolution_note) "
        "SELECT gen_random_uuid(), maison_id, kind, order_id, order_line_id, parcel_id, place_id, reason, '', amount, "
        "currency, raised_at, '', '', '', '' FROM fulfilment_orderexception",
    )  # fmt: skip


# -- what is past its promise ---------------------------------------------------------------------------------------


def test_what_is_late_is_found_and_closed_again(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=2)
    house.stocked(house.warehouse, watch=1)
    collected = pay(house, buy_online(house, house.traditional, house.ring))
    sent = pay(house, buy_online(house, house.emerging, house.watch, mode=Mode.DELIVER))
    unpaid = buy_online(house, house.emerging, house.ring)
    assert exceptions.find_due(at=NOW) == 0

    assert exceptions.find_due(at=NOW + timedelta(minutes=12)) == 1
    late = NOW + timedelta(days=9)
    assert exceptions.find_due(at=late) == 2
    assert exceptions.find_due(at=late) == 0
    found = {one.kind: one for one in exceptions.list_open(actor=house.system, at=late)}
    assert set(found) == {ExceptionKind.NOT_READY, ExceptionKind.UNPAID, ExceptionKind.PARCEL_LATE}
    assert found[ExceptionKind.UNPAID].order_id == unpaid.id
    assert found[ExceptionKind.PARCEL_LATE].amount == 1_200_000

    give(house, collected.lines[0].id)
    pay(house, unpaid)
    give(house, unpaid.lines[0].id)
    Parcel.objects.filter(order_id=sent.id).update(state="DELIVERED", delivered_at=NOW)
    assert exceptions.find_due(at=late) == 3
    assert set(OrderException.objects.values_list("resolution", flat=True)) == {"PASSED"}


def test_money_that_came_too_late_is_owed(house: SmallHouse) -> None:
    from vendome.domains.payments.types import CaptureOutcome
    from vendome.flows import checkout

    house.stocked(house.paris, ring=1)
    placed = buy_online(house, house.traditional, house.ring)
    checkout.expire_unpaid(at=NOW + timedelta(hours=1))
    late = CaptureOutcome(is_captured=True, provider_reference="x", amount=820_000, currency="EUR")
    checkout.settle(payment_id=placed.payment_id, outcome=late, actor=house.system, at=NOW)

    exceptions.find_due(at=NOW + timedelta(hours=1))

    (row,) = exceptions.list_open(actor=house.system, at=NOW)
    assert (row.kind, row.amount) == (ExceptionKind.MONEY_OWED, 820_000)


def test_the_list_is_one_statement_however_long(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=4)
    for _ in range(4):
        refuse(pay(house, buy_online(house, house.traditional, house.ring)).lines[0].id, house.advisor_paris)

    with CaptureQueriesContext(connection) as asked:
        assert len(exceptions.list_open(actor=staff(house, "client_service", None), at=NOW)) == 4
        assert len(line_steps.list_tasks(actor=house.advisor_paris, place_id=house.paris)) == 4

    assert (
        len([one for one in asked if "SAVEPOINT" not in one["sql"]]) <= 1
    )  # the audit row; lists go past the framework
