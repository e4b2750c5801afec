"""Scaffolds a domain: its modules, its private tables' contract, its test, its page.

    make new-domain NAME=appointments

Everything a domain starts with, in the order its imports may point; delete what it does not earn.
"""

from __future__ import annotations

import keyword
import re
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]

MODULES = {
    "__init__.py": '''"""What {title} owns, in one sentence.

Invariants: write them here, each with the name of the constraint that keeps it. Say who calls this domain.
"""
''',
    "apps.py": '''"""Registers the {name} domain."""

from django.apps import AppConfig


class {classname}Config(AppConfig):
    name = "vendome.domains.{name}"
    label = "{name}"
''',
    "types.py": '''"""Plain values of the {name} domain: frozen dataclasses, enums, pure arithmetic."""
''',
    "errors.py": '''"""Expected failures of the {name} domain: one class for each that a caller can act on."""
''',
    "events.py": '''"""Facts of the {name} domain, in the past tense: frozen dataclasses of ids and values."""
''',
    "models.py": '''"""Tables of the {name} domain; every rule is a named constraint."""
''',
    "queries.py": '''"""Reads of the {name} domain: they take an actor and return plain values."""
''',
    "services.py": '''"""Commands of {name}, the only writers: keyword-only, atomic, told who acts and when."""
''',
    "migrations/__init__.py": "",
}

TEST = '''"""The {name} domain: each command happily, each of its errors, its repeat, and a stranger."""

from django.apps import apps


def test_the_domain_is_installed() -> None:
    assert apps.get_app_config("{name}").name == "vendome.domains.{name}"
'''

PAGE = """# {title}

What {name} owns, which invariants it keeps and under which constraint names, who calls it, and which events it records.
"""

CONTRACT = """
[[tool.importlinter.contracts]]
name = "Tables of {name} are private"
type = "protected"
protected_modules = ["vendome.domains.{name}.models"]
allowed_importers = ["vendome.domains.{name}"]
"""


class Refused(Exception):
    """The name cannot be used; the message says why."""


def scaffold(name: str, project: Path = PROJECT) -> list[Path]:
    """Write the files of a new domain and register it; returns what was written. Raises Refused."""
    if not re.fullmatch(r"[a-z]{3,24}", name) or keyword.iskeyword(name):
        raise Refused(f"{name!r} is no name for a domain: one noun in lower case, for example NAME=appointments.")
    folder = project / "vendome" / "domains" / name
    if folder.exists():
        raise Refused(f"The domain {name} exists already.")
    words = {"name": name, "title": name.capitalize(), "classname": name.capitalize()}
    wanted = {folder / path: text for path, text in MODULES.items()}
    wanted[project / "tests" / "domains" / f"test_{name}.py"] = TEST
    wanted[project / "docs" / "explanation" / f"{name}.md"] = PAGE
    for path, text in wanted.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.format(**words), encoding="utf-8")
    _install(project / "vendome" / "config" / "settings.py", name)
    with (project / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write(CONTRACT.format(**words))
    return sorted(wanted)


def _install(settings: Path, name: str) -> None:
    """Put the app after the last domain: a new one may use all that are there."""
    lines = settings.read_text(encoding="utf-8").splitlines(keepends=True)
    last = max(number for number, line in enumerate(lines) if line.strip().startswith('"vendome.domains.'))
    lines.insert(last + 1, f'    "vendome.domains.{name}",\n')
    settings.write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    try:
        for written in scaffold(sys.argv[1] if len(sys.argv) > 1 else ""):
            print(f"  {written.relative_to(PROJECT)}")
    except Refused as refused:
        sys.exit(str(refused))
    print("Write its invariants into __init__.py first, then its tables.")
