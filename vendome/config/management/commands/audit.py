"""`vendome audit verify`: recompute the audit chain and say whether every link holds."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from vendome.config import home
from vendome.kit import audit


class Command(BaseCommand):
    help = "Verify the audit log's hash chain, or seal what is waiting."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["verify", "seal"], help="verify the chain, or seal waiting entries now")

    def handle(self, *args: Any, **options: Any) -> None:
        heads = home.state_dir() / "audit-heads.jsonl"
        if options["action"] == "seal":
            sealed = 0
            while step := audit.seal_due():
                sealed += step
            audit.write_head(heads)
            self.stdout.write(f"Sealed {sealed} entries.")
            return
        verdict = audit.verify(heads=heads)
        if not verdict.is_whole:
            raise CommandError(
                f"The chain breaks at entry {verdict.broken_seq}: {verdict.reason}. "
                "Keep the database as it is and call whoever is responsible for security.",
                returncode=1,
            )
        self.stdout.write(f"{verdict.entries} entries hold, {verdict.unsealed} wait for their seal.")
        self.stdout.write(f"head {verdict.head or 'none yet'}")
