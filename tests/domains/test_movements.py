"""Pieces and quantities move for a reason; whose they are is one thing, who has them another; the books agree."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from tests.domains.test_moving import level, set_aside
from tests.factories.orders import buy_online, pay
from tests.factories.small_house import NOW, SmallHouse
from tests.factories.transfers import events, key
from vendome.domains.house.models import Place
from vendome.domains.people.permissions import ROLES
from vendome.domains.stock.errors import (
    HoldGone,
    NotPossibleThere,
    NotQuarantined,
    OutOfStock,
    PartnerOwned,
    PieceElsewhere,
    Promised,
    ReasonMissing,
    SerialsNeeded,
)
from vendome.domains.stock.models import Hold, Movement, Piece
from vendome.domains.stock.queries import shelf as stock
from vendome.domains.stock.queries import transfers as reads
from vendome.domains.stock.services import movements, shelf, transfers
from vendome.domains.stock.services.transfers import Arrived, Wanted
from vendome.domains.stock.types import OPEN_TRANSFERS, Discrepancy, HoldKind, TransferState
from vendome.kit.audit import AuditEntry
from vendome.kit.errors import DomainError, Forbidden, NotFound

pytestmark = pytest.mark.django_db

DUE = date(2026, 12, 24)


def piece(house: SmallHouse, reference: uuid.UUID | None = None) -> Piece:
    return Piece.objects.filter(reference_id=reference or house.ring).order_by("serial")[0]


def do(house: SmallHouse, command: Callable[..., Any], **values: Any) -> Any:
    """A movement in Paris by whoever may."""
    given = {"key": key(), "place_id": house.paris, "reason": "a reason", "actor": house.system, "at": NOW}
    return command(**(given | values))


def agree() -> bool:
    return stock.list_disagreements() == ()


def kinds(house: SmallHouse, place: uuid.UUID, reference: uuid.UUID) -> list[str]:
    found = stock.list_movements(actor=house.system, place_id=place, reference_id=reference)
    return [one.kind.value for one in reversed(found)]


def test_into_quarantine_and_back_on_the_shelf(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    one = piece(house)
    hold = do(house, movements.quarantine, reference_id=house.ring, piece_id=one.id, actor=house.advisor_paris)

    assert level(house, house.paris, house.ring) == (1, 1)
    assert piece(house).state == "QUARANTINED"
    with pytest.raises(OutOfStock):
        buy_online(house, house.traditional, house.ring)
    assert agree()
    do(house, movements.restock, hold_id=hold, actor=house.manager_paris)
    assert (level(house, house.paris, house.ring), piece(house).state) == ((1, 0), "IN_STOCK")
    assert kinds(house, house.paris, house.ring) == ["RECEIVED", "QUARANTINED", "RESTOCKED"]
    with pytest.raises(NotQuarantined):
        do(house, movements.restock, hold_id=hold)
    assert agree()
    assert AuditEntry.objects.filter(action__in=["stock.quarantined", "stock.restocked"]).count() == 2


def test_only_quarantine_is_restocked(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    with pytest.raises(NotQuarantined):
        do(house, movements.restock, hold_id=set_aside(house, house.ring))
    assert level(house, house.paris, house.ring) == (1, 1)


@pytest.mark.parametrize("command", [movements.lose, movements.write_off])
@pytest.mark.parametrize("is_quarantined", [False, True])
def test_off_the_shelf_for_good(house: SmallHouse, command: Callable[..., None], is_quarantined: bool) -> None:
    house.stocked(house.paris, ring=2, candle=5)
    one = piece(house)
    if is_quarantined:
        do(house, movements.quarantine, reference_id=house.ring, piece_id=one.id)
    do(house, command, reference_id=house.ring, piece_id=one.id)
    do(house, command, reference_id=house.candle, quantity=2)

    assert level(house, house.paris, house.ring) == (1, 0)
    assert level(house, house.paris, house.candle) == (3, 0)
    assert piece(house).state in ("LOST", "WRITTEN_OFF")
    assert agree()
    assert events("stock.promise_broken") == []


def test_a_promised_piece_may_be_lost_but_not_written_off(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    line = pay(house, buy_online(house, house.traditional, house.ring)).lines[0]
    one = piece(house)
    with pytest.raises(Promised):
        do(house, movements.write_off, reference_id=house.ring, piece_id=one.id)
    assert level(house, house.paris, house.ring) == (1, 1)

    do(house, movements.lose, reference_id=house.ring, piece_id=one.id)

    assert [told["order_line_id"] for told in events("stock.promise_broken")] == [str(line.id)]
    assert level(house, house.paris, house.ring) == (0, 0)
    assert agree()


def test_what_was_lost_is_found_anywhere(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=2)
    one = piece(house)
    with pytest.raises(PieceElsewhere):
        do(house, movements.find, reference_id=house.ring, piece_id=one.id)
    do(house, movements.lose, reference_id=house.ring, piece_id=one.id)
    hold = do(house, movements.find, reference_id=house.ring, piece_id=one.id, place_id=house.london)

    assert level(house, house.london, house.ring) == (1, 1)
    assert agree()
    do(house, movements.restock, hold_id=hold, place_id=house.london)
    assert level(house, house.london, house.ring) == (1, 0)
    do(house, movements.find, reference_id=house.candle, quantity=3)
    assert level(house, house.paris, house.candle) == (3, 3)
    assert agree()


def test_a_quantity_is_put_right(house: SmallHouse) -> None:
    house.stocked(house.paris, candle=5, ring=1)
    set_aside(house, house.candle, quantity=2)
    do(house, movements.correct, reference_id=house.candle, change=-3)
    assert level(house, house.paris, house.candle) == (2, 2)
    with pytest.raises(OutOfStock):
        do(house, movements.correct, reference_id=house.candle, change=-1)
    do(house, movements.correct, reference_id=house.candle, change=4)
    assert level(house, house.paris, house.candle) == (6, 2)
    with pytest.raises(SerialsNeeded):
        do(house, movements.correct, reference_id=house.ring, change=1)
    assert [row.reason for row in Movement.objects.filter(kind="CORRECTED")] == ["a reason"] * 2
    assert agree()


def test_a_loan_stays_the_houses(house: SmallHouse) -> None:
    house.stocked(house.paris, watch=1)
    one = piece(house, house.watch)
    lend: dict[str, Any] = {"reference_id": house.watch, "piece_id": one.id, "client_id": house.traditional}
    hold = do(house, movements.lend, due_date=DUE, **lend)

    home = Place.objects.get(maison_id=house.maison.id, kind="CLIENT_HOME")
    lent = piece(house, house.watch)
    assert (lent.owner, lent.place_id, lent.state) == ("HOUSE", home.id, "ON_LOAN")
    assert (level(house, house.paris, house.watch), level(house, home.id, house.watch)) == ((0, 0), (1, 1))
    assert (Hold.objects.get(id=hold).due_date, Hold.objects.get(id=hold).client_id) == (DUE, house.traditional)
    assert agree()
    with pytest.raises(OutOfStock):
        do(house, movements.lend, due_date=DUE, **lend)
    do(house, movements.take_loan_back, hold_id=hold, place_id=house.london)
    assert piece(house, house.watch).state == "QUARANTINED"
    assert level(house, house.london, house.watch) == (1, 1)
    with pytest.raises(HoldGone):
        do(house, movements.take_loan_back, hold_id=hold)
    assert agree()
    do(house, movements.restock, hold_id=hold, place_id=house.london)
    assert kinds(house, house.london, house.watch) == ["RETURNED", "RESTOCKED"]
    second = piece(house, house.watch)
    do(house, movements.lend, due_date=None, place_id=house.london, **lend | {"piece_id": second.id})
    assert Place.objects.filter(maison_id=house.maison.id, kind="CLIENT_HOME").count() == 1
    assert agree()


def test_consigned_to_a_door_and_back(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    one = piece(house)
    there: dict[str, Any] = {"reference_id": house.ring, "piece_id": one.id, "to_place_id": house.partner_door}
    do(house, movements.consign, actor=house.manager_paris, **there)

    carried = piece(house)
    assert (carried.owner, carried.place_id, carried.hold_id) == ("HOUSE", house.partner_door, None)
    assert kinds(house, house.paris, house.ring)[-1] == "CONSIGNED"
    assert agree()
    for place, to in ((house.paris, house.london), (house.partner_door, house.transit), (house.paris, house.paris)):
        with pytest.raises(NotPossibleThere):
            do(house, movements.consign, **there | {"place_id": place, "to_place_id": to})
    do(house, movements.consign, **there | {"place_id": house.partner_door, "to_place_id": house.london})
    assert (piece(house).state, level(house, house.london, house.ring)) == ("QUARANTINED", (1, 1))
    assert agree()


def test_a_partners_piece_is_neither_lent_nor_carried(house: SmallHouse) -> None:
    house.stocked(house.partner_door, ring=1)
    Piece.objects.update(owner="Galerie Test")
    at_door: dict[str, Any] = {"place_id": house.partner_door, "reference_id": house.ring, "piece_id": piece(house).id}
    with pytest.raises(PartnerOwned):
        do(house, movements.consign, to_place_id=house.paris, **at_door)
    with pytest.raises(PartnerOwned):
        do(house, movements.lend, client_id=house.traditional, due_date=None, **at_door)
    assert level(house, house.partner_door, house.ring) == (1, 0)


def test_each_needs_a_reason_a_right_and_its_own_maison(house: SmallHouse, other_house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1, candle=2)
    one = piece(house)
    ring = {"reference_id": house.ring, "piece_id": one.id}
    cases: list[tuple[Callable[..., Any], dict[str, Any]]] = [
        (movements.quarantine, ring),
        (movements.lose, ring),
        (movements.write_off, ring),
        (movements.find, ring),
        (movements.correct, {"reference_id": house.candle, "change": 1}),
        (movements.lend, {**ring, "client_id": house.traditional, "due_date": None}),
        (movements.consign, {**ring, "to_place_id": house.partner_door}),
    ]
    for command, values in cases:
        with pytest.raises(ReasonMissing):
            do(house, command, **values, reason=" ")
        for actor in (house.advisor_tokyo, house.director):
            with pytest.raises(Forbidden):
                do(house, command, **values, actor=actor)
        with pytest.raises(NotFound):
            do(house, command, **values, actor=other_house.system)
    with pytest.raises(NotFound):
        do(house, movements.lend, **ring, client_id=other_house.traditional, due_date=None)
    with pytest.raises(Forbidden):
        do(house, movements.write_off, **ring, actor=house.advisor_paris)
    assert Movement.objects.exclude(kind="RECEIVED").count() == 0
    assert "stock.adjust" not in ROLES["advisor"]


def test_a_repeat_with_its_key_does_nothing_more(house: SmallHouse) -> None:
    house.stocked(house.paris, candle=5)
    for _ in range(2):
        do(house, movements.correct, reference_id=house.candle, change=2, key="once")
    first = do(house, movements.quarantine, reference_id=house.candle, key="q")
    assert do(house, movements.quarantine, reference_id=house.candle, key="q") == first
    assert level(house, house.paris, house.candle) == (7, 1)


# -- whatever is done, in whatever order, the books agree ------------------------------------------------------


class Business:
    """A house in which any of these may happen next; what cannot happen is refused and changes nothing."""

    def __init__(self, house: SmallHouse, draw: Callable[[int], int]) -> None:
        self.house, self.draw = house, draw
        self.places = [house.paris, house.london, house.warehouse, house.partner_door]

    def step(self, what: str) -> None:
        with suppress(DomainError), transaction.atomic():
            getattr(self, what)()

    def some_piece(self) -> Piece:
        found = list(Piece.objects.filter(maison_id=self.house.maison.id).order_by("serial"))
        return found[self.draw(len(found))]

    def some_hold(self, *kinds: str) -> Hold:
        found = list(Hold.objects.filter(state="ACTIVE", kind__in=kinds).order_by("id"))
        if not found:
            raise NotFound()
        return found[self.draw(len(found))]

    def some_transfer(self) -> reads.TransferView:
        found = reads.list_transfers(actor=self.house.system, states=OPEN_TRANSFERS)
        if not found:
            raise NotFound()
        return reads.get_transfer(actor=self.house.system, transfer_id=found[self.draw(len(found))].id)

    def place(self) -> uuid.UUID:
        return self.places[self.draw(len(self.places))]

    def goods(self) -> dict[str, Any]:
        if self.draw(3) == 0:
            return {"place_id": self.place(), "reference_id": self.house.candle, "quantity": 1 + self.draw(3)}
        one = self.some_piece()
        return {"place_id": one.place_id or self.place(), "reference_id": one.reference_id, "piece_id": one.id}

    def quarantine(self) -> None:
        do(self.house, movements.quarantine, **self.goods())

    def restock(self) -> None:
        hold = self.some_hold("QUARANTINE")
        do(self.house, movements.restock, hold_id=hold.id, place_id=hold.place_id)

    def lose(self) -> None:
        do(self.house, movements.lose, **self.goods())

    def write_off(self) -> None:
        do(self.house, movements.write_off, **self.goods())

    def find(self) -> None:
        do(self.house, movements.find, **self.goods() | {"place_id": self.place()})

    def correct(self) -> None:
        change = self.draw(9) - 4
        do(self.house, movements.correct, place_id=self.place(), reference_id=self.house.candle, change=change)

    def lend(self) -> None:
        goods = self.goods()
        if "piece_id" not in goods:
            raise SerialsNeeded()
        do(self.house, movements.lend, **goods | {"client_id": self.house.traditional, "due_date": None})

    def loan_back(self) -> None:
        do(self.house, movements.take_loan_back, hold_id=self.some_hold("LOAN").id, place_id=self.place())

    def consign(self) -> None:
        do(self.house, movements.consign, to_place_id=self.place(), **self.goods())

    def reserve(self) -> None:
        one = self.some_piece()
        shelf.hold_reference(
            kind=HoldKind.RESERVATION, place_id=one.place_id or self.place(), reference_id=one.reference_id,
            piece_id=one.id, client_id=self.house.emerging, expires_at=None, actor=self.house.system, at=NOW,
        )  # fmt: skip

    def send_a_hold(self) -> None:
        hold = self.some_hold("RESERVATION")
        transfers.request_for_hold(
            key=key(), hold_id=hold.id, to_place_id=self.place(), reason="for her", actor=self.house.system, at=NOW
        )

    def ask(self) -> None:
        references = [self.house.candle, self.house.ring, self.house.watch]
        lines = [
            Wanted(reference_id=one, quantity=1 + self.draw(2 if nr else 3))
            for nr, one in enumerate(references[: 1 + self.draw(3)])
        ]
        client = self.house.traditional if self.draw(2) else None
        transfers.request(
            key=key(), from_place_id=self.places[self.draw(2)], to_place_id=self.place(), lines=lines, reason="stock",
            client_id=client, actor=self.house.system, at=NOW,
        )  # fmt: skip

    def go_on(self) -> None:
        """The next step of some transfer, whatever it is; where there is none, one is asked for."""
        if not reads.list_transfers(actor=self.house.system, states=OPEN_TRANSFERS):
            return self.ask()
        found, more = self.some_transfer(), {"key": key(), "actor": self.house.system, "at": NOW}
        if found.state is TransferState.REQUESTED:
            transfers.approve(transfer_id=found.id, **more)  # type: ignore[arg-type]
        elif found.state is TransferState.APPROVED:
            codes = [line.serial for line in found.lines if line.serial]
            transfers.pick(transfer_id=found.id, codes=codes, **more)  # type: ignore[arg-type]
        elif found.state is TransferState.PICKED:
            transfers.dispatch(transfer_id=found.id, **more)  # type: ignore[arg-type]
        else:
            arrived = [self.arrival(line) for line in found.lines if line.is_open][: 1 + self.draw(3)]
            transfers.receive(transfer_id=found.id, arrived=arrived, **more)  # type: ignore[arg-type]
        return None

    def arrival(self, line: reads.TransferLineView) -> Arrived:
        kind = (None, None, Discrepancy.MISSING, Discrepancy.DAMAGED)[self.draw(4)]
        came = self.draw(line.quantity) if kind is Discrepancy.MISSING else line.quantity
        return Arrived(line_id=line.id, received=came, discrepancy=kind, note="seen" if kind else "")

    def cancel(self) -> None:
        transfers.cancel(
            key=key(), transfer_id=self.some_transfer().id, reason="no more", actor=self.house.system, at=NOW
        )


STEPS = sorted(name for name in vars(Business) if not name.startswith("_") and name not in {
    "step", "some_piece", "some_hold", "some_transfer", "place", "goods", "arrival"})  # fmt: skip


class Undone(Exception):
    """Ends a transaction whose rows are not wanted."""


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=some.data(),
    steps=some.lists(some.sampled_from([*STEPS, "reserve", "ask", *["go_on"] * 8]), min_size=10, max_size=40),
)
def test_the_books_agree_after_any_business(house: SmallHouse, data: Any, steps: list[str]) -> None:
    with suppress(Undone), transaction.atomic():
        house.stocked(house.paris, ring=2, watch=1, candle=6)
        house.stocked(house.london, ring=2, candle=3)
        business = Business(house, lambda n: data.draw(some.integers(0, n - 1)))
        for what in steps:
            business.step(what)
            assert stock.list_disagreements() == (), what
        assert not Piece.objects.filter(owner="CLIENT").exists()  # nothing here changes whose a piece is
        raise Undone
