"""The URL map: surfaces, API, sign-in, health."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from vendome.config import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("health/live", health.live, name="health_live"),
    path("health/ready", health.ready, name="health_ready"),
    path("", include("vendome.config.signin")),
    path("salon/", include("vendome.web.salon.urls")),
    path("bureau/", include("vendome.web.bureau.urls")),
    path("api/", include("vendome.api.urls")),
    path("connect/stripe/", include("vendome.connectors.stripe.urls")),
    path("gallery/", include("vendome.web.components.urls")),
    path("", include("vendome.web.boutique.urls")),
]

handler400 = "vendome.config.errors.bad_request"
handler403 = "vendome.config.errors.forbidden"
handler404 = "vendome.config.errors.not_found"
handler500 = "vendome.config.errors.server_error"
