"""What a letter says, before it is set as text and as HTML."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One piece: its name, what it is made of, how it reaches her, and what it cost where that is told."""

    name: str
    detail: str = ""
    how: str = ""
    amount: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A few lines under a small title: an address, opening hours, what to bring."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """One letter in words. `action` is its one link, with the words on it."""

    subject: str
    headline: str
    paragraphs: tuple[str, ...]
    items: tuple[Item, ...] = ()
    sums: tuple[tuple[str, str], ...] = ()
    parts: tuple[Part, ...] = ()
    action: tuple[str, str] | None = None
    notes: tuple[str, ...] = ()
