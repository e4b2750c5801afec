"""`migrate`, then the SQL functions: the schema and the code that lives in it move together."""

from typing import Any

from django.core.management.commands.migrate import Command as Migrate
from django.db import transaction

from vendome.kit import sql


class Command(Migrate):
    def handle(self, *args: Any, **options: Any) -> None:
        super().handle(*args, **options)
        if options.get("plan") or options.get("check_unapplied") or options.get("app_label"):
            return
        with transaction.atomic(using=options["database"]):
            count = sql.install()
        if options["verbosity"]:
            self.stdout.write(f"Installed {count} files of SQL functions.")
