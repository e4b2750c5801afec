"""Registers the clients domain."""

from django.apps import AppConfig


class ClientsConfig(AppConfig):
    name = "vendome.domains.clients"
    label = "clients"
