"""Registers the kit's own tables: idempotency keys, outbox, audit."""

from django.apps import AppConfig


class KitConfig(AppConfig):
    name = "vendome.kit"
    label = "kit"
