# ruff: noqa: E501  # SQL reads better on one line here
"""The database row is the judge: each invariant is a named constraint, and here it bites.

Every case goes around the services, straight to the table, as a forgetful writer would.
"""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from tests.factories.orders import buy_online, pay
from tests.factories.small_house import NOW, SmallHouse

pytestmark = pytest.mark.django_db


def refused_by(name: str, statement: str, parameters: list[Any] | None = None) -> None:
    with pytest.raises(IntegrityError) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, parameters or [])
    cause = caught.value.__cause__
    assert cause.diag.constraint_name == name  # type: ignore[union-attr]  # psycopg's own error


class TestStock:
    def test_never_oversold(self, house: SmallHouse) -> None:
        house.stocked(house.paris, ring=2)
        where = "WHERE reference_id = %s AND place_id = %s"
        key = [house.ring, house.paris]

        refused_by("stock_never_oversold", f"UPDATE stock_level SET held = 3 {where}", key)
        refused_by("stock_held_not_negative", f"UPDATE stock_level SET held = -1 {where}", key)
        refused_by("stock_held_not_negative", f"UPDATE stock_level SET on_hand = -1, held = -1 {where}", key)
        refused_by(
            "level_one_per_reference_and_place",
            "INSERT INTO stock_level (reference_id, place_id, on_hand, held) VALUES (%s, %s, 1, 0)",
            key,
        )

    def test_a_piece_exists_once_in_one_place(self, house: SmallHouse) -> None:
        house.stocked(house.paris, ring=2)
        one = "(SELECT min(id::text)::uuid FROM stock_piece)"
        two = "(SELECT max(id::text)::uuid FROM stock_piece)"
        hold = uuid.uuid4()

        refused_by(
            "serial_exists_once",
            f"UPDATE stock_piece SET serial = (SELECT serial FROM stock_piece WHERE id = {one}) WHERE id = {two}",
        )
        refused_by(
            "stock_piece_epc_key",
            f"UPDATE stock_piece SET epc = (SELECT epc FROM stock_piece WHERE id = {one}) WHERE id = {two}",
        )
        refused_by("piece_is_in_one_place", f"UPDATE stock_piece SET place_id = NULL WHERE id = {one}")
        refused_by("piece_is_in_one_place", f"UPDATE stock_piece SET state = 'WITH_CLIENT' WHERE id = {one}")
        refused_by("piece_state_known", f"UPDATE stock_piece SET state = 'GONE' WHERE id = {one}")
        refused_by(
            "only_stock_is_held", f"UPDATE stock_piece SET hold_id = %s, state = 'IN_WORKSHOP' WHERE id = {one}", [hold]
        )
        refused_by("hold_keeps_one_piece", "UPDATE stock_piece SET hold_id = %s", [hold])

    def test_a_piece_is_held_once(self, house: SmallHouse) -> None:
        house.stocked(house.paris, ring=1)
        buy_online(house, house.traditional, house.ring)

        copy = """INSERT INTO stock_hold SELECT gen_random_uuid(), {} FROM stock_hold WHERE state = 'ACTIVE'"""
        columns = [
            "kind",
            "state",
            "is_place_flexible",
            "quantity",
            "client_id",
            "advisor_id",
            "order_id",
            "order_line_id",
            "basket_id",
            "reason",
            "held_at",
            "expires_at",
            "ended_at",
            "piece_id",
            "place_id",
            "reference_id",
        ]

        def again(**changed: str) -> str:
            chosen = ", ".join(changed.get(column, column) for column in columns)
            return copy.format(chosen).replace("stock_hold SELECT", f"stock_hold (id, {', '.join(columns)}) SELECT")

        refused_by("piece_held_once", again(order_line_id="NULL"))
        refused_by("order_line_held_once", again(piece_id="NULL"))
        refused_by("hold_of_something", again(piece_id="NULL", order_line_id="NULL", quantity="0"))
        refused_by(
            "hold_of_a_piece_is_one", again(order_line_id="NULL", state="'RELEASED'", ended_at="now()", quantity="2")
        )
        refused_by("hold_ends_once", again(piece_id="NULL", order_line_id="NULL", ended_at="now()"))

    def test_the_ledger_is_never_changed(self, house: SmallHouse) -> None:
        house.stocked(house.paris, ring=1)

        for statement in ("UPDATE stock_movement SET reason = 'x'", "DELETE FROM stock_movement"):
            with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
                connection.cursor().execute(statement)
        refused_by(
            "correction_has_a_reason",
            "INSERT INTO stock_movement (id, at, kind, place_id, reference_id, on_hand_change, held_change, "
            "on_hand_after, held_after, actor, reason) VALUES (gen_random_uuid(), now(), 'CORRECTED', %s, %s, -1, 0, 0, 0, 'x', '')",
            [house.paris, house.ring],
        )


class TestOrdersAndMoney:
    def test_a_line_adds_up(self, house: SmallHouse) -> None:
        house.stocked(house.paris, ring=1)
        buy_online(house, house.traditional, house.ring)

        refused_by("order_line_adds_up", "UPDATE orders_orderline SET amount = amount - 1")
        refused_by(
            "order_line_quantity_above_zero", "UPDATE orders_orderline SET piece_id = NULL, quantity = 0, amount = 0"
        )
        refused_by("order_line_not_negative", "UPDATE orders_orderline SET unit_amount = -1, amount = -1")
        refused_by("only_returns_point_back", "UPDATE orders_orderline SET returned_line_id = id")
        refused_by("only_what_was_to_come_back_is_withdrawn", "UPDATE orders_orderline SET state = 'WITHDRAWN'")

    def test_a_number_is_given_once(self, house: SmallHouse) -> None:
        house.stocked(house.paris, ring=2)
        buy_online(house, house.traditional, house.ring)
        buy_online(house, house.traditional, house.ring)

        refused_by("order_number_once", "UPDATE orders_order SET number = 'X'")

    def test_a_payment_settles_once_and_a_reference_once(self, house: SmallHouse) -> None:
        house.stocked(house.paris, ring=2)
        pay(house, buy_online(house, house.traditional, house.ring))
        pay(house, buy_online(house, house.traditional, house.ring))

        refused_by("provider_reference_settles_once", "UPDATE payments_payment SET provider_reference = 'X'")
        refused_by("payment_settles_once", "UPDATE payments_payment SET settled_at = NULL")
        refused_by("payment_of_something", "UPDATE payments_payment SET amount = 0")

    def test_postings_balance_by_construction_and_stay(self, house: SmallHouse) -> None:
        house.stocked(house.paris, ring=1)
        pay(house, buy_online(house, house.traditional, house.ring))
        insert = (
            "INSERT INTO payments_posting (id, at, maison_id, debit, credit, amount, currency) "
            "VALUES (gen_random_uuid(), now(), %s, %s, %s, %s, 'EUR')"
        )

        refused_by("posting_above_zero", insert, [house.maison.id, "a", "b", 0])
        refused_by("posting_between_two_accounts", insert, [house.maison.id, "a", "a", 5])
        for statement in ("UPDATE payments_posting SET amount = 1", "DELETE FROM payments_posting"):
            with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
                connection.cursor().execute(statement)
        with connection.cursor() as cursor:
            cursor.execute("SELECT sum(amount) FROM payments_balances(%s)", [house.maison.id])
            assert cursor.fetchone() == (0,)

    def test_a_client_has_one_open_basket(self, house: SmallHouse) -> None:
        insert = (
            "INSERT INTO orders_basket (id, maison_id, market_id, client_id, state, created_at, updated_at) "
            "VALUES (gen_random_uuid(), %s, %s, %s, 'OPEN', now(), now())"
        )
        values = [house.maison.id, house.france.id, house.traditional]
        connection.cursor().execute(insert, values)

        refused_by("client_has_one_open_basket", insert, values)

    def test_collection_names_a_place(self, house: SmallHouse) -> None:
        connection.cursor().execute(
            "INSERT INTO orders_basket (id, maison_id, market_id, state, created_at, updated_at) "
            "VALUES (gen_random_uuid(), %s, %s, 'OPEN', now(), now())",
            [house.maison.id, house.france.id],
        )
        insert = (
            "INSERT INTO orders_basketline (id, basket_id, reference_id, quantity, mode, added_at) "
            "SELECT gen_random_uuid(), id, %s, {}, {}, now() FROM orders_basket"
        )

        refused_by("collection_names_a_place", insert.format(1, "'COLLECT'"), [house.candle])
        refused_by("basket_quantity_sane", insert.format(0, "'DELIVER'"), [house.candle])
        refused_by("basket_quantity_sane", insert.format(21, "'DELIVER'"), [house.candle])

    def test_a_hand_over_is_a_fact(self, house: SmallHouse) -> None:
        from vendome.domains.fulfilment.types import Proof
        from vendome.flows import hand_over

        house.stocked(house.paris, ring=1)
        placed = pay(house, buy_online(house, house.traditional, house.ring))
        hand_over.hand_over(
            key="h", line_id=placed.lines[0].id, proof=Proof.IDENTITY_SEEN, actor=house.advisor_paris, at=NOW
        )

        for statement in ("UPDATE fulfilment_handover SET proof = 'x'", "DELETE FROM fulfilment_handover"):
            with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
                connection.cursor().execute(statement)
        refused_by(
            "line_enters_wardrobe_once",
            "INSERT INTO clients_wardrobepiece (id, client_id, order_line_id, description, source, quantity, acquired_date) SELECT gen_random_uuid(), client_id, order_line_id, '', 'BOUGHT', 1, acquired_date FROM clients_wardrobepiece",
        )
        refused_by(
            "piece_worn_by_one",
            "INSERT INTO clients_wardrobepiece (id, client_id, piece_id, description, source, quantity, acquired_date) SELECT gen_random_uuid(), client_id, piece_id, '', 'BOUGHT', 1, acquired_date FROM clients_wardrobepiece",
        )


class TestPeopleAndClients:
    def test_nobody_is_seconded_to_two_places_at_once(self, house: SmallHouse) -> None:
        insert = "INSERT INTO people_secondment (id, staff_id, place_id, role, during) VALUES (gen_random_uuid(), %s, %s, 'advisor', %s)"
        staff = house.advisor_paris.id
        connection.cursor().execute(insert, [staff, house.london, "[2026-11-01,2026-12-01)"])

        refused_by("secondment_one_place_at_a_time", insert, [staff, house.warehouse, "[2026-11-30,2027-01-01)"])
        connection.cursor().execute(insert, [staff, house.warehouse, "[2026-12-01,2027-01-01)"])  # the next day is free

    def test_a_role_is_granted_once_for_one_scope(self, house: SmallHouse) -> None:
        insert = "INSERT INTO people_rolegrant (id, staff_id, role, region, place_id, during) VALUES (gen_random_uuid(), %s, %s, %s, %s, %s)"
        staff, during = house.advisor_paris.id, "[2026-01-01,2027-01-01)"

        refused_by("grant_never_doubled", insert, [staff, "advisor", "", house.paris, during])
        refused_by("grant_has_one_scope", insert, [staff, "advisor", "EMEA", house.london, during])
        refused_by("grant_names_a_known_role", insert, [staff, "empress", "EMEA", None, during])

    def test_an_attested_address_has_one_client_an_asserted_one_may_have_two(self, house: SmallHouse) -> None:
        insert = (
            "INSERT INTO clients_identifier (id, client_id, maison_id, kind, value, source, noted_at, attested_at) "
            "VALUES (gen_random_uuid(), %s, %s, 'EMAIL', 'us@example.com', 'x', now(), %s)"
        )
        connection.cursor().execute(insert, [house.traditional, house.maison.id, None])
        connection.cursor().execute(insert, [house.emerging, house.maison.id, None])
        refused_by("identifier_once_per_client", insert, [house.emerging, house.maison.id, None])
        connection.cursor().execute(
            "UPDATE clients_identifier SET attested_at = now() WHERE client_id = %s AND value = 'us@example.com'",
            [house.traditional],
        )

        refused_by(
            "attested_identifier_has_one_client",
            "UPDATE clients_identifier SET attested_at = now() WHERE client_id = %s AND value = 'us@example.com'",
            [house.emerging],
        )

    def test_consent_is_a_log(self, house: SmallHouse) -> None:
        from vendome.domains.clients import services
        from vendome.domains.clients.types import Purpose

        services.record_consent(
            client_id=house.traditional,
            purpose=Purpose.NEWS,
            channel="EMAIL",
            is_given=True,
            law="GDPR",
            proof="form",
            at=NOW,
        )

        for statement in ("UPDATE clients_consent SET is_given = false", "DELETE FROM clients_consent"):
            with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
                connection.cursor().execute(statement)

    def test_merges_and_ties_join_two(self, house: SmallHouse) -> None:
        merge = "INSERT INTO clients_merge (id, kept_id, absorbed_id, reason, actor, at) VALUES (gen_random_uuid(), %s, %s, 'x', 'x', now())"
        refused_by("merge_joins_two", merge, [house.emerging, house.emerging])
        connection.cursor().execute(merge, [house.traditional, house.emerging])
        refused_by("absorbed_by_one", merge, [house.protected, house.emerging])
        tie = "INSERT INTO clients_tie (id, client_id, other_id, kind, label, noted_at) VALUES (gen_random_uuid(), %s, %s, 'GIFT', '', now())"
        refused_by("tie_joins_two", tie, [house.emerging, house.emerging])

    def test_an_opened_file_has_a_reason_and_an_end(self, house: SmallHouse) -> None:
        insert = "INSERT INTO clients_fileopening (id, client_id, actor, reason, opened_at, until_at) VALUES (gen_random_uuid(), %s, 'x', %s, %s, %s)"

        refused_by("opening_has_a_reason", insert, [house.protected, "", NOW, NOW + timedelta(minutes=1)])
        refused_by("opening_ends", insert, [house.protected, "reason", NOW, NOW])

    def test_an_account_is_lower_case_and_has_one_client(self, house: SmallHouse) -> None:
        insert = "INSERT INTO people_account (id, email, password, is_active, session_epoch, client_id, created_at) VALUES (gen_random_uuid(), %s, '', true, 0, %s, now())"

        refused_by("account_email_lower_case", insert, ["Camille@Example.com", None])
        connection.cursor().execute(insert, ["a@example.com", house.traditional])
        refused_by("one_account_per_client", insert, ["b@example.com", house.traditional])


class TestHouseAndPrices:
    def test_partner_doors_and_their_stock(self, house: SmallHouse) -> None:
        refused_by(
            "partner_door_names_its_owner", "UPDATE house_place SET owner = 'HOUSE' WHERE id = %s", [house.partner_door]
        )
        refused_by(
            "partner_stock_never_sold_online_by_default",
            "UPDATE house_place SET sells_online = true WHERE id = %s",
            [house.partner_door],
        )

    def test_one_price_book_at_a_time_one_price_each(self, house: SmallHouse) -> None:
        refused_by(
            "one_price_book_at_a_time",
            "INSERT INTO pricing_pricebook (id, market_id, name, currency, during) VALUES (gen_random_uuid(), %s, 'x', 'EUR', %s)",
            [house.france.id, f"[{date(2026, 6, 1)},)"],
        )
        refused_by("price_above_zero", "UPDATE pricing_price SET amount = 0")
        refused_by(
            "one_price_per_reference_and_book",
            "INSERT INTO pricing_price (id, book_id, reference_id, amount) SELECT gen_random_uuid(), book_id, reference_id, 1 FROM pricing_price",
        )
