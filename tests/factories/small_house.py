"""A house small enough for one test: two markets, five places, three references, the named cast."""

from __future__ import annotations

import itertools
import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime

from vendome.domains.catalogue.models import Collection, Model, Reference
from vendome.domains.clients.models import Client, Identifier
from vendome.domains.house.models import Channel, Maison, Market, Place
from vendome.domains.house.types import MaisonView, MarketView
from vendome.domains.people.models import Account, ApiToken, RoleGrant, Staff
from vendome.domains.people.permissions import ROLES
from vendome.domains.pricing.models import Price, PriceBook
from vendome.domains.stock.services import shelf as stock
from vendome.kit.actors import EVERYWHERE, Actor, ActorKind

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
_count = itertools.count(1)


@dataclass(frozen=True)
class SmallHouse:
    """Rows and actors by the names the tests use."""

    maison: MaisonView
    france: MarketView
    britain: MarketView
    paris: uuid.UUID
    london: uuid.UUID
    warehouse: uuid.UUID
    partner_door: uuid.UUID
    transit: uuid.UUID
    ring: uuid.UUID  # serialised, EUR 8,200 in France
    watch: uuid.UUID  # serialised, EUR 12,000
    candle: uuid.UUID  # by quantity, EUR 95
    manager_paris: Actor
    advisor_paris: Actor
    advisor_tokyo: Actor
    director: Actor
    privacy_officer: Actor
    system: Actor
    traditional: uuid.UUID
    emerging: uuid.UUID
    protected: uuid.UUID

    def as_client(self, client_id: uuid.UUID) -> Actor:
        return Actor(kind=ActorKind.CLIENT, id=client_id, client_id=client_id, maison_id=self.maison.id)

    def stocked(self, place: uuid.UUID, **quantities: int) -> None:
        """`stocked(house.paris, ring=1, candle=5)` puts pieces on a shelf, with serial numbers where they have them."""
        for name, quantity in quantities.items():
            reference = getattr(self, name)
            serials = [f"S{next(_count):06d}" for _ in range(quantity)] if name != "candle" else []
            stock.receive(
                place_id=place,
                reference_id=reference,
                quantity=quantity,
                serials=serials,
                epcs=[f"{self.maison.code}:{serial}" for serial in serials],
                reason="delivery",
                actor=self.system,
                at=NOW,
            )


def make_small_house() -> SmallHouse:
    number = next(_count)
    code = f"test-{number}-{uuid.uuid4().hex[:6]}"
    maison = Maison.objects.create(code=code, name="Maison Test", unpaid_orders=10_000)  # many tests have one client
    france = _market(maison, "FR", "EUR", 2000, included=True)
    britain = _market(maison, "GB", "GBP", 2000, included=True)
    japan = _market(maison, "JP", "JPY", 1000, included=True)
    switches = {"is_visible": True, "sells_online": True, "offers_collection": True, "ships": True}
    paris = _place(maison, france, "paris", "BOUTIQUE", "EMEA", **switches)
    london = _place(maison, britain, "london", "BOUTIQUE", "EMEA", **switches)
    tokyo = _place(maison, japan, "tokyo", "BOUTIQUE", "JAPAN", **switches)
    warehouse = _place(maison, france, "depot", "WAREHOUSE", "EMEA", sells_online=True, ships=True)
    door = _place(maison, france, "door", "PARTNER_DOOR", "EMEA", is_visible=True, owner="Galerie Test")
    transit = _place(maison, france, "transit", "TRANSIT", "EMEA")
    for code, kind in (("web", "WEB"), ("boutique", "BOUTIQUE"), ("client_service", "CLIENT_SERVICE")):
        Channel.objects.create(maison=maison, code=code, kind=kind, name=code)
    ring, watch, candle = _catalogue(maison)
    for market, factor in ((france, 100), (britain, 90), (japan, 160)):
        book = PriceBook.objects.create(
            market=market, name=f"{market.code} 2026", currency=market.currency, during=(date(2026, 1, 1), None)
        )
        for reference, euros in ((ring, 8200), (watch, 12000), (candle, 95)):
            Price.objects.create(book=book, reference=reference, amount=euros * factor)
    manager = _staff(maison, paris, "manager", "boutique_manager", place=paris)
    advisor = _staff(maison, paris, "camille", "advisor", place=paris)
    tokyo_advisor = _staff(maison, tokyo, "aiko", "advisor", place=tokyo)
    clients = [
        Client.objects.create(
            maison=maison, given_name=given, family_name=family, home_city=city, created_at=NOW, is_protected=hidden
        )
        for given, family, city, hidden in (
            ("Éléonore", "de Brissac", "Paris", False),
            ("Mei", "Lin", "Singapore", False),
            ("Ophelia", "Starling", "London", True),
        )
    ]
    Identifier.objects.create(
        client=clients[0], maison=maison, kind="PHONE", value="+33612345678", source="till", noted_at=NOW
    )
    Identifier.objects.create(
        client=clients[0], maison=maison, kind="EMAIL", value="eleonore@example.com", source="till", noted_at=NOW
    )
    return SmallHouse(
        maison=MaisonView(id=maison.id, code=maison.code, name=maison.name, default_language="en"),
        france=_market_view(france),
        britain=_market_view(britain),
        paris=paris.id,
        london=london.id,
        warehouse=warehouse.id,
        partner_door=door.id,
        transit=transit.id,
        ring=ring.id,
        watch=watch.id,
        candle=candle.id,
        manager_paris=manager,
        advisor_paris=advisor,
        advisor_tokyo=tokyo_advisor,
        director=_staff(maison, paris, "director", "director"),
        privacy_officer=_staff(maison, paris, "privacy", "privacy_officer"),
        system=Actor.system(maison.id),
        traditional=clients[0].id,
        emerging=clients[1].id,
        protected=clients[2].id,
    )


def make_token(house: SmallHouse, *, roles: list[str], place: uuid.UUID | None = None) -> str:
    """An API token of a program with these roles, everywhere."""
    import hashlib

    token = f"vt_{uuid.uuid4().hex}"
    ApiToken.objects.create(
        maison_id=house.maison.id,
        name="test",
        token_hash=hashlib.sha256(token.encode()).digest(),
        roles=roles,
        home_place_id=place,
        created_at=NOW,
    )
    return token


def _market(maison: Maison, code: str, currency: str, tax: int, *, included: bool) -> Market:
    return Market.objects.create(
        maison=maison,
        code=code,
        country=code,
        currency=currency,
        languages=["en", "fr"],
        tax_name="VAT",
        tax_rate_bp=tax,
        tax_included=included,
    )


def _market_view(row: Market) -> MarketView:
    from vendome.domains.house import queries

    return queries.get_market(maison_id=row.maison_id, code=row.code)


def _place(maison: Maison, market: Market, code: str, kind: str, region: str, **more: object) -> Place:
    return Place.objects.create(
        maison=maison,
        market=market,
        code=code,
        kind=kind,
        name=code.title(),
        city=code.title(),
        country=market.country,
        region=region,
        timezone="Europe/Paris",
        **more,
    )


def _catalogue(maison: Maison) -> tuple[Reference, Reference, Reference]:
    collection = Collection.objects.create(maison=maison, code="aurore", name="Aurore")
    made = []
    for code, family, name, serialised in (
        ("aurore-solitaire", "rings", "Aurore Solitaire", True),
        ("meridien", "watches", "Méridien 38", True),
        ("bougie", "objects", "Bougie", False),
    ):
        model = Model.objects.create(
            maison=maison, collection=collection, code=code, family=family, name=name, is_serialised=serialised
        )
        made.append(Reference.objects.create(maison=maison, model=model, sku=code.upper(), is_serialised=serialised))
    return made[0], made[1], made[2]


def _staff(maison: Maison, home: Place, code: str, role: str, *, place: Place | None = None) -> Actor:
    account = Account.objects.create(email=f"{code}@{maison.code}.example")
    staff = Staff.objects.create(
        account=account,
        maison=maison,
        home_place=home,
        code=code,
        given_name=code.title(),
        family_name="Test",
        started_date=date(2020, 1, 1),
    )
    RoleGrant.objects.create(staff=staff, role=role, place=place, during=(date(2020, 1, 1), None))
    scope = EVERYWHERE if place is None else frozenset({place.id})
    return Actor(
        kind=ActorKind.STAFF,
        id=staff.id,
        maison_id=maison.id,
        name=staff.name,
        home_place_id=home.id,
        permissions=dict.fromkeys(ROLES[role], scope),
    )
