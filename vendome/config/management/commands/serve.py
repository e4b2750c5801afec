"""`vendome serve`: pages, API and live updates."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from vendome.config import environment, serving, staticfiles
from vendome.config.health import unapplied_migrations


class Command(BaseCommand):
    help = "Serve a house: one port for all, or with --split two ports behind a reverse proxy."
    requires_system_checks = "__all__"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to bind (default 127.0.0.1)")
        parser.add_argument("--port", type=int, default=8000, help="port of the pages (default 8000)")
        parser.add_argument("--split", action="store_true", help="pages and live updates on two ports")
        parser.add_argument("--live-port", type=int, default=0, help="port of /live/ with --split (default port + 1)")
        parser.add_argument("--workers", type=int, default=2, help="server processes (default 2)")
        parser.add_argument(
            "--threads", type=int, default=3, help="requests at work at once in each process (default 3)"
        )
        parser.add_argument("--with-worker", action="store_true", help="run the job worker too")

    def handle(self, *args: Any, **options: Any) -> None:
        plan = serving.Plan(
            host=options["host"],
            port=options["port"],
            live_port=options["live_port"] or options["port"] + 1,
            workers=options["workers"],
            threads=options["threads"],
            split=options["split"],
            with_worker=options["with_worker"],
        )
        if pending := unapplied_migrations():
            raise CommandError(f"The database lacks {pending} migrations of this release: run `vendome migrate` first.")
        for port in (plan.port, plan.live_port) if plan.split else (plan.port,):
            if not serving.is_free(plan.host, port):
                raise CommandError(f"Port {port} is taken; choose another, for example --port {port + 10}.")
        staticfiles.collect()
        serving.end_on_signal()
        try:
            with serving.Servers(plan, database=environment.embedded_cluster()) as servers:
                also = f", live updates on port {plan.live_port}" if plan.split else ""
                self.stdout.write(f"Serving on {plan.address}{also}. Ctrl-C ends it.")
                code = servers.wait()
                raise CommandError("A server ends again and again; its own words are above.", returncode=code)
        except serving.CannotServe as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            self.stdout.write("Closed.")
