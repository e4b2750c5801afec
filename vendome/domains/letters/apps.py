"""Registers the letters domain."""

from django.apps import AppConfig


class LettersConfig(AppConfig):
    name = "vendome.domains.letters"
    label = "letters"
