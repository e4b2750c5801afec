"""How fast a written fact reaches open pages: N subscribers, M facts a second, against a house that is served.

    vendome serve --port 8000            # in one terminal
    python bench/live.py --clients 500   # in another

Prints publish-to-receive percentiles over every (fact, subscriber) pair, what got lost, and the memory that
each subscriber costs the serving processes.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import time
from pathlib import Path
from urllib.parse import urlsplit

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vendome.config.settings")
django.setup()

from vendome.kit import live, sse  # noqa: E402  # needs the settings

TOPIC = "bench.live"
KIND = "bench.live"
INSERT = """
    INSERT INTO kit_outboxevent (id, kind, subject, payload, topics, live, actor, occurred_at, delivered_at, attempts)
    VALUES (gen_random_uuid(), %(kind)s, 'bench', '{}', %(topics)s, %(live)s, 'SYSTEM', now(), now(), 0)
"""


class Subscriber:
    """One open stream, read with bare sockets so that the measuring costs little."""

    def __init__(self) -> None:
        self.delays: list[float] = []

    async def run(self, host: str, port: int, token: str, ready: asyncio.Semaphore) -> None:
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(f"GET /live/?t={token} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        await reader.readuntil(b"retry: 1000\n\n")
        ready.release()
        try:
            while line := await reader.readline():
                if line.startswith(b"data: "):
                    self.delays.append(time.time() - json.loads(line[6:])["at"])
        finally:
            writer.close()


async def publish(facts: int, per_second: float) -> None:
    async with await sse.connect() as connection:
        begun = time.monotonic()
        for number in range(facts):
            await asyncio.sleep(max(0.0, begun + number / per_second - time.monotonic()))
            body = json.dumps({"at": time.time(), "number": number})
            await connection.execute(INSERT, {"kind": KIND, "topics": [TOPIC], "live": body})
            await connection.execute("SELECT pg_notify(%s, '')", [sse.CHANNEL])
        await asyncio.sleep(1.5)
        await connection.execute("DELETE FROM kit_outboxevent WHERE kind = %s", [KIND])


def resident_mib(marker: str = "granian") -> float:
    """Memory of the serving processes of this machine (Linux; elsewhere nought)."""
    total = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if marker in (folder / "cmdline").read_text():
                total += int((folder / "statm").read_text().split()[1])
        except OSError:
            continue
    return total * os.sysconf("SC_PAGE_SIZE") / 2**20


async def main(options: argparse.Namespace) -> dict[str, float]:
    place = urlsplit(options.url)
    host, port = place.hostname or "127.0.0.1", place.port or 80
    before = resident_mib()
    ready = asyncio.Semaphore(0)
    subscribers = [Subscriber() for _ in range(options.clients)]
    token = live.token([TOPIC])
    tasks = [asyncio.create_task(one.run(host, port, token, ready)) for one in subscribers]
    for _ in subscribers:
        await asyncio.wait_for(ready.acquire(), 60)
    facts = int(options.seconds * options.rate)
    await publish(facts, options.rate)
    after = resident_mib()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    delays = sorted(delay for one in subscribers for delay in one.delays)
    expected = facts * len(subscribers)

    def percentile(share: float) -> float:
        return round(delays[min(len(delays) - 1, int(len(delays) * share))] * 1000, 1) if delays else float("nan")

    return {
        "clients": options.clients,
        "facts_per_second": options.rate,
        "p50_ms": percentile(0.50),
        "p99_ms": percentile(0.99),
        "worst_ms": percentile(1),
        "lost": expected - len(delays),
        "kib_per_client": round((after - before) * 1024 / options.clients, 1),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--clients", type=int, default=500)
    parser.add_argument("--rate", type=float, default=20, help="facts a second")
    parser.add_argument("--seconds", type=float, default=20)
    print(json.dumps(asyncio.run(main(parser.parse_args())), indent=2))
