"""Signatures as Standard Webhooks defines them, and the check a receiver makes."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence

from vendome.domains.webhooks.sealing import PREFIX

TOLERANCE_SECONDS = 300
VERSION = "v1"


class NotGenuine(Exception):
    """Not signed with this secret, changed on the way, or too old; the message says which."""


def headers(*, message_id: str, timestamp: int, body: bytes, secrets: Sequence[str]) -> dict[str, str]:
    """The three headers of a message, signed with each secret that is still good."""
    signed = " ".join(f"{VERSION},{_signature(one, message_id, timestamp, body)}" for one in secrets)
    return {"webhook-id": message_id, "webhook-timestamp": str(timestamp), "webhook-signature": signed}


def verify(*, headers: Mapping[str, str], body: bytes, secret: str, now: float) -> str:
    """The id of a genuine message; remember it, for it may come again. Raises NotGenuine."""
    try:
        message_id, timestamp = headers["webhook-id"], int(headers["webhook-timestamp"])
        given = headers["webhook-signature"].split()
    except (KeyError, ValueError) as error:
        raise NotGenuine("one of the three headers is missing or unreadable") from error
    if abs(now - timestamp) > TOLERANCE_SECONDS:
        raise NotGenuine("too old: a replay, or a clock that is wrong")
    expected = f"{VERSION},{_signature(secret, message_id, timestamp, body)}"
    if not any(hmac.compare_digest(one.encode(), expected.encode()) for one in given):
        raise NotGenuine("the signature does not match")
    return message_id


def _signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
