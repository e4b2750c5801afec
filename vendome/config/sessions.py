"""Session cookies are sealed: signed by Django and encrypted here, for a session holds what its bearer may not read.

While somebody signs in with a code, allauth keeps that code in the session. In a cookie that is only signed, whoever
asked for a code to another's address could read it there. What is sealed is filled up first, to more than any sign-in
under way needs: its length would tell whether an address has an account. Whole blocks alone would not do: with an
address to go on to, somebody could choose a length that one answer fits and the other does not (signin.MOST_NEXT).
"""

from __future__ import annotations

import json
import os
from functools import cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.signing import BadSignature

NONCE_BYTES = 12
INFO = b"vendome.session"
LEAST_BYTES, BLOCK_BYTES = 2048, 512


class SealedJSON:
    """`SESSION_SERIALIZER`: JSON under AES-256-GCM, with a key of its own derived from the secret key."""

    def dumps(self, session: Any) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        text = json.dumps(session, separators=(",", ":")).encode()
        full = max(LEAST_BYTES, len(text) + -len(text) % BLOCK_BYTES)
        text = text.ljust(full)  # JSON minds no space at its end: nothing has to be taken off again
        return nonce + _cipher(settings.SECRET_KEY).encrypt(nonce, text, INFO)

    def loads(self, sealed: bytes) -> Any:
        """Raises BadSignature, which Django takes for no session."""
        for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
            try:
                return json.loads(_cipher(secret).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], INFO))
            except (InvalidTag, ValueError):
                continue
        raise BadSignature("The session cannot be opened.")


@cache
def _cipher(secret: str) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, salt=None, info=INFO).derive(secret.encode()))
