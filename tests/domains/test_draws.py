"""The draw as arithmetic: anybody recomputes it, nobody gains by noise, and changing one entry shows (goal R4)."""

from __future__ import annotations

import hashlib
import json
import random
import re
import subprocess
import sys
import uuid
from dataclasses import asdict, replace
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from tests.factories.scarcity import an_allocation, clients_of, merged
from tests.factories.small_house import NOW, SmallHouse
from vendome.domains.stock.queries import scarcity
from vendome.domains.stock.services import scarcity as services
from vendome.domains.stock.types_of_scarcity import (
    AllocationPolicy,
    Draw,
    commitment_of,
    digest_of,
    draw_problems,
    drawn_order,
)

HOWTO = Path(__file__).resolve().parents[2] / "docs" / "howto" / "launch-a-limited-edition.md"
tokens = st.lists(st.uuids(version=4).map(str), min_size=1, max_size=40, unique=True)
seeds = st.binary(min_size=32, max_size=32)


def a_draw(seed: bytes, entries: list[str]) -> Draw:
    return Draw(
        commitment=commitment_of(seed),
        list_digest=digest_of(entries),
        entries=tuple(sorted(entries)),
        seed=seed.hex(),
        order=drawn_order(seed, entries),
    )


@given(seed=seeds, entries=tokens)
def test_a_true_record_holds_and_the_order_of_arrival_does_not_matter(seed: bytes, entries: list[str]) -> None:
    draw = a_draw(seed, entries)

    assert draw_problems(draw) == ()
    assert sorted(draw.order) == sorted(entries)
    assert drawn_order(seed, list(reversed(entries))) == draw.order


@given(seed=seeds, entries=tokens, other=st.uuids(version=4).map(str), data=st.data())
def test_changing_adding_or_leaving_out_one_entry_shows(
    seed: bytes, entries: list[str], other: str, data: st.DataObject
) -> None:
    draw = a_draw(seed, entries)
    at = data.draw(st.integers(0, len(entries) - 1))
    changed = [*entries[:at], other, *entries[at + 1 :]]
    for forged in (changed, [*entries, other], entries[:at] + entries[at + 1 :]):
        if sorted(forged) != sorted(entries):
            assert digest_of(forged) != draw.list_digest
            assert draw_problems(replace(draw, entries=tuple(forged)))


@given(seed=seeds, other=seeds, entries=tokens)
def test_another_seed_or_another_order_shows(seed: bytes, other: bytes, entries: list[str]) -> None:
    draw = a_draw(seed, entries)
    if other != seed:
        assert draw_problems(replace(draw, seed=other.hex()))
    if len(entries) > 1:
        assert draw_problems(replace(draw, order=tuple(reversed(draw.order))))


def test_abusers_gain_nothing_over_two_hundred_draws(house: SmallHouse) -> None:
    """Ten linked records, or a hundred requests, are one entry: checked against the rows, then drawn 200 times."""
    house.stocked(house.paris, watch=1)
    allocation = an_allocation(house, pieces=1, policy=AllocationPolicy.BALLOT, closes_at=NOW + timedelta(days=1))
    honest, records, noisy = clients_of(house, 90), clients_of(house, 50), clients_of(house, 5)
    abusers = [records[n * 10 : n * 10 + 10] for n in range(5)]  # five persons with ten records each
    for kept, *others in abusers:
        for other in others:
            merged(kept=kept, absorbed=other)
    attempts = [*honest, *records, *[one for one in noisy for _ in range(100)]]
    random.Random(7).shuffle(attempts)
    hers = {
        one: services.enter(allocation_id=allocation, client_id=one, actor=house.as_client(one), at=NOW).token
        for one in attempts
    }

    rows = scarcity.list_entries(actor=house.system, allocation_id=allocation)
    assert len(rows) == 100
    # the same hundred names in every run, in the order of entering, so that the figure is not a throw of dice
    names = {token: str(uuid.UUID(int=n)) for n, token in enumerate(dict.fromkeys(hers[one] for one in attempts))}
    entries = [names[one.token] for one in rows]
    suspicious = {names[hers[one]] for one in (*records, *noisy)}
    rng, draws, winners = random.Random(20_261_202), 200, 50
    won = sum(token in suspicious for _ in range(draws) for token in drawn_order(rng.randbytes(32), entries)[:winners])
    fair = draws * winners * (len(abusers) + len(noisy)) / len(rows)
    assert won / fair <= 1.05


def test_the_command_verifies_a_record_and_names_what_is_wrong(tmp_path: Path) -> None:
    draw = a_draw(hashlib.sha256(b"seed").digest(), [str(uuid.UUID(int=n)) for n in range(30)])
    file = tmp_path / "draw.json"
    file.write_text(json.dumps(asdict(draw)), encoding="utf-8")
    said = StringIO()

    call_command("draw", "verify", str(file), stdout=said)
    assert "The draw holds" in said.getvalue()

    file.write_text(json.dumps(asdict(replace(draw, order=tuple(reversed(draw.order))))), encoding="utf-8")
    with pytest.raises(CommandError, match="order is not the one"):
        call_command("draw", "verify", str(file))
    file.write_text("{}", encoding="utf-8")
    with pytest.raises(CommandError, match="not the record"):
        call_command("draw", "verify", str(file))


def test_the_snippet_of_the_howto_verifies_it_too(tmp_path: Path) -> None:
    """Nobody has to trust our command: the few lines in the documentation need only Python."""
    found = re.search(r"```python\n(.*?)```", HOWTO.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    draw = a_draw(hashlib.sha256(b"seed").digest(), [str(uuid.UUID(int=n)) for n in range(30)])
    for order, code in ((draw.order, 0), (tuple(reversed(draw.order)), 1)):
        file = tmp_path / "draw.json"
        file.write_text(json.dumps(asdict(replace(draw, order=order))), encoding="utf-8")
        run = subprocess.run(
            [sys.executable, "-c", found.group(1), str(file)], capture_output=True, text=True, check=False
        )
        assert run.returncode == code, run.stderr
