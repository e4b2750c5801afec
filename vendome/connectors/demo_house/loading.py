"""Opens a demo house in an empty database: everything, or nothing."""

from __future__ import annotations

import gc
import random
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from django.contrib.auth.hashers import make_password
from django.db import connection, transaction

from vendome.connectors.demo_house import content, house, money, returns, showcase
from vendome.connectors.demo_house.cast import Cast
from vendome.connectors.demo_house.clientele import Clientele
from vendome.connectors.demo_house.copying import COLUMNS, Copier
from vendome.connectors.demo_house.counting import Counting
from vendome.connectors.demo_house.demand import Demand
from vendome.connectors.demo_house.errors import HouseStands
from vendome.connectors.demo_house.indexes import SetAside
from vendome.connectors.demo_house.ledger import Ledger
from vendome.connectors.demo_house.moments import Ids, start_of
from vendome.connectors.demo_house.open_business import OpenBusiness
from vendome.connectors.demo_house.sales import Sales
from vendome.connectors.demo_house.sizes import SIZES, Size
from vendome.connectors.demo_house.stocking import Stocking
from vendome.connectors.demo_house.world import World
from vendome.kit import audit, clock, sql
from vendome.kit.actors import Actor
from vendome.kit.rows import as_uuid

SEED = 1897
UNUSABLE = "!demo-house-without-password"  # what Django takes for "nobody can sign in with a password"
Report = Callable[[str, float], None]
"""Told the name of a step when it begins and its share done, 0 to 1, while it runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What was made, and how long it took."""

    size: Size
    today: date
    rows: dict[str, int]
    seconds: float

    @property
    def total_rows(self) -> int:
        return sum(self.rows.values())


def load(
    *,
    size: str = "test",
    today: date,
    seed: int = SEED,
    clients: int | None = None,
    password: str = "",
    report: Report = lambda _step, _share: None,
) -> Opened:
    """Open Maison Vermeil. The same size, seed and day give the same rows, ids included.

    `password` is given to staff and to the clients of the cast; without one nobody can sign in by password.
    Raises HouseStands when the database already has a house, NoContent without demo/house.
    """
    begun = time.monotonic()
    wanted = SIZES[size] if clients is None else replace(SIZES[size], clients=clients)
    encoded = make_password(password) if password else UNUSABLE
    with transaction.atomic():
        if sql.value("SELECT EXISTS (SELECT FROM house_maison)"):
            raise HouseStands()
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL synchronous_commit = off")
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # checked chunk by chunk, not all at the commit
        set_aside = SetAside() if wanted.is_lean else None
        if set_aside:
            report("set secondary indexes and foreign keys aside", 0)
            set_aside.begin()
        gc.disable()  # millions of rows and not one cycle among them
        try:
            counts, maison, last_number = _fill(wanted, today, seed, encoded, report)
        finally:
            gc.enable()
        sql.value("SELECT setval('orders_number', %s)", [last_number])
        report("what came back", 0)
        returns.count_returns()
        if set_aside:
            report("build the indexes and check every foreign key", 0)
            set_aside.end(report)
        else:
            returns.open_returns(maison, datetime(today.year, today.month, today.day, tzinfo=UTC))
        audit.record(
            actor=Actor.system(maison), action="demo_house.opened", subject=f"maison:{maison}", at=clock.now(),
            maison_id=maison, detail={"size": wanted.name, "clients": wanted.clients, "today": today.isoformat()},
        )  # fmt: skip
        report("commit", 0)
    report("count for the planner", 0)
    _analyse()
    return Opened(size=wanted, today=today, rows=counts, seconds=time.monotonic() - begun)


def _fill(size: Size, today: date, seed: int, password: str, report: Report) -> tuple[dict[str, int], uuid.UUID, int]:
    copier = Copier(sql.raw())
    try:
        world = World(
            size=size,
            content=content.read(),
            copier=copier,
            ids=Ids(f"{seed}:{today}:{size.name}:{size.clients}"),
            random=random.Random(f"{seed}:{today}"),
            today=today,
            start=start_of(today - timedelta(days=size.days)),
            now=start_of(today),
            report=report,
        )
        report("the house, its staff and its collection", 0)
        house.open_house(world)
        house.engage_staff(world, password)
        showcase.show_collection(world)
        showcase.print_prices(world)
        report(f"{size.clients:,} clients", 0)
        clientele = Clientele(world)
        cast = Cast(world, clientele, password)
        cast.enter()
        clientele.fill(size.clients)
        clientele.remember_earlier_pieces()
        report("what they bought", 0)
        ledger = Ledger(world)
        demand = Demand(world, clientele)
        demand.live()
        business = OpenBusiness(world, clientele, demand, ledger)
        waiting = business.begin()
        cast.open_matters(business, demand)
        stocking = Stocking(world, ledger)
        sales = Sales(world, ledger)
        sales.never_restocked = frozenset(stocking.sole)
        wanted = [*demand.sales, *waiting, *cast.sales()]
        report(f"{len(wanted):,} sales", 0)
        sales.book_all(wanted)
        report("what stands on the shelves", 0)
        stocking.fill()
        counting = Counting(world, ledger)
        counting.note()
        report(f"the ledger of {len(ledger.events):,} levels", 0)
        ledger.tell()
        money.take_money(world)
        copier.finish()
        report("its counts, and what should be sent where", 0)
        counting.enter()
    except BaseException:
        copier.abandon()
        raise
    return copier.counts, as_uuid(world.maison), sales.number - 1


def _analyse() -> None:
    """Fresh statistics, so that the first page is planned as well as the thousandth."""
    if connection.in_atomic_block:  # a test's own transaction
        return
    with connection.cursor() as cursor:
        for table in COLUMNS:
            cursor.execute(f"ANALYZE {table}")


def day_of(text: str) -> date:
    """A day as YYYY-MM-DD; today (UTC) when empty."""
    return datetime.strptime(text, "%Y-%m-%d").date() if text else clock.now().date()  # noqa: DTZ007  # a plain day
