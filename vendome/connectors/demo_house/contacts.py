"""E-mail addresses and phone numbers that belong to nobody.

Addresses end in the domains kept for examples (RFC 2606). Phone numbers come from the blocks that regulators keep
for fiction (Arcep, Ofcom, the North American 555-01xx); where a country keeps none, or the block is used up, the
number begins with a group that no subscriber of that country has.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

DOMAINS = ("example.com", "example.org", "example.net", "mail.example", "post.example", "home.example")
CALLING_CODES = {
    "FR": "33", "MC": "377", "BE": "32", "LU": "352", "GB": "44", "IE": "353", "CH": "41", "IT": "39", "DE": "49",
    "AT": "43", "ES": "34", "PT": "351", "AE": "971", "SA": "966", "KW": "965", "QA": "974", "LB": "961", "MA": "212",
    "IN": "91", "US": "1", "CA": "1", "MX": "52", "BR": "55", "AR": "54", "CL": "56", "JP": "81", "HK": "852",
    "MO": "853", "TW": "886", "SG": "65", "MY": "60", "ID": "62", "TH": "66", "KR": "82", "CN": "86", "AU": "61",
    "NZ": "64", "PL": "48",
}  # fmt: skip
FICTIONAL: dict[str, tuple[tuple[str, ...], int]] = {
    "FR": (("63998", "19900", "26191", "35301", "46571", "53649"), 4),
    "GB": (("7700900", "2079460", "1134960", "1144960", "1154960", "1164960", "1174960", "1214960"), 3),
    "US": (tuple(f"{area}55501" for area in (212, 305, 312, 214, 713, 310, 415, 617, 203, 202, 206, 303, 404, 702)), 2),
    "CA": (tuple(f"{area}55501" for area in (416, 514, 604)), 2),
}
"""Blocks kept for fiction: their beginnings, and how many digits follow."""
NEVER_ASSIGNED = {"IT": "1555", "US": "055501", "CA": "155501"}


def phone(country: str, nr: int) -> str:
    """The number-th phone of a country, E.164."""
    code = CALLING_CODES.get(country, "00")
    starts, digits = FICTIONAL.get(country, ((), 0))
    block, within = divmod(nr, 10**digits)
    if block < len(starts):
        return f"+{code}{starts[block]}{within:0{digits}}"
    return f"+{code}{NEVER_ASSIGNED.get(country, '0555')}{nr:06}"[:16]


@lru_cache(maxsize=20_000)
def slug(name: str) -> str:
    folded = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return "".join(char for char in folded if char.isalnum())


class Addresses:
    """Hands out each e-mail address once; the second Anna Keller gets a number."""

    def __init__(self) -> None:
        self._given: dict[str, int] = {}

    def email(self, given: str, family: str, choice: int) -> str:
        local = f"{slug(given)}.{slug(family)}@{DOMAINS[choice % len(DOMAINS)]}"
        times = self._given.get(local, 0)
        self._given[local] = times + 1
        return local if not times else local.replace("@", f"{times + 1}@")
