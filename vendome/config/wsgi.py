"""Pages and API: the WSGI application, behind the gate unless `VENDOME_TURN_AWAY` says no."""

from __future__ import annotations

import gc
import os

from django.core.wsgi import get_wsgi_application

from vendome.config import environment, parent

parent.end_while_starting()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vendome.config.settings")
pages = get_wsgi_application()

from django.urls import get_resolver  # noqa: E402  # needs the settings

from vendome.config import admission  # noqa: E402  # needs the settings
from vendome.config.programs import ShortWay  # noqa: E402  # needs the settings

get_resolver().url_patterns  # noqa: B018  # imports every page now: a crowd at the first request would wait for it
application: admission.Application = ShortWay(pages)
if environment.turns_away():
    application = admission.in_front_of(application, ordinary=environment.threads())
    if parent.VARIABLE in os.environ:  # served, and not only looked at
        application.open()
gc.collect()
gc.freeze()  # all of that stays; to look through it again and again takes a tenth of a second in which nobody is served
parent.watch()
