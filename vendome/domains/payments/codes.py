"""Gift card codes: 128 random bits in Crockford's base 32 with its check symbol, kept as a keyed hash.

A code is a bearer's key, so nobody of the house can read one back: it is shown once, when the card is made. The check
symbol finds every single wrong symbol and swapped pair before anything is asked of the database.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

from django.conf import settings

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CHECKS = ALPHABET + "*~$=U"
BITS = 128
LENGTH = 26  # symbols of five bits that hold 128
READ_AS = str.maketrans("OIL", "011", " -\u2010\u2011\u2013")


def new_code() -> str:
    """A fresh code, in groups as it is printed."""
    return written(secrets.randbits(BITS))


def written(number: int) -> str:
    """The number as symbols, its check symbol last, in groups of five (the last of two)."""
    symbols = "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(LENGTH))) + CHECKS[number % 37]
    return "-".join(symbols[start : start + 5] for start in range(0, len(symbols), 5))


def read(text: str) -> str | None:
    """The code without its groups, or None when it cannot be one: length, alphabet or check symbol do not fit."""
    symbols = text.strip().upper().translate(READ_AS)
    if len(symbols) != LENGTH + 1 or any(one not in ALPHABET for one in symbols[:-1]):
        return None
    number = 0
    for one in symbols[:-1]:
        number = number << 5 | ALPHABET.index(one)
    return symbols if number >> BITS == 0 and CHECKS[number % 37] == symbols[-1] else None


def hashed(symbols: str) -> bytes:
    """What the table keeps: useless without the house's key, which is not in the database."""
    return hmac.new(settings.GIFT_CARD_KEY.encode(), symbols.encode(), hashlib.sha256).digest()
