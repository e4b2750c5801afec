"""The four hot operations, each as an HTTP request and as the same SQL for pgbench.

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
    WAYS = "availability of 24 references over every place"
    ORDER = "place an order of two lines"


TARGETS = {Name.CARD: 0.25, Name.AVAILABILITY: 0.30, Name.WAYS: 0.45, Name.ORDER: 0.45}
"""Share of pgbench's rate that HTTP has to reach."""
AT_ONCE = 24
"""References asked for at once: a page of a list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    name: Name
    requests: tuple[bytes, ...]
    script: str  # for pgbench


def operations(sample: Sample, *, token: str) -> tuple[Operation, ...]:
    """All of them, ready to run."""
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
            name=Name.WAYS,
            requests=tuple(
                f"GET /api/v1/availability?market={sample.market_code}&modes=DELIVER&references={','.join(some)} "
                f"HTTP/1.1\r\n{head}\r\n".encode()
                for some in _pages(sample.references)
            ),
            script=_ways(sample),
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


def _pages(references: tuple[str, ...]) -> list[tuple[str, ...]]:
    return [references[start : start + AT_ONCE] for start in range(0, max(1, len(references) - AT_ONCE + 1), 7)]


def _ways(sample: Sample) -> str:
    """The references from a random one on; the question is the one that the application writes."""
    last = max(0, len(sample.references) - AT_ONCE)
    refs = f"(SELECT jsonb_agg(b.id) FROM bench.reference b WHERE b.n >= :n AND b.n < :n + {AT_ONCE})"  # noqa: S608  # a constant
    asked = (
        f"'refs', {refs}, 'maison', '{sample.maison}', 'market', '{sample.market}', 'channel', 'web', "
        "'modes', jsonb_build_array('DELIVER'), 'staff', true, 'at', now()"
    )
    return f"\\set n random(0, {last})\nSELECT flows_availability(jsonb_build_object({asked}));\n"


def _order(sample: Sample) -> str:
    """Turn by turn rather than at random, so that every level of the shelf is asked for equally often."""
    call = "SELECT flows_place_order(w.asked || jsonb_build_object('key', gen_random_uuid(), 'at', now()))"
    turn = f"(SELECT nextval('bench.turn') % {len(sample.orders)})"
    return f"{call} FROM bench.wanted w WHERE w.n = {turn};\n"
