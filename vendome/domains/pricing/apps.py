"""Registers the pricing domain."""

from django.apps import AppConfig


class PricingConfig(AppConfig):
    name = "vendome.domains.pricing"
    label = "pricing"
