"""`vendome api_document`: the OpenAPI document, as docs/reference/openapi.json keeps it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from vendome.api import documents


class Command(BaseCommand):
    help = "Write the OpenAPI document of the API to standard output."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(documents.as_text(), ending="")
