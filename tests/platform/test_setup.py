"""The scripts a newcomer meets first."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from vendome.config import home

FINDER = home.PROJECT / "scripts" / "python"


def program(folder: Path, name: str, body: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)


def find(folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Run the finder with only these programs on the path, as a user with an empty home."""
    environment = {"PATH": str(folder), "HOME": str(folder)} | more
    return subprocess.run(["/bin/sh", FINDER], env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "cat").symlink_to("/bin/cat")
    return tmp_path


def test_a_shim_that_does_not_run_is_passed_over(folder):
    program(folder, "python3.13", "echo 'pyenv: version is not installed' >&2; exit 127")
    program(folder, "python3", f'exec "{sys.executable}" "$@"')
    found = find(folder)
    assert found.returncode == 0
    assert Path(found.stdout.strip()).exists()


def test_an_old_python_is_passed_over_with_a_sentence(folder):
    program(folder, "python3", "exit 1")  # what an old one answers to the question
    found = find(folder)
    assert found.returncode == 1
    assert found.stdout == ""
    assert "Vendôme needs Python 3.12 or newer" in found.stderr
    assert "VENDOME_PYTHON=" in found.stderr


def test_one_below_a_version_manager_is_found(folder):
    below = folder / ".pyenv" / "versions" / "3.12.7" / "bin"
    below.mkdir(parents=True)
    program(below, "python3", f'exec "{sys.executable}" "$@"')
    assert find(folder).returncode == 0


def test_a_named_one_that_does_not_work_is_said_so(folder):
    found = find(folder, VENDOME_PYTHON="/nowhere/python3")
    assert found.returncode == 1
    assert "VENDOME_PYTHON is /nowhere/python3" in found.stderr


def test_make_alone_lists_every_command():
    done = subprocess.run(["make"], cwd=home.PROJECT, capture_output=True, text=True, check=True, env=os.environ)
    listed = set(re.findall(r"^  make ([a-z-]+)", done.stdout, re.MULTILINE))
    assert {"setup", "demo", "test", "test-fast", "check", "bench", "new-domain", "lock", "screens"} <= listed


def test_requirements_are_locked_by_hash_and_name_no_registry():
    for name in ("base", "dev"):
        text = (home.PROJECT / "requirements" / f"{name}.txt").read_text()
        pins = re.findall(r"^[a-z0-9][\w.\[\]-]*==", text, re.MULTILINE | re.IGNORECASE)
        assert pins
        assert text.count("--hash=sha256:") >= len(pins)
        assert "://" not in text


def test_front_end_parts_are_pinned_exactly_and_name_no_registry():
    package = json.loads((home.PROJECT / "package.json").read_text())
    pins = package["dependencies"] | package["devDependencies"]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in pins.values())
    lock = json.loads((home.PROJECT / "package-lock.json").read_text())
    assert all("resolved" not in entry for entry in lock["packages"].values())
    assert all("integrity" in entry for path, entry in lock["packages"].items() if path)
