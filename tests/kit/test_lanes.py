"""A lane has room for so many; who finds none is told, and the room comes back whatever happened inside."""

from __future__ import annotations

import pytest

from vendome.kit.errors import Busy
from vendome.kit.lanes import Lane


def test_who_finds_no_room_is_told_at_once() -> None:
    lane = Lane(most=1, patience=0.01)

    with lane.taken(), pytest.raises(Busy), lane.taken():
        pass


def test_room_comes_back_after_a_failure() -> None:
    lane = Lane(most=1, patience=0.01)

    with pytest.raises(ValueError, match="no"), lane.taken():
        raise ValueError("no")
    with lane.taken():
        pass
