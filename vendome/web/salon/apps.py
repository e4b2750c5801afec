"""Registers the salon with Django."""

from __future__ import annotations

from django.apps import AppConfig


class SalonConfig(AppConfig):
    name = "vendome.web.salon"
    label = "salon"
