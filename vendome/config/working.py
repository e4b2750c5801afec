"""The worker: queued jobs through procrastinate, and beside them the rounds of `vendome.config.jobs`."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Sequence

import psycopg
from django.db import Error, close_old_connections, connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

from vendome.config.jobs import PERIODIC, Periodic

log = logging.getLogger("vendome.worker")
LOCK = "vendome.periodic"


class Rounds:
    """Runs every periodic job when it is due, one worker at a time each, until told to stop."""

    def __init__(self, jobs: Sequence[Periodic] = PERIODIC) -> None:
        self.jobs = jobs
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._repeat, args=(job,), name=f"round-{job.name}", daemon=True) for job in jobs
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Let the rounds in flight finish."""
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=10)

    def _repeat(self, job: Periodic) -> None:
        while not self._stop.is_set():
            started = time.monotonic()
            try:
                run_once(job)
            except (Error, psycopg.Error):
                log.warning("the round of %s lost the database; it comes again", job.name, exc_info=True)
                connection.close()
            except Exception:
                log.exception("the round of %s failed; it comes again", job.name)
            self._stop.wait(max(0.05, job.every_seconds - (time.monotonic() - started)))
        connection.close()


def run_once(job: Periodic) -> bool:
    """Run one round unless another worker is at it; returns whether it ran."""
    close_old_connections()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [f"{LOCK}.{job.name}"])
        if not cursor.fetchone()[0]:
            return False
    try:
        job.run()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [f"{LOCK}.{job.name}"])
    return True


async def work(*, concurrency: int) -> None:
    """Take queued jobs until SIGTERM or SIGINT; jobs in flight are finished."""
    if not isinstance(app.connector, DjangoConnector):
        raise TypeError("the worker starts from Django's connector")
    worker_app = app.with_connector(app.connector.get_worker_connector())
    async with worker_app.open_async():
        await worker_app.run_worker_async(
            name="vendome",
            concurrency=concurrency,
            delete_jobs="successful",
            shutdown_graceful_timeout=10,
            install_signal_handlers=True,
        )


def run(*, concurrency: int) -> None:
    """Rounds and queue together; returns after an orderly end."""
    rounds = Rounds()
    rounds.start()
    try:
        asyncio.run(work(concurrency=concurrency))
    finally:
        rounds.stop()
