"""Every pair of colours that meets on a page, measured by day and in the evening (WCAG 2.2 AA)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import vendome.web.components

TOKENS = (Path(vendome.web.components.__path__[0]) / "static/vendome/css/tokens.css").read_text()
GROUNDS = ("paper", "leaf", "stone")
WORDS = ("ink", "ink-soft", "ink-faint", "gold-ink", "good", "care", "wrong")
EDGES = ("gold", "line-strong")
WORLD_WORDS = ("world-ink", "world-soft", "world-gold")

_PAIR = re.compile(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\);")
_WORLD = re.compile(r'\[data-world="(\w+)"\] \{\s*--world: (#\w{6});\s*--world-tint: light-dark\((#\w{6}), (#\w{6})\);')
_WORLD_WORD = re.compile(r"--(world-\w+): (#\w{6});")


def _first_of_each() -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for name, day, evening in _PAIR.findall(TOKENS):
        found.setdefault(name, (day, evening))
    return found


COLOURS = _first_of_each()
WORLDS = {name: (ground, day, evening) for name, ground, day, evening in _WORLD.findall(TOKENS)}


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_the_measure_itself_is_right():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", [0, 1], ids=["day", "evening"])
@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize(("name", "least"), [*((w, 4.5) for w in WORDS), *((e, 3.0) for e in EDGES)])
def test_words_and_edges_can_be_seen_on_every_ground(name, least, ground, scheme):
    assert contrast(COLOURS[name][scheme], COLOURS[ground][scheme]) >= least


@pytest.mark.parametrize("world", sorted(WORLDS))
def test_words_can_be_read_in_every_world(world):
    ground, *tints = WORLDS[world]
    for name, colour in _WORLD_WORD.findall(TOKENS):
        if name in WORLD_WORDS:
            assert contrast(colour, ground) >= 4.5, name
    for scheme, tint in enumerate(tints):
        for name in ("ink", "ink-soft"):
            assert contrast(COLOURS[name][scheme], tint) >= 4.5, name


def test_every_collection_has_its_world():
    assert set(WORLDS) == {"sceau", "aurore", "arcade", "cordage", "orangerie", "meridien", "maree"}
