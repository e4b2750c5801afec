"""`vendome drop`: a launch drop under a crowd, over HTTP, with a server killed in the middle; and its control."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
import uuid
from argparse import ArgumentParser
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from vendome.config import environment, home, serving
from vendome.config.benching import drop
from vendome.config.benching.drop_control import WITHOUT_LOCK
from vendome.config.management.commands.bench import server_log
from vendome.config.steps import step
from vendome.connectors.demo_house.sizes import SIZES
from vendome.domains.house import queries as house
from vendome.domains.people import services as people
from vendome.domains.stock.queries import scarcity as queries
from vendome.domains.stock.services import scarcity
from vendome.domains.stock.services import shelf as stock
from vendome.domains.stock.types_of_scarcity import AllocationPolicy, AllocationState, NewAllocation
from vendome.kit import clock
from vendome.kit.actors import Actor

OWN_HOME = "VENDOME_DROP_HOME"
LOSERS_P99_MS = 2000
SOLD_OUT_SECONDS = 10


class Command(BaseCommand):
    help = (
        "A drop of limited pieces under a crowd over HTTP, in a house of its own: every piece sold once, one for each "
        "client, none left while somebody waits. With --without-lock the same drop has to oversell."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--pieces", type=int, default=100)
        parser.add_argument("--clients", type=int, default=2000)
        parser.add_argument("--attempts", type=int, default=20_000)
        parser.add_argument("--seconds", type=float, default=120, help="over which the attempts come (default 120)")
        parser.add_argument("--workers", type=int, default=3, help="server processes (default 3)")
        parser.add_argument("--threads", type=int, default=16, help="threads in each process (default 16)")
        parser.add_argument("--hold", type=int, default=10, help="seconds for which an offer is kept (default 10)")
        parser.add_argument("--size", choices=("test", "demo"), default="demo", help="of the house (default demo)")
        parser.add_argument("--without-lock", action="store_true", help="the control: it must oversell")
        parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")

    def handle(self, *args: Any, **options: Any) -> None:
        if not environment.uses_embedded_database():
            raise CommandError("The drop opens a house of its own; run it without DATABASE_URL.")
        if OWN_HOME not in os.environ:
            raise SystemExit(_again_in_its_own_home(sys.argv[2:], is_control=options["without_lock"]))
        self._prepare_house(options)
        told = self._drop(options)
        wrong = _control_problems(told) if options["without_lock"] else problems(told)
        told["problems"] = wrong
        self.stdout.write("\n" + _as_table(told) + "\n")
        if options["json"]:
            options["json"].write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        if wrong:
            raise CommandError(" ".join(wrong))

    def _prepare_house(self, options: dict[str, Any]) -> None:
        with step("Tables and SQL functions"):
            call_command("migrate", verbosity=0, interactive=False)
        with connection.cursor() as cursor:
            cursor.execute("SELECT EXISTS (SELECT FROM house_maison)")
            is_there = cursor.fetchone()[0]
        if not is_there:
            usual = SIZES[options["size"]].clients
            call_command("demo_house", size=options["size"], clients=max(options["clients"] + 500, usual))
        if options["without_lock"]:
            with step("Locks, guards and constraints taken away"), connection.cursor() as cursor:
                for statement in WITHOUT_LOCK:
                    cursor.execute(statement)

    def _drop(self, options: dict[str, Any]) -> dict[str, Any]:
        maison = house.get_maison()
        actor = Actor.system(maison.id)
        token = people.create_api_token(
            maison_id=maison.id, name="drop", roles=["advisor"], lasts=timedelta(days=1), actor=actor, at=clock.now()
        )
        os.environ.update({"VENDOME_DEMO": "1", "VENDOME_LOG_LEVEL": "INFO"})
        port = serving.free_port("127.0.0.1", 8700)
        plan = serving.Plan(
            port=port,
            live_port=serving.free_port("127.0.0.1", port + 1),
            workers=options["workers"],
            threads=options["threads"],
            split=True,
            with_worker=True,
        )
        log = home.state_dir() / "drop.log"
        with server_log(log), serving.Servers(plan) as servers:
            clients, reference = _cast(options["clients"])
            allocation = _announce(maison.id, reference, actor, options)
            crowd = drop.Crowd(
                host=plan.host, port=plan.port, token=token, allocation=allocation, clients=clients,
                attempts=options["attempts"], seconds=options["seconds"],
            )  # fmt: skip
            killed: list[tuple[int, float]] = []

            def kill() -> None:
                killed.append((drop.kill_one_worker(servers.processes[0].pid), round(time.time() - begun_at, 1)))

            begun = clock.now()
            begun_at = time.time()
            with step(f"{options['attempts']:,} attempts by {options['clients']:,} clients"):
                seen = asyncio.run(drop.Drop(crowd).run(kill_after=options["seconds"] / 4, kill=kill))
                _wait_for_the_end(allocation, actor, patience=options["hold"] * 3 + 20)
        return _told(options, seen, allocation, reference, begun, killed)


def _again_in_its_own_home(arguments: list[str], *, is_control: bool) -> int:
    """The drop's house is not the one people work in, and its control is not even sound: each has its own."""
    own = home.state_dir() / ("drop-control" if is_control else "drop")
    changed = {"VENDOME_HOME": str(own), OWN_HOME: str(own)}
    return subprocess.call([sys.executable, "-m", "vendome", "drop", *arguments], env=os.environ | changed)


def _cast(count: int) -> tuple[list[uuid.UUID], uuid.UUID]:
    """Clients who have none of it yet, and a serialised reference that is sold in France."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.id FROM catalogue_reference r JOIN catalogue_model m ON m.id = r.model_id "
            "JOIN house_market f ON f.code = 'FR' CROSS JOIN LATERAL pricing_prices(f.id, ARRAY[r.id], current_date) p "
            "WHERE r.is_serialised AND p.amount > 0 ORDER BY m.limited_edition > 0 DESC, r.sku LIMIT 1"
        )
        reference = cursor.fetchone()[0]
        cursor.execute(
            "SELECT c.id FROM clients_client c "
            "WHERE NOT EXISTS (SELECT FROM stock_quotause u WHERE u.client_id = c.id) "
            "AND NOT EXISTS (SELECT FROM clients_merge x WHERE c.id IN (x.kept_id, x.absorbed_id)) "
            "ORDER BY md5(c.id::text) LIMIT %s",
            [count],
        )
        return [row[0] for row in cursor.fetchall()], reference


def _announce(maison_id: uuid.UUID, reference: uuid.UUID, actor: Actor, options: dict[str, Any]) -> uuid.UUID:
    """The pieces arrive at a warehouse that ships, and the drop opens now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM house_place WHERE kind = 'WAREHOUSE' AND ships AND sells_online "
            "ORDER BY position, id LIMIT 1"
        )
        place = cursor.fetchone()[0]
    mark, at = uuid.uuid4().hex[:8], clock.now()
    serials = [f"DROP-{mark}-{number:04d}" for number in range(1, options["pieces"] + 1)]
    stock.receive(
        place_id=place, reference_id=reference, quantity=len(serials), serials=serials,
        epcs=[f"epc:{serial}" for serial in serials], reason="drop", actor=actor, at=at,
    )  # fmt: skip
    allocation = scarcity.make_allocation(
        new=NewAllocation(
            code=f"drop-{mark}", title="The drop", words={"en": "A drop under load."}, reference_id=reference,
            place_id=place, pieces=len(serials), policy=AllocationPolicy.FIRST_COME, opens_at=at,
            hold_seconds=options["hold"],
        ),
        actor=actor, at=at,
    )  # fmt: skip
    scarcity.publish(allocation_id=allocation, actor=actor, at=at)
    while queries.get_allocation_by_id(actor=actor, allocation_id=allocation).state is AllocationState.OPEN:
        time.sleep(0.1)  # the worker opens the doors
    return allocation


def _wait_for_the_end(allocation: uuid.UUID, actor: Actor, *, patience: float) -> None:
    until = time.monotonic() + patience
    while time.monotonic() < until:
        view = queries.get_allocation_by_id(actor=actor, allocation_id=allocation)
        if view.state is AllocationState.ENDED or (not view.offered and not view.waiting):
            return
        time.sleep(0.2)


SOLD = """
    SELECT count(*), count(DISTINCT l.piece_id), count(DISTINCT p.serial), count(DISTINCT o.client_id),
           max((SELECT max(y.settled_at) FROM payments_payment y WHERE y.order_id = o.id))
    FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id AND o.state IN ('CONFIRMED', 'COMPLETED')
    LEFT JOIN stock_piece p ON p.id = l.piece_id
    WHERE l.reference_id = %s AND o.placed_at >= %s
"""


def _told(
    options: dict[str, Any],
    seen: drop.Seen,
    allocation: uuid.UUID,
    reference: uuid.UUID,
    begun: datetime,
    killed: list[tuple[int, float]],
) -> dict[str, Any]:
    view = queries.get_allocation_by_id(actor=Actor.system(house.get_maison().id), allocation_id=allocation)
    with connection.cursor() as cursor:
        cursor.execute(SOLD, [reference, begun])
        lines, pieces, serials, clients, last = cursor.fetchone()
        cursor.execute("SELECT count(*) FROM stock_disagreements()")
        disagreements = cursor.fetchone()[0]
        cursor.execute(
            "SELECT count(*) FROM payments_payment y JOIN orders_order o ON o.id = y.order_id "
            "WHERE y.state = 'CAPTURED' AND o.state = 'CANCELLED' AND o.placed_at >= %s",
            [begun],
        )
        paid_for_nothing = cursor.fetchone()[0]
    ended = view.ended_at
    told_at = datetime.fromtimestamp(seen.told_sold_out, UTC) if seen.told_sold_out else None
    return {
        "pieces": options["pieces"], "clients": options["clients"], "attempts": seen.attempts,
        "double_clicks": seen.double_clicks, "seconds": options["seconds"], "killed": killed,
        "sold": lines, "distinct_pieces": pieces, "distinct_serials": serials, "distinct_clients": clients,
        "state": view.state.value, "waiting": view.waiting, "free": view.free, "offered": view.offered,
        "disagreements": disagreements, "paid_for_nothing": paid_for_nothing,
        "losers": len(seen.losers), "losers_p50_ms": drop.percentile(seen.losers, 0.5),
        "losers_p99_ms": drop.percentile(seen.losers, 0.99), "losers_worst_ms": drop.percentile(seen.losers, 1),
        "winners_p99_ms": drop.percentile(seen.winners, 0.99), "claims_p50_ms": drop.percentile(seen.claims, 0.5),
        "claims_p99_ms": drop.percentile(seen.claims, 0.99), "retried": seen.retried,
        "waited_a_second_by_second": dict(sorted(seen.slow_at.items())),
        "never_answered": seen.never_answered, "answers": dict(seen.answers.most_common()),
        "sold_out_after_last_payment_s": round((ended - last).total_seconds(), 2) if ended and last else None,
        "told_after_sold_out_s": round((told_at - ended).total_seconds(), 2) if ended and told_at else None,
        "sold_out_after_s": round((ended - begun).total_seconds(), 1) if ended else None,
    }  # fmt: skip


def problems(told: dict[str, Any]) -> list[str]:
    """What of the promise was broken; nothing when all of it held."""
    pieces = told["pieces"]
    late = told["sold_out_after_last_payment_s"]
    checks = (
        (told["sold"] == pieces, f"{told['sold']} sold, not {pieces}."),
        (told["distinct_serials"] == pieces, f"{told['distinct_serials']} distinct serial numbers, not {pieces}."),
        (told["distinct_clients"] == told["sold"], "Somebody has more than one."),
        (not (told["free"] and told["waiting"]), f"{told['free']} pieces are free and {told['waiting']} still wait."),
        (told["disagreements"] == 0, f"The stock books disagree {told['disagreements']} times."),
        (told["losers_p99_ms"] <= LOSERS_P99_MS, f"Losers waited {told['losers_p99_ms']} ms (p99)."),
        (told["never_answered"] == 0, f"{told['never_answered']} requests were never answered."),
        (late is not None and late <= SOLD_OUT_SECONDS, f"Sold out {late} s after the last payment."),
        (len(told["killed"]) == 1, "No server was killed."),
    )
    return [sentence for holds, sentence in checks if not holds]


def _control_problems(told: dict[str, Any]) -> list[str]:
    if told["sold"] > told["distinct_pieces"]:
        return []
    return [f"The control sold {told['sold']} with {told['distinct_pieces']} pieces: it proves nothing."]


def _as_table(told: dict[str, Any]) -> str:
    width = max(len(name) for name in told)
    return "\n".join(f"  {name.replace('_', ' '):<{width}}  {value}" for name, value in told.items())
