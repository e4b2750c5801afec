"""The demo house's own words and figures: complete, bilingual, and true to one another."""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

HOUSE = Path(__file__).parents[2] / "demo" / "house"

FORMS = {
    "rings": {
        "solitaire", "halo", "band", "pave_band", "three_stone", "signet", "cocktail", "toi_et_moi",
        "open_band",
    },
    "bracelets": {"bangle", "chain", "tennis", "cuff", "charm"},
    "necklaces": {"pendant", "riviere", "pearl_strand", "torque", "sautoir"},
    "earrings": {"stud", "drop", "hoop", "climber", "pearl_drop"},
    "watches": {"round_watch", "rect_watch", "cushion_watch"},
    "objects": {"box", "lighter", "pen", "clock", "frame", "candle_holder"},
}  # fmt: skip
STONES = {
    "diamond", "emerald", "sapphire", "ruby", "pearl", "onyx", "aquamarine", "morganite", "tsavorite",
    "spinel", "opal", "none",
}  # fmt: skip
CUTS = {"round", "oval", "pear", "emerald", "cushion", "marquise", "cabochon", "none"}
DIALS = {"ivory", "black", "midnight", "green", "salmon"}
STRAPS = {"leather-black", "leather-tan", "leather-burgundy", "leather-green", "metal", "satin"}
ROLES = {
    "director", "boutique_manager", "advisor", "client_service", "stock_controller", "privacy_officer",
    "retail_director", "wholesale_manager", "crm_analyst", "watchmaker", "logistics", "partner_seller",
}  # fmt: skip
KINDS = {"boutique", "warehouse", "atelier", "partner_door"}
REGIONS = {"EMEA", "AMER", "APAC", "JAPAN", "CHINA", "MEA"}
DAYS = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"}


def read(name: str) -> dict[str, Any]:
    with (HOUSE / name).open("rb") as file:
        return tomllib.load(file)


COLLECTION = read("collection.toml")
PROSE = read("prose.toml")["prose"]
PLACES = read("places.toml")
PEOPLE = read("people.toml")
NAMES = read("names.toml")

MODELS = COLLECTION["model"]
STAFF = {person["code"]: person for person in PEOPLE["staff"]}
PLACE = {place["code"]: place for place in PLACES["place"]}


def once(rows: list[dict[str, Any]], key: str = "code") -> None:
    repeated = [value for value, count in Counter(row[key] for row in rows).items() if count > 1]
    assert repeated == []


def spoken(text: dict[str, str]) -> bool:
    return set(text) == {"en", "fr"} and all(len(words.strip()) > 1 for words in text.values())


def test_every_code_is_used_once():
    once(COLLECTION["collection"])
    once(MODELS)
    once(MODELS, "name")
    once(PLACES["market"])
    once(PLACES["place"])
    once(PEOPLE["staff"])
    once(PEOPLE["staff"], "email")


def test_the_collection_is_wide_enough_to_open_a_house():
    families = Counter(model["family"] for model in MODELS)

    assert len(MODELS) >= 52
    assert set(families) == set(FORMS) == set(COLLECTION["family"])
    assert len(COLLECTION["collection"]) in {6, 7}
    assert sum(model["hero"] for model in MODELS) == 8
    assert {model["family"] for model in MODELS if model["hero"]} == set(FORMS)
    assert 3 <= sum(model["limited"] > 0 for model in MODELS) <= 4


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model["code"])
def test_a_model_uses_the_vocabulary_of_the_house(model):
    timepiece = model["family"] == "watches" or model["form"] == "clock"

    assert model["form"] in FORMS[model["family"]]
    assert model["stone"] in STONES
    assert model["cut"] in CUTS
    assert model["accents"] in {"none", "diamond"}
    assert model["collection"] in {line["code"] for line in COLLECTION["collection"]}
    assert model["materials"]
    assert set(model["materials"]) <= set(COLLECTION["material"])
    assert model["sizes"] == "none" or model["sizes"] in COLLECTION["size"]
    assert (model["dial"] in DIALS) if timepiece else (model["dial"] == "")
    assert (model["strap"] in STRAPS) if model["family"] == "watches" else (model["strap"] == "")
    assert 1_200 <= model["price_eur"] <= 320_000
    assert (model["carat"] == 0) if model["stone"] in {"none", "pearl", "onyx"} else (model["carat"] > 0)


@pytest.mark.parametrize("code", [model["code"] for model in MODELS])
def test_a_model_is_told_in_both_languages(code):
    prose = PROSE[code]

    assert set(prose) == {"description", "craft", "care", "dimensions", "dimensions_fr", "origin"}
    assert all(spoken(prose[part]) for part in ("description", "craft", "care", "origin"))


def test_no_sentence_is_used_for_two_models():
    assert set(PROSE) == {model["code"] for model in MODELS}
    for part in ("description", "craft", "care", "origin"):
        for language in ("en", "fr"):
            texts = Counter(prose[part][language] for prose in PROSE.values())
            assert [text for text, count in texts.items() if count > 1] == []


def test_collections_families_and_materials_are_told_in_both_languages():
    assert all(spoken(line["story"]) for line in COLLECTION["collection"])
    assert all(spoken(family["name"]) and spoken(family["line"]) for family in COLLECTION["family"].values())
    assert all(spoken(material["name"]) for material in COLLECTION["material"].values())
    assert all(spoken(size["measures"]) and size["values"] for size in COLLECTION["size"].values())


@pytest.mark.parametrize("place", PLACES["place"], ids=lambda place: place["code"])
def test_a_place_can_be_found_and_visited(place):
    assert place["kind"] in KINDS
    assert place["region"] in REGIONS
    assert place["market"] in {market["code"] for market in PLACES["market"]}
    assert ZoneInfo(place["timezone"])
    assert -90 <= place["latitude"] <= 90
    assert -180 <= place["longitude"] <= 180
    assert set(place["hours"]) == DAYS
    assert spoken(place["story"])
    assert (place["owner"] == "house") == (place["kind"] != "partner_door")


def test_the_house_stands_on_four_continents():
    kinds = Counter(place["kind"] for place in PLACES["place"])
    boutiques = [place for place in PLACES["place"] if place["kind"] == "boutique"]

    assert kinds["boutique"] >= 10
    assert kinds["warehouse"] == 2
    assert kinds["atelier"] >= 1
    assert kinds["partner_door"] == 6
    assert len({place["timezone"].split("/")[0] for place in boutiques}) >= 4


def test_markets_price_in_their_own_money():
    for market in PLACES["market"]:
        assert spoken(market["name"])
        assert set(market["languages"]) <= {"en", "fr"}
        assert 0 <= market["tax_rate_bp"] < 10_000
        assert market["rate"] > 0
        assert market["rounding"] > 0
        assert (market["currency"] == "EUR") <= (market["rate"] == 1.0)


def test_staff_work_somewhere_and_every_boutique_is_staffed():
    for person in STAFF.values():
        assert person["place"] in PLACE
        assert set(person["roles"]) <= ROLES
        assert person["email"].endswith("@vermeil.example")
        assert person["email"].isascii()
    for code, place in PLACE.items():
        roles = Counter(role for person in STAFF.values() if person["place"] == code for role in person["roles"])
        if place["kind"] == "boutique":
            assert roles["boutique_manager"] == 1, code
            assert 2 <= roles["advisor"] <= 5, code
        if place["kind"] == "partner_door":
            assert roles["partner_seller"] >= 1, code


def test_the_cast_are_people_of_the_house_or_its_clients():
    for key, member in PEOPLE["cast"].items():
        if "staff" in member:
            assert member["staff"] in STAFF, key
            continue
        assert spoken(member["life"]), key
        assert member["email"].endswith(("@example.com", ".example")), key
        assert member.get("advisor", "camille-roussel") in STAFF, key
    assert PEOPLE["cast"]["seconded_advisor"]["seconded_to"] in PLACE


def test_clients_can_be_drawn_from_many_cultures_and_cities():
    for culture in NAMES["culture"].values():
        assert min(len(culture[pool]) for pool in ("female", "male", "family")) >= 40
    assert len(NAMES["city"]) >= 60
    for city in NAMES["city"]:
        assert set(city["cultures"]) <= set(NAMES["culture"])
        assert sum(city["cultures"].values()) == pytest.approx(1.0)
        assert city["market"] in {market["code"] for market in PLACES["market"]}
    for journey in NAMES["travel"]:
        assert set(journey["places"]) <= set(PLACE)


def test_tastes_name_what_the_house_makes():
    made = {key: {model[key] for model in MODELS} for key in ("stone", "form", "family", "collection")}
    for taste in NAMES["taste"]:
        assert set(taste.get("stones", [])) <= made["stone"]
        assert set(taste.get("forms", [])) <= made["form"]
        assert set(taste.get("families", [])) <= made["family"]
        assert set(taste.get("collections", [])) <= made["collection"]
        assert set(taste.get("materials", [])) <= set(COLLECTION["material"])


def test_notes_are_short_and_some_are_for_the_advisor_alone():
    notes = NAMES["note"]

    assert len(notes) >= 60
    assert {note["may_mention"] for note in notes} == {True, False}
    assert all(len(note["text"]) <= 100 for note in notes)


def test_every_model_is_light_enough_for_a_phone() -> None:
    heavy = {
        path.parent.name: path.stat().st_size
        for path in sorted((HOUSE / "media").rglob("*.glb"))
        if path.stat().st_size > 400_000
    }
    assert heavy == {}
