"""Pieces and the stock ledger: events are gathered by level and told in the order of time at the end."""

from __future__ import annotations

import random
from operator import itemgetter

from vendome.connectors.demo_house.copying import NULL, plain
from vendome.connectors.demo_house.moments import DAY, HOUR, Ids, day_text, stamp
from vendome.connectors.demo_house.world import Place, Reference, World

Event = tuple[int, int, str, int, int, str, str, str, str, str]
"""Moment, step, kind, change on hand, change held, piece, order, hold, actor, reason."""

GS1_DEMONSTRATION_PREFIX = 9521897  # 952 is the prefix GS1 keeps for examples; seven digits make partition 5
SYSTEM = "SYSTEM"
OPENED = "opening of the ledger"
BATCH = 12  # objects without serial numbers arrive in boxes


class Ledger:
    """Keeps what every level has seen; `tell` writes levels and movements with the quantities after each."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.rng = random.Random(f"{world.random.random()}:ledger")
        self.ids: Ids = world.ids
        self.events: dict[int, list[Event]] = {}
        self.width = len(world.references)
        self.serial = 0
        keeper = world.staff["thierry-quesnel"].label
        self.keeper = keeper
        self.reserve = world.place["roissy"]

    def note(self, place: Place, reference: Reference, event: Event) -> None:
        key = place.nr * self.width + reference.nr
        events = self.events.get(key)
        if events is None:
            self.events[key] = [event]
        else:
            events.append(event)

    def empty(self, place: Place, reference: Reference) -> None:
        """A level that is kept though nothing stands there."""
        self.events.setdefault(place.nr * self.width + reference.nr, [])

    # -- pieces ------------------------------------------------------------------------------------------

    def arrive(self, place: Place, reference: Reference, before: int) -> tuple[str, str, int]:
        """A new piece that reached the place some time before a moment: its id, serial part and arrival."""
        world, roll = self.world, self.rng.random
        arrived = before - int((2 + roll() * roll() * 150) * DAY)
        floor = world.start + int(roll() * 20 * HOUR)
        is_opening = arrived < floor
        if is_opening:
            arrived = min(floor, before - HOUR)
        if not is_opening and not world.size.is_lean and roll() < 0.4 and place is not self.reserve:
            return self._through_reserve(place, reference, arrived)
        piece = self.ids.at(arrived)
        self.note(place, reference, (
            arrived, 0, "RECEIVED", 1, 0, piece, NULL, NULL, SYSTEM if is_opening else self.keeper,
            OPENED if is_opening else "from the ateliers",
        ))  # fmt: skip
        self.serial += 1
        return piece, self._numbered(reference, arrived), arrived

    def _through_reserve(self, place: Place, reference: Reference, arrived: int) -> tuple[str, str, int]:
        """Received in the central reserve, then sent on: two ledgers know of it."""
        roll = self.rng.random
        sent = arrived - int((1 + roll() * 2) * DAY)
        received = max(self.world.start, sent - int((1 + roll() * 20) * DAY))
        sent = max(sent, received + HOUR)
        arrived = max(arrived, sent + HOUR)
        piece = self.ids.at(received)
        reserve = self.reserve
        self.note(
            reserve, reference, (received, 0, "RECEIVED", 1, 0, piece, NULL, NULL, self.keeper, "from the ateliers")
        )
        self.note(
            reserve, reference, (sent, 0, "TRANSFERRED_OUT", -1, 0, piece, NULL, NULL, self.keeper, f"to {place.name}")
        )
        self.note(
            place,
            reference,
            (arrived, 0, "TRANSFERRED_IN", 1, 0, piece, NULL, NULL, self.keeper, f"from {reserve.name}"),
        )
        self.serial += 1
        return piece, self._numbered(reference, received), received

    def _numbered(self, reference: Reference, at: int) -> str:
        """Serial and EPC (SGTIN-96: company prefix, item, serial), as two fields of a row."""
        year = day_text(at)[2:4]
        epc = 0x30 << 88 | 1 << 85 | 5 << 82 | GS1_DEMONSTRATION_PREFIX << 58 | (reference.nr + 1) << 38 | self.serial
        return f"VM-{year}-{self.serial:06}\t{epc:024X}"

    def enter(
        self, piece: str, reference: Reference, number: str, received: int, *, state: str, owner: str,
        place: str = NULL, client: str = NULL, hold: str = NULL,
    ) -> None:  # fmt: skip
        """Write a piece as it stands at the end of the history."""
        self.world.copier.add("stock_piece", (
            f"{piece}\t{self.world.maison}\t{reference.id}\t{number}\t{state}\t{owner}\t{place}\t{client}\t{hold}\t"
            f"{stamp(received)}"
        ))  # fmt: skip

    # -- what stands in the house today ----------------------------------------------------------------------

    def stand(self, place: Place, reference: Reference, quantity: int) -> None:
        """Free stock: pieces that came and have not been sold."""
        world, roll = self.world, self.rng.random
        if not reference.is_serialised:
            at = world.start + int(roll() * 20 * HOUR)
            self.note(place, reference, (at, 0, "RECEIVED", quantity, 0, NULL, NULL, NULL, SYSTEM, OPENED))
            return
        for _ in range(quantity):
            piece, number, received = self.arrive(place, reference, world.now - int((1 + roll() * 20) * DAY))
            self.enter(piece, reference, number, received, state="IN_STOCK", owner=place.stock_owner, place=place.id)

    def send(self, reference: Reference, place: Place, *, reason: str) -> None:
        """A piece that left the reserve for a bench, and stands nowhere to be sold."""
        sent = self.world.now - int((0.3 + self.rng.random() * 2) * DAY)
        piece, number, received = self.arrive(self.reserve, reference, sent)
        self.note(
            self.reserve, reference, (sent, 0, "TRANSFERRED_OUT", -1, 0, piece, NULL, NULL, self.keeper, plain(reason))
        )
        self.enter(piece, reference, number, received, state="IN_WORKSHOP", owner="HOUSE", place=place.id)

    # -- the telling -----------------------------------------------------------------------------------------

    def tell(self) -> None:
        """Write every level with its movements; each says what was on hand and held after it."""
        world, at = self.world, self.ids.at
        add = world.copier.add
        by_time = itemgetter(0, 1)
        total = len(self.events)
        for nr, key in enumerate(sorted(self.events)):
            if nr % 5_000 == 0:
                world.report("", nr / total)
            place, reference = world.places[key // self.width], world.references[key % self.width]
            ends = f"{place.id}\t{reference.id}"
            events = self.events.pop(key)
            events.sort(key=by_time)
            if not reference.is_serialised:
                events = self._with_boxes(events)
            on_hand = held = last = step = 0
            when = ""
            for moment, _, kind, change, held_change, piece, order, hold, actor, reason in events:
                on_hand += change
                held += held_change
                moment = max(moment, last)
                if moment == last and step < 15:
                    step += 1
                else:
                    moment, step = moment + (moment == last), 0
                    last, when = moment, stamp(moment)
                add("stock_movement", (
                    f"{at(moment, step)}\t{when}\t{kind}\t{ends}\t{piece}\t{change}\t{held_change}\t{on_hand}"
                    f"\t{held}\t{order}\t{hold}\t{actor}\t{reason}"
                ))  # fmt: skip
            add("stock_level", f"{reference.id}\t{place.id}\t{on_hand}\t{held}")
            world.copier.breathe()

    def _with_boxes(self, events: list[Event]) -> list[Event]:
        """Objects without serial numbers arrive by the box, a day before the shelf would be bare."""
        told: list[Event] = []
        free = 0
        for event in events:
            free += event[3] - event[4]
            if free < 0:
                boxes = (-free + BATCH - 1) // BATCH * BATCH
                arrived = max(event[0] - DAY, told[-1][0] if told else self.world.start)
                told.append((arrived, 0, "RECEIVED", boxes, 0, NULL, NULL, NULL, self.keeper, "from the ateliers"))
                free += boxes
            told.append(event)
        return told
