"""Settings come from the environment; a wrong one is a sentence, never a trace."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from vendome.config import environment
from vendome.config.environment import SettingError


@pytest.mark.parametrize(("written", "read"), [("1", True), ("Yes", True), ("off", False), ("", False), (" ", False)])
def test_a_flag_is_a_yes_or_a_no(monkeypatch, written, read):
    monkeypatch.setenv("VENDOME_DEBUG", written)
    assert environment.flag("VENDOME_DEBUG") is read


def test_anything_else_is_refused_with_the_two_words_to_write(monkeypatch):
    monkeypatch.setenv("VENDOME_DEBUG", "maybe")
    with pytest.raises(SettingError, match=r"VENDOME_DEBUG is neither .* write VENDOME_DEBUG=1 or VENDOME_DEBUG=0"):
        environment.flag("VENDOME_DEBUG")


def test_words_are_separated_by_commas(monkeypatch):
    monkeypatch.setenv("VENDOME_HOSTS", " shop.example, ,www.shop.example ")
    assert environment.words("VENDOME_HOSTS") == ["shop.example", "www.shop.example"]


@pytest.mark.parametrize("written", ["0", "65", "three", "-1", "3.5"])
def test_a_number_outside_its_limits_is_refused(monkeypatch, written):
    monkeypatch.setenv("VENDOME_THREADS", written)
    with pytest.raises(SettingError, match=r"VENDOME_THREADS .* whole number from 1 to 64"):
        environment.number("VENDOME_THREADS", default=3, minimum=1, maximum=64)


def test_a_database_address_is_taken_apart(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://ann:p%40ss@db.example:6432/house?sslmode=require")
    found = environment.database()
    assert (found["USER"], found["PASSWORD"], found["HOST"], found["PORT"], found["NAME"]) == (
        "ann", "p@ss", "db.example", "6432", "house",
    )  # fmt: skip
    assert found["OPTIONS"]["sslmode"] == "require"
    assert found["CONN_MAX_AGE"] is None


def test_several_hosts_stay_together(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://u@a:5432,b:5433/house?target_session_attrs=primary")
    found = environment.database()
    assert (found["HOST"], found["PORT"]) == ("a,b", "5432,5433")


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        ("mysql://u@h/house", "speaks PostgreSQL only"),
        ("postgresql://u:secret@[broken/house", "cannot be read"),
        ("postgresql://u:secret@h", "names no database"),
    ],
)
def test_a_wrong_database_address_says_what_to_write_and_keeps_the_password(monkeypatch, written, complaint):
    monkeypatch.setenv("DATABASE_URL", written)
    with pytest.raises(SettingError, match=complaint) as caught:
        environment.database()
    assert "DATABASE_URL=postgresql://" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_hosts_are_names_not_addresses(monkeypatch):
    monkeypatch.setenv("VENDOME_HOSTS", "https://shop.example")
    with pytest.raises(SettingError, match="host names only"):
        environment.hosts(demo=False)


def test_any_host_is_refused_outside_the_demo(monkeypatch):
    monkeypatch.setenv("VENDOME_HOSTS", "*")
    with pytest.raises(SettingError, match="may not be"):
        environment.hosts(demo=False)


def test_an_origin_needs_its_scheme(monkeypatch):
    monkeypatch.setenv("VENDOME_ORIGINS", "shop.example")
    with pytest.raises(SettingError, match=r"https://shop\.example"):
        environment.origins()


def test_a_short_secret_key_is_refused(monkeypatch):
    monkeypatch.setenv("VENDOME_SECRET_KEY", "short")
    with pytest.raises(SettingError, match="at least 50"):
        environment.secret_key()


def test_the_demo_writes_letters_to_files_and_a_house_sends_them(monkeypatch):
    assert environment.mailers(demo=True)["default"]["BACKEND"].endswith("EmlFiles")
    monkeypatch.setenv("VENDOME_SMTP_URL", "smtps://house:p%2Fw@mail.example")
    options = environment.mailers(demo=False)["default"]["OPTIONS"]
    assert (options["host"], options["port"], options["password"], options["use_ssl"]) == (
        "mail.example", 465, "p/w", True,
    )  # fmt: skip


@pytest.mark.parametrize("written", ["mail.example", "http://mail.example", "smtp://mail.example:port"])
def test_a_wrong_mail_server_is_refused(monkeypatch, written):
    monkeypatch.setenv("VENDOME_SMTP_URL", written)
    with pytest.raises(SettingError, match="VENDOME_SMTP_URL"):
        environment.mailers(demo=False)


def test_the_command_prints_the_sentence_alone_and_ends_with_2():
    done = subprocess.run(
        [sys.executable, "-m", "vendome", "check"],
        env=os.environ | {"VENDOME_DEBUG": "perhaps"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("VENDOME_DEBUG is neither a yes nor a no")


def test_letters_lead_to_the_house(monkeypatch):
    assert environment.site(is_https=True) == "https://localhost"
    monkeypatch.setenv("VENDOME_HOSTS", "shop.example,www.shop.example")
    assert environment.site(is_https=True) == "https://shop.example"
    monkeypatch.setenv("VENDOME_SITE", "http://127.0.0.1:8111/")
    assert environment.site(is_https=True) == "http://127.0.0.1:8111"


@pytest.mark.parametrize("written", ["shop.example", "ftp://shop.example", "https://shop.example/fr"])
def test_a_site_that_is_no_origin_is_refused(monkeypatch, written):
    monkeypatch.setenv("VENDOME_SITE", written)
    with pytest.raises(environment.SettingError, match="VENDOME_SITE"):
        environment.site(is_https=True)
