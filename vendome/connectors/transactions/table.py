"""One table of a TOML file, read key by key; what is wrong with it becomes a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from vendome.connectors.transactions.errors import Unusable, did_you_mean


class Table:
    """Reads keys and remembers which were asked for, so that `close` can name the ones nobody knows."""

    def __init__(self, content: dict[str, Any], file_name: str, path: str = "") -> None:
        self._content = content
        self._file_name = file_name
        self._path = path
        self._asked: list[str] = []

    def __contains__(self, key: str) -> bool:
        return key in self._content

    def __bool__(self) -> bool:
        return bool(self._content)

    def wrong(self, what: str) -> Unusable:
        return Unusable(f"In the mapping {self._file_name}, {what}.")

    def close(self, also: Iterable[str] = ()) -> None:
        """Raises Unusable if the table holds a key that was never asked for."""
        known = [*self._asked, *also]
        for key in self._content:
            if key not in known:
                hint = did_you_mean(key, known)
                raise self.wrong(
                    f"{self._named(key)} is not a key; known are {', '.join(sorted(set(known)))}.{hint}".rstrip(".")
                )

    def text(self, key: str, default: str | None = None) -> str:
        found: str = self._get(key, str, "a text in quotes", default)
        return found

    def flag(self, key: str, default: bool | None = None) -> bool:
        found: bool = self._get(key, bool, "true or false", default)
        return found

    def number(self, key: str, default: int | None = None, *, least: int, most: int) -> int:
        found: int = self._get(key, int, "a whole number", default)
        if isinstance(found, bool) or not least <= found <= most:
            raise self.wrong(f"{self._named(key)} is {found}; write a whole number from {least} to {most}")
        return found

    def percent(self, key: str, default: float) -> float:
        found = self._content.get(key, default)
        self._asked.append(key)
        if isinstance(found, bool) or not isinstance(found, int | float) or not 0 <= found <= 100:
            raise self.wrong(f"{self._named(key)} is {found!r}; write a number from 0 to 100")
        return float(found)

    def word(self, key: str, form: re.Pattern[str]) -> str:
        found = self.text(key)
        if not form.fullmatch(found):
            raise self.wrong(f"{self._named(key)} is {found!r}; it must look like {form.pattern}")
        return found

    def choice(self, key: str, options: Sequence[str], default: str | None = None) -> str:
        found = self.text(key, default)
        if found not in options:
            hint = did_you_mean(found, options)
            raise self.wrong(f"{self._named(key)} is {found!r}; write one of {', '.join(options)}.{hint}".rstrip("."))
        return found

    def timezone(self, key: str) -> ZoneInfo:
        found = self.text(key)
        try:
            return ZoneInfo(found)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise self.wrong(f"{self._named(key)} is {found!r}; write a time zone such as 'Europe/London'") from error

    def texts(self, key: str, default: Sequence[str]) -> list[str]:
        found: list[Any] = self._get(key, list, "a list of texts", list(default))
        if not all(isinstance(one, str) for one in found):
            raise self.wrong(f"{self._named(key)} must be a list of texts")
        return found

    def words(self) -> dict[str, str]:
        """A table of any keys, all of whose values are texts."""
        for key, value in self._content.items():
            if not isinstance(value, str):
                raise self.wrong(f"{self._named(key)} must be a text in quotes")
        return dict(self._content)

    def table(self, key: str, *, required: bool = False) -> Table:
        self._asked.append(key)
        found = self._content.get(key, {})
        if not isinstance(found, dict) or (required and key not in self._content):
            raise self.wrong(f"the table [{key}] is missing")
        return Table(found, self._file_name, f"{self._path}{key}.")

    def tables(self, key: str) -> list[Table]:
        self._asked.append(key)
        found = self._content.get(key, [])
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            raise self.wrong(f"write each rule of {key!r} under [[{key}]]")
        return [Table(one, self._file_name, f"{key}.") for one in found]

    def _named(self, key: str) -> str:
        return f"{self._path}{key}"

    def _get(self, key: str, kind: type, called: str, default: Any) -> Any:
        self._asked.append(key)
        found = self._content.get(key, default)
        if found is None:
            hint = did_you_mean(key, [other for other in self._content if other not in self._asked])
            there = f" ({hint.strip()})" if hint else ""
            raise self.wrong(f"{self._named(key)} is missing{there}")
        if not isinstance(found, kind):
            raise self.wrong(f"{self._named(key)} is {found!r}; write {called}")
        return found
