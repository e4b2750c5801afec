"""Signing secrets at rest: the house must read them to sign, and a copy of the database must not be enough to."""

from __future__ import annotations

import base64
import os
import secrets
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

NONCE_BYTES = 12
SECRET_BYTES = 32
INFO = b"vendome.webhooks.secret"
PREFIX = "whsec_"


class Unreadable(Exception):
    """The secret was sealed under a key this house no longer has; rotate it."""


def new_secret() -> str:
    """A fresh secret in the form of Standard Webhooks: `whsec_` and 32 random bytes in base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def seal(secret: str) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + _cipher(settings.SECRET_KEY).encrypt(nonce, secret.encode(), INFO)


def unseal(sealed: bytes | memoryview) -> str:
    """Raises Unreadable."""
    sealed = bytes(sealed)
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        try:
            return _cipher(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], INFO).decode()
        except (InvalidTag, ValueError):
            continue
    raise Unreadable


@cache
def _cipher(key: str) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, salt=None, info=INFO).derive(key.encode()))
