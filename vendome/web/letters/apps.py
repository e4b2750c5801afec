"""Registers the letters, and their ear on the outbox."""

from django.apps import AppConfig


class LettersConfig(AppConfig):
    name = "vendome.web.letters"
    label = "web_letters"

    def ready(self) -> None:
        from vendome.web.letters import listening

        listening.listen()
