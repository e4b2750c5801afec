# ruff: noqa: E501  # rows of COPY text read better on one line
"""What carriers offer the house, and the parcels of its history: insured, sealed, scanned on their way."""

from __future__ import annotations

import random
from dataclasses import dataclass

from vendome.connectors.demo_house.copying import NULL, array, document, plain
from vendome.connectors.demo_house.moments import DAY, HOUR, MINUTE, stamp
from vendome.connectors.demo_house.world import Market, Place, World

SOURCE = (
    "Estimate of the house after ISO 14083: air about 0.9, road about 0.15 and a courier's van about 0.6 kg CO2e per "
    "tonne-kilometre; to be replaced by each carrier's own yearly report."
)
EUROPE = ("FR", "MC", "BE", "CH", "LU", "IT", "DE", "AT", "ES", "PT", "GB")
SERVICES = (
    # code, name, carrier, mode, countries, EUR limit, days, cut-off, identity, g CO2e: last mile, per tonne-km, rank
    ("ROAD", "Insured courier, by road", "carrier_test", "STANDARD", EUROPE, 25_000, 3, "16:00", False, 350, 150, 0),
    ("AIR", "Insured courier, by air", "carrier_test", "STANDARD", (), 25_000, 4, "15:00", False, 350, 900, 1),
    ("AIR-EXPRESS", "Express, before noon", "carrier_test", "EXPRESS", (), 60_000, 1, "15:00", True, 450, 900, 0),
    ("CONCIERGE", "By our concierge", "house", "WHITE_GLOVE", (), 2_000_000, 1, "14:00", True, 900, 900, 0),
)
WINDOWS = ("10:00-12:00", "14:00-16:00", "17:00-19:00")
CONCIERGES = 3
SCANNED_FOR = 45 * DAY
"""How far back the scans of a parcel are told."""


@dataclass(slots=True, kw_only=True)
class Service:
    id: str
    carrier: str
    mode: str
    countries: tuple[str, ...]
    limits: dict[str, int]
    checks_identity: bool
    grams: int


class Carriers:
    """Writes the services, then one parcel for each order that was sent."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.rng = random.Random(f"{world.random.random()}:carriers")
        self.transit = world.place["transit"]
        self._count = 0
        self.services = [self._write(*entry) for entry in SERVICES]

    def _write(
        self, code: str, name: str, carrier: str, mode: str, countries: tuple[str, ...], limit: int, days: int, cut_off: str,
        checks: bool, base: int, by_distance: int, rank: int,
    ) -> Service:  # fmt: skip
        world = self.world
        limits = {m.currency: _round(limit * m.rate) * m.minor for m in world.markets.values()}
        is_glove = mode == "WHITE_GLOVE"
        service = Service(
            id=world.ids.at(world.start - DAY, 8), carrier=carrier, mode=mode, countries=countries, limits=limits,
            checks_identity=checks, grams=base + by_distance // 2,
        )  # fmt: skip
        world.add(
            "fulfilment_carrierservice", service.id, world.maison, carrier, code, plain(name), mode, array(countries), "{}",
            document(limits), "t", "t" if checks else "f", days, cut_off, array(WINDOWS if is_glove else ()),
            CONCIERGES if is_glove else 0, base, by_distance, plain(SOURCE), rank, "t",
        )  # fmt: skip
        return service

    def delivered_at(self, sent: int) -> int:
        """When a parcel that left then was given to her; 0 while it is on its way."""
        delivered = sent + int((0.8 + self.rng.random() * 2) * DAY)
        return delivered if delivered < self.world.now else 0

    def parcel(
        self, *, at: int, order: str, lines: list[str], source: Place, address: str, promised: str, market: Market,
        country: str, value: int, sent: int, delivered: int, name: str,
    ) -> None:  # fmt: skip
        """One parcel as it stands at the end of the history."""
        world, add = self.world, self.world.copier.add
        parcel = world.ids.at(at, 7)
        self._count += 1
        head = f"{parcel}\t{order}\t{source.id}\t{address}\t{promised}\t{market.currency}"
        if sent:
            service = self._choose(country, market.currency, value)
            limit = max(service.limits[market.currency], value)
            is_ours = service.carrier == "house"
            number = "" if is_ours else f"VM{self._count:010d}FR"
            state = "DELIVERED" if delivered else "OUT_FOR_DELIVERY" if sent < world.now - 2 * DAY else "DISPATCHED"
            ended = stamp(delivered) if delivered else NULL
            add("fulfilment_parcel", (
                f"{head}\t{state}\t{service.mode}\t{service.id}\t{service.carrier}\tAS_CHOSEN\t{number}\t{value}\t{limit}\tt\t"
                f"{'t' if service.checks_identity else 'f'}\tVM-S{self._count:07d}\t{service.grams}\t"
                f"{'NONE' if is_ours else 'BOOKED'}\t{plain(name) if delivered else ''}\t{stamp(sent - 3 * HOUR)}\t{stamp(sent)}\t"
                f"{ended}\t{ended}\t{stamp(world.now) if number else NULL}"
            ))  # fmt: skip
        else:
            add("fulfilment_parcel", (
                f"{head}\tPREPARING\tSTANDARD\t{NULL}\t\t\t\t0\t0\tf\tf\t\t0\tNONE\t\t{NULL}\t{NULL}\t{NULL}\t{NULL}\t{NULL}"
            ))  # fmt: skip
        for line in lines:
            scanned = stamp(sent - 3 * HOUR) if sent else NULL
            add("fulfilment_parcelline", f"{world.ids.at(at, 9)}\t{parcel}\t{line}\tt\t{scanned}")
        if sent and number and sent > world.now - SCANNED_FOR:
            self._scan(parcel, sent, delivered, source)

    def _scan(self, parcel: str, sent: int, delivered: int, source: Place) -> None:
        scans = [("PICKED_UP", sent, "Taken over from the sender", f"{source.city}, {source.country}")]
        if sent + 9 * HOUR < self.world.now:
            scans.append(("IN_TRANSIT", sent + 9 * HOUR, "Left the sorting centre", ""))
        if delivered:
            scans.append(("OUT_FOR_DELIVERY", delivered - 150 * MINUTE, "With the courier", ""))
            scans.append(("DELIVERED", delivered, "Given against a signature", ""))
        for nr, (kind, when, message, where) in enumerate(scans):
            moment = stamp(when)
            self.world.copier.add("fulfilment_trackingevent", (
                f"{self.world.ids.at(when, 10)}\t{parcel}\tcarrier_test\tdemo-{nr}\t{kind}\t{message}\t{plain(where)}\t{moment}\t{moment}"
            ))  # fmt: skip

    def _choose(self, country: str, currency: str, value: int) -> Service:
        """As the packing table would: the first that goes there and insures it, else the concierge."""
        for service in self.services:
            if (not service.countries or country in service.countries) and value <= service.limits[currency]:
                return service
        return self.services[-1]


def _round(amount: float) -> int:
    """To two figures, as limits are written."""
    size: int = max(1, 10 ** (len(str(int(amount))) - 2))
    return int(amount) // size * size
