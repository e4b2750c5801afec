"""Registers the catalogue domain."""

from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    name = "vendome.domains.catalogue"
    label = "catalogue"
