"""Registers the payments domain."""

from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "vendome.domains.payments"
    label = "payments"
