"""The cache that all processes share: counted once, whoever asks."""

from __future__ import annotations

import time

import pytest
from django.core.cache import cache

from vendome.kit.cache import SharedCache, remove_expired

pytestmark = pytest.mark.django_db


def test_what_one_process_stores_another_reads():
    cache.set("key", [1.5, 2], 60)

    assert SharedCache("", {}).get("key") == [1.5, 2]
    assert cache.get("other", "nothing") == "nothing"
    assert cache.delete("key")
    assert not cache.delete("key")
    assert cache.get("key") is None


def test_adding_is_a_lock():
    assert cache.add("lock", True, 60)
    assert not SharedCache("", {}).add("lock", True, 60)
    assert cache.touch("lock", 60)


def test_what_ran_out_is_gone():
    cache.set("short", 1, 0.01)
    cache.set("long", 1, None)
    time.sleep(0.02)

    assert cache.get("short") is None
    assert not cache.touch("short")
    assert cache.add("short", 2, 0.01)
    time.sleep(0.02)
    assert remove_expired() == 1
    assert cache.get("long") == 1
    cache.clear()
    assert cache.get("long") is None
