"""The documents for receivers are true: the snippet verifies what we send, and every kind has its entry."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from vendome.connectors.webhooks import signing
from vendome.domains.webhooks import registry, sealing

DOCS = Path(__file__).resolve().parents[2] / "docs"
AT = 1_795_622_400


def receiver_of_the_howto() -> Any:
    page = (DOCS / "howto" / "receive-webhooks.md").read_text(encoding="utf-8")
    [snippet] = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    names: dict[str, Any] = {}
    exec(snippet, names)
    return names["verified_id"]


def test_the_snippet_takes_what_we_sign_and_refuses_the_rest() -> None:
    verified_id = receiver_of_the_howto()
    secret, other = sealing.new_secret(), sealing.new_secret()
    body = '{"id": "é"}'.encode()
    headers = signing.headers(message_id="m1", timestamp=AT, body=body, secrets=[other, secret])

    assert verified_id(headers, body, secret, now=AT + 299) == "m1"
    for wrong in (
        {"body": body + b" "},
        {"secret": sealing.new_secret()},
        {"now": AT + 301},
        {"headers": headers | {"webhook-id": "m2"}},
        {"headers": headers | {"webhook-signature": "v1,"}},
    ):
        with pytest.raises(ValueError):
            verified_id(**{"headers": headers, "body": body, "secret": secret, "now": AT} | wrong)


def test_the_delays_are_those_of_the_howto() -> None:
    from vendome.domains.webhooks.types import DELAYS, MOST_ATTEMPTS

    assert [one.total_seconds() for one in DELAYS[:3]] == [5, 15, 45]
    assert MOST_ATTEMPTS == 15


def test_every_kind_has_its_entry() -> None:
    page = (DOCS / "reference" / "events.md").read_text(encoding="utf-8")

    for one in registry.EVERY:
        assert f"`{one.kind}`" in page, "run `vendome docs`"
