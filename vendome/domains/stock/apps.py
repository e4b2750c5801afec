"""Registers the stock domain."""

from django.apps import AppConfig


class StockConfig(AppConfig):
    name = "vendome.domains.stock"
    label = "stock"
