"""Registers the installation's own commands and checks, and wires ports to connectors."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "vendome.config"
    label = "config"

    def ready(self) -> None:
        from vendome.config import policies, wiring  # noqa: F401  # policies registers its check

        wiring.bind_ports()
