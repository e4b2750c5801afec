"""The clients: who they are, how they are reached, what they like and what they allowed."""

from __future__ import annotations

import math
import random
import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from vendome.connectors.demo_house.contacts import Addresses, phone
from vendome.connectors.demo_house.content import Table
from vendome.connectors.demo_house.copying import NULL, flag, plain
from vendome.connectors.demo_house.moments import DAY, HOUR, date_of, day_text, stamp
from vendome.connectors.demo_house.world import Place, Staff, World

PERSONAS = ("traditional", "emerging", "aspirational")
LAWS = {
    "GB": "UK GDPR", "CH": "FADP", "US": "CCPA", "CA": "PIPEDA", "MX": "LFPDPPP", "BR": "LGPD", "AR": "PDPA (AR)",
    "CL": "Law 19.628", "JP": "APPI", "HK": "PDPO", "MO": "PDPA (MO)", "TW": "PDPA (TW)", "SG": "PDPA",
    "MY": "PDPA (MY)", "ID": "UU PDP", "TH": "PDPA (TH)", "KR": "PIPA", "CN": "PIPL", "AU": "Privacy Act 1988",
    "NZ": "Privacy Act 2020",
    "AE": "PDPL (AE)", "SA": "PDPL (SA)", "KW": "CITRA rules", "QA": "PDPPL", "LB": "Law 81", "MA": "Law 09-08",
    "IN": "DPDP Act",
}  # fmt: skip
SALUTATIONS = {
    "fr": ("Madame", "Monsieur"), "it": ("Signora", "Signor"), "de": ("Frau", "Herr"), "es": ("Señora", "Señor"),
    "pt": ("Senhora", "Senhor"), "ar": ("Sayyida", "Sayyid"),
}  # fmt: skip
HERS = re.compile(r"\b(she|her|hers|herself|widowed)\b", re.IGNORECASE)
EARLY = (1.6, 1.2, 1.05)  # the larger, the more clients of a persona came in recent years
METALS = ("YG", "RG", "WG", "PT")


@dataclass(slots=True)
class Client:
    """What the purchasing life of a client depends on."""

    id: str
    name: str
    city: Table
    culture: str
    persona: int
    home: Place
    advisor: Staff
    since: int
    taste: Table
    metals: tuple[str, ...]
    ring: str
    bracelet: str
    necklace: str
    travel: Table
    partner: int = -1  # number of the client she shares a household with
    gift_to: int = -1  # number of a client she gives to


class Pool[T]:
    """A weighted choice, drawn with one random number."""

    def __init__(self, items: Sequence[T], weights: Sequence[float]) -> None:
        self.items = list(items)
        self._sums = list(accumulate(weights))

    @classmethod
    def of(cls, entries: Sequence[Any]) -> Pool[Any]:
        return cls(entries, [entry["weight"] for entry in entries])

    def draw(self, rng: random.Random) -> T:
        return self.items[min(bisect_right(self._sums, rng.random() * self._sums[-1]), len(self.items) - 1)]


class Clientele:
    """Makes clients one after another; a couple is two clients who follow each other."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.rng = random.Random(f"{world.random.random()}:clientele")
        self.clients: list[Client] = []
        self._is_woman = False  # of the person made last; her name and addresses below
        self._family = self._email = self._phone = ""
        self.cast_count = 0  # the first clients are the cast; their lives are written, not drawn
        self.addresses = Addresses()
        self.phones: dict[str, int] = {}
        names = world.content.names
        for culture in names["culture"].values():
            for pool in ("female", "male", "family"):
                culture[pool] = [plain(name) for name in culture[pool]]
        self.cities: Pool[Table] = Pool.of(names["city"])
        self.hospitality: Pool[Table] = Pool.of(names["hospitality"])
        self.tastes: Pool[Table] = Pool.of(names["taste"])
        self.gifts: Pool[Table] = Pool.of(names["gift"])
        self.households: Pool[Table] = Pool.of(names["household"])
        self.notes: Pool[Table] = Pool(names["note"], [1.0] * len(names["note"]))
        self.at_home: Table = next(entry for entry in names["travel"] if not entry["places"])
        self.travels = {culture: Pool.of(_known_to(names["travel"], culture)) for culture in names["culture"]}
        self.occasions = {culture: Pool.of(_known_to(names["occasion"], culture)) for culture in names["culture"]}
        sizes = world.content.collection["size"]
        self.rings = [value for value in sizes["ring"]["values"] if 48 <= int(value) <= 62]
        self.bracelets: list[str] = sizes["bracelet"]["values"]
        self.necklaces: list[str] = sizes["necklace"]["values"]
        self._homes: dict[str, tuple[Place, list[Staff]]] = {}
        self._cultures: dict[str, Pool[str]] = {}
        self._others = {place.nr: place for place in world.boutiques() if place.code in world.place}

    def fill(self, count: int) -> None:
        """Make clients until there are `count`."""
        rng = self.rng
        while len(self.clients) < count:
            first = self._person(None)
            if rng.random() < 0.16 and len(self.clients) < count:
                self._person(first)
            self.world.copier.breathe()
            if len(self.clients) % 5_000 < 2:
                self.world.report("", len(self.clients) / count)

    def home_of(self, city: Table) -> tuple[Place, list[Staff]]:
        """The boutique nearest to a city, and those who sell there."""
        known = self._homes.get(city["name"])
        if known is None:
            market = [p for p in self._others.values() if p.market.code == city["market"]]
            near = min(market or self._others.values(), key=lambda place: distance(city, place))
            known = self._homes[city["name"]] = (near, near.sellers)
        return known

    def _person(self, spouse: Client | None) -> Client:
        rng, world = self.rng, self.world
        roll = rng.random
        city = spouse.city if spouse else self.cities.draw(rng)
        culture = spouse.culture if spouse else self._culture_of(city)
        pools = world.content.names["culture"][culture]
        is_woman = roll() < 0.64 if spouse is None else not self._is_woman
        self._is_woman = is_woman
        names = pools["female"] if is_woman else pools["male"]
        given = names[int(roll() * len(names))]
        if not (spouse and roll() < 0.7):
            self._family = pools["family"][int(roll() * len(pools["family"]))]
        family = self._family
        dice = roll()
        if spouse:
            persona = spouse.persona
        elif culture in ("zh", "ko", "hi", "ar"):
            persona = 0 if dice < 0.10 else 1 if dice < 0.52 else 2
        else:
            persona = 0 if dice < 0.20 else 1 if dice < 0.42 else 2
        since = (
            world.now
            - int((10 + roll() ** EARLY[persona] * (8200, 2400, 1500)[persona]) * DAY)
            - int(roll() * 9 * HOUR)
        )
        home, advisors = self.home_of(city)
        travel = self.at_home if persona == 2 and roll() < 0.6 else self.travels[culture].draw(rng)
        speaking = [person for person in advisors if pools["language"] in person.languages]
        advisor = (speaking or advisors)[int(roll() * len(speaking or advisors))]
        taste = self._fitting(self.tastes, is_woman)
        client = Client(
            world.ids.at(since), f"{given} {family}", city, culture, persona, home, advisor, since, taste,
            tuple(taste.get("materials", ())) or (METALS[int(roll() * 3)],),
            self.rings[min(len(self.rings) - 1, int(roll() * 5 + roll() * 4) + (0 if is_woman else 5))],
            self.bracelets[int(roll() * 4) + (0 if is_woman else 2)], self.necklaces[int(roll() * 4)], travel,
        )  # fmt: skip
        self._write(client, given, family, is_woman, spouse)
        return client

    def _fitting(self, pool: Pool[Table], is_woman: bool) -> Table:
        """A line that may be said of this person: "Pearls since her wedding" is not said of a man."""
        entry = pool.draw(self.rng)
        while not is_woman and HERS.search(entry["text"]):
            entry = pool.draw(self.rng)
        return entry

    def _culture_of(self, city: Table) -> str:
        pool = self._cultures.get(city["name"])
        if pool is None:
            pool = self._cultures[city["name"]] = Pool(list(city["cultures"]), list(city["cultures"].values()))
        return pool.draw(self.rng)

    def _write(self, client: Client, given: str, family: str, is_woman: bool, spouse: Client | None) -> None:
        rng, world = self.rng, self.world
        roll = rng.random
        language = world.content.names["culture"][client.culture]["language"]
        age = (46 + roll() * 38, 29 + roll() * 23, 21 + roll() * 18)[client.persona]
        born = date_of(world.now - int(age * 365.25) * DAY)
        kept = roll()
        standing = "new" if world.now - client.since < 200 * DAY else ("private", "regular", "regular")[client.persona]
        titles = SALUTATIONS.get(language, ("Ms", "Mr"))
        has_advisor = client.persona < 2 or kept < 0.5
        world.copier.add("clients_client", (
            f"{client.id}\t{world.maison}\t{given}\t{family}\t{titles[0] if is_woman else titles[1]}\t{language}\t"
            f"{client.city['name']}\t{client.city['country']}\t{born if kept < 0.72 else NULL}\t"
            f"{PERSONAS[client.persona]}\t{standing}\t{'t' if roll() < 0.0012 else 'f'}\t"
            f"{client.advisor.id if has_advisor else NULL}\t{client.home.id}\t{stamp(client.since)}"
        ))  # fmt: skip
        number = len(self.clients)
        self.clients.append(client)
        self._reach(client, given, family, spouse)
        self._allow(client)
        self._like(client, is_woman)
        if spouse:
            spouse.partner, client.partner = number, number - 1
            is_married = client.name.split(" ", 1)[-1] == spouse.name.split(" ", 1)[-1] or roll() < 0.4
            labels = ("wife", "husband") if is_married else ("partner", "partner")
            since = max(client.since, spouse.since)
            self.tie(spouse, client, "HOUSEHOLD", labels[not is_woman], since)
            self.tie(client, spouse, "HOUSEHOLD", labels[is_woman], since)
        elif number > self.cast_count + 20 and roll() < 0.07:
            client.gift_to = self.cast_count + int(roll() * (number - self.cast_count - 1))
            other = self.clients[client.gift_to]
            self.tie(client, other, "GIFT", self.gifts.draw(rng)["relation"], max(client.since, other.since))

    def _reach(self, client: Client, given: str, family: str, spouse: Client | None) -> None:
        roll = self.rng.random
        at = stamp(client.since)
        proven = roll()
        source = "web account" if client.persona == 2 and proven < 0.6 else "boutique"
        if roll() < 0.93:
            if spouse and self._email and roll() < 0.45:
                email, proven = self._email, 1.0
            else:
                email = self.addresses.email(given, family, int(roll() * 6))
            self._email = email
            attested = at if proven < 0.62 else NULL
            self._identify(client, "EMAIL", email, source, at, attested)
        else:
            self._email = self.addresses.email(given, family, 0)
        if roll() < 0.84:
            if not (spouse and self._phone and roll() < 0.35):
                country = client.city["country"]
                nr = self.phones.get(country, 0)
                self.phones[country] = nr + 1
                self._phone = phone(country, nr)
                is_shared = False
            else:
                is_shared = True
            self._identify(client, "PHONE", self._phone, "boutique", at, at if roll() < 0.2 and not is_shared else NULL)
        if client.culture == "zh" and roll() < 0.5:
            self._identify(client, "WECHAT", f"vd_{client.id[-10:]}", "wechat", at, NULL)

    def _identify(self, client: Client, kind: str, value: str, source: str, at: str, attested: str) -> None:
        self.world.copier.add("clients_identifier", (
            f"{self.world.ids.at(client.since)}\t{client.id}\t{self.world.maison}\t{kind}\t{value}\t{source}\t{at}\t{attested}"
        ))  # fmt: skip

    def _allow(self, client: Client) -> None:
        roll = self.rng.random
        country = client.city["country"]
        law = LAWS.get(country, "GDPR")
        proof = f"card signed, {client.home.city}" if client.persona < 2 else "ticked in the web account"
        generous = roll()
        self.consent(client.id, "SERVICE", "email", True, law, proof, client.since)
        if self.world.size.is_lean:
            return
        self.consent(client.id, "NEWS", "email", generous < 0.58, law, proof, client.since + HOUR)
        if client.persona < 2:
            channel = "wechat" if client.culture == "zh" else "phone"
            self.consent(client.id, "PERSONAL_ADVICE", channel, generous < 0.8, law, proof, client.since + HOUR)
        if generous < 0.3:
            self.consent(client.id, "PROFILING", "any", generous < 0.22, law, proof, client.since + 2 * HOUR)
        if 0.5 < generous < 0.55:
            changed = client.since + int((self.world.now - client.since) * roll())
            self.consent(client.id, "NEWS", "email", False, law, "link in a letter", changed)

    def consent(self, client: str, purpose: str, channel: str, given: bool, law: str, proof: str, at: int) -> None:
        self.world.copier.add("clients_consent", (
            f"{self.world.ids.at(at)}\t{client}\t{purpose}\t{channel}\t{flag(given)}\t{law}\t{proof}\t{stamp(at)}"
        ))  # fmt: skip

    def _like(self, client: Client, is_woman: bool) -> None:
        rng = self.rng
        roll = rng.random
        at = client.since + int((self.world.now - client.since) * roll() * 0.8)
        if client.persona == 2 and roll() < (0.8 if self.world.size.is_lean else 0.45):
            return
        self.prefer(client.id, "taste", client.taste["text"], "told the advisor", 80, True, at)
        if self.world.size.is_lean:
            return
        if roll() < 0.55:
            self.prefer(client.id, "ring_size", client.ring, "measured", 95, True, at + HOUR)
        if client.persona < 2 or roll() < 0.2:
            self.prefer(
                client.id, "hospitality", self.hospitality.draw(rng)["text"], "seen in the boutique", 70, True, at
            )
        if roll() < 0.3:
            self.prefer(
                client.id,
                "household",
                self._fitting(self.households, is_woman)["text"],
                "told the advisor",
                75,
                False,
                at,
            )
        if client.travel["places"]:
            self.prefer(client.id, "travel", client.travel["text"], "seen in purchases", 60, False, at)
        if client.persona < 2 and roll() < 0.5:
            note = self._fitting(self.notes, is_woman)
            self.prefer(client.id, "note", note["text"], "noted by the advisor", 85, note["may_mention"], at)
        if roll() < 0.25:
            occasion = self.occasions[client.culture].draw(rng)
            if occasion["code"] not in ("birthday", "for-herself"):
                self.prefer(client.id, "occasion", occasion["name"]["en"], "said at a purchase", 65, True, at)

    def prefer(self, client: str, topic: str, value: str, source: str, sure: int, mention: bool, at: int) -> None:
        self.world.copier.add("clients_preference", (
            f"{self.world.ids.at(at)}\t{client}\t{topic}\t{plain(value)}\t{source}\t{sure}\t{flag(mention)}\t{stamp(at)}"
        ))  # fmt: skip

    def tie(self, client: Client, other: Client, kind: str, label: str, at: int) -> None:
        self.world.copier.add("clients_tie", (
            f"{self.world.ids.at(at)}\t{client.id}\t{other.id}\t{kind}\t{label}\t{stamp(at)}"
        ))  # fmt: skip

    def remember_earlier_pieces(self) -> None:
        """Pieces bought before the ledger was opened, and pieces of other houses, as clients told of them."""
        rng, world = self.rng, self.world
        real = [reference for reference in world.references if not reference.model.code.startswith("mesure-")]
        others = (
            "A steel chronograph of her father’s",
            "Pearls from her mother",
            "A wedding band, engraved",
            "An Art Deco clip",
        )
        for client in self.clients[self.cast_count :]:
            span = world.start - client.since
            if client.persona == 2 or span < 30 * DAY:
                continue
            for _ in range(min(3, int(rng.paretovariate(1.4)) - 1)):
                bought = client.since + int(span * rng.random())
                reference = real[int(rng.random() * len(real))]
                if reference.model.limited or reference.price_eur > (90_000, 20_000)[client.persona]:
                    continue
                self.own(client.id, reference.id, "", bought)
            if rng.random() < 0.12:
                self.own(client.id, NULL, others[int(rng.random() * len(others))], client.since)

    def own(self, client: str, reference: str, description: str, at: int, left: int = 0) -> None:
        """A piece in her wardrobe that no order of ours explains."""
        self.world.copier.add("clients_wardrobepiece", (
            f"{self.world.ids.at(at)}\t{client}\t{NULL}\t{reference}\t{NULL}\t{description}\tDECLARED\t1\t{day_text(at)}\t"
            f"{stamp(left) if left else NULL}"
        ))  # fmt: skip


def distance(city: Table, place: Place) -> float:
    """Kilometres between a city and a place, on a sphere."""
    a, b = math.radians(city["latitude"]), math.radians(place.latitude)
    across = math.radians(place.longitude - city["longitude"])
    arc = math.sin(a) * math.sin(b) + math.cos(a) * math.cos(b) * math.cos(across)
    return 6371 * math.acos(max(-1.0, min(1.0, arc)))


def _known_to(entries: Sequence[Table], culture: str) -> list[Table]:
    return [entry for entry in entries if culture in entry.get("cultures", (culture,))]
