"""What a history stands on: maison, market, places, channels, a collection; found, or made as the mapping says."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from vendome.connectors.transactions.errors import Unusable, did_you_mean
from vendome.connectors.transactions.mapping import Mapping
from vendome.connectors.transactions.models import UNFINISHED, Run
from vendome.domains.house.types import ChannelKind
from vendome.kit import sql
from vendome.kit.ids import new_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """The ids everything else refers to. What is not in the house yet is made by `make`."""

    maison_id: uuid.UUID
    maison_code: str
    is_maison_new: bool
    market_id: uuid.UUID
    is_market_new: bool
    new_places: tuple[str, ...]
    new_channels: tuple[str, ...]


def find(mapping: Mapping, *, maison: str) -> Ground:
    """Look everything up. Raises Unusable for what is neither there nor described by the mapping."""
    maison_id, code, is_new = _maison(mapping, maison)
    market_id, is_market_new = _market(mapping, maison_id)
    return Ground(
        maison_id=maison_id,
        maison_code=code,
        is_maison_new=is_new,
        market_id=market_id,
        is_market_new=is_market_new,
        new_places=_places(mapping, maison_id),
        new_channels=_channels(mapping, maison_id),
    )


def make(ground: Ground, mapping: Mapping) -> uuid.UUID:
    """Make what is missing, in the running transaction; returns the collection of the imported models."""
    if ground.is_maison_new and (new := mapping.new_maison):
        sql.row(
            "INSERT INTO house_maison (id, code, name, default_language) VALUES (%s, %s, %s, %s) RETURNING id",
            [ground.maison_id, new.code, new.name, new.language],
        )
    if ground.is_market_new and (market := mapping.new_market):
        sql.row(
            "INSERT INTO house_market (id, maison_id, code, country, currency, languages, tax_name, tax_rate_bp,"
            " tax_included, delivery_days) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, true, 3) RETURNING id",
            [
                *(ground.market_id, ground.maison_id, market.code, market.country, mapping.currency),
                *(list(market.languages), market.tax_name, market.tax_rate_bp),
            ],
        )
    for code in ground.new_places:
        _make_place(ground, mapping, code)
    for code in ground.new_channels:
        sql.row(
            "INSERT INTO house_channel (id, maison_id, code, kind, name) VALUES (%s, %s, %s, %s, %s) RETURNING id",
            [new_id(), ground.maison_id, code, code.upper(), code],
        )
    return _collection(ground, mapping)


def _maison(mapping: Mapping, wanted: str) -> tuple[uuid.UUID, str, bool]:
    known = dict(sql.rows("SELECT code, id FROM house_maison ORDER BY code"))
    if wanted in known:
        return known[wanted], wanted, False
    if wanted and known:
        raise Unusable(f"There is no maison {wanted!r}; there is {', '.join(known)}.{did_you_mean(wanted, known)}")
    if len(known) > 1:
        raise Unusable(f"There are several maisons: choose one with --maison, of {', '.join(known)}.")
    if known:
        return next(iter(known.values())), next(iter(known)), False
    if mapping.new_maison is None or (wanted and wanted != mapping.new_maison.code):
        raise Unusable("The house has no maison yet: open one first, or describe it in the mapping under [maison].")
    begun = Run.objects.filter(source=mapping.name, state__in=UNFINISHED).values_list("maison_id", flat=True).first()
    return begun or new_id(), mapping.new_maison.code, True


def _market(mapping: Mapping, maison_id: uuid.UUID) -> tuple[uuid.UUID, bool]:
    markets = {
        code: (market_id, currency)
        for code, market_id, currency in sql.rows(
            "SELECT code, id, currency FROM house_market WHERE maison_id = %s ORDER BY code", [maison_id]
        )
    }
    if found := markets.get(mapping.market):
        market_id, currency = found
        if currency != mapping.currency:
            raise Unusable(
                f"The market {mapping.market} has the currency {currency}, the mapping says {mapping.currency}: "
                "mend orders.market or money.currency."
            )
        return market_id, False
    if mapping.new_market and mapping.new_market.code == mapping.market:
        return new_id(), True
    there = f"there is {', '.join(markets)}" if markets else "there is none"
    raise Unusable(
        f"The market {mapping.market!r} (orders.market) is not in the house; {there}."
        f"{did_you_mean(mapping.market, markets)} Or describe it in the mapping under [market]."
    )


def _places(mapping: Mapping, maison_id: uuid.UUID) -> tuple[str, ...]:
    known = [code for (code,) in sql.rows("SELECT code FROM house_place WHERE maison_id = %s", [maison_id])]
    missing = sorted({mapping.place, *mapping.places.values()} - set(known))
    for code in missing:
        if mapping.new_place is None or code != mapping.place:
            raise Unusable(
                f"The place {code!r} is not in the house.{did_you_mean(code, known)} "
                "Open it first, or, for orders.place, describe it in the mapping under [place]."
            )
    return tuple(missing)


def _channels(mapping: Mapping, maison_id: uuid.UUID) -> tuple[str, ...]:
    known = [code for (code,) in sql.rows("SELECT code FROM house_channel WHERE maison_id = %s", [maison_id])]
    missing = sorted({mapping.channel, *mapping.channels.values()} - set(known))
    kinds = [kind.value.lower() for kind in ChannelKind]
    for code in missing:
        if code not in kinds:
            raise Unusable(
                f"The channel {code!r} is not one of the house's. Known are {', '.join(sorted({*known, *kinds}))}."
                f"{did_you_mean(code, [*known, *kinds])}"
            )
    return tuple(missing)


def _make_place(ground: Ground, mapping: Mapping, code: str) -> None:
    place = mapping.new_place
    assert place is not None
    sql.row(
        "INSERT INTO house_place (id, maison_id, market_id, code, kind, name, city, country, region, timezone,"
        " address, postcode, phone, languages, hours, story, is_visible, sells_online, offers_collection, ships,"
        " owner, position) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, '{}', '', '', '{}', '{}', '{}',"
        " false, false, false, false, 'HOUSE', 0) RETURNING id",
        [
            *(new_id(), ground.maison_id, ground.market_id, code, place.kind, place.name, place.city, place.country),
            *(place.region, mapping.timezone.key),
        ],
    )


def _collection(ground: Ground, mapping: Mapping) -> uuid.UUID:
    code = f"imported-{mapping.name}"
    sql.row(
        "INSERT INTO catalogue_collection (id, maison_id, code, name, year, story, position)"
        " VALUES (%s, %s, %s, %s, 0, '{}', 999) ON CONFLICT (maison_id, code) DO NOTHING RETURNING id",
        [new_id(), ground.maison_id, code, f"Imported: {mapping.name}"],
    )
    found: uuid.UUID = sql.value(
        "SELECT id FROM catalogue_collection WHERE maison_id = %s AND code = %s", [ground.maison_id, code]
    )
    return found
