"""Who a visitor of the demo may sign in as: the named cast of `demo/house/people.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vendome.config import home

PASSWORD_LENGTH = 9
ROLES = (  # key of the cast, what she is, which surface she works on
    ("advisor_paris", "Advisor, Paris", "/salon/"),
    ("manager_paris", "Boutique manager, Paris", "/salon/"),
    ("director", "Director", "/bureau/"),
    ("stock_controller", "Stock controller", "/bureau/"),
    ("traditional", "Client of many years", "/"),
    ("aspirational", "Client, first purchase", "/"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """One person of the demo."""

    name: str
    role: str
    email: str
    surface: str


def password() -> str:
    """One password for the whole demo, made on its first start."""
    return home.secret("demo-password", length=PASSWORD_LENGTH)


def signins() -> tuple[SignIn, ...]:
    """Those of the cast that a visitor needs to see every surface."""
    people = tomllib.loads((home.PROJECT / "demo" / "house" / "people.toml").read_text(encoding="utf-8"))
    staff = {person["code"]: person for person in people["staff"]}
    found = []
    for key, role, surface in ROLES:
        entry: Mapping[str, Any] = people["cast"].get(key, {})
        person = staff.get(entry["staff"], {}) if "staff" in entry else entry
        if person:
            name = f"{person['given']} {person['family']}"
            found.append(SignIn(name=name, role=role, email=person["email"], surface=surface))
    return tuple(found)
