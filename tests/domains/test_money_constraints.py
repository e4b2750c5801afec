# ruff: noqa: E501  # SQL reads better on one line here
"""The rows of money refuse what must never be, whoever writes (ADR 0020, 0021)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.domains.test_constraints import refused_by
from tests.factories.payments import card, offer, order, transfer
from tests.factories.small_house import NOW, SmallHouse
from vendome.flows import checkout, instalments, provider_events, reconciliation
from vendome.flows.provider_events import Told

pytestmark = pytest.mark.django_db


def test_a_gift_card_tender_names_its_card(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    order(house, card())
    refused_by("gift_card_tender_names_its_card", "UPDATE payments_payment SET tender = 'GIFT_CARD'")


def test_rates(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    offer(house)
    placed = order(house, card(), instalments=3)
    checkout.pay(placed=placed, provider="card_test", instrument="card_good", actor=house.system, at=NOW)
    instalments.charge_due(actor=house.system, at=NOW + timedelta(days=31))
    refused_by("instalment_once", "UPDATE payments_instalment SET position = 2")
    refused_by("instalment_above_zero", "UPDATE payments_instalment SET amount = 0")
    refused_by("paid_instalment_names_its_payment", "UPDATE payments_instalment SET payment_id = NULL")
    insert = "INSERT INTO payments_marketoffer (id, market_id, number, note, from_date, is_transfer_offered, transfer_account, instalment_counts, instalments_from_amount, transfer_days, deposit_bp) VALUES (gen_random_uuid(), %s, %s, %s, '2026-12-01', false, '{}', '{}', 0, %s, %s)"
    market = house.france.id
    refused_by("deposit_is_a_part", insert, [market, 2, "why", 7, 10_000])
    refused_by("transfer_days_sane", insert, [market, 2, "why", 31, 3000])
    refused_by("market_offer_says_what_and_when", insert, [market, 2, "", 7, 3000])
    refused_by("market_offer_once", insert, [market, 1, "why", 7, 3000])
    refused_by("payments_marketoffer_append_only", "UPDATE payments_marketoffer SET deposit_bp = 2000")


def test_statements_and_differences(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    offer(house)
    placed = order(house, transfer())
    content = f"id;date;amount;currency;text\nB1;2026-11-24;8200;EUR;{placed.number}\nB2;2026-11-24;5;EUR;x\nB3;2026-11-24;6;EUR;x".encode()
    reconciliation.take_in(name="b", content=content, actor=house.director, at=NOW)
    copy = "INSERT INTO payments_statement SELECT gen_random_uuid(), kind, source, name, digest, imported_at, imported_by, maison_id FROM payments_statement"
    refused_by("statement_taken_in_once", copy)
    refused_by("statement_line_once", "UPDATE payments_statementline SET line_reference = 'B1'")
    refused_by(
        "payment_reconciled_once_per_source",
        "UPDATE payments_statementline SET is_settled = true, payment_id = (SELECT id FROM payments_payment)",
    )
    refused_by("difference_open_once", "UPDATE payments_differencerecord SET line_id = NULL")
    refused_by("resolved_difference_says_when", "UPDATE payments_differencerecord SET is_open = false")


def test_what_a_provider_told_stays(house: SmallHouse) -> None:
    told = Told(provider="stripe", event_id="evt_1", kind="x")
    assert provider_events.note(told=told, actor=house.system, at=NOW) == "NOTED"
    assert provider_events.note(told=told, actor=house.system, at=NOW) == "SEEN"
    refused_by("payments_providerevent_append_only", "UPDATE payments_providerevent SET outcome = 'SETTLED'")
    refused_by("payments_providerevent_append_only", "DELETE FROM payments_providerevent")
