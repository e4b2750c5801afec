"""Pieces between places: on their way, waiting for an answer, to be picked, and one journey that did not end well."""

from __future__ import annotations

import random

from vendome.connectors.demo_house.copying import NULL, plain
from vendome.connectors.demo_house.ledger import Ledger
from vendome.connectors.demo_house.moments import DAY, HOUR, date_of, stamp
from vendome.connectors.demo_house.world import Place, Reference, World

REASONS = ("for the window", "the last one was sold on Saturday", "an appointment on Thursday", "a client waits for it")
ASKED = (("london", "paris"), ("paris", "roissy"), ("tokyo", "roissy"), ("geneva", "paris"))
"""Who asks whom, and still waits for an answer."""
FIRST_NUMBER = 901  # below the first one that the house gives itself


class Transfers:
    """Writes transfers with their lines, and the movements of what travels."""

    def __init__(self, world: World, ledger: Ledger) -> None:
        self.world = world
        self.ledger = ledger
        self.rng = random.Random(f"{world.today}:transfers")
        self.number = FIRST_NUMBER
        self.boutiques = [place for place in world.place.values() if place.kind == "BOUTIQUE"]
        self.transit = world.place["transit"]
        self.sent = 0

    def send(self, reference: Reference) -> None:
        """A piece that left the reserve and has not arrived; every third one is for Paris."""
        towards = self.boutiques[0] if self.sent % 3 == 0 else self._any_boutique()
        self.sent += 1
        at = self.world.now - int((0.3 + self.rng.random() * 2) * DAY)
        transfer, number = self._write(self.ledger.reserve, towards, "DISPATCHED", at)
        piece, number_, received, hold = self._leave(reference, self.ledger.reserve, towards, number, at)
        self._hold(hold, "ACTIVE", reference, piece, self.transit, number, at)
        self.ledger.enter(
            piece, reference, number_, received, state="IN_TRANSIT", owner="HOUSE", place=self.transit.id, hold=hold
        )
        self._line(transfer, 1, reference, piece, hold, at)

    def lose(self, reference: Reference) -> None:
        """Two pieces left, one arrived: the other is lost on the way, and somebody wrote down what she saw."""
        at, arrived = self.world.now - 6 * DAY, self.world.now - 5 * DAY
        towards, seller = self.boutiques[0], self._seller(self.boutiques[0])
        transfer, number = self._write(self.ledger.reserve, towards, "CLOSED_WITH_DISCREPANCY", at, arrived)
        for position in (1, 2):
            piece, number_, received, hold = self._leave(reference, self.ledger.reserve, towards, number, at)
            if position == 1:
                said = f"{number} from {self.ledger.reserve.name}"
                self._note(self.transit, reference, arrived, "TRANSFERRED_OUT", -1, -1, piece, hold, seller, said)
                self._note(towards, reference, arrived, "TRANSFERRED_IN", 1, 1, piece, hold, seller, said)
                self._note(towards, reference, arrived, "RELEASED", 0, -1, piece, hold, seller, number)
                self.ledger.enter(
                    piece, reference, number_, received, state="IN_STOCK", owner=towards.stock_owner, place=towards.id
                )
                self._hold(hold, "RELEASED", reference, piece, towards, number, at, arrived)
                self._line(transfer, position, reference, piece, hold, at, arrived)
            else:
                word = "the seal was whole, the case empty"
                self._note(self.transit, reference, arrived, "LOST", -1, -1, piece, hold, seller, f"{number}: {word}")
                self.ledger.enter(
                    piece, reference, number_, received, state="LOST", owner="HOUSE", place=self.transit.id
                )
                self._hold(hold, "CONSUMED", reference, piece, self.transit, number, at, arrived)
                self._line(transfer, position, reference, piece, hold, at, arrived, lost=word)

    def wait(self, references: list[Reference]) -> None:
        """Requests that nobody has answered yet, and one of Paris that is agreed and has to be picked."""
        for nr, (asks, gives) in enumerate(ASKED):
            towards, source = self.world.place.get(asks), self.world.place.get(gives)
            reference = self._standing_free(source, references) if source else None
            if towards and source and reference:
                at = self.world.now - int((0.2 + nr * 0.9) * DAY)
                transfer, _number = self._write(source, towards, "REQUESTED", at)
                self._line(transfer, 1, reference, NULL, NULL, at)
        self._to_be_picked(references[int(self.rng.random() * len(references))])

    def _to_be_picked(self, reference: Reference) -> None:
        source, towards = self.boutiques[0], self.boutiques[1]
        at = self.world.now - 20 * HOUR
        transfer, number = self._write(source, towards, "APPROVED", at)
        piece, number_, received = self.ledger.arrive(source, reference, at - DAY)
        hold = self.world.ids.at(at, 4)
        self._note(source, reference, at, "HELD", 0, 1, piece, hold, self._seller(source), number)
        self.ledger.enter(
            piece, reference, number_, received, state="IN_STOCK", owner="HOUSE", place=source.id, hold=hold
        )
        self._hold(hold, "ACTIVE", reference, piece, source, number, at)
        self._line(transfer, 1, reference, piece, hold, at)

    # -- rows -------------------------------------------------------------------------------------------------

    def _leave(
        self, reference: Reference, source: Place, towards: Place, number: str, at: int
    ) -> tuple[str, str, int, str]:
        """A piece is held for the journey and moves to the place of what is on its way."""
        piece, number_, received = self.ledger.arrive(source, reference, at - DAY)
        hold, keeper = self.world.ids.at(at, 4), self.ledger.keeper
        said = f"{number} to {towards.name}"
        self._note(source, reference, at - 4 * HOUR, "HELD", 0, 1, piece, hold, keeper, number)
        self._note(source, reference, at, "TRANSFERRED_OUT", -1, -1, piece, hold, keeper, said)
        self._note(self.transit, reference, at, "TRANSFERRED_IN", 1, 1, piece, hold, keeper, said)
        return piece, number_, received, hold

    def _note(
        self, place: Place, reference: Reference, at: int, kind: str, change: int, held: int, piece: str, hold: str,
        who: str, reason: str,
    ) -> None:  # fmt: skip
        self.ledger.note(place, reference, (at, 0, kind, change, held, piece, NULL, hold, who, plain(reason)))

    def _hold(
        self, hold: str, state: str, reference: Reference, piece: str, place: Place, number: str, at: int,
        ended: int = 0,
    ) -> None:  # fmt: skip
        self.world.copier.add("stock_hold", (
            f"{hold}\tTRANSFER\t{state}\t{reference.id}\t{piece}\t{place.id}\tf\t1\t{NULL}\t{NULL}\t{NULL}\t{NULL}\t"
            f"{number}\t{stamp(at - 4 * HOUR)}\t{NULL}\t{stamp(ended) if ended else NULL}"
        ))  # fmt: skip

    def _write(self, source: Place, towards: Place, state: str, at: int, ended: int = 0) -> tuple[str, str]:
        """One transfer whose last step before its end was at a moment; returns its id and number."""
        number = f"TR-{date_of(at):%y}-{self.number}"
        self.number += 1
        asked = at if state == "REQUESTED" else at - 9 * HOUR
        identity, keeper = self.world.ids.at(asked, 3), self.ledger.keeper
        never, nobody = NULL, ""
        agreed = (never, nobody) if state == "REQUESTED" else (stamp(at - 4 * HOUR), keeper)
        left = state in ("DISPATCHED", "CLOSED_WITH_DISCREPANCY")
        picked = (stamp(at - HOUR), keeper) if left else (never, nobody)
        gone = (stamp(at), keeper) if left else (never, nobody)
        over = (stamp(ended), self._seller(towards)) if ended else (never, nobody)
        self.world.add(
            "stock_transfer", identity, self.world.maison, number, source.id, towards.id, state,
            REASONS[self.number % len(REASONS)], NULL, NULL, f"LX-{40_000 + self.number * 7}" if left else "",
            stamp(asked), self._seller(towards), *agreed, *picked, *gone, *over, "",
        )  # fmt: skip
        return identity, number

    def _line(
        self, transfer: str, position: int, reference: Reference, piece: str, hold: str, at: int, settled: int = 0,
        *, lost: str = "",
    ) -> None:  # fmt: skip
        came = NULL if not settled else 0 if lost else 1
        self.world.add(
            "stock_transferline", self.world.ids.at(at, 5), transfer, position, reference.id, 1, piece, hold, came,
            "MISSING" if lost else "", plain(lost), stamp(settled) if settled else NULL,
        )  # fmt: skip

    def _seller(self, place: Place) -> str:
        return place.sellers[0].label if place.sellers else self.ledger.keeper

    def _any_boutique(self) -> Place:
        return self.boutiques[int(self.rng.random() * len(self.boutiques))]

    def _standing_free(self, place: Place, references: list[Reference]) -> Reference | None:
        """Something that place has free, so that it can agree."""
        start = int(self.rng.random() * len(references))
        for reference in references[start:] + references[:start]:
            events = self.ledger.events.get(place.nr * self.ledger.width + reference.nr, ())
            if sum(event[3] - event[4] for event in events) > 0:
                return reference
        return None
