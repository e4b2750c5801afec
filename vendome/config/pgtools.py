"""PostgreSQL's own programs, pointed at the database of this installation."""

from __future__ import annotations

import os
import shutil

from django.db import connection

from vendome.kit import embedded


def program(name: str) -> str:
    """The program from the embedded PostgreSQL; else the one on the path."""
    carried = embedded.binaries() / name
    found = str(carried) if carried.exists() else shutil.which(name)
    if not found:
        raise embedded.DatabaseUnavailable(f"The program {name} is missing; install PostgreSQL's client programs.")
    return found


def environment() -> dict[str, str]:
    """The connection as libpq's variables: a password on a command line could be read by others."""
    place = connection.settings_dict
    known = {
        "PGDATABASE": place["NAME"],
        "PGUSER": place["USER"],
        "PGPASSWORD": place["PASSWORD"],
        "PGHOST": place["HOST"],
        "PGPORT": str(place["PORT"] or ""),
        "PGSSLMODE": place.get("OPTIONS", {}).get("sslmode", ""),
        "PGSSLROOTCERT": place.get("OPTIONS", {}).get("sslrootcert", ""),
    }
    return os.environ | {name: value for name, value in known.items() if value}
