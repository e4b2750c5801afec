"""Registers the bureau with Django."""

from __future__ import annotations

from django.apps import AppConfig


class BureauConfig(AppConfig):
    name = "vendome.web.bureau"
    label = "bureau"
