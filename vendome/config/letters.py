"""The demo's post: each letter becomes an .eml file that any mail program opens."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone

from vendome.kit.ids import new_id


class EmlFiles(BaseEmailBackend):
    """Writes to `<state>/mail`; nothing leaves the machine."""

    def __init__(self, *, file_path: str, **options: Any) -> None:
        super().__init__(**options)
        self.folder = Path(file_path)

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for letter in email_messages:
            name = f"{timezone.now():%Y%m%d-%H%M%S}-{new_id().hex[-8:]}.eml"
            (self.folder / name).write_bytes(letter.message().as_bytes())
        return len(email_messages)
