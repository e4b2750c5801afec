"""Amounts as each language writes them, from whole minor units."""

from __future__ import annotations

import pytest

from vendome.web.components.money import digits, written


@pytest.mark.parametrize(
    ("amount", "currency", "language", "expected"),
    [
        (820000, "EUR", "en", "€\u00a08,200"),
        (820000, "EUR", "fr", "8\u00a0200\u00a0€"),
        (820050, "EUR", "fr", "8\u00a0200,50\u00a0€"),
        (820005, "GBP", "en", "£\u00a08,200.05"),
        (1188000, "JPY", "en", "¥\u00a01,188,000"),
        (14500000, "KRW", "fr", "14\u00a0500\u00a0000\u00a0₩"),
        (960000, "USD", "en-us", "US$\u00a09,600"),
        (1205000, "CHF", "fr", "12\u00a0050\u00a0CHF"),
        (-45000, "EUR", "en", "\u2212€\u00a0450"),
        (-45000, "EUR", "fr", "\u2212450\u00a0€"),
        (0, "EUR", "en", "€\u00a00"),
    ],
)
def test_an_amount_is_written_as_the_language_does(amount, currency, language, expected):
    assert written(amount, currency, language) == expected


def test_columns_that_must_align_keep_their_cents():
    assert digits(820000, "EUR", "en", exact=True) == "8,200.00"
    assert digits(820000, "EUR", "fr", exact=True) == "8\u00a0200,00"
    assert digits(1188000, "JPY", "en", exact=True) == "1,188,000"


def test_very_large_amounts_stay_exact():
    assert digits(123456789012345678, "EUR", "en") == "1,234,567,890,123,456.78"
