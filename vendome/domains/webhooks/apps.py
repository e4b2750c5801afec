"""Registers the webhooks domain, and its ear on the outbox."""

from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "vendome.domains.webhooks"
    label = "webhooks"

    def ready(self) -> None:
        from vendome.domains.webhooks import handlers

        handlers.listen()
