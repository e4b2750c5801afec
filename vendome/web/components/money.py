"""How an amount in minor units is written in a language. Integers only; nothing here rounds."""

from __future__ import annotations

from vendome.kit.money import decimals

NO_BREAK = "\N{NO-BREAK SPACE}"  # a quarter of an em in our text face; its narrow space all but vanishes

SYMBOLS = {
    "EUR": "€",
    "GBP": "£",
    "USD": "US$",
    "JPY": "¥",
    "KRW": "₩",
    "HKD": "HK$",
    "SGD": "S$",
    "AUD": "A$",
    "BRL": "R$",
    "CNY": "CN¥",
}


def digits(amount: int, currency: str, language: str, *, exact: bool = False) -> str:
    """The figures alone. Cents are shown when there are any, or always with `exact`."""
    places = decimals(currency)
    whole, cents = divmod(abs(amount), 10**places)
    french = language.startswith("fr")
    text = f"{whole:,}".replace(",", NO_BREAK if french else ",")
    if places and (cents or exact):
        text += ("," if french else ".") + f"{cents:0{places}d}"
    return text


def written(amount: int, currency: str, language: str, *, exact: bool = False) -> str:
    """ "€ 8,200" in English, "8 200 €" in French; a minus sign (not a hyphen) in front when negative."""
    figures = digits(amount, currency, language, exact=exact)
    symbol = SYMBOLS.get(currency, currency)
    sign = "\N{MINUS SIGN}" if amount < 0 else ""
    if language.startswith("fr"):
        return f"{sign}{figures}{NO_BREAK}{symbol}"
    return f"{sign}{symbol}{NO_BREAK}{figures}"
