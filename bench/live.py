"""How long until a sale at a till shows on every open page: 500 pages, real tills, a house of its own.

    make live
    python bench/live.py --pages 500 --sales 4 --seconds 30

The house is served as in production (`vendome serve --split`, fsync on); the pages are open streams of `/live/` that
follow one piece, as a page of the web boutique does; tills sell that piece over HTTP. Measured for each sale and each
page: from the till's request, and from its answer, to the moment the page has the new supply. The memory of the live
process is its proportional share (PSS), before and with the pages, divided by them.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import sys
import tempfile
import time
import uuid
from pathlib import Path
from typing import Any

import crash

KIND = b"event: stock.level_changed"


class Page:
    """One open page, read with bare sockets so that the measuring costs little: when each event came, by its number."""

    def __init__(self) -> None:
        self.came: dict[int, float] = {}

    async def run(self, port: int, token: str, ready: asyncio.Semaphore) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(f"GET /live/?t={token} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        await reader.readuntil(b"retry: 1000\n\n")
        ready.release()
        try:
            while line := await reader.readline():
                if line.startswith(b"id: "):
                    self.came[int(line[4:])] = time.time()
        finally:
            writer.close()


class Till:
    """Sells one piece after the other; when it asked and when it was answered, by order."""

    def __init__(self, house: crash.House) -> None:
        self.house = house
        self.sales: dict[str, tuple[float, float]] = {}

    async def sell(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.house.port)
        body = self.house.body.encode()
        head = (
            f"POST /api/v1/orders HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Authorization: {self.house.headers['Authorization']}\r\n"
            f"Idempotency-Key: {uuid.uuid4()}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
            "Connection: close\r\n\r\n"
        )
        asked = time.time()
        writer.write(head.encode() + body)
        answer = await reader.read()
        answered = time.time()
        writer.close()
        order = json.loads(answer.partition(b"\r\n\r\n")[2].partition(b"\r\n")[2].partition(b"\r\n")[0]
                           if b"chunked" in answer.lower() else answer.partition(b"\r\n\r\n")[2])  # fmt: skip
        self.sales[order["id"]] = (asked, answered)


def pss_kib(pid: int) -> int:
    """The memory that is this process's own, with its share of what it has in common with others."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    return 0


def live_process(house: crash.House) -> int:
    """The process that answers /live/: the inner one of the server that runs `vendome.config.live`."""
    assert house.program is not None
    for pid in crash.children(house.program.pid):
        if "vendome.config.live:application" in crash.command_of(pid):
            return max(crash.descendants(pid), key=pss_kib, default=pid)
    raise SystemExit("The live process was not found.")


async def measure(
    house: crash.House, token: str, options: argparse.Namespace
) -> tuple[list[Page], Till, dict[str, Any]]:
    process = live_process(house)
    ready = asyncio.Semaphore(0)
    warm = Page()
    first = asyncio.create_task(warm.run(house.port + 1, token, ready))
    await asyncio.wait_for(ready.acquire(), 60)
    before = pss_kib(process)
    pages = [Page() for _ in range(options.pages)]
    tasks = [asyncio.create_task(page.run(house.port + 1, token, ready)) for page in pages]
    for _ in pages:
        await asyncio.wait_for(ready.acquire(), 120)
    till = Till(house)
    begun, running = time.monotonic(), []
    for number in range(int(options.seconds * options.sales)):
        await asyncio.sleep(max(0.0, begun + number / options.sales - time.monotonic()))
        running.append(asyncio.create_task(till.sell()))
    await asyncio.gather(*running)
    await asyncio.sleep(2)
    memory = pss_kib(process) - before
    for task in (first, *tasks):
        task.cancel()
    await asyncio.gather(first, *tasks, return_exceptions=True)
    return (
        pages,
        till,
        {
            "pages": options.pages,
            "sales_a_second": options.sales,
            "kib_per_page": round(memory / options.pages, 1),
            "live_process_mib": round((before + memory) / 1024, 1),
            "load_average": round(os.getloadavg()[0], 1),
        },
    )


def told(pages: list[Page], till: Till) -> dict[str, Any]:
    """Each sale's first word on each page; the events of one order carry one moment."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT o.payload->>'order_id', min(l.seq) FROM kit_outboxevent o JOIN kit_outboxevent l "
            "ON l.occurred_at = o.occurred_at AND l.kind = 'stock.level_changed' "
            "WHERE o.kind = 'orders.order_placed' GROUP BY 1"
        )
        numbers = dict(cursor.fetchall())
    from_request, from_answer, missed = [], [], 0
    for order, (asked, answered) in till.sales.items():
        for page in pages:
            came = page.came.get(numbers[order])
            if came is None:
                missed += 1
                continue
            from_request.append(came - asked)
            from_answer.append(came - answered)
    return {
        "sales": len(till.sales),
        "shown": len(from_request),
        "missed": missed,
        "from_request_ms": spread(from_request),
        "from_answer_ms": spread(from_answer),
    }


def spread(delays: list[float]) -> dict[str, float]:
    found = sorted(delays)

    def at(share: float) -> float:
        return round(found[min(len(found) - 1, int(len(found) * share))] * 1000, 1) if found else float("nan")

    return {"p50": at(0.5), "p99": at(0.99), "worst": at(1)}


def run(options: argparse.Namespace) -> dict[str, Any]:
    home = Path(tempfile.mkdtemp(prefix="vendome-live-", dir=options.below))
    home.chmod(0o755)
    for name in [name for name in os.environ if name.startswith("VENDOME_") or name == "DATABASE_URL"]:
        del os.environ[name]
    os.environ |= {
        "VENDOME_HOME": str(home), "VENDOME_DEMO": "1", "VENDOME_LOG_LEVEL": "WARNING",
        "DJANGO_SETTINGS_MODULE": "vendome.config.settings",
    }  # fmt: skip
    from vendome.config.serving import free_port

    house = crash.House(home, free_port("127.0.0.1", 18800), "--split")
    try:
        with crash.database(home):
            crash.prepare(house, crash.Receiver(0.0))
            from vendome.kit import live

            reference = json.loads(house.body)["lines"][0]["reference_id"]
            house.open()
            try:
                token = live.token([f"reference:{reference}"])
                pages, till, figures = asyncio.run(measure(house, token, options))
                return told(pages, till) | figures
            finally:
                house.close()
    finally:
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=500)
    parser.add_argument("--sales", type=float, default=4, help="sales a second over all tills")
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--below", default=None, help="folder for the state directory (default: the system's)")
    found = run(parser.parse_args())
    print(json.dumps(found, indent=2))
    sys.exit(0 if found["from_answer_ms"]["p99"] <= 250 and not found["missed"] else 1)
