"""Laws of money: nothing is lost in a split, tax is what the rate says, currencies never mix."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vendome.kit.money import BadWeights, CurrencyMismatch, Money, decimals

amounts = st.integers(-(10**12), 10**12)
rates = st.integers(0, 9_999)


@given(amounts, st.lists(st.integers(0, 10**6), min_size=1, max_size=12).filter(lambda weights: sum(weights) > 0))
def test_a_split_adds_up_to_the_last_cent(amount: int, weights: list[int]) -> None:
    parts = Money(amount, "EUR").split(weights)

    assert sum(part.amount for part in parts) == amount
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part.amount * sum(weights) - amount * weight) < sum(weights)


@given(amounts, rates)
def test_tax_within_is_half_even_of_the_exact_share(amount: int, rate: int) -> None:
    exact = Decimal(amount) * rate / (10_000 + rate)

    assert Money(amount, "EUR").tax_within(rate).amount == int(exact.quantize(Decimal(1), ROUND_HALF_EVEN))


@given(amounts, rates)
def test_tax_on_top_is_half_even_of_the_exact_share(amount: int, rate: int) -> None:
    exact = Decimal(amount) * rate / 10_000

    assert Money(amount, "JPY").tax_on_top(rate).amount == int(exact.quantize(Decimal(1), ROUND_HALF_EVEN))


@pytest.mark.parametrize(
    ("value", "currency", "amount"),
    [
        ("12.50", "EUR", 1250),
        ("0.005", "EUR", 0),
        ("0.015", "EUR", 2),
        ("980", "JPY", 980),
        ("1.2345", "KWD", 1234),
    ],
)
def test_major_units_become_minor_ones(value: str, currency: str, amount: int) -> None:
    assert Money.of(value, currency).amount == amount


def test_currencies_do_not_mix() -> None:
    with pytest.raises(CurrencyMismatch):
        Money(1, "EUR") + Money(1, "USD")
    with pytest.raises(CurrencyMismatch):
        assert Money(1, "EUR") < Money(1, "USD")
    with pytest.raises(CurrencyMismatch):
        Money(1, "euro")


@pytest.mark.parametrize("weights", [[0], [-1, 2], []])
def test_a_split_needs_sensible_weights(weights: list[int]) -> None:
    with pytest.raises(BadWeights):
        Money(100, "EUR").split(weights)


def test_decimals_follow_iso_4217() -> None:
    assert [decimals(code) for code in ("EUR", "JPY", "KWD", "USD")] == [2, 0, 3, 2]


@pytest.mark.django_db
@given(amount=st.integers(0, 10**12), rate=rates, included=st.booleans())
def test_the_database_taxes_as_python_does(amount: int, rate: int, included: bool) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pricing_tax(%s, %s, %s)", [amount, rate, included])
        money = Money(amount, "EUR")
        expected = money.tax_within(rate) if included else money.tax_on_top(rate)
        assert cursor.fetchone() == (expected.amount,)
