"""What stands in boutiques, reserves and at partner doors today, free to be sold."""

from __future__ import annotations

import random

from vendome.connectors.demo_house.ledger import Ledger
from vendome.connectors.demo_house.transfers import Transfers
from vendome.connectors.demo_house.world import Model, Place, Reference, World

SOLE: dict[str, str] = {
    "AURORE-PENDANTS-RG": "paris",
    "CORDAGE-MONTRE-YG": "paris",
    "MERIDIEN-SAUTOIR-WG": "london",
    "ORANGERIE-PENDANTS-YG": "tokyo",
    "CORDAGE-TORQUE-RG": "new-york",
}
"""References of which one single piece stands free in the whole house, and where. The tutorial sells the first."""
CENTRAL = {"ring": (2, 11), "bracelet": (1, 4), "necklace": (0, 4)}
"""Which sizes of a system a boutique keeps: from, to."""
ON_BENCH = 6
ON_THE_WAY = 8


class Stocking:
    """Fills shelves. What is limited stays scarce; the references of `SOLE` stand in one place only."""

    def __init__(self, world: World, ledger: Ledger) -> None:
        self.world = world
        self.ledger = ledger
        self.rng = random.Random(f"{world.random.random()}:stocking")
        self.transfers = Transfers(world, ledger)
        by_sku = {reference.sku: reference for reference in world.references}
        self.sole = {by_sku[sku].nr: world.place[place] for sku, place in SOLE.items()}

    def fill(self) -> None:
        world = self.world
        for nr, place in self.sole.items():
            self.ledger.stand(place, world.references[nr], 1)
        for model in world.models:
            if model.code.startswith("mesure-"):
                continue
            if model.limited:
                self._keep_scarce(model)
            else:
                self._spread(model)
        self._on_bench_and_on_the_way()
        self._fill_synthetic()

    def _spread(self, model: Model) -> None:
        roll = self.rng.random
        references = [r for r in self.world.references if r.model is model and r.nr not in self.sole]
        for place in self.world.place.values():
            if place.kind == "BOUTIQUE" and roll() < 0.8:
                self._shelve(place, model, references, 0.34)
            elif place.kind == "PARTNER_DOOR" and model.price_eur < 22_000 and roll() < 0.4:
                self._shelve(place, model, references, 0.16)
            elif place.kind == "WAREHOUSE":
                self._reserve(place, references)

    def _shelve(self, place: Place, model: Model, references: list[Reference], share: float) -> None:
        roll = self.rng.random
        first, last = CENTRAL.get(model.size_system, (0, 1))
        kept = set(model.sizes[first:last]) or {""}
        for reference in references:
            if not reference.is_serialised:
                self.ledger.stand(place, reference, 3 + int(roll() * 9))
            elif reference.size in kept and roll() < (share if model.sizes else share * 2):
                self.ledger.stand(place, reference, 2 if reference.price_eur < 9_000 and roll() < 0.35 else 1)

    def _reserve(self, place: Place, references: list[Reference]) -> None:
        roll = self.rng.random
        for reference in references:
            if not reference.is_serialised:
                self.ledger.stand(place, reference, 36 + int(roll() * 60))
            elif roll() < (0.72 if reference.price_eur < 30_000 else 0.3):
                self.ledger.stand(place, reference, 1 + int(roll() * 2.6))

    def _keep_scarce(self, model: Model) -> None:
        """One piece of an edition in Paris and two more in the world; the rest is sold or yet to be made."""
        references = [reference for reference in self.world.references if reference.model is model]
        middle = references[len(references) // 2]
        for code in ("paris", "hong-kong", "new-york"):
            self.ledger.stand(self.world.place[code], middle, 1)

    def _on_bench_and_on_the_way(self) -> None:
        world, roll = self.world, self.rng.random
        some = [r for r in world.references if r.is_serialised and r.nr not in self.sole and r.price_eur < 30_000]
        some = [r for r in some if not r.model.limited and not r.model.code.startswith("mesure-")]
        for _ in range(ON_BENCH):
            bench = world.place["atelier-paris"]
            self.ledger.send(some[int(roll() * len(some))], bench, reason="to the atelier for engraving")
        for _ in range(ON_THE_WAY):
            self.transfers.send(some[int(roll() * len(some))])
        self.transfers.lose(some[int(roll() * len(some))])
        self.transfers.wait(some)

    def _fill_synthetic(self) -> None:
        """For measuring: every reference at every place."""
        world, roll = self.world, self.rng.random
        if not world.size.references:
            return
        real = len(world.place)
        for place in world.places:
            if place.kind not in ("BOUTIQUE", "WAREHOUSE"):
                continue
            for reference in world.references:
                is_synthetic = reference.model.code.startswith("mesure-")
                if reference.is_serialised and (is_synthetic or place.nr >= real):
                    if reference.model.limited or reference.nr in self.sole:
                        continue
                    if roll() < 0.45:
                        self.ledger.stand(place, reference, 1)
                    else:
                        self.ledger.empty(place, reference)
                elif is_synthetic or place.nr >= real:
                    self.ledger.stand(place, reference, 8 + int(roll() * 60))
