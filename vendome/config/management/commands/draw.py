"""`vendome draw verify FILE`: recompute a draw from its public record; needs no house, no network, no database."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from vendome.domains.stock.types_of_scarcity import Draw, draw_problems


class Command(BaseCommand):
    help = "Recompute a draw from its public record (the JSON of its page), and say whether it holds."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=["verify"])
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            told = json.loads(options["file"].read_text(encoding="utf-8"))
            draw = Draw(
                commitment=str(told["commitment"]),
                list_digest=str(told["list_digest"]),
                entries=tuple(map(str, told["entries"])),
                seed=str(told["seed"]),
                order=tuple(map(str, told["order"])),
            )
            wrong = draw_problems(draw)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise CommandError("This is not the record of a draw; save the JSON of its page and try again.") from error
        if wrong:
            raise CommandError(" ".join(wrong))
        self.stdout.write(
            f"The draw holds: the seed is the one committed to, the list is the one that was frozen, and the order of "
            f"its {len(draw.order)} entries follows from both."
        )
