"""Pages and API: the WSGI application."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

from vendome.config import parent

parent.end_while_starting()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vendome.config.settings")
pages = get_wsgi_application()

from vendome.config.programs import ShortWay  # noqa: E402  # needs the settings

application = ShortWay(pages)
parent.watch()
