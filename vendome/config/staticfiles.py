"""Which files browsers may fetch, and under which names."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import FileSystemFinder, get_finders
from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage
from django.core.management import call_command
from whitenoise.storage import CompressedManifestStaticFilesStorage

PARTS = (  # node_modules holds 90 MB; these are what the pages use
    "htmx.org/dist/htmx.min.js",
    "world-atlas/land-110m.json",
    "@google/model-viewer/dist/model-viewer.min.js",
    "@fontsource-variable/cormorant-garamond/files/*-latin-*.woff2",
    "@fontsource-variable/cormorant-garamond/files/*-latin-ext-*.woff2",
    "@fontsource-variable/hanken-grotesk/files/*-latin-*.woff2",
    "@fontsource-variable/hanken-grotesk/files/*-latin-ext-*.woff2",
)
PICTURES = ("*.webp", "*.glb", "*.svg")
NAMED = {"parts": PARTS, "vermeil": PICTURES}
BUNDLES = ("vendome/css/components.css", "vendome/css/boutique.css", "vendome/css/salon.css")
STAMP = "collected.sha256"

_IMPORT = re.compile(rb'^@import url\("([\w/-]+\.css)"\);$', re.MULTILINE)


class NamedParts(FileSystemFinder):
    """Serves only the named files of `STATICFILES_DIRS`; all else there does not exist for a browser."""

    def check(self, **kwargs: Any) -> list[Any]:
        return []  # a missing folder is `vendome doctor`'s business: it says how to mend it

    def find_location(self, root: str, path: str, prefix: str | None = None) -> str | None:
        inner = path.removeprefix(f"{prefix}/") if prefix else path
        if not any(fnmatch(inner, pattern) for pattern in NAMED.get(prefix or "", ())):
            return None
        found: str | None = super().find_location(root, path, prefix)
        return found

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, FileSystemStorage]]:
        for prefix, root in self.locations:
            folder, recursive = Path(root), prefix == "vermeil"
            for pattern in NAMED.get(prefix, ()):
                for path in sorted(folder.rglob(pattern) if recursive else folder.glob(pattern)):
                    yield path.relative_to(folder).as_posix(), self.storages[root]


class Bundle(FileSystemStorage):
    """Reads a sheet with the files it imports in their place, so that a browser asks for one."""

    def _open(self, name: str, mode: str = "rb") -> File[Any]:
        sheet = Path(self.path(name))
        return ContentFile(
            _IMPORT.sub(lambda found: (sheet.parent / found[1].decode()).read_bytes(), sheet.read_bytes())
        )


class HouseStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # whitenoise is untyped
    """Names with a digest once collected, so browsers keep files for good; plain names until then.

    References are rewritten inside our own style sheets and modules only.
    """

    support_js_module_import_aggregation = True
    patterns = tuple((f"vendome/{glob}", rules) for glob, rules in CompressedManifestStaticFilesStorage.patterns)
    _js_module_import_aggregation_patterns = (
        "vendome/*.js",
        CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns[1],
    )

    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: Any) -> Iterator[Any]:
        """Before names get their digest, each bundle becomes one sheet."""
        for name in BUNDLES:
            if found := paths.get(name):
                storage, path = found
                paths[name] = (Bundle(location=storage.location), path)
        yield from super().post_process(paths, dry_run=dry_run, **options)

    def stored_name(self, name: str) -> str:
        if not self.manifest_hash:
            return name
        stored: str = super().stored_name(name)
        return stored


def collect() -> bool:
    """Bring the collected files up to date; returns whether there was anything to do."""
    wanted = fingerprint()
    stamp = _stamp()
    if stamp.is_file() and stamp.read_text() == wanted:
        return False
    call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    stamp.write_text(wanted)
    return True


def is_collected() -> bool:
    """Whether the collected files are those of this release."""
    stamp = _stamp()
    return stamp.is_file() and stamp.read_text() == fingerprint()


def _stamp() -> Path:
    return Path(str(settings.STATIC_ROOT)) / STAMP


def fingerprint() -> str:
    """Changes whenever a file to be served changes; reads names, sizes and times only."""
    seen = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            state = Path(storage.path(path)).stat()
            seen.update(f"{getattr(storage, 'prefix', '')}/{path} {state.st_size} {state.st_mtime_ns}\n".encode())
    return seen.hexdigest()
