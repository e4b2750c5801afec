"""A small house with its doors open, and visitors: a guest, two clients and an advisor."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from django.http import HttpResponse
from django.test import Client

from tests.factories.small_house import NOW, SmallHouse
from vendome.domains.catalogue.models import Model, Reference
from vendome.domains.people.models import Account, Staff
from vendome.domains.pricing.models import Price, PriceBook
from vendome.kit import clock

HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _stopped_clock() -> Iterator[None]:
    with clock.frozen(NOW):
        yield


@dataclass
class Visitor:
    """A browser in the French shop, in English unless said otherwise."""

    house: SmallHouse
    browser: Client = field(default_factory=Client)
    locale: str = "fr-en"

    def get(self, path: str = "", part: str = "", **options) -> HttpResponse:
        headers = HTMX | {"HX-Target": f"div#{part}"} if part else {}
        return self.browser.get(f"/{self.locale}/{path}", headers=headers, **options)

    def post(self, path: str, data: dict[str, object], **options) -> HttpResponse:
        return self.browser.post(f"/{self.locale}/{path}", data, **options)

    def add(self, reference: uuid.UUID, way: str = "deliver") -> HttpResponse:
        return self.post("bag/add/", {"reference": str(reference), "way": way})

    def hidden(self, path: str = "checkout/") -> dict[str, str]:
        """What the checkout form carries without showing it."""
        form = self.get(path).context["page"].form
        return {name: str(form[name].value()) for name in ("key", "basket", "seen")}

    def order(self, **said: str) -> HttpResponse:
        """Fill in the checkout as shown and send it; `said` overrides or removes (None) single answers."""
        answers = self.hidden() | ANSWERS | said
        return self.post("checkout/", {name: value for name, value in answers.items() if value is not None})

    def buy(self, reference: uuid.UUID, way: str = "deliver", **said: str) -> HttpResponse:
        self.add(reference, way)
        return self.order(**said)


ANSWERS = {
    "name": "Inès Martin",
    "email": "ines@example.com",
    "phone": "+33 6 39 98 12 07",
    "street": "12, rue de Sèvres",
    "postcode": "75006",
    "city": "Paris",
    "card": "card_good",
}


@pytest.fixture
def guest(house: SmallHouse) -> Visitor:
    return Visitor(house)


@pytest.fixture
def client_of(house: SmallHouse) -> Callable[[uuid.UUID], Visitor]:
    """A client of the house, signed in."""

    def visit(client_id: uuid.UUID) -> Visitor:
        account = Account.objects.create(email=f"{client_id.hex}@example.com", client_id=client_id)
        visitor = Visitor(house)
        visitor.browser.force_login(account)
        return visitor

    return visit


@pytest.fixture
def eleonore(house: SmallHouse, client_of) -> Visitor:
    return client_of(house.traditional)


@pytest.fixture
def mei(house: SmallHouse, client_of) -> Visitor:
    return client_of(house.emerging)


@pytest.fixture
def advisor(house: SmallHouse) -> Visitor:
    """An advisor who looks at the shop with her own session."""
    visitor = Visitor(house)
    visitor.browser.force_login(Account.objects.get(id=Staff.objects.get(id=house.advisor_paris.id).account_id))
    return visitor


@pytest.fixture
def director(house: SmallHouse) -> Visitor:
    """An advisor who looks at the shop with her own session."""
    visitor = Visitor(house)
    visitor.browser.force_login(Account.objects.get(id=Staff.objects.get(id=house.director.id).account_id))
    return visitor


@pytest.fixture
def many_models(house: SmallHouse) -> int:
    """Thirty more rings, each in two metals and three sizes: lists must not ask once for each."""
    solitaire = Model.objects.get(code="aurore-solitaire", maison_id=house.maison.id)
    book = PriceBook.objects.get(market_id=house.france.id)
    for number in range(30):
        ring = Model.objects.create(
            maison_id=house.maison.id,
            collection=solitaire.collection,
            code=f"ring-{number}",
            family="rings",
            name=f"Ring {number}",
            stone="emerald" if number % 2 else "diamond",
            size_system="ring",
            position=number,
        )
        for place, (material, size) in enumerate((m, s) for m in ("YG", "PT") for s in ("50", "52", "54")):
            made = Reference.objects.create(
                maison_id=house.maison.id,
                model=ring,
                sku=f"R{number}-{material}-{size}",
                material=material,
                material_name={"en": material, "fr": material},
                size=size,
                position=place,
            )
            Price.objects.create(book=book, reference=made, amount=(1000 + 1000 * number) * 100)
    return 31
