"""Registers the orders domain."""

from django.apps import AppConfig


class OrdersConfig(AppConfig):
    name = "vendome.domains.orders"
    label = "orders"
