"""Registers the flows, whose SQL functions span domains."""

from django.apps import AppConfig


class FlowsConfig(AppConfig):
    name = "vendome.flows"
    label = "flows"
