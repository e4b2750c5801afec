"""Live updates alone, for serving behind a reverse proxy (`vendome serve --split`)."""

from __future__ import annotations

import os

import django

from vendome.config import parent

parent.end_while_starting()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vendome.config.settings")
django.setup()

from vendome.config.liveport import LivePort  # noqa: E402  # needs the settings

application = LivePort()
parent.watch()
