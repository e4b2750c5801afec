"""The audit chain: every kind of tampering is found, and the first broken link is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, transaction

from vendome.kit import audit
from vendome.kit.actors import Actor
from vendome.kit.models import AuditEntry

pytestmark = pytest.mark.django_db
SWAP = """
    UPDATE kit_auditentry SET chain_seq = CASE chain_seq WHEN 2 THEN -3 ELSE -2 END WHERE chain_seq IN (2, 3);
    UPDATE kit_auditentry SET chain_seq = -chain_seq WHERE chain_seq < 0
"""
AT = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def chain() -> None:
    for number in range(10):
        audit.record(actor=Actor.system(), action="test.act", subject=f"thing:{number}", at=AT, detail={"n": number})
    audit.seal_due()


def as_superuser(statement: str) -> None:
    """What somebody with the keys to the database could do: triggers do not stop him, the chain tells."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement)
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")


def test_an_untouched_chain_holds(chain: None) -> None:
    verdict = audit.verify()

    assert verdict.is_whole
    assert (verdict.entries, verdict.unsealed) == (10, 0)


@pytest.mark.parametrize(
    ("tampering", "first_broken"),
    [
        ("""UPDATE kit_auditentry SET detail = '{"n": 99}' WHERE chain_seq = 4""", 4),
        ("UPDATE kit_auditentry SET actor = 'STAFF:somebody' WHERE chain_seq = 7", 7),
        ("UPDATE kit_auditentry SET at = at + interval '1 microsecond' WHERE chain_seq = 1", 1),
        ("DELETE FROM kit_auditentry WHERE chain_seq = 5", 6),
        (SWAP, 2),
        ("UPDATE kit_auditentry e SET hash = sha256('x') WHERE chain_seq = 9", 9),
    ],
)  # fmt: skip
def test_tampering_is_found(chain: None, tampering: str, first_broken: int) -> None:
    as_superuser(tampering)

    assert audit.verify().broken_seq == first_broken


def test_a_cut_tail_is_found_by_the_head_written_outside(chain: None, tmp_path: Path) -> None:
    heads = tmp_path / "heads.jsonl"
    audit.write_head(heads)
    as_superuser("DELETE FROM kit_auditentry WHERE chain_seq > 8")

    assert audit.verify().is_whole  # control: the chain alone cannot see it
    assert audit.verify(heads=heads).broken_seq == 10
    assert json.loads(heads.read_text())["seq"] == 10


def test_a_chain_made_anew_is_found_by_the_head_written_outside(chain: None, tmp_path: Path) -> None:
    heads = tmp_path / "heads.jsonl"
    audit.write_head(heads)
    as_superuser("""UPDATE kit_auditentry SET chain_seq = NULL, prev_hash = NULL, hash = NULL,
                    detail = CASE WHEN subject = 'thing:3' THEN '{}' ELSE detail END""")
    audit.seal_due()

    assert audit.verify().is_whole
    assert not audit.verify(heads=heads).is_whole


@pytest.mark.parametrize(
    "statement",
    ["UPDATE kit_auditentry SET detail = '{}'", "DELETE FROM kit_auditentry", "TRUNCATE kit_auditentry",
     "UPDATE kit_auditentry SET chain_seq = NULL, hash = NULL, prev_hash = NULL"],
)  # fmt: skip
def test_the_application_cannot_change_an_entry(chain: None, statement: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)

    assert audit.verify().is_whole


def test_an_entry_waiting_for_its_seal_may_only_be_sealed() -> None:
    audit.record(actor=Actor.system(), action="test.act", subject="thing:1", at=AT)

    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE kit_auditentry SET actor = 'somebody', chain_seq = 1, hash = 'x', prev_hash = 'x'")

    assert audit.verify().unsealed == 1


def test_sealing_goes_on_where_it_stopped(chain: None) -> None:
    record_: Callable[[int], None] = lambda n: audit.record(
        actor=Actor.system(), action="test.act", subject=f"later:{n}", at=AT
    )
    for number in range(5):
        record_(number)

    assert audit.seal_due(most=2) == 2
    assert audit.seal_due() == 3
    assert audit.seal_due() == 0
    assert audit.verify().entries == 15
    assert AuditEntry.objects.filter(chain_seq=None).count() == 0
