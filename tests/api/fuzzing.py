"""Runs Schemathesis over the API's own document, as one role, against a served house."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

HOOKS = "tests.api.fuzzing_hooks"
ROOT = Path(__file__).resolve().parents[2]


def fuzz(
    address: str, token: str, *, known: dict[str, str], seconds: int, examples: int, seed: int = 1
) -> tuple[int, str]:
    """All checks, all phases (examples, coverage, fuzzing, stateful); its exit code and what it said.

    `known` names ids that are there, by the name of the parameter or member, so that calls reach what lies behind
    the first 404.
    """
    command = [
        str(Path(sys.executable).with_name("st")), "--config-file", str(Path(__file__).with_name("schemathesis.toml")),
        "run", f"{address}/api/v1/openapi.json",
        "--header", f"Authorization: Bearer {token}",
        "--checks", "all", "--phases", "examples,coverage,fuzzing,stateful",
        "--max-examples", str(examples), "--max-time", str(seconds), "--seed", str(seed), "--no-shrink",
        "--continue-on-failure", "--suppress-health-check", "all", "--generation-database", "none", "--no-color",
        "--request-timeout", "20", "--warnings", "off",
    ]  # fmt: skip
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("VENDOME_", "DJANGO_", "DATABASE_"))
    }
    environment |= {
        "SCHEMATHESIS_HOOKS": HOOKS,
        "FUZZ_KNOWN": json.dumps(known),
        "NO_PROXY": "*",
        "PYTHONPATH": str(ROOT),
    }
    with tempfile.TemporaryDirectory() as folder:  # it keeps what it finds where it is started
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    return done.returncode, done.stdout
