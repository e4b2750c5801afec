"""What is going on today: orders that wait, baskets that are open, pieces set aside."""

from __future__ import annotations

import random

from vendome.connectors.demo_house.clientele import Client, Clientele
from vendome.connectors.demo_house.copying import NULL, plain
from vendome.connectors.demo_house.demand import Demand
from vendome.connectors.demo_house.ledger import Ledger
from vendome.connectors.demo_house.moments import DAY, HOUR, stamp
from vendome.connectors.demo_house.sales import Line, Sale
from vendome.connectors.demo_house.stocking import SOLE
from vendome.connectors.demo_house.world import Place, Reference, World


class OpenBusiness:
    """Work for the salon and the bureau to show."""

    def __init__(self, world: World, clientele: Clientele, demand: Demand, ledger: Ledger) -> None:
        self.world = world
        self.clientele = clientele
        self.demand = demand
        self.ledger = ledger
        self.rng = random.Random(f"{world.random.random()}:open")
        self._taken: set[str] = set()
        self._by_home: dict[int, list[Client]] = {}
        for client in clientele.clients[clientele.cast_count :]:
            if client.since < world.now - 5 * DAY:
                self._by_home.setdefault(client.home.nr, []).append(client)

    def begin(self) -> list[Sale]:
        """Write holds and baskets; return the orders that wait, for the sales to book."""
        sales: list[Sale] = []
        for place in self.demand.real:
            if place.sells_online and place.offers_collection:
                count = self.world.size.collections_per_boutique + (2 if place.code == "paris" else 0)
                sales += [sale for _ in range(count) if (sale := self._to_collect(place))]
            self._set_aside(place)
        sales += [sale for nr in range(8) if (sale := self._to_deliver(nr))]
        for _ in range(self.world.size.baskets):
            self._open_basket()
        return sales

    def _someone(self, place: Place) -> Client | None:
        """A client of that boutique with nothing else going on."""
        clients = self._by_home.get(place.nr, [])
        for _ in range(20 if clients else 0):
            client = clients[int(self.rng.random() * len(clients))]
            if client.id not in self._taken:
                self._taken.add(client.id)
                return client
        return None

    def _recent(self, days: float) -> int:
        return self.world.now - int((0.1 + self.rng.random() * days) * DAY)

    def _to_collect(self, place: Place) -> Sale | None:
        client = self._someone(place)
        if not client:
            return None
        at = self._recent(2.6)
        line = Line(self._piece(client), 1, "COLLECT", place, 0)
        is_ready = self.rng.random() < 0.5
        return Sale(at, -1, client, "web", None, place.market, None, (line,), None, False, is_ready)

    def _to_deliver(self, nr: int) -> Sale | None:
        home = self.demand.real[nr % len(self.demand.real)]
        client = self._someone(home)
        if not client:
            return None
        at = self._recent(0.8)
        market = self.world.markets[client.city["market"]]
        source = self.world.place["secaucus" if market.code in ("US", "BR") else "roissy"]
        line = Line(self._piece(client), 1, "DELIVER", source, 0)
        return Sale(at, -2, client, "web", None, market, None, (line,), None, False)

    def _set_aside(self, place: Place) -> None:
        """A reservation by her advisor, until a day this week."""
        client = self._someone(place)
        if client:
            at = self._recent(1.5)
            self.reserve(
                client, place, self._piece(client), at, "to be seen on Saturday", 2 + int(self.rng.random() * 5)
            )

    def reserve(self, client: Client, place: Place, reference: Reference, at: int, reason: str, days: int) -> None:
        world = self.world
        hold = world.ids.at(at, 1)
        piece, number, received = self.ledger.arrive(place, reference, at)
        self.ledger.enter(
            piece, reference, number, received, state="IN_STOCK", owner=place.stock_owner, place=place.id, hold=hold
        )
        world.copier.add("stock_hold", (
            f"{hold}\tRESERVATION\tACTIVE\t{reference.id}\t{piece}\t{place.id}\tf\t1\t{client.id}\t{client.advisor.id}\t{NULL}\t"
            f"{NULL}\t{reason}\t{stamp(at)}\t{stamp(world.now + days * DAY + 19 * HOUR)}\t{NULL}"
        ))  # fmt: skip
        event = (at, 1, "HELD", 0, 1, piece, NULL, hold, client.advisor.label, reason)
        self.ledger.note(place, reference, event)

    def _open_basket(self) -> None:
        real = self.demand.real
        client = self._someone(real[int(self.rng.random() * len(real))])
        if client:
            self.basket(client, [self._piece(client)], self._recent(6), None)

    def basket(self, client: Client, references: list[Reference], at: int, advisor: str | None) -> None:
        world = self.world
        basket = world.ids.at(at)
        market = world.markets[client.city["market"]]
        world.copier.add("orders_basket", (
            f"{basket}\t{world.maison}\t{market.id}\t{client.id}\t{advisor or NULL}\tOPEN\t{stamp(at)}\t"
            f"{stamp(at + HOUR)}"
        ))  # fmt: skip
        for reference in references:
            world.copier.add("orders_basketline", (
                f"{world.ids.at(at, 1)}\t{basket}\t{reference.id}\t1\tDELIVER\t{NULL}\t{stamp(at)}"
            ))  # fmt: skip

    def selection(self, client: Client, chosen: list[tuple[Reference, str]], at: int, note: str) -> None:
        """What her advisor has chosen and sent; she has not looked at it yet."""
        world = self.world
        selection = world.ids.at(at, 2)
        market = world.markets[client.city["market"]]
        world.copier.add("orders_selection", (
            f"{selection}\t{world.maison}\t{market.id}\t{client.id}\t{client.advisor.id}\tSENT\t{plain(note)}\t"
            f"{stamp(at - HOUR)}\t{stamp(at)}\t{stamp(at + 14 * DAY)}"
        ))  # fmt: skip
        for position, (reference, word) in enumerate(chosen, start=1):
            world.copier.add("orders_selectionitem", (
                f"{world.ids.at(at, 3)}\t{selection}\t{reference.id}\t{position}\t{plain(word)}"
            ))  # fmt: skip

    def _piece(self, client: Client) -> Reference:
        for _ in range(50):
            reference = self.demand.pick(client)
            if reference.is_serialised and reference.price_eur < 40_000 and reference.sku not in SOLE:
                return reference
        return reference
