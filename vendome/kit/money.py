"""Money: whole minor units and a currency, never a float (ISO 4217)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from vendome.kit.errors import DomainError, Kind

WITHOUT_DECIMALS = frozenset({"JPY", "KRW", "VND", "CLP", "ISK", "XAF", "XOF", "XPF", "UGX", "PYG"})
WITH_THREE_DECIMALS = frozenset({"BHD", "KWD", "OMR", "JOD", "TND", "IQD", "LYD"})


class CurrencyMismatch(DomainError):
    """Two amounts in different currencies cannot be added or compared."""

    code = "money.currency_mismatch"
    kind = Kind.INVALID
    sentence = "Amounts in different currencies cannot be added; convert one of them first."


def decimals(currency: str) -> int:
    """Digits after the point of one currency, by ISO 4217."""
    if currency in WITHOUT_DECIMALS:
        return 0
    return 3 if currency in WITH_THREE_DECIMALS else 2


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An amount in minor units (cents, pence; whole yen) of one currency."""

    amount: int
    currency: str

    def __post_init__(self) -> None:
        if len(self.currency) != 3 or not self.currency.isupper():
            raise CurrencyMismatch(currency=self.currency)

    def __add__(self, other: Money) -> Money:
        return Money(self.amount + self._same(other).amount, self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.amount - self._same(other).amount, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.amount, self.currency)

    def __mul__(self, quantity: int) -> Money:
        return Money(self.amount * quantity, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.amount < self._same(other).amount

    def __le__(self, other: Money) -> bool:
        return self.amount <= self._same(other).amount

    def __bool__(self) -> bool:
        return self.amount != 0

    def _same(self, other: Money) -> Money:
        if other.currency != self.currency:
            raise CurrencyMismatch(left=self.currency, right=other.currency)
        return other

    @classmethod
    def of(cls, value: Decimal | int | str, currency: str) -> Money:
        """From major units: `Money.of("12.50", "EUR")`; half-even on the last minor unit."""
        scale = Decimal(10) ** decimals(currency)
        return cls(int((Decimal(value) * scale).quantize(Decimal(1), ROUND_HALF_EVEN)), currency)

    @property
    def major(self) -> Decimal:
        return Decimal(self.amount).scaleb(-decimals(self.currency))

    def tax_within(self, rate_bp: int) -> Money:
        """Tax contained in a price that includes it; `rate_bp` in basis points; half-even."""
        return Money(_half_even(self.amount * rate_bp, 10_000 + rate_bp), self.currency)

    def tax_on_top(self, rate_bp: int) -> Money:
        """Tax to add to a price that excludes it; `rate_bp` in basis points; half-even."""
        return Money(_half_even(self.amount * rate_bp, 10_000), self.currency)

    def split(self, weights: Sequence[int]) -> tuple[Money, ...]:
        """Parts in proportion to `weights` (each ≥ 0, one > 0) that add up to the whole to the last cent.

        The cents left over go to the largest remainders, earliest first.
        """
        total = sum(weights)
        if total <= 0 or any(weight < 0 for weight in weights):
            raise BadWeights()
        sign = -1 if self.amount < 0 else 1
        whole = abs(self.amount)
        parts = [whole * weight // total for weight in weights]
        order = sorted(range(len(weights)), key=lambda i: (-(whole * weights[i] % total), i))
        for i in order[: whole - sum(parts)]:
            parts[i] += 1
        return tuple(Money(sign * part, self.currency) for part in parts)


class BadWeights(DomainError):
    """A sum can only be split by weights of which one is positive and none negative."""

    code = "money.bad_weights"
    kind = Kind.INVALID
    sentence = "A sum can only be split by weights of which at least one is positive and none negative."


def _half_even(numerator: int, denominator: int) -> int:
    quotient, remainder = divmod(numerator, denominator)
    twice = 2 * remainder
    if twice > denominator or (twice == denominator and quotient % 2):
        quotient += 1
    return quotient
