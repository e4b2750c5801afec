"""The three hot operations, each as an HTTP request and as the same SQL for pgbench.

pgbench reads every word after a colon as a variable, so no script holds one inside a literal.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from vendome.config.benching.load import KEY
from vendome.config.benching.sample import Sample
from vendome.flows.availability import STANDING


class Name(enum.StrEnum):
    CARD = "client card"
    AVAILABILITY = "availability over every place"
    ORDER = "place an order of two lines"


TARGETS = {Name.CARD: 0.25, Name.AVAILABILITY: 0.30, Name.ORDER: 0.45}
"""Share of pgbench's rate that HTTP has to reach."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    name: Name
    requests: tuple[bytes, ...]
    script: str  # for pgbench


def operations(sample: Sample, *, token: str) -> tuple[Operation, ...]:
    """All three, ready to run."""
    head = f"Host: localhost\r\nAuthorization: Bearer {token}\r\nX-Forwarded-Proto: https\r\n"
    return (
        Operation(
            name=Name.CARD,
            requests=tuple(f"GET /api/v1/clients/{one}/card HTTP/1.1\r\n{head}\r\n".encode() for one in sample.clients),
            script=_card(sample),
        ),
        Operation(
            name=Name.AVAILABILITY,
            requests=tuple(
                f"GET /api/v1/references/{one}/availability HTTP/1.1\r\n{head}\r\n".encode()
                for one in sample.references
            ),
            script=_availability(sample),
        ),
        Operation(
            name=Name.ORDER,
            requests=tuple(_order_request(head, body.encode()) for body in sample.orders),
            script=_order(sample),
        ),
    )


def _order_request(head: str, body: bytes) -> bytes:
    lines = f"POST /api/v1/orders HTTP/1.1\r\n{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return lines.encode() + b"Idempotency-Key: " + KEY + b"\r\n\r\n" + body


def _card(sample: Sample) -> str:
    return (
        f"\\set n random(0, {len(sample.clients) - 1})\n"
        f"SELECT flows_client_card('{sample.maison}', c.id, 'BENCH', NULL, NULL, false, now(), NULL) "
        "FROM bench.client c WHERE c.n = :n;\n"
    )


def _availability(sample: Sample) -> str:
    query = STANDING.query.replace("$1", "(SELECT b.id FROM bench.reference b WHERE b.n = :n)")
    query = query.replace("$2", f"'{sample.maison}'")
    return f"\\set n random(0, {len(sample.references) - 1})\n{query};\n"


def _order(sample: Sample) -> str:
    """Turn by turn rather than at random, so that every level of the shelf is asked for equally often."""
    call = "SELECT flows_place_order(w.asked || jsonb_build_object('key', gen_random_uuid(), 'at', now()))"
    turn = f"(SELECT nextval('bench.turn') % {len(sample.orders)})"
    return f"{call} FROM bench.wanted w WHERE w.n = {turn};\n"
