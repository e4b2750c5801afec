"""What each client buys, when, where and for whom."""

from __future__ import annotations

import math
import random

from vendome.connectors.demo_house.clientele import Client, Clientele, Pool, distance
from vendome.connectors.demo_house.content import Table
from vendome.connectors.demo_house.moments import DAY, HOUR, MINUTE, date_of
from vendome.connectors.demo_house.sales import Line, Sale
from vendome.connectors.demo_house.seasons import OpeningHours, Seasons
from vendome.connectors.demo_house.world import Market, Model, Place, Reference, World

NEVER = (0.15, 0.33, 0.5)  # share of each persona who bought nothing in these years
TAIL = (1.25, 1.5, 2.3)  # the smaller, the longer the tail of those who buy often
MOST = (26, 16, 8)
CHANNELS = ("boutique", "web", "client_service", "partner")
MIX = ((0.80, 0.07, 0.12, 0.01), (0.56, 0.28, 0.11, 0.05), (0.34, 0.55, 0.06, 0.05))
NEAR_A_PARTNER = (0.40, 0.28, 0.08, 0.24)
BUDGET = (11_000.0, 7_000.0, 3_200.0)
"""Around which price, in euros, each persona buys."""


class Demand:
    """Turns clients into sales; nothing is written here."""

    def __init__(self, world: World, clientele: Clientele) -> None:
        self.world = world
        self.clientele = clientele
        self.rng = random.Random(f"{world.random.random()}:demand")
        self.seasons = Seasons(world.start, world.now)
        self.hours = OpeningHours(world.start, self.seasons.days)
        self.days = self.seasons.days
        self.sales: list[Sale] = []
        self._shelves: dict[tuple[int, str], Pool[Model]] = {}
        self._doors: dict[str, Place | None] = {}
        self._sources: dict[str, list[Place]] = {}
        self._markets: dict[str, Market] = world.markets
        self.real = [place for place in world.boutiques() if place.code in world.place]
        self.synthetic = [place for place in world.boutiques() if place.code not in world.place]
        self._plain = [r for r in world.references if r.model.code.startswith("mesure-")]

    def live(self) -> None:
        """The purchasing life of every client, the passers-by, and what was sold of the limited editions."""
        for client in self.clientele.clients[self.clientele.cast_count :]:
            self._live(client)
        boutiques = self.real
        for _ in range(len(self.clientele.clients) // 28):
            place = boutiques[int(self.rng.random() * len(boutiques))]
            self._in_boutique(None, place, self.seasons.draw("en", 1, self.days - 1, self.rng))
        self._sell_editions()

    def _live(self, client: Client) -> None:
        rng = self.rng
        roll = rng.random
        persona = client.persona
        if roll() < NEVER[persona]:
            return
        count = int(rng.paretovariate(TAIL[persona]))
        if count > MOST[persona]:
            count = MOST[persona] // 2 + int(roll() * MOST[persona] / 2)
        first = max(1, (client.since - self.world.start) // DAY + 1)
        count = max(1, round(count * (self.days - first) / self.days))
        last = self.days - 1
        if roll() < 0.2 and first < self.days // 2:
            last = self.days // 2 + int(roll() * self.days // 4)  # silent since
        if first >= last:
            return
        for _ in range(count):
            self._buy(client, self.seasons.draw(client.culture, first, last, rng))

    def _buy(self, client: Client, day: int) -> None:
        roll = self.rng.random
        door = self._door_near(client.city)
        mix = NEAR_A_PARTNER if door else MIX[client.persona]
        dice = roll()
        nr = 0
        while nr < 3 and dice >= mix[nr]:
            dice -= mix[nr]
            nr += 1
        channel = CHANNELS[nr]
        if channel == "partner" and door:
            self._in_boutique(client, door, day)
        elif channel == "web":
            self._on_the_web(client, day)
        elif channel == "client_service":
            self._by_client_service(client, day)
        else:
            self._in_boutique(client, self._where(client, day), day)

    def _where(self, client: Client, day: int) -> Place:
        """Her own boutique, or the one where she travels at that time of the year."""
        travel = client.travel
        roll = self.rng.random
        if self.synthetic and roll() < 0.7:
            return self.synthetic[int(roll() * len(self.synthetic))]
        if travel["places"]:
            month = date_of(self.world.start + day * DAY).month
            months = travel.get("months") or ()
            if roll() < (0.55 if not months else 0.7 if month in months else 0.0):
                places = travel["places"]
                return self.world.place[places[int(roll() * len(places))]]
        return client.home

    # -- by channel ----------------------------------------------------------------------------------------

    def _in_boutique(self, client: Client | None, place: Place, day: int) -> None:
        roll = self.rng.random
        at = self.hours.moment(place, day, self.rng)
        if not self._can_be(at, client):
            return
        is_partner = place.kind == "PARTNER_DOOR"
        seller = None
        if client and client.home is place and roll() < 0.7:
            seller = client.advisor
        elif place.sellers:
            seller = place.sellers[int(roll() * len(place.sellers))]
        lines = tuple(
            Line(reference, self._quantity(reference), "TAKE_AWAY", place, at) for reference in self._choose(client)
        )
        self._add(at, client, "partner" if is_partner else "boutique", place, place.market, seller, lines)

    def _on_the_web(self, client: Client, day: int) -> None:
        roll = self.rng.random
        at = self.world.start + day * DAY + int((6 + roll() * 17.5) * HOUR)
        market = self._markets[client.city["market"]]
        home = client.home
        if home.market is market and home.sells_online and home.offers_collection and roll() < 0.34:
            given = at + int((0.7 + roll() * 5) * DAY)
            mode, source = "COLLECT", home
        else:
            given = at + int((0.2 + roll() * 1.6) * DAY)
            mode, source = "DELIVER", self._source(market)
        if given < self.world.now and self._can_be(at, client):
            lines = tuple(Line(ref, self._quantity(ref), mode, source, given) for ref in self._choose(client))
            self._add(at, client, "web", None, market, None, lines)

    def _by_client_service(self, client: Client, day: int) -> None:
        roll = self.rng.random
        at = self.world.start + day * DAY + int((8 + roll() * 10) * HOUR)
        market = self._markets[client.city["market"]]
        given = at + int((0.3 + roll() * 2) * DAY)
        agents = self.world.agents()
        if given < self.world.now and self._can_be(at, client):
            source = self._source(market)
            lines = tuple(Line(ref, self._quantity(ref), "DELIVER", source, given) for ref in self._choose(client))
            self._add(at, client, "client_service", None, market, agents[int(roll() * len(agents))], lines)

    def _can_be(self, at: int, client: Client | None) -> bool:
        return self.world.start + DAY < at < self.world.now - 30 * MINUTE and (client is None or at > client.since)

    def _add(
        self, at: int, client: Client | None, channel: str, place: Place | None, market: Market, seller: object,
        lines: tuple[Line, ...],
    ) -> None:  # fmt: skip
        gift_to = None
        if client and len(lines) == 1:
            clients = self.clientele.clients
            other = client.gift_to if client.gift_to >= 0 else client.partner
            if other >= 0 and self.rng.random() < 0.3 and clients[other].since < at:
                gift_to = clients[other]
        self.sales.append(Sale(at, len(self.sales), client, channel, place, market, seller, lines, gift_to))  # type: ignore[arg-type]

    # -- what ------------------------------------------------------------------------------------------------

    def _choose(self, client: Client | None) -> list[Reference]:
        roll = self.rng.random
        dice = roll()
        count = 1 if dice < 0.87 else 2 if dice < 0.98 else 3
        found: list[Reference] = []
        for _ in range(count):
            reference = self.pick(client)
            if reference not in found:
                found.append(reference)
        return found

    def pick(self, client: Client | None) -> Reference:
        """A reference after her taste, metal and size."""
        roll = self.rng.random
        if self._plain and roll() < 0.6:
            return self._plain[int(roll() * len(self._plain))]
        persona = client.persona if client else 2
        taste = client.taste if client and roll() < 0.5 else None
        model = self._shelf(persona, taste).draw(self.rng)
        return self.fit(model, client)

    def fit(self, model: Model, client: Client | None) -> Reference:
        """The reference of a model that fits her: her metal where it is made, her size."""
        roll = self.rng.random
        material = model.materials[0]
        if client:
            material = next((metal for metal in client.metals if metal in model.materials), material)
        elif roll() < 0.4:
            material = model.materials[int(roll() * len(model.materials))]
        size = ""
        if model.sizes:
            worn = {"ring": client.ring, "bracelet": client.bracelet, "necklace": client.necklace} if client else {}
            size = worn.get(model.size_system, "")
            if size not in model.sizes:
                size = model.sizes[len(model.sizes) // 2]
        return self.world.reference[model.code, material, size]

    def _quantity(self, reference: Reference) -> int:
        return 1 if reference.is_serialised or self.rng.random() < 0.8 else 2

    def _shelf(self, persona: int, taste: Table | None) -> Pool[Model]:
        key = (persona, taste["text"] if taste else "")
        pool = self._shelves.get(key)
        if pool is None:
            models = [m for m in self.world.models if not m.limited and not m.code.startswith("mesure-")]
            liked = [model for model in models if taste and _likes(taste, model)]
            pool = self._shelves[key] = Pool(
                liked or models, [_appeal(model.price_eur, BUDGET[persona]) for model in liked or models]
            )
        return pool

    def _sell_editions(self) -> None:
        """Limited editions go to those who come often, in a boutique, one by one."""
        rng = self.rng
        everyone = self.clientele.clients[self.clientele.cast_count :]
        collectors = [c for c in everyone if c.persona < 2 and c.since < self.world.start]
        if not collectors:
            return
        for model in self.world.models:
            for _ in range(int(model.limited * self.world.size.editions_sold)):
                client = collectors[int(rng.random() * len(collectors))]
                place = client.home
                at = self.hours.moment(place, self.seasons.draw(client.culture, 1, self.days - 1, rng), rng)
                if self._can_be(at, client):
                    line = Line(self.fit(model, client), 1, "TAKE_AWAY", place, at)
                    self._add(at, client, "boutique", place, place.market, client.advisor, (line,))

    # -- where from ------------------------------------------------------------------------------------------

    def _source(self, market: Market) -> Place:
        """Where a parcel for a market comes from: its own boutique now and then, else the reserve of that side."""
        sources = self._sources.get(market.code)
        if sources is None:
            reserve = self.world.place["secaucus" if market.code in ("US", "BR") else "roissy"]
            shops = [place for place in self.real if place.market is market and place.ships and place.sells_online]
            sources = self._sources[market.code] = [reserve, reserve, *shops[:1]]
        return sources[int(self.rng.random() * len(sources))]

    def _door_near(self, city: Table) -> Place | None:
        """The partner door of her city or country, where the house has no boutique nearer."""
        if city["name"] not in self._doors:
            doors = [place for place in self.world.places if place.kind == "PARTNER_DOOR"]
            door = min(doors, key=lambda place: distance(city, place))
            home, _ = self.clientele.home_of(city)
            is_near = distance(city, door) < min(700.0, distance(city, home))
            self._doors[city["name"]] = door if is_near else None
        return self._doors[city["name"]]


def _likes(taste: Table, model: Model) -> bool:
    return (
        model.stone in taste.get("stones", ())
        or model.collection in taste.get("collections", ())
        or model.form in taste.get("forms", ())
        or model.family in taste.get("families", ())
        or bool(set(taste.get("materials", ())) & set(model.materials))
    )


def _appeal(price: float, budget: float) -> float:
    """How often a price is bought by those with a budget: often below it, seldom far above."""
    ratio = price / budget
    return 1 / (0.35 + math.pow(ratio, 1.7))
