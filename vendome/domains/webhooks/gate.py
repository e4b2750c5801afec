"""Who may manage webhooks and read the stream, and which addresses are allowed here."""

from __future__ import annotations

from django.conf import settings

from vendome.domains.people import permissions
from vendome.kit.actors import Actor


def require_whole_house(actor: Actor) -> None:
    """Events tell of every place, so only who answers for all of them may listen. Raises Forbidden."""
    actor.require_everywhere(permissions.WEBHOOKS_MANAGE)


def is_local_allowed() -> bool:
    """The demo and developers call their own machine; a house never does."""
    return bool(settings.DEMO or settings.DEBUG)
