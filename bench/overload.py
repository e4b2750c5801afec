"""Five times more than the house can answer: who is served, who is turned away and how soon, and how it ends.

    make overload                                # some three minutes, the control included
    python bench/overload.py --seconds 90        # the hold, longer

A house of its own (a fresh state directory, its embedded PostgreSQL, fsync on) is served by `vendome serve --split`.
First tills alone, unhurried; then a short ramp until more is asked than answered; then five times of that, open loop,
10 % tills and payments, 20 % checkout, the rest staff tools and browsing; then a third of what it can. The control is
the same house without the gate (`VENDOME_TURN_AWAY=no`), under the same requests, and has to fail.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
KINDS = ("till", "checkout", "staff", "browse")
MIX = (10, 20, 30, 40)
TILLS = (1, 0, 0, 0)
DEADLINE = 3.0
TIMES = 5
STEP = 1.4
BASE_SHARE = 0.3
SHED_MS = 50.0
NORMAL_WITHIN = 10.0

type Seen = tuple[int, int, float, float, int, bool]


def generate(port: int, requests: Sequence[Sequence[str]], phases: list[tuple[float, float]], mix: Any) -> list[Seen]:
    """One open loop, as a process of its own; `mix` for each phase."""
    asked = {
        "host": "127.0.0.1", "port": port, "deadline": DEADLINE, "requests": requests, "phases": phases,
        "mix": mix, "seed": 20_261_125,
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, str(ROOT / "bench" / "openloop.py")],
        input=json.dumps(asked) + "\n",
        capture_output=True,
        text=True,
        check=True,
    )
    return [tuple(one) for one in json.loads(done.stdout)]


def quantile(seconds: Sequence[float], share: float) -> float:
    """In milliseconds; nothing seen is zero."""
    ordered = sorted(seconds)
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000, 1) if ordered else 0.0


def is_good(one: Seen) -> bool:
    return 200 <= one[4] < 300


def ramp(port: int, requests: Sequence[Sequence[str]], *, first: float, seconds: float) -> dict[str, Any]:
    """Ever more until a tenth is not answered well; the most that was, and the most of tills and checkouts."""
    rate, best, critical, steps = first, 0.0, 0.0, []
    while True:
        seen = generate(port, requests, [(rate, seconds)], [MIX])
        good = [one for one in seen if is_good(one)]
        best = max(best, len(good) / seconds)
        critical = max(critical, sum(one[1] < 2 for one in good) / seconds)
        steps.append({"asked": round(rate), "answered": round(len(good) / seconds)})
        if len(good) < 0.9 * len(seen) or len(steps) > 25:
            return {"saturation_per_s": round(best, 1), "critical_peak_per_s": round(critical, 1), "steps": steps}
        rate *= STEP


def measure(
    port: int, requests: Sequence[Sequence[str]], *, seconds: float, calm: float, step: float, first: float,
    saturation: float = 0.0,
) -> dict[str, Any]:  # fmt: skip
    """One house through all of it. With `saturation` (the control) that is taken as given."""
    generate(port, requests, [(20.0, max(2.0, step))], [MIX])  # caches, connections, plans
    unloaded = generate(port, requests, [(20.0, calm)], [TILLS])
    found: dict[str, Any] = {"load_average": os.getloadavg()[0]}
    found["till_unloaded_p99_ms"] = quantile([one[3] for one in unloaded], 0.99)
    found["till_unloaded_p50_ms"] = quantile([one[3] for one in unloaded], 0.5)
    found |= ramp(port, requests, first=first, seconds=step)
    most = saturation or found["saturation_per_s"]
    after = 3 * NORMAL_WITHIN if saturation else NORMAL_WITHIN + 2
    seen = generate(port, requests, [(TIMES * most, seconds), (BASE_SHARE * most, after)], [MIX, MIX])
    return (
        found
        | judge_hold([one for one in seen if one[0] == 0], seconds)
        | judge_end([one for one in seen if one[0] == 1], seconds, after)
    )


def judge_hold(seen: Sequence[Seen], seconds: float) -> dict[str, Any]:
    """What each kind got while five times too much was asked."""
    kinds: dict[str, Any] = {}
    for number, name in enumerate(KINDS):
        of = [one for one in seen if one[1] == number]
        good = [one[3] for one in of if is_good(one)]
        kinds[name] = {
            "asked": len(of),
            "answered": len(good),
            "turned_away": sum(one[4] == 503 for one in of),
            "never_answered": sum(one[4] <= 0 for one in of),
            "other": dict(Counter(str(one[4]) for one in of if one[4] > 0 and one[4] != 503 and not is_good(one))),
            "p50_ms": quantile(good, 0.5),
            "p99_ms": quantile(good, 0.99),
        }
    shed = [one for one in seen if one[4] == 503]
    return {
        "asked_per_s": round(len(seen) / seconds, 1),
        "kinds": kinds,
        "critical_per_s": round(sum(is_good(one) and one[1] < 2 for one in seen) / seconds, 1),
        "turned_away": len(shed),
        "turned_away_p50_ms": quantile([one[3] for one in shed], 0.5),
        "turned_away_p99_ms": quantile([one[3] for one in shed], 0.99),
        "turned_away_within_50_ms": round(sum(one[3] <= SHED_MS / 1000 for one in shed) / max(len(shed), 1), 4),
        "without_retry_after": sum(not one[5] for one in shed),
    }


def judge_end(seen: Sequence[Seen], edge: float, seconds: float) -> dict[str, Any]:
    """Seconds after the end until all who ask are answered well again; the whole time when they never are."""
    bad = [one[2] + one[3] - edge for one in seen if not is_good(one)]
    normal = round(max(bad, default=0.0), 1)
    calm = [one[3] for one in seen if one[2] - edge > min(normal, seconds)]
    return {"normal_after_s": normal if calm else seconds, "afterwards_p50_ms": quantile(calm, 0.5)}


def problems(found: dict[str, Any]) -> list[str]:
    """Each broken promise in a sentence."""
    till, told = found["kinds"]["till"], []
    if till["answered"] < till["asked"]:
        told.append(f"{till['asked'] - till['answered']} of {till['asked']} at tills were not served.")
    if found["critical_per_s"] < 0.95 * found["critical_peak_per_s"]:
        told.append(
            f"Tills and checkouts fell to {found['critical_per_s']} a second from {found['critical_peak_per_s']}."
        )
    if not found["turned_away"] or found["turned_away_p99_ms"] > SHED_MS:
        told.append(f"Turned away after {found['turned_away_p99_ms']} ms (p99), {found['turned_away']} in all.")
    if found["without_retry_after"]:
        told.append(f"{found['without_retry_after']} were not told when to come again.")
    if till["p99_ms"] > 2 * found["till_unloaded_p99_ms"]:
        told.append(f"A till waited {till['p99_ms']} ms (p99); unhurried {found['till_unloaded_p99_ms']} ms.")
    if found["normal_after_s"] > NORMAL_WITHIN:
        told.append(f"Normal again only after {found['normal_after_s']} s.")
    if found.get("books"):
        told.append(f"The books disagree: {found['books'][:3]}")
    return told


# -- a house of its own ---------------------------------------------------------------------------------------


def surroundings(home: Path) -> None:
    """Nothing of whoever runs this reaches the house."""
    for name in [name for name in os.environ if name.startswith("VENDOME_") or name == "DATABASE_URL"]:
        del os.environ[name]
    os.environ |= {
        "VENDOME_HOME": str(home), "VENDOME_DEMO": "1", "VENDOME_LOG_LEVEL": "INFO",
        "DJANGO_SETTINGS_MODULE": "vendome.config.settings",
    }  # fmt: skip


def prepare(orders: int) -> list[list[str]]:
    """Maison Vermeil in its smallest size, with shelves for so many orders; and the requests of each kind."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0, interactive=False)
    from vendome.config.benching import sample
    from vendome.domains.house import queries as house
    from vendome.domains.people import services as people
    from vendome.kit import clock, outbox
    from vendome.kit.actors import Actor

    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM house_maison)")
        if not cursor.fetchone()[0]:
            call_command("demo_house", size="test", verbosity=0)
        cursor.execute("VACUUM (ANALYZE)")
    maison = house.get_maison()
    market = house.list_markets(maison_id=maison.id)[0]
    drawn = sample.draw(maison=maison.id, market=market.id, market_code=market.code)
    sample.stock_up(orders=orders)
    token = people.create_api_token(
        maison_id=maison.id, name="bench", roles=sample.ROLES, lasts=timedelta(days=1),
        actor=Actor.system(maison.id), at=clock.now(),
    )  # fmt: skip
    outbox.stop_waking()
    return requests_of(drawn, token, bags(maison.id, 20))


def bags(maison_id: Any, number: int) -> list[str]:
    """Cookies of guests with a piece in the bag, for delivery in France."""
    from django.core import signing

    from vendome.domains.catalogue import queries as catalogue
    from vendome.domains.house import queries as house
    from vendome.domains.orders.services import baskets
    from vendome.domains.orders.types import Mode
    from vendome.kit import clock
    from vendome.kit.actors import Actor
    from vendome.web.boutique import bag_cookie

    market = next(one for one in house.list_markets(maison_id=maison_id) if one.code == "FR")
    models = catalogue.list_models(maison_id=maison_id)
    found = []
    for index in range(number):
        reference = catalogue.get_model(maison_id=maison_id, code=models[index % len(models)].code).references[0]
        basket = baskets.open_basket(maison_id=maison_id, market_id=market.id, client_id=None, at=clock.now())
        baskets.put_line(
            basket_id=basket, reference_id=reference.id, is_serialised=True, mode=Mode.DELIVER, place_id=None,
            actor=Actor.anonymous(), at=clock.now(),
        )  # fmt: skip
        found.append(signing.dumps({"FR": str(basket)}, salt=bag_cookie.SALT))
    return found


def requests_of(drawn: Any, token: str, cookies: Sequence[str]) -> list[list[str]]:
    """As they go over the wire, by kind."""
    from vendome.config.benching.operations import Name, operations

    hot = {one.name: [request.decode() for request in one.requests] for one in operations(drawn, token=token)}
    page = "GET {} HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\nCookie: {}\r\n\r\n"
    browsed = ["/fr-fr/", "/fr-fr/collections/", "/gb-en/", "/gb-en/collections/", "/gb-en/boutiques/"]
    return [
        hot[Name.ORDER],
        [page.format("/fr-fr/checkout/", f"bag={one}") for one in cookies],
        hot[Name.CARD],
        [page.format(path, "theme=day") for path in browsed],
    ]


def answers(port: int, request: str) -> bool:
    """Whether the house answers this well now: a piece may have been sold out of a bag. Orders are not tried."""
    if request.startswith("POST") or "/card" in request:
        return True
    with socket.create_connection(("127.0.0.1", port)) as wire:
        wire.sendall(request.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n").encode())
        return wire.recv(16)[9:12] == b"200"


@contextlib.contextmanager
def served(home: Path, *, turns_away: bool) -> Iterator[int]:
    """The house, open; its port. Ends the process it started, and nothing else."""
    from vendome.config.serving import free_port

    port = free_port("127.0.0.1", 18800)
    command = [sys.executable, "-m", "vendome", "serve", "--split", "--port", str(port)]
    command += ["--live-port", str(free_port("127.0.0.1", port + 1))]
    environment = os.environ | {"VENDOME_TURN_AWAY": "yes" if turns_away else "no"}
    with (home / "serve.log").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=ROOT, env=environment)
        try:
            wait_until_ready(port, home)
            yield port
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def wait_until_ready(port: int, home: Path) -> None:
    until = time.monotonic() + 90
    while time.monotonic() < until:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=2):
            return
        time.sleep(0.1)
    raise SystemExit(f"The house did not open; see {home / 'serve.log'}")


def run(options: argparse.Namespace) -> dict[str, Any]:
    home = Path(options.home or tempfile.mkdtemp(prefix="vendome-overload-"))
    home.chmod(0o755)
    surroundings(home)
    from vendome.kit.embedded import Cluster

    cluster = Cluster(home)
    try:
        cluster.acquire()
        requests = prepare(orders=options.orders)
        from django.db import connections

        from vendome.flows import books

        shape = {"seconds": options.seconds, "calm": options.calm, "step": options.step, "first": options.first}
        connections.close_all()
        with served(home, turns_away=True) as port:
            requests = [[one for one in kind if answers(port, one)] for kind in requests]
            found = measure(port, requests, **shape)
        found["books"] = books.list_problems()
        found["problems"] = problems(found)
        told = {"with_gate": found}
        if not options.without_control:
            connections.close_all()
            with served(home, turns_away=False) as port:
                control = measure(port, requests, saturation=found["saturation_per_s"], **shape)
            control["books"] = books.list_problems()
            control["problems"] = problems(control)
            told["control"] = control
        connections.close_all()
    finally:
        cluster.release()
        if not options.home:
            shutil.rmtree(home, ignore_errors=True)
    return told


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60, help="of the hold (default 60)")
    parser.add_argument("--calm", type=float, default=10, help="of tills alone before (default 10)")
    parser.add_argument("--step", type=float, default=3, help="of each step of the ramp (default 3)")
    parser.add_argument("--first", type=float, default=40, help="requests a second at its first step (default 40)")
    parser.add_argument("--orders", type=int, default=20_000, help="for which the shelves are stocked")
    parser.add_argument("--without-control", action="store_true")
    parser.add_argument("--home", default="", help="a state directory to use again (default: a fresh one, removed)")
    outcome = run(parser.parse_args())
    print(json.dumps(outcome, indent=2))
    holds = not outcome["with_gate"]["problems"] and bool(outcome.get("control", {"problems": 1})["problems"])
    sys.exit(0 if holds else 1)
