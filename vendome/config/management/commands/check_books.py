"""`vendome check_books`: does the ledger agree with the levels, pieces and holds, and the money with the orders?"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from vendome.flows import books


class Command(BaseCommand):
    help = "Compare ledger, levels, pieces and holds, and payments with orders; exit 1 when they disagree."

    def handle(self, *args: Any, **options: Any) -> None:
        found = books.list_problems()
        for problem in found[:50]:
            self.stderr.write(problem)
        if found:
            raise CommandError(f"{len(found)} things disagree; nothing was changed.", returncode=1)
        self.stdout.write("The books agree: ledger, levels, pieces, holds, orders and payments.")
