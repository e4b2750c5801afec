"""A client's file, opened by a person before she works on what is in it."""

from __future__ import annotations

from uuid import UUID

from vendome.api import access
from vendome.flows import recognition
from vendome.kit import clock


def open_file(request: access.ApiRequest, client_id: UUID) -> None:
    """As her card: guarded, limited and written down. A program is judged by its rights alone.

    Raises NotFound, FileProtected, TooManyFiles, Forbidden.
    """
    if request.actor.is_staff:
        recognition.card_json(actor=request.actor, client_id=client_id, at=clock.now())
