"""The named cast: clients whose lives are written in people.toml, with the purchases their texts tell of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from vendome.connectors.demo_house.clientele import LAWS, PERSONAS, SALUTATIONS, Client, Clientele
from vendome.connectors.demo_house.content import Table
from vendome.connectors.demo_house.copying import NULL, flag, plain
from vendome.connectors.demo_house.demand import Demand
from vendome.connectors.demo_house.house import add_account
from vendome.connectors.demo_house.moments import DAY, HOUR, date_of, stamp, start_of
from vendome.connectors.demo_house.open_business import OpenBusiness
from vendome.connectors.demo_house.sales import Line, Sale
from vendome.connectors.demo_house.world import Reference, World

THURSDAY = 3
GIVEN_AWAY = {"SCEAU-MEDAILLE-YG-15", "AURORE-BOUGEOIR-SV"}
"""What Marguerite bought for her grandchildren and Isaure for the crews of her films: others have it now."""
ELSEWHERE = {"Kraków": {"latitude": 50.06, "longitude": 19.94, "market": "DE"}}
"""Cities of the cast that no other client lives in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bought:
    """One purchase of a written life; `to` is where it is collected, `months` how long ago."""

    sku: str
    months: float
    channel: str = "boutique"
    place: str = ""
    seller: str = ""
    to: str = ""
    quantity: int = 1
    weekday: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """What the text of a client means in rows."""

    persona: int
    years: float  # how long she has been a client
    ring: str = "52"
    standing: str = "private"
    salutation: str = ""
    is_protected: bool = False
    has_account: bool = True
    purchases: tuple[Bought, ...] = ()
    earlier: tuple[tuple[str, int], ...] = ()  # sku, years ago
    notes: tuple[tuple[str, str, bool], ...] = ()  # topic, value, may be mentioned
    household: tuple[str, str, str, int] | None = None  # given, family, what he or she is to her, born


LIVES: dict[str, Life] = {
    "traditional": Life(
        persona=0,
        years=31,
        ring="53",
        purchases=(
            Bought(sku="MAREE-RANG-YG-45", months=17, place="paris", seller="camille-roussel", weekday=THURSDAY),
            Bought(sku="SCEAU-MEDAILLE-YG-15", months=13, place="paris", seller="camille-roussel", weekday=THURSDAY),
            Bought(sku="MERIDIEN-PUCES-WG", months=8, place="paris", seller="camille-roussel", weekday=THURSDAY),
            Bought(sku="SCEAU-MEDAILLE-YG-15", months=4, channel="client_service", seller="pauline-delcourt"),
        ),
        earlier=(("SCEAU-CHEVALIERE-YG-53", 12), ("SCEAU-MEDAILLE-YG-15", 6), ("SCEAU-MEDAILLE-YG-15", 4)),
        notes=(
            ("occasion", "Fiftieth wedding anniversary in June", False),
            ("note", "A sapphire for the anniversary; Hubert is to have had the idea.", False),
            ("note", "Telephones rather than writes; comes on Thursdays, when we close later.", True),
            ("note", "Her mother’s engagement ring is in the register of 1949.", True),
            ("travel", "At Saint-Briac from June to September", True),
        ),
        household=("Hubert", "de Saint-Aubin", "husband", 1948),
    ),
    "emerging": Life(
        persona=1,
        years=2.6,
        ring="50",
        purchases=(
            Bought(sku="ORANGERIE-MONTRE-YG", months=15, place="paris", seller="mei-zhang", to="singapore"),
            Bought(sku="ORANGERIE-PENDANTS-YG", months=5, place="hong-kong", seller="jasper-kwok"),
            Bought(sku="CORDAGE-CREOLES-YG", months=2, channel="web"),
        ),
        notes=(
            ("note", "Send three photographs, never ten; she answers within the hour.", True),
            ("note", "Chose her watch in Hong Kong, paid in Paris, collected here.", True),
            ("travel", "Jakarta, Tokyo and London twice a month", True),
        ),
        household=("Wei Jie", "Ong", "husband", 1986),
    ),
    "aspirational": Life(
        persona=2,
        years=0.7,
        standing="new",
        purchases=(Bought(sku="SCEAU-ALLIANCE-YG-52", months=4, channel="web"),),
        notes=(
            ("selection", "Aurore Alliance, since the spring", True),
            ("note", "Wants to be told how things are made, not to be sold to.", True),
            ("travel", "Comes to Paris by train three or four times a year", True),
        ),
        household=("Jules", "Perrin", "partner", 1997),
    ),
    "protected": Life(
        persona=0,
        years=7,
        ring="50",
        is_protected=True,
        purchases=(
            Bought(sku="ARCADE-PENDANTS-PT", months=11, place="paris", seller="bertrand-lacaze"),
            Bought(sku="SCEAU-ALLIANCE-YG-50", months=3, place="paris", seller="bertrand-lacaze"),
            Bought(sku="AURORE-BOUGEOIR-SV", months=1.5, channel="client_service", seller="nadia-ferhat", quantity=12),
        ),
        notes=(
            ("note", "By the courtyard, before opening, with the blind down.", False),
            ("note", "Her assistant’s address is shared; what was bought, and for whom, stays between us.", False),
            ("note", "Reads the loan letter in full before a festival.", False),
            ("note", "Gives to the crews of her films, unsigned.", False),
        ),
    ),
    "stranger": Life(
        persona=2,
        years=0.3,
        standing="new",
        salutation="Mr",
        has_account=False,
        notes=(("note", "Asked once whether the clock can be heard ticking.", True),),
    ),
}  # fmt: skip


class Cast:
    """Enters the cast into the books, and sells to them what their lives tell."""

    def __init__(self, world: World, clientele: Clientele, password: str) -> None:
        self.world = world
        self.clientele = clientele
        self.password = password
        self.clients: dict[str, Client] = {}
        self.by_sku = {reference.sku: reference for reference in world.references}

    def enter(self) -> None:
        for key, life in LIVES.items():
            entry = self.world.cast(key)
            client = self._file(key, entry, life)
            self.clients[key] = client
            if life.household:
                self._household(client, life.household, entry)
        self.clientele.cast_count = len(self.clientele.clients)

    def sales(self) -> list[Sale]:
        """Their purchases within the history; older ones stand in the wardrobe as told."""
        found: list[Sale] = []
        for key, life in LIVES.items():
            client = self.clients[key]
            for bought in life.purchases:
                reference = self.by_sku[bought.sku]
                at = self._moment(bought)
                if at <= max(self.world.start + 2 * DAY, client.since):
                    self.clientele.own(client.id, reference.id, "", at, left=at if bought.sku in GIVEN_AWAY else 0)
                else:
                    found.append(self._sale(client, bought, reference, at, len(found)))
            for sku, years in life.earlier:
                at = self.world.now - int(years * 365.25 * DAY)
                self.clientele.own(client.id, self.by_sku[sku].id, "", at, left=at if sku in GIVEN_AWAY else 0)
        return found

    def open_matters(self, business: OpenBusiness, demand: Demand) -> None:
        """The sapphire Marguerite thinks of, and what Chloé keeps in her selection."""
        at = self.world.now - 4 * DAY
        sapphire = self.by_sku["MERIDIEN-SAPHIR-WG-53"]
        paris = self.world.place["paris"]
        business.reserve(self.clients["traditional"], paris, sapphire, at, "the sapphire for June", 12)
        ring = self.by_sku["AURORE-ALLIANCE-YG-52"]
        business.basket(self.clients["aspirational"], [ring], self.world.now - 190 * DAY + 21 * HOUR, None)
        business.selection(
            self.clients["traditional"],
            [(sapphire, "The one that waits for you in Paris."), (ring, "To wear beside it, very quietly.")],
            self.world.now - 5 * HOUR,
            "Two pieces I would love you to try on when you come by.",
        )

    # -- one life ----------------------------------------------------------------------------------------------

    def _file(self, key: str, entry: Table, life: Life) -> Client:
        world = self.world
        since = world.now - int(life.years * 365.25 * DAY) - 9 * HOUR
        city = self._city(entry)
        home, sellers = self.clientele.home_of(city)
        advisor = world.staff[entry["advisor"]] if "advisor" in entry else sellers[0]
        names = world.content.names
        culture = "zh" if key == "emerging" else "fr" if entry["language"] == "fr" else "en"
        client = Client(
            world.ids.at(since), f"{entry['given']} {entry['family']}", city, culture, life.persona, home, advisor,
            since, names["taste"][0], ("YG",), life.ring, "16", "45", names["travel"][0],
        )  # fmt: skip
        title = life.salutation or SALUTATIONS.get(entry["language"], ("Ms", "Mr"))[0]
        world.add(
            "clients_client", client.id, world.maison, plain(entry["given"]), plain(entry["family"]), title,
            entry["language"], plain(entry["city"]), entry["country"], entry["birthday"], PERSONAS[life.persona],
            life.standing, flag(life.is_protected), advisor.id if "advisor" in entry else NULL, home.id, stamp(since),
        )  # fmt: skip
        self.clientele.clients.append(client)
        self._reach(client, entry, life)
        law = LAWS.get(entry["country"], "GDPR")
        proof = f"card signed, {home.city}"
        for purpose, channel in (("SERVICE", "email"), ("NEWS", "email"), ("PERSONAL_ADVICE", "phone")):
            given = purpose == "SERVICE" or (life.has_account and not (purpose == "NEWS" and life.is_protected))
            self.clientele.consent(client.id, purpose, channel, given, law, proof, since)
        for nr, value in enumerate(entry["loves"]):
            self.clientele.prefer(client.id, "taste", value.replace("_", " "), "told the advisor", 90, True, since + nr)
        for topic, value, may_mention in life.notes:
            at = max(since, world.now - 200 * DAY)
            self.clientele.prefer(client.id, topic, value, "noted by the advisor", 95, may_mention, at)
        return client

    def _reach(self, client: Client, entry: Table, life: Life) -> None:
        world = self.world
        at = stamp(client.since)
        proven = at if life.has_account else NULL
        email = entry["email"].lower()
        for kind, value, attested in (("EMAIL", email, proven), ("PHONE", entry["phone"].replace(" ", ""), NULL)):
            world.add(
                "clients_identifier",
                world.ids.at(client.since),
                client.id,
                world.maison,
                kind,
                value,
                "boutique",
                at,
                attested,
            )
        if life.has_account:
            account = world.ids.at(client.since, 1)
            add_account(world, account=account, email=email, password=self.password, at=client.since, client=client.id)

    def _household(self, client: Client, other: tuple[str, str, str, int], entry: Table) -> None:
        given, family, label, born = other
        world = self.world
        since = client.since + 40 * DAY
        partner = Client(
            world.ids.at(since), f"{given} {family}", client.city, client.culture, client.persona, client.home,
            client.advisor, since, client.taste, ("WG",), "60", "18", "50", client.travel,
        )  # fmt: skip
        title = SALUTATIONS.get(entry["language"], ("Ms", "Mr"))[1]
        world.add(
            "clients_client", partner.id, world.maison, given, family, title, entry["language"], plain(entry["city"]),
            entry["country"], date(born, 9, 12), PERSONAS[client.persona], "regular", "f", client.advisor.id,
            client.home.id, stamp(since),
        )  # fmt: skip
        world.add(
            "clients_identifier", world.ids.at(since), partner.id, world.maison, "EMAIL",
            entry["email"].lower(), "told by the household", stamp(since), NULL,
        )  # fmt: skip
        self.clientele.consent(
            partner.id,
            "SERVICE",
            "email",
            True,
            LAWS.get(entry["country"], "GDPR"),
            f"card signed, {client.home.city}",
            since,
        )
        self.clientele.clients.append(partner)
        self.clientele.tie(client, partner, "HOUSEHOLD", label, since)
        back = "wife" if label == "husband" else label
        self.clientele.tie(partner, client, "HOUSEHOLD", back, since)

    def _city(self, entry: Table) -> Table:
        known = {city["name"]: city for city in self.world.content.names["city"]}
        made = {"name": entry["city"], "country": entry["country"], **ELSEWHERE.get(entry["city"], {})}
        return dict(known.get(entry["city"], made))

    def _moment(self, bought: Bought) -> int:
        day = date_of(self.world.now) - timedelta(days=int(bought.months * 30.4))
        if bought.weekday is not None:
            day -= timedelta(days=(day.weekday() - bought.weekday) % 7)
        elif bought.channel != "web":
            day -= timedelta(days=1 if day.weekday() == 6 else 0)
        return start_of(day) + (21 if bought.channel == "web" else 14) * HOUR + 23 * 60_000

    def _sale(self, client: Client, bought: Bought, reference: Reference, at: int, nr: int) -> Sale:
        world = self.world
        seller = world.staff[bought.seller] if bought.seller else None
        place = world.place[bought.place] if bought.place else None
        if place:
            where = world.place[bought.to or bought.place]
            mode, given = ("COLLECT", at + 6 * DAY) if bought.to else ("TAKE_AWAY", at)
            line = Line(reference, bought.quantity, mode, where, given)
        else:
            line = Line(reference, bought.quantity, "DELIVER", world.place["roissy"], at + 15 * HOUR)
        return Sale(
            at, -9 - nr, client, bought.channel, place, place.market if place else world.markets[client.city["market"]],
            seller, (line,), may_return=False, is_given_away=bought.sku in GIVEN_AWAY,
        )  # fmt: skip
