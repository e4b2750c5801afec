"""Registers the fulfilment domain."""

from django.apps import AppConfig


class FulfilmentConfig(AppConfig):
    name = "vendome.domains.fulfilment"
    label = "fulfilment"
