"""The documents are true: every mission row has a state, links lead somewhere, decisions have all their parts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "demo").glob("**/README.md")])
ROWS = {"A": 6, "B": 6, "C": 9, "D": 10, "E": 11, "F": 6, "G": 9, "H": 6, "I": 4, "J": 4, "K": 5}


def table() -> dict[str, tuple[str, str]]:
    text = (ROOT / "docs" / "features.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([A-K]\d+) \| [^|]+ \| ([^|]+) \| ([^|]*)\|$", text, re.MULTILINE)
    return {row: (state.strip(), proof.strip()) for row, state, proof in rows}


def test_every_row_of_the_mission_has_its_state() -> None:
    expected = {f"{letter}{number}" for letter, count in ROWS.items() for number in range(1, count + 1)}

    assert set(table()) == expected


@pytest.mark.parametrize(("row", "entry"), table().items())
def test_a_state_is_honest(row: str, entry: tuple[str, str]) -> None:
    state, proof = entry

    assert state.startswith(("works", "partly: ", "not yet")), f"{row} says neither works, partly nor not yet"
    if not state.startswith("not yet"):
        assert proof, f"{row} names no test"
        for path in proof.split(", "):
            assert (ROOT / path).exists(), f"{row} names {path}, which is not there"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8")):
        if not target.startswith(("http://", "https://", "mailto:")):
            assert (document.parent / target).exists(), f"{document.name} points to {target}"


@pytest.mark.parametrize("adr", sorted((ROOT / "docs" / "adr").glob("0*.md")), ids=lambda path: path.name)
def test_a_decision_has_all_its_parts(adr: Path) -> None:
    text = adr.read_text(encoding="utf-8")

    for heading in ("## Context", "## Decision", "## Consequences", "## Alternatives", "## Enforced by"):
        assert heading in text, f"{adr.name} lacks {heading}"


def test_every_dependency_has_its_reason() -> None:
    reasons = (ROOT / "docs" / "explanation" / "dependencies.md").read_text(encoding="utf-8")
    wanted = []
    for name in ("base.in", "dev.in"):
        for line in (ROOT / "requirements" / name).read_text().splitlines():
            package = re.split(r"[\[<>=;~! ]", line.strip())[0]
            if package and not package.startswith(("-", "#")):
                wanted.append(package)

    assert [package for package in wanted if package not in reasons] == []


@pytest.mark.parametrize("name", ["errors.md", "roles.md", "periodic-jobs.md", "events.md", "return-rules.md"])
def test_reference_pages_are_fresh(name: str) -> None:
    from vendome.config import reference

    written = (ROOT / "docs" / "reference" / name).read_text(encoding="utf-8")

    assert written == reference.pages()[name], "run `vendome docs`"
