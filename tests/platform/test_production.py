"""A house outside the demo: Django's deploy check finds nothing, and the doctor says what is missing."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.db import connection

from vendome.config import diagnosis, home
from vendome.config.diagnosis import Finding


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    place = connection.settings_dict
    url = f"postgresql://{place['USER']}@/{place['NAME']}?{urlencode({'host': place['HOST']})}"
    known = {name: value for name, value in os.environ.items() if name != "VENDOME_HTTPS"}
    return subprocess.run(
        [sys.executable, "-m", "vendome", *arguments],
        env={"DATABASE_URL": url} | known | environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.django_db
def test_the_deploy_check_finds_nothing_in_production():
    done = run("check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


@pytest.mark.django_db
def test_the_doctor_ends_with_1_while_something_is_to_mend():
    done = run("doctor", VENDOME_SMTP_URL="smtp://127.0.0.1:9")
    assert done.returncode == 1
    assert "✗ mail" in done.stdout
    assert "✓ extensions" in done.stdout
    assert f"{done.stdout.count('✗')} to mend" in done.stderr


def test_a_secret_is_made_once_and_for_its_owner_alone():
    first = home.secret("a-test")
    path = home.state_dir() / "secrets" / "a-test"
    assert home.secret("a-test") == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_the_doctor_sees_a_secret_that_others_may_read(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("VENDOME_HOME", str(tmp_path))
    home.secret("a-test")
    assert diagnosis.secrets().is_well
    (tmp_path / "secrets" / "a-test").chmod(0o644)
    found = diagnosis.secrets()
    assert not found.is_well
    assert "a-test" in found.found
    assert "chmod 600" in found.mend


def test_the_doctor_sees_a_state_directory_inside_the_repository(monkeypatch):
    monkeypatch.setenv("VENDOME_HOME", str(home.PROJECT / "var"))
    assert "outside" in diagnosis.secrets().mend


def test_a_database_that_is_not_there_is_a_finding_not_a_trace():
    done = run("doctor", DATABASE_URL="postgresql://nobody@127.0.0.1:9/house")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "✗ database" in done.stdout


def test_well_means_nothing_to_mend():
    assert Finding("a thing", "as it should be").is_well
    assert not Finding("a thing", "broken", "Mend it.").is_well


def test_processes_that_start_together_share_one_whole_secret():
    with ThreadPoolExecutor(16) as pool:
        made = set(pool.map(lambda _: home.secret("a-shared-test"), range(64)))

    assert len(made) == 1
    assert len(made.pop()) == 64
    assert [path.name for path in (home.state_dir() / "secrets").glob("tmp*")] == []
