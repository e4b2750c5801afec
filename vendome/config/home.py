"""Where this installation keeps its state: database, secrets, mail of the demo. Never inside the repository."""

from __future__ import annotations

import hashlib
import os
import secrets
import tempfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]


def state_dir() -> Path:
    """`VENDOME_HOME`, else a folder of this checkout's own below the user's (or root's) data directory."""
    chosen = os.environ.get("VENDOME_HOME")
    if chosen:
        return Path(chosen).expanduser().resolve()
    digest = hashlib.sha256(str(PROJECT).encode()).hexdigest()[:8]
    if os.geteuid() == 0:
        base = Path("/var/lib/vendome")  # PostgreSQL's own user must be able to reach it
    else:
        base = Path(os.environ.get("XDG_DATA_HOME", Path.home() / ".local" / "share")) / "vendome"
    return base / f"house-{digest}"


def secret(name: str, *, length: int = 48) -> str:
    """A random secret, made on first use and kept in a file only its owner may read."""
    path = state_dir() / "secrets" / name
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        pass
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, fresh = tempfile.mkstemp(dir=path.parent)  # only its owner may read it
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_urlsafe(length))
    try:
        os.link(fresh, path)  # whole at once, and once: nobody reads half a secret
    except FileExistsError:  # another process made it in the same moment
        pass
    finally:
        os.unlink(fresh)
    return path.read_text().strip()
