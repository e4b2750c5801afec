"""Finding a piece by words a visitor would use, accents and case forgiven."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from vendome.domains.catalogue.types import ModelRow
from vendome.web.boutique import wording

PRICE_STEP_FACTORS = {  # round price steps: factor on euros, minor units
    "JPY": (150, 1),
    "KRW": (1500, 1),
    "HKD": (10, 100),
    "CNY": (10, 100),
    "AED": (5, 100),
    "QAR": (5, 100),
    "BRL": (5, 100),
    "AUD": (2, 100),
}


def folded(text: str) -> str:
    """Lower case without accents: "Méridien" finds "meridien"."""
    plain = unicodedata.normalize("NFD", text.casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def matches(query: str, text: str) -> bool:
    """Every word of the query begins a word of the text."""
    words = folded(text).replace("-", " ").replace("’", " ").split()
    return all(any(word.startswith(asked) for word in words) for asked in folded(query).split())


def models(rows: Sequence[ModelRow], query: str) -> list[ModelRow]:
    """Models whose name, family, stone, metals or collection the words describe; names first."""
    if not query.strip():
        return []
    found = [row for row in rows if matches(_singular(query), _described(row)) or matches(query, _described(row))]
    return sorted(found, key=lambda row: not matches(query, row.name))


def _described(row: ModelRow) -> str:
    return " ".join(
        (
            row.name,
            row.code,
            row.collection_code,
            row.family,
            wording.family_name(row.family),
            row.stone,
            wording.stone_name(row.stone),
            *(wording.metal_name(code) for code in row.materials),
        )
    )


def _singular(query: str) -> str:
    """ "emeralds" asks for emerald: one final s is forgiven."""
    return " ".join(word[:-1] if len(word) > 3 and word.endswith("s") else word for word in query.split())
