"""A guest finds her order again by its number and a signed key: the address we gave her, and nobody else has it."""

from __future__ import annotations

import uuid

from django.core import signing

from vendome.kit.errors import NotFound

SALT = "vendome.order"
MAX_AGE = 60 * 60 * 24 * 180


def make(order_id: uuid.UUID) -> str:
    return signing.dumps(order_id.hex, salt=SALT)


def read(key: str) -> uuid.UUID:
    """The order of a key. Raises NotFound for a key that is missing, changed or older than half a year."""
    try:
        return uuid.UUID(signing.loads(key, salt=SALT, max_age=MAX_AGE))
    except (signing.BadSignature, ValueError, TypeError, AttributeError):
        raise NotFound() from None
