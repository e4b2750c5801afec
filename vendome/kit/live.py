"""Signed leave to listen: which topics a page may hear, and until when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.core import signing

SALT = "vendome.live"
MAX_AGE = timedelta(hours=12)
MOST_TOPICS = 64


class Refused(Exception):
    """The token is missing, changed or too old; the message is for the person."""


def token(topics: Iterable[str]) -> str:
    """Leave to hear these topics for twelve hours. Give it only to pages that may know what they carry."""
    chosen = sorted(set(topics))
    if not chosen or len(chosen) > MOST_TOPICS:
        raise ValueError(f"a page listens to 1 to {MOST_TOPICS} topics, not {len(chosen)}")
    return signing.dumps(chosen, salt=SALT, compress=True)


def topics(token: str) -> frozenset[str]:
    """The topics a token gives leave for. Raises Refused."""
    try:
        found = signing.loads(token, salt=SALT, max_age=MAX_AGE)
    except signing.SignatureExpired:
        raise Refused("This page was open for more than twelve hours. Load it again to follow what happens.") from None
    except signing.BadSignature:
        raise Refused("This page has no leave to listen here. Load it again.") from None
    return frozenset(found)
