"""Whose is it? Every serial number is a register that many write at once, and what each was told must fit one order.

After Wing and Gong (1993): a search, with a memory of what has failed, for an order of the calls in which each takes
effect between its begin and its end and every answer is true. A tenth of the answers is lost on the way, as behind a
bad line: such a call may have happened at any time since, or not at all. The control lets two callers past the guard
between looking and writing, and its history must have no such order.
"""

from __future__ import annotations

import random
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import inf

import pytest

from tests.factories.orders import CASH
from tests.factories.small_house import NOW, SmallHouse
from tests.mutants.seeds import RACES
from tests.races.conftest import Outcome, race
from vendome.domains.orders.types import Mode
from vendome.domains.stock.errors import HoldGone, OutOfStock
from vendome.domains.stock.models import Piece
from vendome.domains.stock.services import shelf
from vendome.domains.stock.types import HoldKind
from vendome.flows import books, checkout
from vendome.flows.types import WantedLine

pytestmark = pytest.mark.race

THREADS, EACH, PIECES = 8, 40, 3
LOST = 0.1
UNGUARDED = next(one for one in RACES if one.name == "check a level, then change it")


@dataclass(frozen=True)
class Call:
    """What somebody asked of a piece: `take` (set aside or sell) or `free` a hold; and what she was told."""

    begun: float
    ended: float  # inf: she was never told
    what: str
    token: str  # of the one who takes, or whose hold is freed
    done: bool | None  # None: she was never told


def is_one_history(calls: Sequence[Call]) -> bool:
    """Whether one order of the calls explains every answer. The piece is free at first."""
    ordered = sorted(calls, key=lambda call: call.begun)
    told = sum(1 << n for n, call in enumerate(ordered) if call.done is not None)
    failed: set[tuple[int, str]] = set()
    open_ones = [(0, "")]
    while open_ones:
        gone, owner = open_ones.pop()
        if gone & told == told:
            return True
        if (gone, owner) in failed:
            continue
        failed.add((gone, owner))
        first_end = min(call.ended for n, call in enumerate(ordered) if not gone >> n & 1)
        for n, call in enumerate(ordered):
            if call.begun > first_end:
                break
            if not gone >> n & 1:
                open_ones += [(gone | 1 << n, after) for after in _after(call, owner)]
    return False


def _after(call: Call, owner: str) -> list[str]:
    """Whose the piece may be after this call; none when its answer cannot be true now."""
    could = owner == "" if call.what == "take" else owner == call.token
    then = call.token if call.what == "take" else ""
    if call.done is None:
        return [then] if could else []  # one that never happened is simply left out
    return [then if call.done else owner] if could == call.done else []


class Shop:
    """Several at the counter with three pieces of one reference."""

    def __init__(self, house: SmallHouse) -> None:
        self.house = house
        house.stocked(house.paris, ring=PIECES)
        self.pieces = list(Piece.objects.filter(reference_id=house.ring).values_list("id", flat=True))
        self.calls: dict[uuid.UUID, list[Call]] = defaultdict(list)

    def work(self, seed: int) -> None:
        rng = random.Random(seed)
        mine: list[tuple[uuid.UUID, str]] = []
        for n in range(EACH):
            if mine and rng.random() < 0.6:
                piece, hold = mine[-1] if rng.random() < 0.3 else mine.pop()  # now and then she frees it twice
                self._call(rng, piece, "free", hold, lambda hold=hold: self._free(hold))  # type: ignore[misc]
            else:
                piece, name = rng.choice(self.pieces), f"{seed}.{rng.random()}"
                if n > EACH * 0.8 and rng.random() < 0.1:  # what is sold stays sold, so they sell at the end
                    self._call(rng, piece, "take", name, lambda piece=piece: self._sell(piece))  # type: ignore[misc]
                elif kept := self._call(rng, piece, "take", name, lambda piece=piece: self._keep(piece)):  # type: ignore[misc]
                    mine.append((piece, kept))

    def _call(self, rng: random.Random, piece: uuid.UUID, what: str, token: str, ask: Callable[[], str]) -> str | None:
        begun = time.monotonic()
        answer: str | None = None
        try:
            answer, done = ask(), True
        except (OutOfStock, HoldGone):
            done = False
        is_lost = rng.random() < LOST
        token = answer or token
        self.calls[piece].append(
            Call(begun, inf if is_lost else time.monotonic(), what, token, None if is_lost else done)
        )
        return answer  # hers, though she was not told: else what she set aside would be nobody's to free

    def _keep(self, piece: uuid.UUID) -> str:
        return str(
            shelf.hold_reference(
                kind=HoldKind.RESERVATION, place_id=self.house.paris, reference_id=self.house.ring, piece_id=piece,
                client_id=self.house.traditional, expires_at=NOW + timedelta(days=1),
                actor=self.house.advisor_paris, at=NOW,
            )
        )  # fmt: skip

    def _free(self, hold: str) -> str:
        shelf.release_hold(
            hold_id=uuid.UUID(hold), place_id=self.house.paris, reason="x", actor=self.house.advisor_paris, at=NOW
        )
        return hold

    def _sell(self, piece: uuid.UUID) -> str:
        line = WantedLine(reference_id=self.house.ring, mode=Mode.TAKE_AWAY, place_id=self.house.paris, piece_id=piece)
        placed = checkout.place_order(
            key=str(uuid.uuid4()), maison=self.house.maison, market=self.house.france, channel="boutique",
            lines=[line], tender=CASH, client_id=None, selling_place_id=self.house.paris,
            actor=self.house.advisor_paris, at=NOW,
        )  # fmt: skip
        return str(placed.id)


def lived(house: SmallHouse) -> tuple[dict[uuid.UUID, list[Call]], Outcome]:
    shop = Shop(house)
    return shop.calls, race(*[lambda seed=seed: shop.work(seed) for seed in range(THREADS)])


def test_whose_a_piece_is_has_one_history(arena: Callable[..., SmallHouse]) -> None:
    calls, outcome = lived(arena())

    assert outcome.broken == outcome.refused == []
    assert sum(map(len, calls.values())) == THREADS * EACH
    assert sum(one.done is True for piece in calls.values() for one in piece) > 2 * THREADS
    assert [is_one_history(piece) for piece in calls.values()] == [True] * len(calls)
    assert books.list_problems() == []


def test_control_looking_before_taking_has_none(arena: Callable[..., SmallHouse]) -> None:
    calls, _outcome = lived(arena(*UNGUARDED.statements))  # another constraint may break one of them off

    assert not all(is_one_history(piece) for piece in calls.values())


@pytest.mark.parametrize(
    ("calls", "is_one"),
    [
        ([Call(0, 1, "take", "a", True), Call(2, 3, "take", "b", False)], True),
        ([Call(0, 1, "take", "a", True), Call(2, 3, "take", "b", True)], False),
        ([Call(0, 3, "take", "a", False), Call(1, 2, "take", "b", True)], True),  # they overlap: b was first
        ([Call(0, 1, "take", "a", False), Call(2, 3, "take", "b", True)], False),  # it was free then
        ([Call(0, inf, "take", "a", None), Call(2, 3, "take", "b", False)], True),  # the lost one did happen
        ([Call(0, inf, "take", "a", None), Call(2, 3, "take", "b", True)], True),  # or it did not
        ([Call(0, 1, "take", "a", True), Call(2, 3, "free", "a", True), Call(4, 5, "free", "a", True)], False),
        ([Call(0, 1, "take", "a", True), Call(2, inf, "free", "a", None), Call(4, 5, "take", "b", True)], True),
    ],
)
def test_the_search_itself(calls: list[Call], is_one: bool) -> None:
    assert is_one_history(calls) is is_one
