"""Keeps the French complete: `python -m tests.web.french [FILE]` brings the words of every surface up to date.

FILE is JSON, English to French; a message with a plural is written with a line break between its two forms, on both
sides. Each goes to the surface that says the message, with the spaces and apostrophes that French wants. Without FILE
it says what waits for one. Nothing else edits the .po files.
"""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from tests.web import messages as boutique
from tests.web.staff import messages as staff


def complete(given: dict[str, str]) -> list[str]:
    """Write the given translations where they are said; returns the messages that still wait for one."""
    boutique.refresh()
    shared = boutique.french()
    for entry in shared:
        if entry.id and _key(entry.id) in given:
            entry.string = _string(given[_key(entry.id)])
    _write(boutique.FRENCH, shared)
    waiting = [_key(entry.id) for entry in shared if entry.id and not _is_said(entry.string)]
    for surface in staff.SURFACES:
        waiting += _complete_surface(surface, shared, given)
    return sorted(set(waiting))


def _complete_surface(surface: str, shared: Catalog, given: dict[str, str]) -> list[str]:
    known = staff.catalog_of(surface)
    said = staff.said_by(surface)
    for entry in list(known):
        if entry.id and entry.id not in said:
            known.delete(entry.id)
    waiting = []
    for message in said:
        first = message[0] if isinstance(message, tuple) else message
        if staff.is_translated(known, message) and _key(message) not in given:
            continue
        if _key(message) in given:
            known.delete(first)
            known.add(message, _string(given[_key(message)]))
        elif not staff.is_translated(shared, message):
            waiting.append(_key(message))
    _write(staff.french_of(surface), known)
    return waiting


def _key(message: Any) -> str:
    return "\n".join(message) if isinstance(message, tuple) else str(message)


def _string(text: str) -> Any:
    text = re.sub(r"[ \u00a0]([;?!:»])", "\u202f\\1", re.sub(r"« ", "«\u202f", text.replace("'", "’")))
    return tuple(text.split("\n")) if "\n" in text else text


def _is_said(string: Any) -> bool:
    return all(string) if isinstance(string, tuple) else bool(string)


def _write(path: Path, catalog: Catalog) -> None:
    with path.open("wb") as file:
        write_po(file, catalog, width=0, include_lineno=False, sort_output=True)
    with path.open("rb") as file:
        from babel.messages.pofile import read_po

        path.with_suffix(".mo").write_bytes(boutique.compiled(read_po(file, locale="fr", domain="django")))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vendome.config.settings")
    import django

    django.setup()
    translations = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")) if sys.argv[1:] else {}
    left = complete(translations)
    sys.stdout.write(json.dumps(dict.fromkeys(left, ""), ensure_ascii=False, indent=1) + "\n")
