"""Kill the house while it sells: PostgreSQL and its processes by `kill -9`, in turn, at random moments.

    make crash                                  # ten of each, some three minutes
    python bench/crash.py --kills 1 --json      # short

A house of its own (a fresh state directory, its embedded PostgreSQL, fsync on) is served by `vendome serve`. Clients
place orders over HTTP, each under a key that they repeat until it is answered. A receiver on loopback takes the
webhooks and counts each event once, by its id. Afterwards every acknowledged order must be there, once; every event
must have had its effect, once; the books must agree; and the house must have sold again within ten seconds each time.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import itertools
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
KIND = "orders.order_placed"
AGAIN_WITHIN = 10.0


class Receiver(ThreadingHTTPServer):
    """Somebody else's program: an effect for each event it has not had before."""

    daemon_threads = True

    def __init__(self, refuses: float) -> None:
        super().__init__(("127.0.0.1", 0), _Hook)
        self.refuses = refuses
        self.chance = random.Random(7)  # repeatable, no secret
        self.refused: Counter[str] = Counter()  # twice at most, so that the run ends
        self.arrived: Counter[str] = Counter()
        self.effects: set[str] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"


class _Hook(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        refused = self.server.refused
        if refused[event["id"]] < 2 and self.server.chance.random() < self.server.refuses:
            refused[event["id"]] += 1
            self.send_response(500)
            self.end_headers()
            return
        self.server.arrived[event["id"]] += 1
        if event["type"] == KIND:
            self.server.effects.add(event["id"])
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


class Client(threading.Thread):
    """Places orders one after the other; each under its key until it is answered."""

    def __init__(self, house: House, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.house, self.stop = house, stop
        self.acknowledged: dict[str, str] = {}
        self.retries = 0
        self.unexpected: Counter[str] = Counter()
        self.wire: http.client.HTTPConnection | None = None

    def run(self) -> None:
        while not self.stop.is_set():
            key = str(uuid.uuid4())
            while key not in self.acknowledged:
                begun = time.monotonic()
                try:
                    status, answer = self._ask(key)
                except (OSError, http.client.HTTPException, ValueError):
                    self._hang_up()
                    self.retries += 1
                    time.sleep(0.1)
                    continue
                if status == 201:
                    self.acknowledged[key] = answer["id"]
                    self.house.sold(begun)
                else:
                    self.retries += 1
                    if status != 503:
                        self.unexpected[f"{status} {answer.get('code', '')}"] += 1
                    time.sleep(0.1)
        self._hang_up()

    def _ask(self, key: str) -> tuple[int, Any]:
        if self.wire is None:
            self.wire = http.client.HTTPConnection("127.0.0.1", self.house.port, timeout=8)
        headers = {"Idempotency-Key": key, "Content-Type": "application/json", **self.house.headers}
        self.wire.request("POST", "/api/v1/orders", self.house.body, headers)
        answer = self.wire.getresponse()
        return answer.status, json.loads(answer.read())

    def _hang_up(self) -> None:
        if self.wire is not None:
            self.wire.close()
            self.wire = None


class House:
    """A served house of this run's own."""

    def __init__(self, home: Path, port: int, *options: str) -> None:
        self.home, self.port, self.options = home, port, options
        self.headers: dict[str, str] = {}
        self.body = ""
        self._sold_after: list[float] = []
        self._answered: list[float] = []
        self._lock = threading.Lock()
        self.program: subprocess.Popen[bytes] | None = None

    def sold(self, begun: float) -> None:
        with self._lock:
            self._sold_after.append(begun)
            self._answered.append(time.monotonic())

    def has_sold_since(self, moment: float) -> bool:
        """Whether an order that was asked for after this moment has been acknowledged."""
        with self._lock:
            return any(begun > moment for begun in self._sold_after[-200:])

    def longest_silence(self, since: float) -> float:
        """The longest time since a moment in which no order was acknowledged."""
        with self._lock:
            moments = [since, *(at for at in self._answered if at > since)]
        return max((after - before for before, after in itertools.pairwise(moments)), default=0.0)

    def open(self) -> None:
        command = [
            sys.executable,
            "-m",
            "vendome",
            "serve",
            "--port",
            str(self.port),
            "--workers",
            "2",
            "--with-worker",
            *self.options,
        ]
        with (self.home / "serve.log").open("wb") as log:
            self.program = subprocess.Popen(command, stdout=log, stderr=log, cwd=ROOT)
        self._wait()

    def _wait(self) -> None:
        until = time.monotonic() + 90
        while time.monotonic() < until:
            with contextlib.suppress(OSError, http.client.HTTPException):
                wire = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
                wire.request("GET", "/health/ready")
                if wire.getresponse().status == 200:
                    return
            time.sleep(0.1)
        raise SystemExit(f"The house did not open; see {self.home / 'serve.log'}")

    def close(self) -> None:
        if self.program is not None:
            self.program.terminate()
            self.program.wait(40)

    # -- what can be killed ---------------------------------------------------------------------------------

    def kill_database(self) -> str:
        """The postmaster with all its children, as a crash of the machine would."""
        postmaster = int((self.home / "postgres" / "postmaster.pid").read_text().split()[0])
        family = [postmaster, *descendants(postmaster)]
        for pid in family:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return f"PostgreSQL ({len(family)} processes)"

    def kill_program(self, chance: random.Random) -> str:
        """The job worker, one server process, or the server with the process that started it."""
        assert self.program is not None
        below = {pid: command_of(pid) for pid in descendants(self.program.pid)}
        workers = [pid for pid, words in below.items() if words[-1:] == ["worker"]]
        servers = [pid for pid, words in below.items() if "granian" in " ".join(words)]
        leaders = [pid for pid in servers if pid in children(self.program.pid)]
        inner = [pid for pid in servers if pid not in leaders and not children(pid)]
        name, chosen = chance.choice([("the worker", workers), ("a server process", inner), ("the server", leaders)])
        if not chosen:
            name, chosen = "the worker", workers or leaders
        os.kill(chance.choice(chosen), signal.SIGKILL)
        return name


def children(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found += map(int, task.read_text().split())
    return found


def descendants(pid: int) -> list[int]:
    return [below for child in children(pid) for below in (child, *descendants(child))]


def command_of(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().rstrip("\0").split("\0")
    except OSError:
        return []


# -- the run ------------------------------------------------------------------------------------------------


def prepare(house: House, receiver: Receiver) -> None:
    """A small maison with a shelf full of candles, a program's token, and the receiver as its endpoint."""
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    from tests.factories.small_house import NOW, make_small_house, make_token
    from vendome.domains.webhooks.services import endpoints
    from vendome.kit import outbox
    from vendome.kit.actors import Actor

    small = make_small_house()
    small.stocked(small.paris, candle=900_000)
    token = make_token(small, roles=["advisor"], place=small.paris)
    endpoints.register(key="crash", url=receiver.url, kinds=[KIND], actor=Actor.system(small.maison.id), at=NOW)
    outbox.stop_waking()
    house.headers = {"Authorization": f"Bearer {token}"}
    house.body = json.dumps(
        {
            "market": "FR",
            "channel": "boutique",
            "selling_place_id": small.paris,
            "lines": [{"reference_id": small.candle, "mode": "TAKE_AWAY", "place_id": small.paris}],
            "tender": {"tender": "CASH", "provider": "till", "is_settled": True},
        },
        default=str,
    )


@contextlib.contextmanager
def database(home: Path) -> Iterator[None]:
    """Our own lease on the house's PostgreSQL, so that it is there to be looked at when the servers have closed."""
    from django.db import connections

    from vendome.kit.embedded import Cluster

    cluster = Cluster(home)
    cluster.acquire()
    try:
        yield
    finally:
        connections.close_all()
        cluster.release()


def kill_in_turn(house: House, kills: int, chance: random.Random) -> list[dict[str, Any]]:
    """`kills` of each kind; after each, the longest silence: the time in which no order was acknowledged."""
    told = []
    for number in range(2 * kills):
        time.sleep(chance.uniform(0.5, 2.5))
        moment = time.monotonic()
        what = house.kill_database() if number % 2 == 0 else house.kill_program(chance)
        wait_for_a_sale(house, moment)
        time.sleep(1.5)  # a server whose first process died may go on for a moment before it is cleared away
        wait_for_a_sale(house, time.monotonic())
        told.append({"killed": what, "sold_again_after_s": round(house.longest_silence(moment), 2)})
        print(f"  {number + 1:3} {what:32} {told[-1]['sold_again_after_s']:6.2f} s", file=sys.stderr, flush=True)
    return told


def wait_for_a_sale(house: House, since: float) -> None:
    until = time.monotonic() + 60
    while not house.has_sold_since(since) and time.monotonic() < until:
        time.sleep(0.02)


def examine(clients: list[Client], receiver: Receiver) -> dict[str, Any]:
    """What is in the house against what its clients were told and what the receiver did."""
    from django.db import connection

    from vendome.flows import books
    from vendome.kit import audit

    connection.close()
    with connection.cursor() as cursor:
        cursor.execute("SELECT id::text FROM orders_order")
        orders = {row[0] for row in cursor.fetchall()}
        cursor.execute("SELECT id::text FROM kit_outboxevent WHERE kind = %s", [KIND])
        events = {row[0] for row in cursor.fetchall()}
        cursor.execute("SELECT count(*) FROM kit_outboxevent WHERE delivered_at IS NULL")
        undelivered = cursor.fetchone()[0]
        cursor.execute("SELECT count(*) FROM webhooks_delivery WHERE state <> 'DELIVERED'")
        owed = cursor.fetchone()[0]
    told = [order for client in clients for order in client.acknowledged.values()]
    while audit.seal_due():
        pass
    return {
        "acknowledged": len(told),
        "acknowledged_lost": len(set(told) - orders),
        "doubled": len(orders) - len(set(told)),
        "retries": sum(client.retries for client in clients),
        "unexpected_answers": dict(sum((client.unexpected for client in clients), Counter())),
        "events": len(events),
        "effects": len(receiver.effects & events),
        "effects_without_event": len(receiver.effects - events),
        "webhooks_received": sum(receiver.arrived.values()),
        "webhooks_refused": receiver.refused.total(),
        "undelivered": undelivered,
        "owed": owed,
        "books": books.list_problems(),
        "damaged_indexes": damaged_indexes(),
        "audit_chain_whole": audit.verify().is_whole,
    }


def damaged_indexes() -> list[str]:
    """Indexes that no longer fit their tables, in PostgreSQL's own judgement (amcheck), every row looked for."""
    from django.db import Error, connection, transaction

    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('data_checksums'), current_setting('fsync')")
        if cursor.fetchone() != ("on", "on"):
            return ["data checksums or fsync are off"]
        cursor.execute("CREATE EXTENSION IF NOT EXISTS amcheck")
        cursor.execute(
            "SELECT c.oid, c.relname FROM pg_class c JOIN pg_am a ON a.oid = c.relam "
            "JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE c.relkind = 'i' AND a.amname = 'btree' AND n.nspname = 'public'"
        )
        indexes = cursor.fetchall()
        found = []
        for oid, name in indexes:
            try:
                with transaction.atomic():
                    cursor.execute("SELECT bt_index_check(%s, true)", [oid])
            except Error as error:
                found.append(f"{name}: {error}")
        return found if indexes else ["no index was found"]


def wait_until_told(receiver: Receiver, seconds: float) -> None:
    """Until everything that was owed has arrived; the lease of a worker that was killed has to end first."""
    from django.db import connection

    connection.close()
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT (SELECT count(*) FROM kit_outboxevent WHERE delivered_at IS NULL) "
                "+ (SELECT count(*) FROM webhooks_delivery WHERE state <> 'DELIVERED')"
            )
            if cursor.fetchone()[0] == 0:
                return
        time.sleep(0.25)


def run(options: argparse.Namespace) -> dict[str, Any]:
    home = Path(tempfile.mkdtemp(prefix="vendome-crash-", dir=options.below))
    home.chmod(0o755)
    for name in [name for name in os.environ if name.startswith("VENDOME_") or name == "DATABASE_URL"]:
        del os.environ[name]
    os.environ |= {
        "VENDOME_HOME": str(home), "VENDOME_DEMO": "1", "VENDOME_LOG_LEVEL": "WARNING",
        "DJANGO_SETTINGS_MODULE": "vendome.config.settings",
    }  # fmt: skip
    from vendome.config.serving import free_port

    chance = random.Random(options.seed)
    receiver = Receiver(options.refuses)
    threading.Thread(target=receiver.serve_forever, daemon=True).start()
    house = House(home, free_port("127.0.0.1", 18700))
    stop = threading.Event()
    try:
        with database(home):
            prepare(house, receiver)
            house.open()
            clients = [Client(house, stop) for _ in range(options.clients)]
            started = time.monotonic()
            try:
                for client in clients:
                    client.start()
                kills = kill_in_turn(house, options.kills, chance)
                time.sleep(1)
                stop.set()
                for client in clients:
                    client.join(60)
                seconds = time.monotonic() - started
                wait_until_told(receiver, 120)
            finally:
                stop.set()
                house.close()
            found = examine(clients, receiver)
    finally:
        receiver.shutdown()
        if options.keep:
            print(f"  kept: {home}", file=sys.stderr)
        else:
            shutil.rmtree(home, ignore_errors=True)
    times = [kill["sold_again_after_s"] for kill in kills]
    found |= {
        "kills": kills,
        "seconds": round(seconds, 1),
        "worst_until_sold_again_s": max(times),
        "median_until_sold_again_s": sorted(times)[len(times) // 2],
    }
    found["holds"] = is_true_to_its_word(found)
    return found


def is_true_to_its_word(found: dict[str, Any]) -> bool:
    return (
        found["acknowledged"] > 0
        and not found["acknowledged_lost"]
        and not found["doubled"]
        and found["effects"] == found["events"] == found["acknowledged"]
        and not found["effects_without_event"]
        and not found["undelivered"]
        and not found["owed"]
        and not found["books"]
        and not found["damaged_indexes"]
        and found["audit_chain_whole"]
        and found["worst_until_sold_again_s"] <= AGAIN_WITHIN
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=10, help="of PostgreSQL, and as many of the programs")
    parser.add_argument("--refuses", type=float, default=0.2, help="share of webhooks that their receiver refuses")
    parser.add_argument("--clients", type=int, default=6)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--below", default=None, help="folder for the state directory (default: the system's)")
    parser.add_argument("--keep", action="store_true", help="leave the state directory behind")
    outcome = run(parser.parse_args())
    print(json.dumps(outcome, indent=2))
    sys.exit(0 if outcome["holds"] else 1)
