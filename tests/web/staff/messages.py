"""The words of the salon and the bureau in French: what is said, what is translated, what is compiled.

Words that the boutique says too are translated there; each surface keeps the rest beside its templates.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from tests.web import messages

SURFACES = ("salon", "bureau")


def french_of(surface: str) -> Path:
    return messages.PROJECT / "vendome" / "web" / surface / "locale" / "fr" / "LC_MESSAGES" / "django.po"


def said_by(surface: str) -> set[Any]:
    """Every message of a surface; one with a plural is a pair."""
    folder = messages.PROJECT / "vendome" / "web" / surface
    files = [*folder.rglob("*.py"), *folder.rglob("*.html")]
    return {message for path in files for _line, message, _comments, _context in messages._messages(path)}


def catalog_of(surface: str) -> Catalog:
    with french_of(surface).open("rb") as file:
        return read_po(file, locale="fr", domain="django")


def is_translated(catalog: Catalog, message: Any) -> bool:
    found = catalog.get(message[0] if isinstance(message, tuple) else message)
    if found is None:
        return False
    return all(found.string) if isinstance(found.string, tuple) else bool(found.string)
