"""R18: the disk of the database is lost while the house sells; it is put back from what was kept, and sells again.

    make disaster                                  # 300,000 clients, about a gigabyte
    python bench/disaster.py --clients-in-books 200

A served house (`vendome serve`, its embedded PostgreSQL, fsync on) is kept by `vendome backup FOLDER --keep --strict`.
Clients place orders over HTTP, each under a key that they repeat until it is answered. Then the data directory is
removed and the server killed; the house is closed, `vendome restore FOLDER` is run, and the house is opened again.
Nothing acknowledged may be missing, nobody's order may be there twice, the books must agree and every index fit. The
control keeps without `--strict` and stops receiving before the end: it has to lose orders.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import crash
from crash import ROOT, Client, House, Receiver

SECONDS_PER_GIB = 300.0


def vendome(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "vendome", *arguments]


def fill(clients: int) -> int:
    """Maison Vermeil with so many clients and their history beside the small house that sells; its orders."""
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    if clients:
        call_command("demo_house", size="bench", clients=clients, verbosity=0)
    from vendome.domains.orders.models import Order

    return Order.objects.count()


class Keeper:
    """`vendome backup FOLDER --keep`; ready once the first whole copy is written."""

    def __init__(self, folder: Path, *, strict: bool) -> None:
        command = vendome("backup", str(folder), "--keep", *(["--strict"] if strict else []))
        self.program = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT)
        begun = time.monotonic()
        assert self.program.stdout is not None
        for line in self.program.stdout:
            if "written and checked" in line:
                break
        else:
            raise SystemExit("The keeper ended before it had a copy.")
        self.copied_in_s = round(time.monotonic() - begun, 1)
        threading.Thread(target=self.program.stdout.read, daemon=True).start()

    def stop(self) -> None:
        for pid in [*crash.descendants(self.program.pid), self.program.pid]:
            os.kill(pid, signal.SIGKILL)
        self.program.wait()


def lose_the_disk(home: Path) -> None:
    """The data directory goes, and with it the server and all its processes."""
    postmaster = int((home / "postgres" / "postmaster.pid").read_text().split()[0])
    family = [postmaster, *crash.descendants(postmaster)]
    shutil.rmtree(home / "postgres", ignore_errors=True)
    for pid in family:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    shutil.rmtree(home / "postgres", ignore_errors=True)


def restore(folder: Path) -> float:
    begun = time.monotonic()
    done = subprocess.run(vendome("restore", str(folder)), capture_output=True, text=True, cwd=ROOT, check=False)
    if done.returncode:
        raise SystemExit(f"Not restored: {done.stderr[-2000:]}")
    return round(time.monotonic() - begun, 1)


def run(options: argparse.Namespace) -> dict[str, Any]:
    home = Path(tempfile.mkdtemp(prefix="vendome-disaster-", dir=options.below))
    home.chmod(0o755)
    kept = home / "kept"
    for name in [name for name in os.environ if name.startswith("VENDOME_") or name == "DATABASE_URL"]:
        del os.environ[name]
    os.environ |= {
        "VENDOME_HOME": str(home), "VENDOME_DEMO": "1", "VENDOME_LOG_LEVEL": "WARNING",
        "DJANGO_SETTINGS_MODULE": "vendome.config.settings",
    }  # fmt: skip
    from vendome.config.serving import free_port

    receiver = Receiver(0.0)
    threading.Thread(target=receiver.serve_forever, daemon=True).start()
    house, stop = House(home, free_port("127.0.0.1", 18800)), threading.Event()
    clients = [Client(house, stop) for _ in range(options.clients)]
    keeper = None
    try:
        with crash.database(home):
            before = fill(options.clients_in_books)
            crash.prepare(house, receiver)
            house.open()
            keeper = Keeper(kept, strict=not options.control)
            for client in clients:
                client.start()
            time.sleep(options.seconds)
            if options.control:
                keeper.stop()
                time.sleep(1)
            lost_at = time.monotonic()
            lose_the_disk(home)
            time.sleep(1)
            if options.control:  # those who ask again under their keys would hide what is missing
                stop.set()
        house.close()
        closed_in = round(time.monotonic() - lost_at, 1)
        if not options.control:
            keeper.stop()
        told = {order for client in clients for order in client.acknowledged.values()}
        restored_in = restore(kept)
        with crash.database(home):
            size = sum(path.stat().st_size for path in (home / "postgres").rglob("*") if path.is_file())
            leave_the_keeper()
            house.open()
            if not options.control:
                crash.wait_for_a_sale(house, time.monotonic())
            selling_again = round(time.monotonic() - lost_at, 1)
            time.sleep(1)
            stop.set()
            for client in clients:
                client.join(60)
            crash.wait_until_told(receiver, 120)
            house.close()
            found = crash.examine(clients, receiver)
            found["doubled"] -= before
    finally:
        stop.set()
        house.close()
        receiver.shutdown()
        shutil.rmtree(home, ignore_errors=True)
    gib = size / 2**30
    wanted = (
        "acknowledged",
        "acknowledged_lost",
        "doubled",
        "undelivered",
        "books",
        "damaged_indexes",
        "audit_chain_whole",
    )
    result = {name: found[name] for name in wanted} | {
        "acknowledged_before_the_loss": len(told),
        "database_gib": round(gib, 2),
        "copied_in_s": keeper.copied_in_s,
        "closed_after_s": closed_in,
        "restored_in_s": restored_in,
        "selling_again_after_s": selling_again,
    }
    result["holds"] = (
        len(told) > 0
        and not found["acknowledged_lost"]
        and not found["doubled"]
        and not found["undelivered"]
        and not found["books"]
        and not found["damaged_indexes"]
        and found["audit_chain_whole"]
        and selling_again <= SECONDS_PER_GIB * max(gib, 0.2)
    )
    return result


def leave_the_keeper() -> None:
    """A restored house waits for no keeper until one is begun again."""
    from django.db import connection

    connection.close()
    with connection.cursor() as cursor:
        cursor.execute("SHOW synchronous_standby_names")
        assert cursor.fetchone() == ("",)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--clients-in-books", type=int, default=300_000, help="of the maison that makes the database large; 0: none"
    )
    parser.add_argument("--clients", type=int, default=4, help="who buy at once")
    parser.add_argument("--seconds", type=float, default=10.0, help="of selling before the disk is lost")
    parser.add_argument(
        "--control", action="store_true", help="keep without --strict and stop a second before the loss"
    )
    parser.add_argument("--below", default=None, help="folder for the state directory (default: the system's)")
    outcome = run(parser.parse_args())
    print(json.dumps(outcome, indent=2))
    sys.exit(0 if outcome["holds"] else 1)
