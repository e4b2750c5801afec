"""A locale is a market and a language, as addresses say it: `/gb-en/`, `/fr-fr/`."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

LANGUAGES = {"en": "English", "fr": "Français"}
DEFAULT_LANGUAGE = "en"
HOME_MARKETS = {  # where a language is at home, when a browser names no country
    "en": "GB",
    "fr": "FR",
    "it": "IT",
    "de": "DE",
    "es": "ES",
    "pt": "BR",
    "ja": "JP",
    "zh": "CN",
    "ko": "KR",
    "ar": "AE",
}
COUNTRIES = {
    "AE": _("United Arab Emirates"),
    "AU": _("Australia"),
    "BR": _("Brazil"),
    "CH": _("Switzerland"),
    "CN": _("China"),
    "DE": _("Germany"),
    "ES": _("Spain"),
    "FR": _("France"),
    "GB": _("United Kingdom"),
    "HK": _("Hong Kong"),
    "IT": _("Italy"),
    "JP": _("Japan"),
    "KR": _("South Korea"),
    "QA": _("Qatar"),
    "SG": _("Singapore"),
    "US": _("United States"),
}


WITHOUT_POSTCODES = frozenset({"AE", "HK", "QA"})


@dataclass(frozen=True, slots=True)
class Locale:
    """`gb-en`: the market's code, then the language."""

    market: str
    language: str

    def __str__(self) -> str:
        return f"{self.market.lower()}-{self.language}"

    @property
    def hreflang(self) -> str:
        """As search engines write it: `en-GB`."""
        return f"{self.language}-{self.market}"

    @classmethod
    def read(cls, text: str) -> Locale | None:
        """From an address or a cookie; None when it is not one."""
        market, _, language = text.partition("-")
        if len(market) == 2 and market.isascii() and market.isalpha() and language in LANGUAGES:
            return cls(market.upper(), language)
        return None


class LocaleConverter:
    """The first part of every address of the boutique."""

    regex = "[a-z]{2}-(?:en|fr)"

    def to_python(self, value: str) -> Locale:
        found = Locale.read(value)
        if found is None:
            raise ValueError(value)
        return found

    def to_url(self, value: Locale | str) -> str:
        return str(value)


def has_postcodes(country: str) -> bool:
    """Whether an address there is written with a postcode."""
    return country not in WITHOUT_POSTCODES


def country_name(code: str) -> str:
    """The country in the language of the page; its code when we do not know its name."""
    return str(COUNTRIES.get(code, code))


def suggest(accept_language: str, markets: Collection[str]) -> Locale:
    """The market and language a browser's Accept-Language asks for, as far as the house has them.

    The first wish with a country we sell in decides the market; the first language we write decides the words.
    """
    wishes = list(_wishes(accept_language))
    language = next((tongue for tongue, _ in wishes if tongue in LANGUAGES), DEFAULT_LANGUAGE)
    for tongue, country in wishes:
        market = country if country in markets else HOME_MARKETS.get(tongue, "")
        if market in markets:
            return Locale(market, language)
    fallback = "GB" if "GB" in markets else min(markets)
    return Locale(fallback, language)


def _wishes(accept_language: str) -> Iterator[tuple[str, str]]:
    """`fr-CH, fr;q=0.9, en;q=0.8` as (fr, CH), (fr, ), (en, ), most wanted first."""
    weighed = []
    for position, part in enumerate(accept_language[:200].split(",")):
        tag, _, weight = part.strip().partition(";q=")
        try:
            weighed.append((-float(weight or 1), position, tag.strip()))
        except ValueError:
            continue
    for _weight, _position, tag in sorted(weighed):
        tongue, _, country = tag.partition("-")
        yield tongue.lower(), country.rpartition("-")[2].upper()
