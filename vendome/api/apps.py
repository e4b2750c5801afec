"""Registers the API, whose templates show what it can do."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "vendome.api"
    label = "api"
