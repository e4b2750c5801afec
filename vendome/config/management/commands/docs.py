"""`vendome docs`: write the reference pages from the code."""

from typing import Any

from django.core.management.base import BaseCommand

from vendome.config import home, reference


class Command(BaseCommand):
    help = "Write the reference pages from the code."

    def handle(self, *args: Any, **options: Any) -> None:
        for name, text in reference.pages().items():
            path = home.PROJECT / "docs" / "reference" / name
            path.write_text(text, encoding="utf-8")
            self.stdout.write(f"wrote docs/reference/{name}")
