"""Registers the design system with Django."""

from __future__ import annotations

from django.apps import AppConfig


class ComponentsConfig(AppConfig):
    name = "vendome.web.components"
    label = "components"
