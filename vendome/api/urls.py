"""The API's addresses, mounted at /api/."""

from __future__ import annotations

from django.urls import path
from django.views.generic import RedirectView

from vendome.api import documents
from vendome.api.v1.wide import api
from vendome.kit.policy import public

_to_docs = public(reason="it only leads to the documentation")(RedirectView.as_view(pattern_name="api_docs"))

urlpatterns = [
    path("v1/openapi.json", documents.openapi, name="api_openapi"),
    path("v1/docs", documents.docs, name="api_docs"),
    path("", _to_docs, name="api"),
    path("v1/", api.urls),
]
