"""Browsers get the named files and nothing else of what the packages carry."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import FileSystemStorage

from vendome.config import staticfiles

SCRIPT = "parts/htmx.org/dist/htmx.min.js"


def test_named_parts_are_found():
    assert Path(finders.find(SCRIPT)).is_file()
    assert finders.find("parts/@google/model-viewer/dist/model-viewer.min.js")


@pytest.mark.parametrize(
    "name",
    [
        "parts/htmx.org/package.json",
        "parts/htmx.org/dist/htmx.js",
        "parts/axe-core/axe.min.js",
        "parts/three/build/three.module.js",
        "parts/../package.json",
        "vermeil/../people.toml",
        "vermeil/people.toml",
    ],
)
def test_all_else_is_not_there(name):
    with suppress(SuspiciousFileOperation):
        assert finders.find(name) is None


def test_little_is_collected_of_the_packages():
    listed = [
        storage.path(path)
        for finder in finders.get_finders()
        for path, storage in finder.list([])
        if isinstance(storage, FileSystemStorage) and getattr(storage, "prefix", "") == "parts"
    ]
    assert 8 <= len(listed) <= 20
    assert sum(Path(path).stat().st_size for path in listed) < 2_500_000


def test_names_carry_a_digest_once_collected(tmp_path, settings):
    storage = staticfiles.HouseStorage(location=tmp_path)
    assert storage.url(SCRIPT) == f"/static/{SCRIPT}"
    storage.hashed_files, storage.manifest_hash = {SCRIPT: "parts/htmx.0123.js"}, "known"
    assert storage.url(SCRIPT) == "/static/parts/htmx.0123.js"


@pytest.mark.parametrize("name", staticfiles.BUNDLES)
def test_a_bundle_is_one_sheet_with_every_file_of_its_folder_once(name, tmp_path):
    source = Path(finders.find(name))
    storage = staticfiles.HouseStorage(location=tmp_path)
    paths = {name: (FileSystemStorage(location=source.parents[2]), name)}
    list(storage.post_process(paths))
    joined = (tmp_path / storage.hashed_files[name]).read_text()

    assert "@import" not in joined
    files = sorted(source.with_suffix("").glob("*.css"))
    assert len(files) == source.read_text().count("@import") > 1
    assert [joined.count(one.read_text()) for one in files] == [1] * len(files)


def test_a_sheet_that_is_no_bundle_keeps_its_imports(tmp_path):
    """The control: off the list, the same sheet makes the browser ask for every file."""
    source = Path(finders.find(staticfiles.BUNDLES[0]))
    storage = staticfiles.HouseStorage(location=tmp_path)
    list(storage.post_process({"other.css": (FileSystemStorage(location=source.parent), source.name)}))
    assert (tmp_path / storage.hashed_files["other.css"]).read_text().count("@import") > 10
