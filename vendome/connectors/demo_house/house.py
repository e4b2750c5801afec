"""The maison, its markets, places, channels and staff."""

from __future__ import annotations

from datetime import date

from vendome.connectors.demo_house.copying import NULL, array, document, flag, plain
from vendome.connectors.demo_house.moments import DAY, dashed, stamp
from vendome.connectors.demo_house.world import Market, Place, Staff, World
from vendome.kit.money import decimals

CODE, NAME = "vermeil", "Maison Vermeil"
HOUSE_OWNED = "HOUSE"
CHANNELS = (
    ("web", "WEB", "vermeil.example"),
    ("boutique", "BOUTIQUE", "Boutiques"),
    ("client_service", "CLIENT_SERVICE", "Client service"),
    ("partner", "PARTNER", "Partner doors"),
)
EVERYWHERE = {"director", "retail_director", "privacy_officer", "wholesale_manager", "crm_analyst", "client_service"}
"""Roles that hold in the whole maison; the others hold at the place of the member of staff."""
EVERYWHERE_TOO = {("thierry-quesnel", "stock_controller")}
REGIONAL = {"harriet-ashcombe": "EMEA", "eleanor-whitcombe": "AMER", "winnie-cheung": "APAC", "akiko-shimizu": "JAPAN"}
"""Managers who also answer for the retail of their region."""
CONSIGNED = {"munchen-lindauer", "doha-sidra", "seoul-haneul"}
"""Partner doors where the pieces stay the house's until they are sold; the others buy them."""


def open_house(world: World) -> None:
    """Write maison, markets, places and channels."""
    before = world.start - DAY
    world.maison, world.maison_code = world.ids.at(before), CODE
    world.add("house_maison", world.maison, CODE, NAME, "en")
    for entry in world.content.places["market"]:
        market = Market(
            nr=len(world.markets),
            id=world.ids.at(before, 1),
            code=entry["code"],
            currency=entry["currency"],
            tax_rate_bp=entry["tax_rate_bp"],
            is_tax_included=entry["tax_included"],
            delivery_days=entry["delivery_days"],
            minor=10 ** decimals(entry["currency"]),
            rate=entry["price_factor"] * entry["rate"],
            rounding=entry["rounding"],
        )
        world.markets[market.code] = market
        world.add(
            "house_market", market.id, world.maison, market.code, entry["country"], market.currency,
            array(entry["languages"]), plain(entry["tax_name"]), market.tax_rate_bp, flag(market.is_tax_included),
            market.delivery_days,
        )  # fmt: skip
    _open_lanes(world, before)
    entries = [*world.content.places["place"], _transit()]
    entries += [_synthetic(nr, entries) for nr in range(len(entries), world.size.places)]
    for position, entry in enumerate(entries):
        _add_place(world, position, entry, before)
    for code, kind, name in CHANNELS:
        world.add("house_channel", world.ids.at(before, 3), world.maison, code, kind, name)


def _open_lanes(world: World, before: int) -> None:
    """How long what leaves one market needs to another: a courier at home, insured freight between markets."""
    for origin in world.markets.values():
        for destination in world.markets.values():
            is_home = origin is destination
            days = destination.delivery_days + (0 if is_home else 3)
            runs = array(["1", "2", "3", "4", "5", "6"] if is_home else ["1", "2", "3", "4", "5"])
            world.add(
                "house_lane", world.ids.at(before, 8), world.maison, origin.id, destination.id,
                "Courrier Vermeil" if is_home else "Transvaleurs", days, runs,
            )  # fmt: skip


def _transit() -> dict[str, object]:
    return {
        "code": "transit", "kind": "transit", "name": "On the way", "city": "", "country": "FR", "market": "FR",
        "region": "EMEA", "timezone": "UTC",
    }  # fmt: skip


def _synthetic(nr: int, real: list[dict[str, object]]) -> dict[str, object]:
    """A boutique for measuring with: like a real one of the house, under a number."""
    boutiques = [entry for entry in real if entry["kind"] == "boutique"]
    like = boutiques[nr % len(boutiques)]
    return {**like, "code": f"place-{nr:03}", "name": f"{like['city']}, no. {nr}", "story": {}, "is_synthetic": True}


def _add_place(world: World, position: int, entry: dict[str, object], before: int) -> None:
    get = entry.get
    owner = HOUSE_OWNED if get("owner", "house") == "house" else str(entry["owner"])
    hours = get("hours") or {}
    place = Place(
        nr=position,
        id=world.ids.at(before, 2),
        code=str(entry["code"]),
        kind=str(entry["kind"]).upper(),
        name=str(entry["name"]),
        city=str(entry["city"]),
        country=str(entry["country"]),
        region=str(entry["region"]),
        timezone=str(entry["timezone"]),
        market=world.markets[str(entry["market"])],
        owner=owner,
        stock_owner=HOUSE_OWNED if entry["code"] in CONSIGNED else owner,
        latitude=float(str(get("latitude", 0))),
        longitude=float(str(get("longitude", 0))),
        sells_online=bool(get("sells_online")),
        offers_collection=bool(get("collect")),
        ships=bool(get("ship_from")),
        hours=dict(hours) if isinstance(hours, dict) else {},
    )
    world.places.append(place)
    if not get("is_synthetic"):
        world.place[place.code] = place
    address = get("address") or []
    languages = get("languages") or []
    assert isinstance(address, list)
    assert isinstance(languages, list)
    world.add(
        "house_place", place.id, world.maison, place.market.id, place.code, place.kind, plain(place.name),
        plain(place.city), place.country, place.region, place.timezone, array(address), plain(str(get("postcode", ""))),
        plain(str(get("phone", ""))), array(languages), document(place.hours), document(get("story") or {}),
        get("latitude", NULL), get("longitude", NULL), flag(bool(get("visible"))), flag(place.sells_online),
        flag(place.offers_collection), flag(place.ships), plain(owner), position,
    )  # fmt: skip


def engage_staff(world: World, password: str) -> None:
    """Write staff with their accounts, roles, and the secondment of the season. `password` is already encoded."""
    for nr, entry in enumerate(world.content.people["staff"]):
        at = world.start - DAY + nr
        place = world.place[entry["place"]]
        account, identity = world.ids.at(at, 4), world.ids.at(at, 5)
        person = Staff(
            id=identity,
            label=f"STAFF:{dashed(identity)}",
            code=entry["code"],
            name=f"{entry['given']} {entry['family']}",
            languages=tuple(entry["languages"]),
            roles=tuple(entry["roles"]),
            place=place.nr,
        )
        world.staff[person.code] = person
        if {"advisor", "boutique_manager", "partner_seller"} & set(person.roles):
            place.sellers.append(person)
        add_account(world, account=account, email=entry["email"], password=password, at=at)
        world.add(
            "people_staff", identity, account, world.maison, place.id, person.code, plain(entry["given"]),
            plain(entry["family"]), array(person.languages), entry["started"],
        )  # fmt: skip
        for role in person.roles:
            everywhere = role in EVERYWHERE or (person.code, role) in EVERYWHERE_TOO
            _grant(world, person, role, "", NULL if everywhere else place.id, entry["started"], at)
        if person.code in REGIONAL:
            _grant(world, person, "retail_director", REGIONAL[person.code], NULL, entry["started"], at)
    for place in world.places:  # synthetic places are served by those of the real boutique they resemble
        if not place.sellers and place.kind in ("BOUTIQUE", "WAREHOUSE"):
            place.sellers = next((real.sellers for real in world.place.values() if real.city == place.city), [])
    _second(world)


def add_account(world: World, *, account: str, email: str, password: str, at: int, client: str = NULL) -> None:
    address = email.lower()
    world.add("people_account", account, address, password, "t", 0, client, stamp(at))
    world.add("account_emailaddress", account, address, "t", "t")


def _grant(world: World, person: Staff, role: str, region: str, place: str, since: date, at: int) -> None:
    world.add("people_rolegrant", world.ids.at(at, 6), person.id, role, region, place, f"[{since},)")


def _second(world: World) -> None:
    """The cast's secondment; were `today` outside its dates, it is moved to run today."""
    entry = world.cast("seconded_advisor")
    first, last = entry["from"], entry["until"]
    if not first <= world.today < last:
        first, last = date(world.today.year, 1, 1), date(world.today.year + 1, 1, 1)
    world.add(
        "people_secondment", world.ids.at(world.start, 7), world.staff[entry["staff"]].id,
        world.place[entry["seconded_to"]].id, "advisor", f"[{first},{last})",
    )  # fmt: skip
