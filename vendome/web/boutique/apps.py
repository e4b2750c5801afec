"""Registers the boutique with Django."""

from __future__ import annotations

from django.apps import AppConfig


class BoutiqueConfig(AppConfig):
    name = "vendome.web.boutique"
    label = "boutique"
