"""Pages and API: the WSGI application."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

from vendome.config import parent

parent.end_while_starting()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vendome.config.settings")
pages = get_wsgi_application()

from django.urls import get_resolver  # noqa: E402  # needs the settings

from vendome.config.programs import ShortWay  # noqa: E402  # needs the settings

get_resolver().url_patterns  # noqa: B018  # imports every page now: a crowd at the first request would wait for it
application = ShortWay(pages)
parent.watch()
