# ruff: noqa: E501  # SQL reads better on one line here
"""Last year's quarterly counts with what they found, one count going on in Paris, and what should be sent where."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from vendome.connectors.demo_house.copying import NULL
from vendome.connectors.demo_house.ledger import Ledger
from vendome.connectors.demo_house.moments import HOUR, MINUTE, start_of
from vendome.connectors.demo_house.world import Place, World
from vendome.domains.stock.services import replenishment
from vendome.kit import sql
from vendome.kit.actors import Actor
from vendome.kit.rows import as_uuid

QUARTERS = ((1, 12), (4, 13), (7, 6), (10, 5))  # month and day: quiet Mondays
TAKES = 50 * MINUTE
SETTLED_IN = 35  # days after the opening of the ledger before anything is counted
RULES: dict[str, tuple[int, str, int | None]] = {
    "rings": (0, "2", 2),
    "watches": (0, "3", 2),
    "bracelets": (0, "2", 2),
    "necklaces": (0, "2", 1),
    "earrings": (0, "2", 2),
    "objects": (4, "2", 12),
}
"""Minimum on display, weeks of cover, at most: what a boutique keeps of each family."""


class Counting:
    """Writes COUNTED into the ledger before it is told, and the counts themselves when all rows are in."""

    def __init__(self, world: World, ledger: Ledger) -> None:
        self.world = world
        self.ledger = ledger
        self.places = [place for place in world.places if place.kind == "BOUTIQUE" and place.sellers]

    def note(self) -> None:
        """Every level that stood at a boutique on the day of a count says so in its ledger."""
        if self.world.size.is_lean:
            return
        moments = self._moments()
        for place in self.places:
            for reference in self.world.references:
                events = self.ledger.events.get(place.nr * self.ledger.width + reference.nr)
                if not events:
                    continue
                for moment in moments:
                    stood = sum(event[3] for event in events if event[0] < moment)
                    if stood > 0:
                        who, told = self._who(place), f"{stood} of {stood}"
                        self.ledger.note(
                            place, reference, (moment + TAKES, 0, "COUNTED", 0, 0, NULL, NULL, NULL, who, told)
                        )

    def enter(self) -> None:
        """The counts with their findings, the open one in Paris, rules and proposals. All other rows are in."""
        if self.world.size.is_lean:
            return
        moments = self._moments()
        places, keepers = [place.id for place in self.places], [self._who(place) for place in self.places]
        for number, moment in enumerate(moments):
            per_thousand = (26, 17, 12, 8)[number % 4]
            is_last = moment == moments[-1]
            given = [places, keepers, self.world.maison, _at(moment), _at(moment + TAKES), per_thousand, is_last]
            sql.value(_CLOSED, given)
        paris = self.world.place["paris"]
        sql.value(_OPEN, [self.world.maison, paris.id, _at(self.world.now - 5 * HOUR), self._who(paris)])
        self._replenish()

    def _moments(self) -> list[int]:
        """The counts of the last year, oldest first."""
        world = self.world
        earliest = world.today - timedelta(days=min(365, world.size.days - SETTLED_IN))
        days = [date(year, month, day) for year in (world.today.year - 1, world.today.year) for month, day in QUARTERS]
        return [start_of(day) + 7 * HOUR for day in days if earliest < day < world.today]

    def _who(self, place: Place) -> str:
        return place.sellers[0].label

    def _replenish(self) -> None:
        actor = Actor.system(as_uuid(self.world.maison))
        at = _at(self.world.now)
        for place in self.places:
            for family, (minimum, weeks, maximum) in RULES.items():
                replenishment.save_rule(
                    place_id=uuid.UUID(place.id),
                    family=family,
                    minimum_display=minimum,
                    weeks_of_cover=Decimal(weeks),
                    maximum=maximum,
                    actor=actor,
                    at=at,
                )
        replenishment.work_out(actor=actor, at=at)


def _at(moment: int) -> datetime:
    return datetime.fromtimestamp(moment / 1000, tz=UTC)


# What stood there is what the ledger says; which of it was looked for and found later is drawn from the pieces' own
# numbers, so that the same seed tells the same story.
_CLOSED = """
WITH given AS (
    SELECT x.place, x.who, y.* FROM unnest(%s::uuid[], %s::text[]) x (place, who)
    CROSS JOIN (SELECT %s::uuid AS maison, %s::timestamptz AS opened, %s::timestamptz AS closed, %s::integer AS per_thousand, %s::boolean AS is_last) y
), counted AS (
    SELECT md5(g.place || g.closed::text)::uuid AS id, g.*, m.expected, m.first_line
    FROM given g JOIN (
        SELECT m.place_id, sum(m.on_hand_after)::integer AS expected, min(m.id::text)::uuid AS first_line
        FROM stock_movement m, (SELECT min(closed) AS closed FROM given) g
        WHERE m.kind = 'COUNTED' AND m.at BETWEEN g.closed AND g.closed + interval '1 minute' GROUP BY 1
    ) m ON m.place_id = g.place WHERE m.expected > 20
), unfound AS (
    SELECT c.id AS count_id, p.id AS piece_id, p.reference_id, row_number() OVER (PARTITION BY c.id ORDER BY p.serial) AS n
    FROM (
        SELECT m.place_id, m.piece_id FROM stock_movement m, (SELECT min(opened) AS opened FROM given) g
        WHERE m.piece_id IS NOT NULL AND m.at < g.opened GROUP BY 1, 2 HAVING sum(m.on_hand_change) = 1
    ) stood JOIN counted c ON c.place = stood.place_id JOIN stock_piece p ON p.id = stood.piece_id
    WHERE abs(hashtext(p.serial || c.closed::text)) %% 1000 < c.per_thousand
), made AS (
    INSERT INTO stock_count (id, maison_id, place_id, kind, families, reference_ids, state, after_movement, opened_at, opened_by,
                             closed_at, closed_by, expected, found, missing, strangers)
    SELECT c.id, c.maison, c.place, 'FULL', '{}', '{}', 'CLOSED', c.first_line, c.opened, c.who, c.closed, c.who, c.expected,
           c.expected - u.n, u.n, abs(hashtext(c.id::text)) %% 40
    FROM counted c CROSS JOIN LATERAL (SELECT least(count(*), 9)::integer AS n FROM unfound x WHERE x.count_id = c.id) u RETURNING id
)
INSERT INTO stock_countfinding (id, count_id, kind, piece_id, reference_id, expected, found, resolution, reason, resolved_by, resolved_at)
SELECT md5(c.id::text || u.piece_id)::uuid, c.id, 'MISSING', u.piece_id, u.reference_id, 1, 0,
       CASE WHEN is_open THEN '' ELSE 'FOUND' END,
       CASE WHEN is_open THEN '' ELSE (ARRAY['in the safe of the private salon', 'on the tray for cleaning', 'its tag had come off; put on again',
                                             'in the window of the corner', 'with the photographer, back since'])[1 + u.n %% 5] END,
       CASE WHEN is_open THEN '' ELSE c.who END, CASE WHEN is_open THEN NULL ELSE c.closed + interval '5 hours' END
FROM counted c JOIN unfound u ON u.count_id = c.id CROSS JOIN LATERAL (SELECT c.is_last AND EXISTS (SELECT FROM stock_piece p WHERE p.id = u.piece_id AND p.place_id = c.place AND p.state = 'IN_STOCK' AND p.hold_id IS NULL) AS is_open) o
WHERE u.n <= 9 RETURNING 1
"""
_OPEN = """
WITH given AS (
    SELECT %s::uuid AS maison, %s::uuid AS place, %s::timestamptz AS at, %s::text AS who
), made AS (
    INSERT INTO stock_count (id, maison_id, place_id, kind, families, reference_ids, state, after_movement, opened_at, opened_by)
    SELECT md5(g.place || 'open')::uuid, g.maison, g.place, 'FULL', '{}', '{}', 'OPEN', stock_last_movement(), g.at, g.who FROM given g
    RETURNING id
), seen AS (
    SELECT p.epc AS tag, p.id AS piece_id, p.reference_id, true AS is_here FROM given g JOIN stock_piece p ON p.place_id = g.place
    JOIN catalogue_reference r ON r.id = p.reference_id JOIN catalogue_model m ON m.id = r.model_id
    WHERE p.state IN ('IN_STOCK', 'QUARANTINED') AND abs(hashtext(p.serial)) %% 100 < CASE m.family WHEN 'rings' THEN 97 WHEN 'watches' THEN 90 ELSE 45 END
    UNION ALL
    (SELECT p.epc, p.id, p.reference_id, false FROM given g JOIN stock_piece p ON p.place_id <> g.place AND p.state = 'IN_STOCK' AND p.hold_id IS NULL
     JOIN house_place h ON h.id = p.place_id AND h.code = 'roissy' ORDER BY p.serial LIMIT 1)
    UNION ALL
    SELECT 'E280' || upper(substr(md5(n::text), 1, 20)), NULL, NULL, false FROM generate_series(1, 7) n
), batch AS (
    INSERT INTO stock_countbatch (id, count_id, source, lines, "distinct", fresh, here, elsewhere, strangers, after_movement, at, actor)
    SELECT md5(m.id || 'batch')::uuid, m.id, 'RFID', s.n * 17 + 3, s.n, s.n, s.here, s.n - s.here - 7, 7, stock_last_movement(), g.at + interval '22 minutes', g.who
    FROM made m CROSS JOIN given g CROSS JOIN (SELECT count(*)::integer AS n, count(*) FILTER (WHERE is_here)::integer AS here FROM seen) s
    RETURNING id, count_id, at
)
INSERT INTO stock_countread (id, count_id, batch_id, tag, piece_id, reference_id, quantity, source, at)
SELECT md5(b.id || s.tag)::uuid, b.count_id, b.id, s.tag, s.piece_id, s.reference_id, 1, 'RFID', b.at FROM batch b CROSS JOIN seen s RETURNING 1
"""
