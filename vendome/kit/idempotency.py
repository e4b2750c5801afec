"""Commands that may be repeated: key, effect and answer commit together (hard rule 6)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any, cast

from django.db import transaction

from vendome.kit import sql
from vendome.kit.errors import BadInput

LONGEST_KEY = 255


def request_hash(body: Any) -> bytes:
    """Digest of a request's meaning: key order and white space do not matter."""
    return hashlib.sha256(json.dumps(body, sort_keys=True, separators=(",", ":"), default=str).encode()).digest()


def check_key(key: str) -> str:
    """A usable Idempotency-Key: 1 to 255 visible characters."""
    if not 1 <= len(key) <= LONGEST_KEY or not key.isprintable():
        raise BadInput("An Idempotency-Key is 1 to 255 visible characters; a fresh UUID is a good one.")
    return key


def claim(*, scope: str, key: str, body: Any) -> dict[str, Any] | None:
    """Within a transaction: the answer given before, or None when this call must do the work.

    Two calls with one key wait for each other. Raises BodyChanged when the key stood for another request.
    """
    answer = sql.document("SELECT vendome_once(%s, %s, %s)", [scope, check_key(key), request_hash(body)])
    return cast("dict[str, Any] | None", answer)


def store(*, scope: str, key: str, answer: dict[str, Any]) -> None:
    """Keep the answer, in the same transaction as the effect."""
    sql.value("SELECT vendome_once_answer(%s, %s, %s::jsonb)", [scope, key, json.dumps(answer, default=str)])


def once(*, scope: str, key: str, body: Any, run: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Do `run` for the first request of this key and keep its answer; a repeat gets that answer and does nothing.

    Key, effect and answer commit together. Raises BadInput, BodyChanged, and whatever `run` raises.
    """
    with transaction.atomic():
        known = claim(scope=scope, key=key, body=body)
        if known is not None:
            return known
        answer = run()
        store(scope=scope, key=key, answer=answer)
        return answer
