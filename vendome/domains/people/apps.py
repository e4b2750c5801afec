"""Registers the people domain."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "vendome.domains.people"
    label = "people"
