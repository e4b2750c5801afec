"""Registers the house domain."""

from django.apps import AppConfig


class HouseConfig(AppConfig):
    name = "vendome.domains.house"
    label = "house"
