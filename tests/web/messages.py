"""The words of the boutique and of the design system, gathered for translation.

`python -m tests.web.messages` brings `vendome/web/locale/fr` up to date: new messages appear untranslated, those
nobody says any more leave, and the compiled file is written. It needs no gettext tools.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

PROJECT = Path(__file__).resolve().parents[2]
FOLDERS = ("vendome/web/components", "vendome/web/boutique", "vendome/web/letters")
MODULES = ("vendome/config/errors.py", "vendome/config/signin.py")
COMPONENTS = PROJECT / "vendome" / "web" / "components"
GALLERY = COMPONENTS / "templates" / "gallery"  # the style guide is written for developers, in English
GALLERY_VIEWS = COMPONENTS / "views.py"
FRENCH = PROJECT / "vendome" / "web" / "locale" / "fr" / "LC_MESSAGES" / "django.po"
KEYWORDS: dict[str, Any] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
SAID_TO_CLIENTS = (
    "vendome.kit.errors",
    "vendome.kit.money",
    "vendome.domains.clients.errors",
    "vendome.domains.fulfilment.errors",
    "vendome.domains.house.errors",
    "vendome.domains.orders.errors",
    "vendome.domains.payments.errors",
    "vendome.domains.pricing.errors",
    "vendome.domains.stock.errors",
)
CALL = re.compile(r"""\b(?:n?p?gettext|_)\((?:[^()'"]|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")*\)""")
"""A call of gettext in what Django makes of a template, which is not quite Python."""
HEADER = "# French of Maison Vermeil's web surfaces."


def gather() -> Catalog:
    """Every message of templates and modules, and the sentences of the failures a client may meet."""
    found = Catalog(domain="django")
    for path in sources():
        where = path.relative_to(PROJECT).as_posix()
        for _line, message, _comments, context in _messages(path):
            found.add(message, locations=[(where, 0)], context=context)
    for sentence in sorted(sentences()):
        found.add(sentence, locations=[("errors", 0)])
    return found


def sources() -> list[Path]:
    files = [PROJECT / module for module in MODULES]
    for folder in FOLDERS:
        for pattern in ("*.py", "*.html", "*.txt"):
            files += sorted((PROJECT / folder).rglob(pattern))
    return [path for path in files if not path.is_relative_to(GALLERY) and path != GALLERY_VIEWS]


def sentences() -> set[str]:
    """What the domains say when something cannot be done."""
    from importlib import import_module

    from vendome.kit.errors import DomainError

    for module in SAID_TO_CLIENTS:
        import_module(module)
    return {error.sentence for error in DomainError.catalogue.values() if error.__module__ in SAID_TO_CLIENTS}


def compiled(catalog: Catalog) -> bytes:
    """The .mo file as the servers read it."""
    out = io.BytesIO()
    write_mo(out, catalog)
    return out.getvalue()


def french() -> Catalog:
    with FRENCH.open("rb") as file:
        return read_po(file, locale="fr", domain="django")


def _messages(path: Path) -> Iterator[tuple[int, Any, list[str], str | None]]:
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        from django.utils.translation.template import templatize

        text = "\n".join(match.group() for match in CALL.finditer(templatize(text)))
    yield from extract("python", io.BytesIO(text.encode()), KEYWORDS)


def refresh() -> tuple[int, int]:
    """Bring the French file up to date. Returns how many messages there are, and how many wait for a translation."""
    known = french() if FRENCH.exists() else Catalog(locale="fr", domain="django")
    fresh = Catalog(
        locale="fr",
        domain="django",
        header_comment=HEADER,
        project="Vendôme",
        version="1",
        creation_date=datetime(2026, 11, 22, tzinfo=UTC),
        revision_date=datetime(2026, 11, 22, tzinfo=UTC),
        last_translator="Maison Vermeil",
        language_team="Français",
        fuzzy=False,
    )
    waiting = 0
    for message in gather():
        if not message.id:
            continue
        before = known.get(message.id[0] if isinstance(message.id, tuple) else message.id, message.context)
        string = before.string if before and before.string else ("", "") if isinstance(message.id, tuple) else ""
        waiting += not (all(string) if isinstance(string, tuple) else string)
        fresh.add(message.id, string, locations=message.locations, context=message.context)
    FRENCH.parent.mkdir(parents=True, exist_ok=True)
    with FRENCH.open("wb") as file:
        write_po(file, fresh, width=0, include_lineno=False, sort_output=True)
    FRENCH.with_suffix(".mo").write_bytes(compiled(french()))
    return len(fresh), waiting


if __name__ == "__main__":
    import django

    django.setup()
    total, waiting = refresh()
    sys.stdout.write(f"{total} messages, {waiting} to translate in {FRENCH.relative_to(PROJECT)}\n")
