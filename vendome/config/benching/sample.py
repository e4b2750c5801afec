"""What the bench asks for: clients, references and orders drawn from the house, kept in a schema of their own.

The HTTP side and pgbench read the same sample, so both do the same work on the same rows.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

CLIENTS = 20_000
LEVELS = 10_000
ROLES = ["advisor"]

DRAW = """
DROP SCHEMA IF EXISTS bench CASCADE;
CREATE SCHEMA bench;
CREATE SEQUENCE bench.turn;

-- clients who have bought something, drawn at random
CREATE TABLE bench.client AS
    SELECT (row_number() OVER () - 1)::integer AS n, id FROM (
        SELECT c.id FROM orders_order o TABLESAMPLE SYSTEM ({share}) JOIN clients_client c ON c.id = o.client_id
        WHERE NOT c.is_protected AND c.maison_id = '{maison}'
        GROUP BY 1 ORDER BY random() LIMIT {clients}) found;
ALTER TABLE bench.client ADD PRIMARY KEY (n);

-- the references that stand in the most places
CREATE TABLE bench.reference AS
    SELECT (row_number() OVER () - 1)::integer AS n, id FROM (
        SELECT l.reference_id AS id FROM stock_level l GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 2000) found;
ALTER TABLE bench.reference ADD PRIMARY KEY (n);

-- the shelf that the orders are taken from: levels of serialised references, spread over places
CREATE TABLE bench.shelf AS
    SELECT (row_number() OVER () - 1)::integer AS n, reference_id, place_id FROM (
        SELECT l.reference_id, l.place_id FROM stock_level l
        JOIN catalogue_reference r ON r.id = l.reference_id AND r.is_serialised
        JOIN house_place p ON p.id = l.place_id AND p.offers_collection AND p.sells_online
        WHERE EXISTS (SELECT FROM pricing_prices('{market}', ARRAY[l.reference_id]))
          AND NOT EXISTS (SELECT FROM stock_quotarule q WHERE q.model_id = r.model_id)  -- so many a client
        ORDER BY md5(l.id::text) LIMIT {levels}) found;
ALTER TABLE bench.shelf ADD PRIMARY KEY (n);

-- orders of two lines, for collection; `sent` is the body of the HTTP request, `asked` the argument of the function
CREATE TABLE bench.wanted AS
    SELECT a.n, jsonb_build_object(
               'market', '{market_code}', 'channel', 'web', 'client_id', c.id,
               'tender', jsonb_build_object('tender', 'CARD', 'provider', 'card_test'),
               'lines', jsonb_build_array(
                   jsonb_build_object('reference_id', a.reference_id, 'mode', 'COLLECT', 'place_id', a.place_id),
                   jsonb_build_object('reference_id', b.reference_id, 'mode', 'COLLECT', 'place_id', b.place_id)))
               AS sent,
           jsonb_build_object(
               'scope', 'APP:bench:orders.place', 'hash', repeat('0', 64), 'actor', 'APP:bench', 'prefix', 'bench',
               'hold_seconds', 900, 'maison', '{maison}', 'market', '{market}', 'channel', 'web', 'client', c.id,
               'tender', jsonb_build_object('tender', 'CARD', 'provider', 'card_test', 'settled', false),
               'contact', '{{}}'::jsonb, 'address', '[]'::jsonb,
               'lines', jsonb_build_array(
                   jsonb_build_object('reference', a.reference_id, 'quantity', 1, 'mode', m, 'place', a.place_id),
                   jsonb_build_object('reference', b.reference_id, 'quantity', 1, 'mode', m, 'place', b.place_id)))
               AS asked
    FROM (VALUES ('COLLECT')) AS way (m)
    CROSS JOIN bench.shelf a
    JOIN bench.shelf b ON b.n = (a.n + (SELECT count(*) FROM bench.shelf) / 2) % (SELECT count(*) FROM bench.shelf)
    JOIN bench.client c ON c.n = a.n % (SELECT count(*) FROM bench.client);
ALTER TABLE bench.wanted ADD PRIMARY KEY (n);
"""

# Pieces arrive on the shelf in bulk, each with its line in the ledger; the books agree afterwards as they did before.
STOCK_UP = """
WITH short AS (
    SELECT s.reference_id, s.place_id, l.on_hand, l.held, r.maison_id, %(wanted)s - (l.on_hand - l.held) AS missing
    FROM bench.shelf s
    JOIN stock_level l ON l.reference_id = s.reference_id AND l.place_id = s.place_id
    JOIN catalogue_reference r ON r.id = s.reference_id
    WHERE l.on_hand - l.held < %(wanted)s
), raised AS (
    UPDATE stock_level l SET on_hand = l.on_hand + s.missing FROM short s
    WHERE l.reference_id = s.reference_id AND l.place_id = s.place_id
), made AS (
    SELECT vendome_new_id() AS id, s.*, k,
           'B' || nextval('bench.turn') || '-' || left(gen_random_uuid()::text, 8) AS serial
    FROM short s, generate_series(1, s.missing) k
), arrived AS (
    INSERT INTO stock_piece (id, maison_id, reference_id, serial, epc, state, owner, place_id, received_at)
    SELECT id, maison_id, reference_id, serial, 'bench:' || serial, 'IN_STOCK', 'HOUSE', place_id, now() FROM made
), noted AS (
    INSERT INTO stock_movement (id, at, kind, place_id, reference_id, piece_id, on_hand_change, held_change,
                                on_hand_after, held_after, actor, reason)
    SELECT vendome_new_id(), now(), 'RECEIVED', place_id, reference_id, id, 1, 0, on_hand + k, held, 'SYSTEM', 'bench'
    FROM made ORDER BY reference_id, place_id, k
)
SELECT count(*) FROM made
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What was drawn: enough to write requests and scripts."""

    maison: uuid.UUID
    market: uuid.UUID
    market_code: str
    clients: tuple[str, ...]
    references: tuple[str, ...]
    orders: tuple[str, ...]


def draw(*, maison: uuid.UUID, market: uuid.UUID, market_code: str) -> Sample:
    """Draw a fresh sample. The house must hold orders and stock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT greatest(count(*), 1) FROM orders_order")
        share = min(100.0, 400.0 * CLIENTS / cursor.fetchone()[0])
        cursor.execute(
            DRAW.format(
                share=share, maison=maison, market=market, market_code=market_code, clients=CLIENTS, levels=LEVELS
            )
        )
        return Sample(
            maison=maison,
            market=market,
            market_code=market_code,
            clients=tuple(str(row[0]) for row in _rows(cursor, "SELECT id FROM bench.client ORDER BY n")),
            references=tuple(str(row[0]) for row in _rows(cursor, "SELECT id FROM bench.reference ORDER BY n")),
            orders=tuple(
                json.dumps(row[0] if isinstance(row[0], dict) else json.loads(row[0]))
                for row in _rows(cursor, "SELECT sent FROM bench.wanted ORDER BY n")
            ),
        )


def stock_up(*, orders: int) -> int:
    """Make sure that this many orders find their pieces; returns how many pieces arrived."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
        cursor.execute("SELECT count(*) FROM bench.shelf")
        each = 2 * orders // cursor.fetchone()[0] + 3
        cursor.execute(STOCK_UP, {"wanted": each})
        arrived: int = cursor.fetchone()[0]
    if arrived:
        with connection.cursor() as cursor:
            cursor.execute("VACUUM (ANALYZE) stock_piece, stock_level")
    return arrived


def _rows(cursor: Any, query: str) -> list[tuple[Any, ...]]:
    cursor.execute(query)
    found: list[tuple[Any, ...]] = cursor.fetchall()
    return found
