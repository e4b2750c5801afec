"""Staff: who works where."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from ninja import Router, Schema

from vendome.api import access
from vendome.api.v1.shapes import ID, PLACE_ID, example, refused
from vendome.domains.people import permissions, types
from vendome.domains.people import queries as people

router = Router(tags=["Staff"])


class StaffOut(Schema):
    model_config = example(
        id=ID, code="camille-renaud", name="Camille Renaud", home_place_id=PLACE_ID, place_name="Place Vendôme",
        region="EMEA", roles=["advisor"], languages=["fr", "en"], started_date="2019-04-01", is_seconded=False,
    )  # fmt: skip
    id: UUID
    code: str
    name: str
    home_place_id: UUID
    place_name: str
    region: str
    roles: list[str]
    languages: list[str]
    started_date: date
    is_seconded: bool


@router.get("", response={200: list[StaffOut], **refused(401, 403)}, summary="List staff")
@access.program(permissions.STAFF_VIEW)
def list_staff(request: access.ApiRequest) -> tuple[types.StaffRow, ...]:
    """Staff of the places the token or person may see, by place and name."""
    return people.list_staff(actor=request.actor)
