"""E-mail addresses and phone numbers in the one form they are compared in."""

from __future__ import annotations


def normal_email(text: str) -> str:
    """Folded and trimmed; the database folds accents the same way."""
    return text.strip().lower()


def phone_digits(text: str) -> str:
    """The digits of what was typed, without the trunk zero or the international prefix: enough to compare ends."""
    digits = "".join(char for char in text if char.isdigit())
    return digits.lstrip("0")


def normal_phone(text: str, *, country_code: str = "") -> str:
    """E.164 as far as it can be known: `+33 6 12…` or `0033…` as written, else the country's code for a leading 0."""
    digits = "".join(char for char in text if char.isdigit())
    if text.strip().startswith("+"):
        return f"+{digits}"
    if digits.startswith("00"):
        return f"+{digits[2:]}"
    if digits.startswith("0") and country_code:
        return f"+{country_code}{digits[1:]}"
    return f"+{digits}" if digits else ""
