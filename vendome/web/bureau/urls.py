"""The bureau's addresses, mounted at /bureau/."""

from __future__ import annotations

from django.urls import path

from vendome.web.bureau.views import home

app_name = "bureau"
urlpatterns = [
    path("", home.home, name="home"),
]
