"""The demo house is true: its ledger, books and wardrobes agree, its cast is there, and today has work to show."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from vendome.connectors.demo_house import content, loading
from vendome.connectors.demo_house.contacts import phone
from vendome.connectors.demo_house.errors import HouseStands
from vendome.connectors.demo_house.signins import demo_signins
from vendome.connectors.demo_house.stocking import SOLE
from vendome.flows import books
from vendome.kit import sql

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 22)


class Undo(Exception):
    """Ends a transaction whose rows are not wanted."""


@pytest.fixture(scope="module")
def vermeil(django_db_setup: None, django_db_blocker: Any) -> Iterator[loading.Opened]:
    """The house of size test, in a transaction that is never committed."""
    with django_db_blocker.unblock():
        try:
            with transaction.atomic():
                yield loading.load(size="test", today=TODAY)
                raise Undo
        except Undo:
            pass


def one(query: str, *parameters: object) -> Any:
    return sql.value(query, parameters)


def test_a_house_is_never_opened_over_another(vermeil: loading.Opened) -> None:
    before = one("SELECT count(*) FROM stock_movement")

    with pytest.raises(HouseStands) as refused:
        loading.load(size="test", today=TODAY)
    with pytest.raises(CommandError, match="To start afresh"):
        call_command("demo_house", size="test", verbosity=0, stdout=StringIO())

    assert "VENDOME_HOME" in refused.value.sentence
    assert one("SELECT count(*) FROM stock_movement") == before
    assert one("SELECT count(*) FROM house_maison") == 1


@pytest.mark.parametrize(
    ("options", "sentence"), [({"today": "22/11/2026"}, "wants a day"), ({"clients": 3}, "at least 50")]
)
def test_what_cannot_work_is_said_before_anything_happens(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        call_command("demo_house", size="test", **options)


def test_its_opening_is_in_the_audit_log_and_nothing_floods_the_outbox(vermeil: loading.Opened) -> None:
    assert one("SELECT count(*) FROM kit_auditentry WHERE action = 'demo_house.opened'") == 1
    assert one("SELECT count(*) FROM kit_outboxevent") == 0
    assert vermeil.total_rows > 30_000


# -- every invariant -------------------------------------------------------------------------------------------

INVARIANTS = {
    "ledger, levels, pieces and holds agree": "SELECT count(*) FROM stock_disagreements()",
    "every movement says what was there after it": """
        SELECT count(*) FROM (
            SELECT on_hand_after - sum(on_hand_change) OVER told AS a, held_after - sum(held_change) OVER told AS b
            FROM stock_movement WINDOW told AS (PARTITION BY place_id, reference_id ORDER BY id)) x
        WHERE a <> 0 OR b <> 0""",
    "the ledger is told in the order of time": """
        SELECT count(*) FROM (
            SELECT at < lag(at) OVER (PARTITION BY place_id, reference_id ORDER BY id) AS is_late FROM stock_movement) x
        WHERE is_late""",
    "nothing has happened after today": """
        SELECT (SELECT count(*) FROM stock_movement WHERE at > '2026-11-22')
             + (SELECT count(*) FROM orders_order WHERE placed_at > '2026-11-22')
             + (SELECT count(*) FROM clients_client WHERE created_at > '2026-11-22')""",
    "an order is the sum of its lines": """
        SELECT count(*) FROM orders_order o CROSS JOIN LATERAL (
            SELECT sum(CASE direction WHEN 'OUT' THEN amount ELSE -amount END) AS total,
                   sum(CASE direction WHEN 'OUT' THEN tax_amount ELSE -tax_amount END) AS tax
            FROM orders_orderline l WHERE l.order_id = o.id) x
        WHERE x.total IS DISTINCT FROM o.total_amount OR x.tax IS DISTINCT FROM o.tax_amount""",
    "every order is paid, to the last cent": """
        SELECT count(*) FROM orders_order o WHERE o.total_amount IS DISTINCT FROM
            (SELECT sum(amount) FROM payments_payment p
             WHERE p.order_id = o.id AND p.state IN ('CAPTURED', 'REFUNDED'))""",
    "no client owes anything": """
        SELECT count(*) FROM house_maison m, payments_balances(m.id) b WHERE b.account = 'receivable'""",
    "what the tenders hold is what was sold": """
        SELECT count(*) FROM (SELECT currency, sum(total_amount) AS sold FROM orders_order GROUP BY 1) o
        JOIN (SELECT b.currency, sum(b.amount) AS held FROM house_maison m, payments_balances(m.id) b
              WHERE b.account LIKE 'tender:%%' GROUP BY 1) t USING (currency) WHERE sold <> held""",
    "prices and taxes are those of the one price function": """
        SELECT count(*) FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id,
             pricing_prices(o.market_id, ARRAY[l.reference_id], o.placed_at::date) p
        WHERE l.direction = 'OUT' AND (l.unit_amount, l.tax_amount) <> (p.amount, p.tax_amount * l.quantity)""",
    "what was given to a client is in her wardrobe": """
        SELECT count(*) FROM fulfilment_handover h WHERE h.client_id IS NOT NULL AND NOT EXISTS (
            SELECT FROM clients_wardrobepiece w
            WHERE w.order_line_id = h.order_line_id AND w.client_id = h.client_id)""",
    "a piece with a client is worn by her": """
        SELECT count(*) FROM stock_piece p WHERE p.state = 'WITH_CLIENT' AND p.client_id IS NOT NULL AND NOT EXISTS (
            SELECT FROM clients_wardrobepiece w
            WHERE w.piece_id = p.id AND w.client_id = p.client_id AND w.left_at IS NULL)""",
    "what came back is worn by nobody": """
        SELECT count(*) FROM clients_wardrobepiece w JOIN stock_piece p ON p.id = w.piece_id
        WHERE w.left_at IS NULL AND p.state <> 'WITH_CLIENT'""",
    "each hand-over used up its own hold": """
        SELECT count(*) FROM fulfilment_handover h JOIN orders_orderline l ON l.id = h.order_line_id
        LEFT JOIN stock_hold k ON k.id = l.hold_id WHERE k.state IS DISTINCT FROM 'CONSUMED' OR k.ended_at <> h.at""",
    "a return points at what was sold": """
        SELECT count(*) FROM orders_orderline r LEFT JOIN orders_orderline s ON s.id = r.returned_line_id
        WHERE r.direction = 'IN' AND (s.id IS NULL OR s.state <> 'RETURNED' OR s.amount <> r.amount
                                      OR s.piece_id IS DISTINCT FROM r.piece_id)""",
    "nobody buys before she is a client": """
        SELECT count(*) FROM orders_order o JOIN clients_client c ON c.id = o.client_id
        WHERE o.placed_at < c.created_at""",
    "no edition is larger than it says": """
        SELECT count(*) FROM (SELECT m.limited_edition - count(p.id) AS left_over FROM catalogue_model m
            JOIN catalogue_reference r ON r.model_id = m.id JOIN stock_piece p ON p.reference_id = r.id
            WHERE m.limited_edition > 0 GROUP BY m.id) x WHERE left_over < 0""",
    "every order of a boutique was placed while its place was known": """
        SELECT count(*) FROM orders_order WHERE channel IN ('boutique', 'partner') AND place_id IS NULL""",
    "partner stock names its partner or the house": """
        SELECT count(*) FROM stock_piece p JOIN house_place h ON h.id = p.place_id
        WHERE p.state = 'IN_STOCK' AND p.owner NOT IN ('HOUSE', h.owner)""",
}


@pytest.mark.parametrize("query", INVARIANTS.values(), ids=INVARIANTS.keys())
def test_it_is_true_that(vermeil: loading.Opened, query: str) -> None:
    assert one(query) == 0


def test_every_foreign_key_holds(vermeil: loading.Opened) -> None:
    connection.check_constraints()


def test_epcs_are_sgtin_96(vermeil: loading.Opened) -> None:
    wrong = one(
        "SELECT count(*) FROM stock_piece WHERE epc !~ '^[0-9A-F]{24}$' OR left(epc, 2) <> '30' "
        "OR serial !~ '^VM-[0-9]{2}-[0-9]{6,}$'"
    )

    assert wrong == 0


# -- what a visitor finds ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("sku", "place"), SOLE.items())
def test_some_pieces_stand_in_one_boutique_only(vermeil: loading.Opened, sku: str, place: str) -> None:
    standing = sql.rows(
        "SELECT p.code, l.on_hand - l.held FROM stock_level l JOIN house_place p ON p.id = l.place_id "
        "JOIN catalogue_reference r ON r.id = l.reference_id WHERE r.sku = %s AND l.on_hand > 0",
        [sku],
    )

    assert standing == [(place, 1)]


def test_an_exchange_with_a_difference_can_be_played_through(vermeil: loading.Opened) -> None:
    """Somewhere two sizes of one design stand free side by side, and the longer one costs more."""
    pairs = sql.value(
        """
        SELECT count(*) FROM stock_level v JOIN catalogue_reference r ON r.id = v.reference_id
        JOIN stock_level w ON w.place_id = v.place_id JOIN catalogue_reference x ON x.id = w.reference_id
            AND x.model_id = r.model_id AND x.material = r.material AND x.size > r.size
        JOIN house_place p ON p.id = v.place_id AND p.offers_collection AND p.sells_online
        JOIN pricing_price a ON a.reference_id = r.id
        JOIN pricing_price b ON b.book_id = a.book_id AND b.reference_id = x.id AND b.amount > a.amount
        JOIN pricing_pricebook k ON k.id = a.book_id AND k.market_id = p.market_id AND k.during @> %s::date
        WHERE v.on_hand > v.held + v.safety AND w.on_hand > w.held + w.safety
        """,
        [TODAY],
    )
    assert pairs > 0


def test_today_has_work_to_show(vermeil: loading.Opened) -> None:
    collections = one(
        "SELECT count(DISTINCT l.place_id) FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id "
        "WHERE l.mode = 'COLLECT' AND l.state IN ('HELD', 'READY') AND o.state = 'CONFIRMED'"
    )

    assert collections >= 6
    assert one("SELECT count(*) FROM fulfilment_parcel WHERE state = 'PREPARING'") >= 4
    assert one("SELECT count(*) FROM stock_hold WHERE kind = 'RESERVATION' AND state = 'ACTIVE'") >= 6
    assert one("SELECT count(*) FROM orders_selectionitem i JOIN orders_selection s ON s.id = i.selection_id") >= 2
    assert one("SELECT count(*) FROM orders_basket WHERE state = 'OPEN'") >= 3
    assert one("SELECT count(*) FROM people_secondment WHERE during @> %s::date", TODAY) == 1


def test_what_is_on_its_way_stands_in_transit_and_what_arrived_was_handed_over(vermeil: loading.Opened) -> None:
    travelling = sql.rows(
        "SELECT DISTINCT p.state, l.state, h.state, t.kind, s.state FROM fulfilment_parcel p "
        "JOIN fulfilment_parcelline x ON x.parcel_id = p.id JOIN orders_orderline l ON l.id = x.order_line_id "
        "JOIN stock_hold h ON h.id = l.hold_id JOIN house_place t ON t.id = h.place_id "
        "JOIN stock_piece s ON s.id = l.piece_id WHERE p.state IN ('DISPATCHED', 'OUT_FOR_DELIVERY')"
    )

    assert {row[1:] for row in travelling} <= {("DISPATCHED", "ACTIVE", "TRANSIT", "IN_TRANSIT")}
    assert one("SELECT count(*) FROM fulfilment_parcel WHERE state = 'DELIVERED'") > 10
    assert one(
        "SELECT count(*) FROM fulfilment_parcel p JOIN fulfilment_parcelline x ON x.parcel_id = p.id "
        "LEFT JOIN fulfilment_handover g ON g.order_line_id = x.order_line_id "
        "WHERE (p.state = 'DELIVERED') <> (g.id IS NOT NULL)"
    ) == 0  # fmt: skip
    assert one("SELECT count(*) FROM fulfilment_parcel WHERE seal = '' AND state <> 'PREPARING'") == 0


@pytest.mark.parametrize("key", ["traditional", "emerging", "aspirational", "protected", "stranger"])
def test_the_cast_is_there(vermeil: loading.Opened, key: str) -> None:
    entry = content.read().people["cast"][key]
    row = sql.row(
        "SELECT c.given_name, c.is_protected, (SELECT count(*) FROM orders_order o WHERE o.client_id = c.id), "
        "(SELECT count(*) FROM people_account a WHERE a.client_id = c.id) FROM clients_client c "
        "JOIN clients_identifier i ON i.client_id = c.id WHERE i.kind = 'EMAIL' AND i.value = %s ORDER BY c.created_at",
        [entry["email"].lower()],
    )

    assert row is not None
    name, is_protected, orders, accounts = row
    assert name == entry["given"]
    assert is_protected == (key == "protected")
    assert (orders > 0) == (key != "stranger")
    assert accounts == (0 if key == "stranger" else 1)


def test_purchases_of_the_cast_match_what_is_told_of_them(vermeil: loading.Opened) -> None:
    owned = sql.rows(
        "SELECT c.family_name, m.code FROM clients_wardrobepiece w JOIN clients_client c ON c.id = w.client_id "
        "JOIN catalogue_reference r ON r.id = w.reference_id JOIN catalogue_model m ON m.id = r.model_id"
    )

    for told in (("Marchand", "sceau-alliance"), ("Ong", "orangerie-montre"), ("Valmy", "arcade-pendants")):
        assert told in owned
    assert owned.count(("de Saint-Aubin", "sceau-medaille")) == 4


def test_everybody_in_the_table_of_sign_ins_has_an_account(vermeil: loading.Opened) -> None:
    for person in demo_signins():
        assert one("SELECT verified FROM account_emailaddress WHERE email = %s", person.email) is True


def test_phones_are_distinct_and_of_e164_length() -> None:
    for country in ("FR", "GB", "US", "CA", "JP", "IT"):
        numbers = [phone(country, nr) for nr in range(0, 120_000, 7)]

        assert len(set(numbers)) == len(numbers)
        assert all(8 <= len(number) <= 16 for number in numbers)
    assert not {phone("US", nr) for nr in range(5_000)} & {phone("CA", nr) for nr in range(5_000)}


def test_returns_are_counted_and_some_wait(vermeil: loading.Opened) -> None:
    """What came back counts on the lines it was sold on; a desk has work, and clients have announced more."""
    assert books.list_problems() == []
    returned = "SELECT count(*) FROM orders_orderline WHERE state = 'RETURNED' AND direction = 'OUT'"
    assert one(f"{returned} AND credited_quantity <> quantity") == 0
    assert one("SELECT count(*) FROM orders_returnrule") > 30
    assert one("SELECT count(*) FROM orders_arrival WHERE fate = 'WAITING'") > 0
    assert one("SELECT count(*) FROM orders_return WHERE state = 'ANNOUNCED'") > 0
    unnamed = "SELECT count(*) FROM payments_payment WHERE amount < 0 AND refund_of_id IS NULL"
    assert one(unnamed) == 0
