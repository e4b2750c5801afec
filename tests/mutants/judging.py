"""Which mutants a run tries, and what it says of them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from tests.mutants.seeds import Mutant

WHOLE = os.environ.get("VENDOME_TEST_ALL_MUTANTS") == "1"
FEW = (
    "holds are not subtracted from what is free", "what comes back is free at once",
    "a refund may exceed the payment", "a payment of another amount confirms the order",
    "look at what is left of a payment, then refund", "look where a piece is, then take it in",
)  # fmt: skip
WANTED = 0.9


def judge(mutants: tuple[Mutant, ...], is_noticed: Callable[[Mutant], bool]) -> None:
    """Try every mutant, or the few of a short run, which must all be noticed. Names those that survive."""
    tried = [mutant for mutant in mutants if WHOLE or mutant.name in FEW]
    survivors = [mutant.name for mutant in tried if not is_noticed(mutant)]
    sys.stdout.write(f"\n{len(tried) - len(survivors)} of {len(tried)} mutants noticed\n")
    for name in survivors:
        sys.stdout.write(f"  survives: {name}\n")
    assert tried
    assert len(survivors) <= (1 - WANTED) * len(tried) if WHOLE else not survivors
