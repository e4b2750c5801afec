"""The settings page lists every variable the program reads, and no other."""

from __future__ import annotations

import re

from vendome.config import home

VARIABLE = re.compile(r"\b(VENDOME_[A-Z_]+|DATABASE_URL)\b")
READERS = ("vendome/config/**/*.py", "vendome/kit/**/*.py", "scripts/*", "tests/conftest.py")


def test_every_variable_has_its_row_and_every_row_its_variable():
    page = (home.PROJECT / "docs" / "reference" / "settings.md").read_text(encoding="utf-8")
    documented = {row.group(1) for row in re.finditer(r"^\| `(\w+)` \|", page, re.MULTILINE)}
    read = {
        name
        for pattern in READERS
        for path in home.PROJECT.glob(pattern)
        if path.is_file()
        for name in VARIABLE.findall(path.read_text(encoding="utf-8"))
        if not name.endswith("_")
    }
    assert documented == read
