"""Statements as banks and providers export them: CAMT.053, a bank's CSV, Stripe's balance report; read, nothing
decided.

Amounts are read as decimals and become whole minor units; a file that does not say what it must is refused whole.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from xml.etree import ElementTree

from vendome.domains.payments.errors import StatementUnreadable
from vendome.domains.payments.types import LineKind, StatementKind
from vendome.kit.money import Money

LARGEST = 10 * 1024 * 1024
PROVIDER_KINDS = {
    "charge": LineKind.PAYMENT,
    "payment": LineKind.PAYMENT,
    "refund": LineKind.REFUND,
    "payout": LineKind.PAYOUT,
}
STRIPE_COLUMNS = {"balance_transaction_id", "currency", "gross", "fee", "reporting_category"}
BANK_COLUMNS = {"id", "date", "amount", "currency", "text"}
PAYOUT_WORDS = re.compile(r"\b(stripe|adyen|payout)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadLine:
    """One movement as the file tells it. `amount` is what moved, before `fee_amount` was kept of it."""

    line_reference: str
    day: date
    kind: LineKind
    reference: str
    counterparty: str
    text: str
    amount: int
    fee_amount: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadStatement:
    kind: StatementKind
    source: str
    lines: tuple[ReadLine, ...]


def read_file(*, content: bytes) -> ReadStatement:
    """The statement in a file, whichever of the known forms it has. Raises StatementUnreadable with what is wrong."""
    if len(content) > LARGEST:
        raise StatementUnreadable("This file is larger than ten megabytes; export a shorter period.")
    try:
        if content.lstrip().startswith(b"<"):
            return ReadStatement(kind=StatementKind.BANK, source="bank", lines=tuple(_camt(content)))
        return _csv(content.decode("utf-8-sig"))
    except (ElementTree.ParseError, UnicodeDecodeError, InvalidOperation, ValueError, KeyError, csv.Error) as error:
        raise StatementUnreadable() from error


def _csv(text: str) -> ReadStatement:
    reader = csv.DictReader(io.StringIO(text), delimiter=";" if text.partition("\n")[0].count(";") > 2 else ",")
    columns = {name.strip().lower() for name in reader.fieldnames or ()}
    rows = [{(name or "").strip().lower(): (value or "").strip() for name, value in row.items()} for row in reader]
    if columns >= STRIPE_COLUMNS:
        return ReadStatement(kind=StatementKind.PROVIDER, source="stripe", lines=tuple(_stripe(row) for row in rows))
    if columns >= BANK_COLUMNS:
        return ReadStatement(kind=StatementKind.BANK, source="bank", lines=tuple(_bank(row) for row in rows))
    raise StatementUnreadable()


def _stripe(row: Mapping[str, str]) -> ReadLine:
    kind = PROVIDER_KINDS.get(row["reporting_category"], LineKind.OTHER)
    source = row.get("source_id", "")
    reference = (row.get("payment_intent_id") or source) if kind is LineKind.PAYMENT else source
    moment = row.get("created_utc") or row.get("created") or row["available_on"]
    return ReadLine(
        line_reference=row["balance_transaction_id"],
        day=datetime.fromisoformat(moment).date(),
        kind=kind,
        reference=reference,
        counterparty="",
        text=row.get("description", ""),
        amount=_minor(row["gross"], row["currency"].upper()),
        fee_amount=_minor(row["fee"] or "0", row["currency"].upper()),
        currency=row["currency"].upper(),
    )


def _bank(row: Mapping[str, str]) -> ReadLine:
    amount = _minor(row["amount"], row["currency"].upper())
    counterparty = row.get("counterparty", "")
    return ReadLine(
        line_reference=row["id"],
        day=date.fromisoformat(row["date"]),
        kind=_bank_kind(amount, f"{counterparty} {row['text']}"),
        reference=row.get("reference", ""),
        counterparty=counterparty,
        text=row["text"],
        amount=amount,
        fee_amount=0,
        currency=row["currency"].upper(),
    )


def _camt(content: bytes) -> Iterator[ReadLine]:
    """ISO 20022 BankToCustomerStatement, of any version: names are read without their namespace."""
    if b"\0" in content or b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise StatementUnreadable("This file declares entities of its own, which no bank's statement does.")
    root = ElementTree.fromstring(content)  # noqa: S314  # without a document type there is nothing to expand
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    statements = list(root.iter("Stmt"))
    if not statements:
        raise StatementUnreadable()
    for statement in statements:
        for number, entry in enumerate(statement.iter("Ntry")):
            yield from _entry(entry, f"{statement.findtext('Id', '')}/{number}")


def _entry(entry: ElementTree.Element, place: str) -> Iterator[ReadLine]:
    if entry.findtext("Sts/Cd", entry.findtext("Sts", "BOOK")) != "BOOK":
        return  # announced, not booked: it comes again
    whole = entry.find("Amt")
    if whole is None or not whole.text:
        raise StatementUnreadable()
    sign = -1 if entry.findtext("CdtDbtInd") == "DBIT" else 1
    if entry.findtext("RvslInd") == "true":
        sign = -sign
    own = entry.findtext("AcctSvcrRef") or entry.findtext("NtryRef") or place
    day = date.fromisoformat((entry.findtext("BookgDt/Dt") or entry.findtext("BookgDt/DtTm") or "")[:10])
    details = list(entry.iter("TxDtls"))
    for number, detail in enumerate(details or [entry]):
        part = detail.find("Amt") if detail.find("Amt") is not None else detail.find("AmtDtls/TxAmt/Amt")
        money = part if part is not None and len(details) > 1 else whole
        currency = money.get("Ccy", "")
        amount = sign * _minor(money.text or "", currency)
        name = detail.findtext("RltdPties/Dbtr/Nm") or detail.findtext("RltdPties/Dbtr/Pty/Nm") or ""
        text = " ".join(one.text or "" for one in detail.iter("Ustrd")).strip()
        structured = detail.findtext("RmtInf/Strd/CdtrRefInf/Ref", "")
        end_to_end = detail.findtext("Refs/EndToEndId", "")
        yield ReadLine(
            line_reference=own if len(details) < 2 else f"{own}/{number}",
            day=day,
            kind=_bank_kind(amount, f"{name} {text} {entry.findtext('AddtlNtryInf', '')}"),
            reference=structured or ("" if end_to_end == "NOTPROVIDED" else end_to_end),
            counterparty=name,
            text=text or entry.findtext("AddtlNtryInf", ""),
            amount=amount,
            fee_amount=0,
            currency=currency,
        )


def _bank_kind(amount: int, said: str) -> LineKind:
    if PAYOUT_WORDS.search(said):
        return LineKind.PAYOUT
    return LineKind.TRANSFER if amount > 0 else LineKind.OTHER


def _minor(text: str, currency: str) -> int:
    """Exactly: an amount with more digits than its currency has is no amount."""
    value = Decimal(text.replace(" ", "").replace(",", ".") if "." not in text else text.replace(",", ""))
    money = Money.of(value, currency)
    if money.major != value:
        raise StatementUnreadable()
    return money.amount
