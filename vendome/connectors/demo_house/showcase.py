"""The collection: lines, models with their texts and pictures, references, and what they cost in each market."""

from __future__ import annotations

from datetime import date

from vendome.connectors.demo_house.content import Table
from vendome.connectors.demo_house.copying import document, flag, plain
from vendome.connectors.demo_house.moments import DAY, start_of
from vendome.connectors.demo_house.world import Market, Model, Reference, World
from vendome.kit.money import Money

SHOTS = (("FRONT", "front.webp"), ("ANGLE", "angle.webp"), ("DETAIL", "detail.webp"), ("GLB", "model.glb"))
TURN_FRAMES = 24
YEARLY_RISE = 1.04
SYNTHETIC_SIZES = 5


def show_collection(world: World) -> None:
    """Write collections, models, references and media."""
    before = world.start - DAY
    content = world.content.collection
    lines: dict[str, str] = {}
    for position, entry in enumerate(content["collection"]):
        lines[entry["code"]] = world.ids.at(before, 8)
        world.add(
            "catalogue_collection", lines[entry["code"]], world.maison, entry["code"], plain(entry["name"]),
            entry["year"], document(entry["story"]), position,
        )  # fmt: skip
    for entry in content["model"]:
        _add_model(world, entry, lines[entry["collection"]], before)
    nr = 0
    while len(world.references) < world.size.references:
        _add_synthetic(world, nr, next(iter(lines.values())), before)
        nr += 1


def _add_model(world: World, entry: Table, line: str, before: int) -> None:
    content = world.content.collection
    sizes = () if entry["sizes"] == "none" else tuple(content["size"][entry["sizes"]]["values"])
    model = Model(
        nr=len(world.models),
        id=world.ids.at(before, 9),
        code=entry["code"],
        family=entry["family"],
        collection=entry["collection"],
        stone=entry["stone"],
        form=entry["form"],
        price_eur=entry["price_eur"],
        materials=tuple(entry["materials"]),
        sizes=sizes,
        size_system="" if entry["sizes"] == "none" else entry["sizes"],
        limited=entry["limited"],
        is_serialised=entry["serialised"],
    )
    world.models.append(model)
    world.model[model.code] = model
    prose = world.content.prose.get(model.code, {})
    world.add(
        "catalogue_model", model.id, world.maison, line, model.code, model.family, plain(entry["name"]),
        flag(entry["hero"]), flag(model.is_serialised), model.limited, model.stone, entry["cut"], entry["carat"],
        plain(prose.get("dimensions", "")), model.size_system, document(_texts(world, entry, prose)), model.nr, "t",
    )  # fmt: skip
    for position, (kind, file) in enumerate(SHOTS):
        _add_media(world, model, kind, f"vermeil/{model.code}/{file}", position, before)
    if entry["hero"]:
        for frame in range(TURN_FRAMES):
            _add_media(world, model, "TURN", f"vermeil/{model.code}/turn/{frame:02}.webp", frame, before)
    first = content["material"][model.materials[0]]["factor"]
    dearer = content["size"][entry["sizes"]].get("dearer", 0.0) if model.sizes else 0.0
    for material in model.materials:
        described = content["material"][material]
        for nr, size in enumerate(model.sizes or ("",)):
            price = model.price_eur * described["factor"] / first * (1 + dearer * nr)
            _add_reference(world, model, material, described["name"], size, price, before)


def _texts(world: World, entry: Table, prose: Table) -> dict[str, dict[str, str]]:
    """`texts[language][topic]`, as the piece page reads them."""
    texts: dict[str, dict[str, str]] = {"en": {}, "fr": {}}
    for topic in ("description", "craft", "care", "origin"):
        for language, text in prose.get(topic, {}).items():
            texts[language][topic] = str(text)
    if "dimensions" in prose:
        texts["en"]["dimensions"] = str(prose["dimensions"])
        texts["fr"]["dimensions"] = str(prose.get("dimensions_fr", prose["dimensions"]))
    size = world.content.collection["size"].get(entry["sizes"])
    if size:
        for language, text in size["measures"].items():
            texts[language]["size"] = f"{text} ({size['unit']})"
    return texts


def _add_media(world: World, model: Model, kind: str, path: str, position: int, before: int) -> None:
    world.add("catalogue_media", world.ids.at(before, 10), model.id, kind, path, position)


def _add_reference(
    world: World, model: Model, material: str, name: dict[str, str], size: str, price_eur: float, before: int
) -> None:
    reference = Reference(
        nr=len(world.references),
        id=world.ids.at(before, 11),
        sku="-".join(filter(None, (model.code.upper(), material, size))),
        model=model,
        material=material,
        size=size,
        price_eur=price_eur,
        is_serialised=model.is_serialised,
    )
    world.references.append(reference)
    world.reference[model.code, material, size] = reference
    world.add(
        "catalogue_reference", reference.id, world.maison, model.id, reference.sku, material, document(name), size,
        flag(reference.is_serialised), reference.nr,
    )  # fmt: skip


def _add_synthetic(world: World, nr: int, line: str, before: int) -> None:
    """A model for measuring with, in five references; one in ten has serial numbers."""
    family = ("rings", "bracelets", "necklaces", "earrings", "watches")[nr % 5]
    model = Model(
        nr=len(world.models), id=world.ids.at(before, 9), code=f"mesure-{nr:04}", family=family, collection="",
        stone="none", form="", price_eur=900 + 37 * (nr * 7919 % 1000), materials=("YG",),
        sizes=tuple(map(str, range(SYNTHETIC_SIZES))), size_system="", limited=0, is_serialised=nr % 10 == 0,
    )  # fmt: skip
    world.models.append(model)
    world.model[model.code] = model
    world.add(
        "catalogue_model", model.id, world.maison, line, model.code, family, f"Mesure {nr}", "f",
        flag(model.is_serialised), 0, "none", "none", 0, "", "", "{}", model.nr, "f",
    )  # fmt: skip
    for size in model.sizes:
        if len(world.references) < world.size.references:
            _add_reference(world, model, "YG", {"en": "yellow gold"}, size, model.price_eur, before)


def print_prices(world: World) -> None:
    """Two price books for each market: the one of last year and the one that began in February."""
    change = date(world.today.year if world.today >= date(world.today.year, 2, 1) else world.today.year - 1, 2, 1)
    periods = (
        (start_of(date(2020, 1, 1)), f"{change.year - 1}", f"[2020-01-01,{change})", YEARLY_RISE),
        (start_of(change), f"{change.year}", f"[{change},)", 1.0),
    )
    before = world.start - DAY
    for first, name, during, divisor in periods:
        world.books.append((first, name))
        book: list[list[int]] = []
        taxes: list[list[int]] = []
        for market in world.markets.values():
            identity = world.ids.at(before, 12)
            world.add("pricing_pricebook", identity, market.id, f"{market.code} {name}", market.currency, during)
            amounts = [_price(reference.price_eur / divisor, market) for reference in world.references]
            for reference, amount in zip(world.references, amounts, strict=True):
                world.add("pricing_price", world.ids.at(before, 13), identity, reference.id, amount)
            book.append(amounts)
            taxes.append([_tax(amount, market) for amount in amounts])
        world.prices.append(book)
        world.taxes.append(taxes)


def _price(eur: float, market: Market) -> int:
    """The market's price: its own level and currency, ended as prices end there."""
    steps = max(1, round(eur * market.rate / market.rounding))
    return steps * market.rounding * market.minor


def _tax(amount: int, market: Market) -> int:
    """As the one price function says it (`pricing_tax`)."""
    price = Money(amount, market.currency)
    within = market.is_tax_included
    return (price.tax_within(market.tax_rate_bp) if within else price.tax_on_top(market.tax_rate_bp)).amount
