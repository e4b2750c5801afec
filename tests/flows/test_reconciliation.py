# ruff: noqa: E501  # tables of cases and SQL read better on one line
"""Statements held against payments: what fits settles, what differs has its right name, and nothing is booked twice."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.factories.payments import balances, card, offer, order, states, transfer
from tests.factories.small_house import NOW, SmallHouse
from vendome.domains.payments.errors import AlreadyMatched, StatementKnown, StatementUnreadable
from vendome.domains.payments.queries import money
from vendome.domains.payments.types import CaptureOutcome
from vendome.flows import books, checkout, instalments, reconciliation, refunds, statements
from vendome.flows.types import PlacedOrder
from vendome.kit import sql
from vendome.kit.errors import BadInput, Forbidden, NotFound

pytestmark = pytest.mark.django_db
HEAD = "balance_transaction_id,created_utc,currency,gross,fee,net,reporting_category,source_id,payment_intent_id,description"
CAMT = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt><Id>S1</Id>{}</Stmt></BkToCstmrStmt></Document>"""
ENTRY = """<Ntry><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{side}</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-11-24</Dt></BookgDt>
<AcctSvcrRef>{ref}</AcctSvcrRef><NtryDtls><TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs><RltdPties><Dbtr><Pty><Nm>{who}</Nm></Pty></Dbtr>
</RltdPties><RmtInf><Ustrd>{text}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"""


def entry(
    ref: str, amount: str, text: str, who: str = "E. de Brissac", side: str = "CRDT", currency: str = "EUR"
) -> str:
    return ENTRY.format(ref=ref, amount=amount, text=text, who=who, side=side, currency=currency)


def take(house: SmallHouse, content: str, at=NOW + timedelta(days=4), **more):  # type: ignore[no-untyped-def]
    return reconciliation.take_in(name="file", content=content.encode(), **({"actor": house.director, "at": at} | more))


def camt(house: SmallHouse, *entries: str):  # type: ignore[no-untyped-def]
    return take(house, CAMT.format("".join(entries)))


def report(house: SmallHouse, *rows: str):  # type: ignore[no-untyped-def]
    return take(house, "\n".join([HEAD, *rows]))


def by_stripe(house: SmallHouse, reference: str, days: int = 0) -> PlacedOrder:
    """An order paid by a card of Stripe's."""
    house.stocked(house.paris, ring=1)
    at = NOW + timedelta(days=days)
    placed = order(house, card(provider="stripe"), at=at)
    paid = CaptureOutcome(is_captured=True, provider_reference=reference, amount=placed.total_amount, currency="EUR")
    checkout.settle(payment_id=placed.payment_id, outcome=paid, actor=house.system, at=at)
    return placed


def charge(
    n: int, reference: str, amount: str = "8200.00", fee: str = "118.90", day: str = "2026-11-20", currency: str = "eur"
) -> str:
    return f"txn_{n},{day} 16:00:00,{currency},{amount},{fee},0,charge,ch_{n},{reference},order"


def differences() -> list[tuple[str, bool]]:
    return sql.rows("SELECT kind, is_open FROM payments_differencerecord ORDER BY kind, is_open")


class TestProvider:
    def test_what_fits_settles_and_its_fee_is_booked(self, house: SmallHouse) -> None:
        by_stripe(house, "pi_1")
        found = report(house, charge(1, "pi_1"))
        assert (found.lines, found.new_lines, found.matched, found.differences) == (1, 1, 1, 0)
        assert balances(house)["expense:provider_fees"] == 11_890
        assert balances(house)["tender:card"] == 820_000 - 11_890
        assert books.list_problems() == []

    def test_each_difference_has_its_name(self, house: SmallHouse) -> None:
        for n in range(1, 7):
            by_stripe(house, f"pi_{n}")
        by_stripe(house, "pi_young", days=4)
        found = report(
            house, charge(1, "pi_1"), charge(11, "pi_1"), charge(2, "pi_2", "8199.99"), charge(3, "pi_3", currency="usd"),
            charge(4, "pi_4", fee="900.00"), charge(5, "pi_unknown"), charge(6, "pi_6"), "txn_p,2026-11-24 10:00:00,eur,-8000.00,0,0,payout,po_1,,payout",
        )  # fmt: skip
        assert found.matched == 3
        assert differences() == [
            ("AMOUNT", True), ("CURRENCY", True), ("DUPLICATE", True), ("FEE", True), ("MISSING_HERE", True), ("MISSING_THERE", True), ("TIMING", True),
        ]  # fmt: skip
        assert reconciliation.run(actor=house.system, at=NOW + timedelta(days=5)) == 0
        assert len(differences()) == 7

    def test_what_was_missing_closes_when_it_arrives(self, house: SmallHouse) -> None:
        by_stripe(house, "pi_1")
        by_stripe(house, "pi_2", days=3)
        report(house, charge(1, "pi_1"), charge(9, "pi_9", day="2026-11-24"))
        assert ("TIMING", True) in differences()
        report(house, charge(2, "pi_2", day="2026-11-25"))
        assert ("TIMING", False) in differences()

    def test_a_file_counts_once_and_overlaps_are_no_duplicates(self, house: SmallHouse) -> None:
        by_stripe(house, "pi_1")
        report(house, charge(1, "pi_1"))
        before = balances(house)
        with pytest.raises(StatementKnown):
            report(house, charge(1, "pi_1"))
        again = report(house, charge(1, "pi_1"), "txn_x,2026-11-21 10:00:00,eur,-1.00,0,0,fee,x,,billing")
        assert (again.new_lines, again.matched) == (1, 0)
        assert balances(house) == before
        assert differences() == []

    def test_a_refund_and_a_payout(self, house: SmallHouse) -> None:
        placed = by_stripe(house, "pi_1")
        refund = sql.value("SELECT payments_request_refund(%s, %s, 20000, %s)", [placed.payment_id, placed.id, NOW])
        sql.value("SELECT payments_settle_refund(%s, true, 're_1', %s)", [refund, NOW])
        found = report(
            house, charge(1, "pi_1"), "txn_r,2026-11-21 10:00:00,eur,-200.00,0,0,refund,re_1,pi_1,refund",
            "txn_p,2026-11-23 10:00:00,eur,-7881.10,0,0,payout,po_1,,payout",
        )  # fmt: skip
        assert (found.matched, found.differences) == (2, 0)
        assert camt(house, entry("B1", "7881.10", "STRIPE po_1", who="Stripe Payments Europe")).matched == 1
        assert balances(house)["bank"] == 788_110
        assert "tender:card" not in balances(house)


class TestBank:
    def test_a_transfer_finds_its_order_however_its_number_is_written(self, house: SmallHouse) -> None:
        house.stocked(house.paris, ring=1)
        offer(house)
        placed = order(house, transfer())
        text = f"commande {placed.number.lower().replace('-', ' ')} merci"
        assert camt(house, entry("B1", "8200.00", text)).matched == 1
        assert states(placed.id) == ("CONFIRMED", [("TRANSFER", 820_000, "CAPTURED")])
        assert balances(house)["bank"] == 820_000
        assert "tender:transfer" not in balances(house)
        assert books.list_problems() == []
        camt(house, entry("B2", "8200.00", text))
        assert differences() == [("DUPLICATE", True)]

    def test_another_amount_or_no_number_settles_nothing(self, house: SmallHouse) -> None:
        house.stocked(house.paris, ring=1)
        offer(house)
        placed = order(house, transfer())
        camt(
            house, entry("B1", "8199.00", placed.number), entry("B2", "8200.00", "for the ring"), entry("B3", "8200.00", placed.number, currency="CHF"),
            entry("B4", "50.00", "rent", side="DBIT"),
        )  # fmt: skip
        assert states(placed.id)[0] == "AWAITING_PAYMENT"
        assert differences() == [("AMOUNT", True), ("CURRENCY", True), ("MISSING_HERE", True)]

    def test_by_hand(self, house: SmallHouse, other_house: SmallHouse) -> None:
        house.stocked(house.paris, ring=1)
        offer(house)
        placed = order(house, transfer())
        camt(house, entry("B1", "8200.00", "for the ring"), entry("B2", "8199.00", "for the ring"))
        right, wrong = (
            sql.value("SELECT id FROM payments_statementline WHERE line_reference = %s", [ref]) for ref in ("B1", "B2")
        )
        match = {"order_number": placed.number, "at": NOW}
        for line, actor, refusal in (
            (right, house.advisor_paris, Forbidden), (right, other_house.director, NotFound), (wrong, house.director, NotFound),
            (uuid.uuid4(), house.director, NotFound),
        ):  # fmt: skip
            with pytest.raises(refusal):
                reconciliation.match_transfer(line_id=line, actor=actor, **match)
        assert reconciliation.match_transfer(line_id=right, actor=house.director, **match) == placed.id
        with pytest.raises(AlreadyMatched):
            reconciliation.match_transfer(line_id=right, actor=house.director, **match)
        assert states(placed.id)[0] == "CONFIRMED"
        assert differences() == [("MISSING_HERE", False), ("MISSING_HERE", True)]

    def test_money_for_an_order_that_has_ended_is_owed_and_goes_back(self, house: SmallHouse) -> None:
        house.stocked(house.paris, ring=1)
        offer(house)
        placed = order(house, transfer())
        checkout.expire_unpaid(at=NOW + timedelta(days=8))
        camt(house, entry("B1", "8200.00", placed.number))
        assert states(placed.id) == ("CANCELLED", [("TRANSFER", 820_000, "CAPTURED")])
        assert balances(house)["owed:clients"] == -820_000
        assert books.list_problems() == []
        reconciliation.give_back(payment_id=placed.payment_id, actor=house.director, at=NOW)
        assert ("TRANSFER", -820_000, "REQUESTED") in states(placed.id)[1]
        assert refunds.send_due(actor=house.system, at=NOW) == 0  # a person sends it from the bank

    def test_a_difference_is_closed_with_a_reason_by_who_may(self, house: SmallHouse, other_house: SmallHouse) -> None:
        camt(house, entry("B2", "8200.00", "for the ring"))
        found = sql.value("SELECT id FROM payments_differencerecord")
        with pytest.raises(Forbidden):
            reconciliation.resolve(difference_id=found, resolution="x", actor=house.advisor_paris, at=NOW)
        with pytest.raises(NotFound):
            reconciliation.resolve(difference_id=found, resolution="x", actor=other_house.director, at=NOW)
        with pytest.raises(BadInput):
            reconciliation.resolve(difference_id=found, resolution=" ", actor=house.director, at=NOW)
        reconciliation.resolve(difference_id=found, resolution="rent of the flat above", actor=house.director, at=NOW)
        reconciliation.run(actor=house.system, at=NOW)
        assert differences() == [("MISSING_HERE", False)]


@pytest.mark.parametrize(
    "content",
    [
        b"", b"<a/>", b"<a", b"hello", b"id,date\n1,2", b"\xff\xfe\x00", b"id,date,amount,currency,text\n1,2026-13-01,5,EUR,x",
        b"id,date,amount,currency,text\n1,2026-11-01,5.001,EUR,x", b"id,date,amount,currency,text\n1,2026-11-01,NaN,EUR,x",
        b'<!DOCTYPE a [<!ENTITY b "c">]><Document><Stmt/></Document>',
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_whole(content: bytes) -> None:
    with pytest.raises(StatementUnreadable):
        statements.read_file(content=content)


def test_a_banks_csv_reads_like_its_xml(house: SmallHouse) -> None:
    text = "id;date;amount;currency;counterparty;text\nB1;2026-11-24;8200,00;EUR;E. de Brissac;VER-1"
    xml = CAMT.format(entry("B1", "8200.00", "VER-1"))
    assert statements.read_file(content=text.encode()) == statements.read_file(content=xml.encode())


def test_money_of_the_whole_house_is_not_for_who_answers_for_a_part_of_it(house: SmallHouse) -> None:
    """A director of one region sees its orders; the books, statements and gift cards are no one region's."""
    somewhere = replace(
        house.director, permissions={one: frozenset({house.london}) for one in house.director.permissions}
    )
    some = uuid.uuid4()
    asked: list[Callable[[], object]] = [
        lambda: money.list_gift_cards(actor=somewhere),
        lambda: money.list_balances(actor=somewhere),
        lambda: reconciliation.take_in(name="bank.csv", content=b"", actor=somewhere, at=NOW),
        lambda: reconciliation.resolve(difference_id=some, resolution="x", actor=somewhere, at=NOW),
        lambda: reconciliation.match_transfer(line_id=some, order_number="x", actor=somewhere, at=NOW),
        lambda: reconciliation.give_back(payment_id=some, actor=somewhere, at=NOW),
        lambda: instalments.try_again(instalment_id=some, actor=somewhere, at=NOW),
    ]
    for ask in asked:
        with pytest.raises(Forbidden):
            ask()
