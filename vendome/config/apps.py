"""Registers the installation's own commands and checks."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "vendome.config"
    label = "config"

    def ready(self) -> None:
        from vendome.config import policies  # noqa: F401  # registers its check
