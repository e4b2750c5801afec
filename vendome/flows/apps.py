"""Registers the flows, whose SQL functions span domains, and their ear on the outbox."""

from django.apps import AppConfig


class FlowsConfig(AppConfig):
    name = "vendome.flows"
    label = "flows"

    def ready(self) -> None:
        from vendome.flows import travelling

        travelling.listen()
