"""The style gallery's addresses, mounted at /gallery/."""

from __future__ import annotations

from django.urls import path

from vendome.web.components import views

app_name = "gallery"
urlpatterns = [
    path("", views.index, name="index"),
    path("<slug:chapter>/", views.chapter, name="chapter"),
]
