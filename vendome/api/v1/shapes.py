"""What several parts of the API answer alike: problems, pages, examples."""

from __future__ import annotations

import base64
import binascii
import json
import uuid
from datetime import datetime
from typing import Annotated, Any

from ninja import Schema
from pydantic import ConfigDict, Field

from vendome.kit.errors import BadInput

ID = "01939f4e-7d2a-7c51-9a3b-2f6f0c1d8e11"
OTHER_ID = "01939f4e-7d2a-7c51-9a3b-2f6f0c1d8e12"
PLACE_ID = "01939f4e-7d2a-7c51-9a3b-2f6f0c1d8e13"


def example(**members: Any) -> ConfigDict:
    """Model configuration that shows one example in the OpenAPI document."""
    return ConfigDict(json_schema_extra={"example": members})


class Problem(Schema):
    """Why a request was refused (RFC 9457). Act on `code`; show `detail` to people."""

    model_config = example(
        type="/api/v1/docs#stock.out_of_stock",
        title="Out of stock",
        status=409,
        code="stock.out_of_stock",
        detail="This piece has just found its owner. We can look for another in our other boutiques.",
        details={"reference_id": ID, "place_id": PLACE_ID},
        request_id="0193a1f2c0de7a11b2c3d4e5f6a7b8c9",
    )
    type: str
    title: str
    status: int
    code: str
    detail: str
    details: dict[str, Any]
    request_id: str


MEANINGS = {
    400: "The request cannot be read, or lacks its Idempotency-Key.",
    401: "No token, or one that is not known.",
    403: "The roles of this token or person do not allow it.",
    404: "Not there, or not yours.",
    409: "The world changed: look again.",
    422: "A member of the request is wrong; `details` says which.",
    503: "The house cannot answer now, or somebody is changing the same rows; try again after Retry-After seconds.",
}


def refused(*statuses: int) -> dict[int, Any]:
    """Declares the problems an operation may answer with."""
    return {status: Annotated[Problem, Field(description=MEANINGS[status])] for status in statuses}


KEY_HEADER = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "A fresh UUID for each new request and the same one for each repeat. The same key and body give "
    "the same answer; the same key with another body is refused with 422.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    "example": "7f0c1f7e-58b4-4b3c-9a55-0f5c6f0f7f52",
}


# -- keyset paging: a cursor says after which row the next page begins ----------------------------------------


def write_cursor(*parts: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts, default=str).encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> list[Any]:
    """Raises BadInput for anything we did not write."""
    try:
        found = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        found = None
    if not isinstance(found, list):
        raise BadInput("This cursor is not one of ours; begin again without it.")
    return found


def read_moment_cursor(cursor: str) -> tuple[datetime, uuid.UUID] | None:
    """A cursor of a moment and an id, or None when there is none."""
    if not cursor:
        return None
    try:
        moment, identifier = read_cursor(cursor)
        known = datetime.fromisoformat(moment), uuid.UUID(identifier)
        if known[0].tzinfo is None:
            raise ValueError(moment)
        return known
    except (TypeError, ValueError, AttributeError) as error:
        raise BadInput("This cursor is not one of ours; begin again without it.") from error
