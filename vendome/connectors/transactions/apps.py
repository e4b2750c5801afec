"""Registers the import of transactions."""

from django.apps import AppConfig


class TransactionsConfig(AppConfig):
    name = "vendome.connectors.transactions"
    label = "transactions"
