"""Mounted at /connect/stripe/."""

from __future__ import annotations

from django.urls import path

from vendome.connectors.stripe import views

app_name = "stripe"
urlpatterns = [path("webhook", views.webhook, name="webhook")]
