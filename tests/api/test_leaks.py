"""Every operation of the document, asked by another maison for things of this one: nothing comes out, nothing moves.

The document is walked, so an operation that is added is asked too. An id it takes under a name that is not in `ids_of`
is tried with every id there is.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Model

from tests.api.conftest import Caller, Form
from tests.api.test_schemathesis import ids_of
from tests.factories.small_house import SmallHouse, make_token
from vendome.api import documents
from vendome.domains.people.permissions import ROLES
from vendome.domains.webhooks.models import Endpoint

pytestmark = pytest.mark.django_db
OPERATIONS = [
    (method.upper(), path, operation)
    for path, methods in documents.document()["paths"].items()
    for method, operation in methods.items()
]
MOVES_BY_ITSELF = {"kit.AuditEntry", "kit.IdempotencyKey", "kit.OutboxEvent", "sessions.Session"}


@pytest.fixture
def theirs(house: SmallHouse) -> dict[str, str]:
    """Ids of things in the house that is not the caller's, by the names that parameters give them."""
    from tests.factories.small_house import NOW

    endpoint = Endpoint.objects.create(
        maison_id=house.maison.id, url="https://erp.example.com/", state="ACTIVE", secret=b"x", created_by="SYSTEM",
        created_at=NOW,
    )  # fmt: skip
    return ids_of(house) | {"endpoint_id": str(endpoint.id)}


@pytest.fixture
def stranger(other_house: SmallHouse) -> Caller:
    """A program of the other maison, with every role there."""
    return Caller(make_token(other_house, roles=sorted(ROLES), place=other_house.paris))


def rows_of(house: SmallHouse) -> dict[str, list[str]]:
    """Everything written down, but for what grows with every request."""
    ours = [model for model in apps.get_models() if model.__module__.startswith("vendome.")]
    return {
        model._meta.label: sorted(map(repr, _values(model)))
        for model in ours
        if model._meta.label not in MOVES_BY_ITSELF
    }


def _values(model: type[Model]) -> Any:
    return model._default_manager.values_list()


def asked(path: str, theirs: dict[str, str]) -> Iterator[str]:
    """The address with their ids in it; once for each id where the name says nothing."""
    names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    unknown = [name for name in names if name not in theirs]
    for one in sorted(set(theirs.values())) if unknown else [""]:
        address = path
        for name in names:
            address = address.replace("{" + name + "}", theirs.get(name, one))
        yield address


def body_of(operation: dict[str, Any], theirs: dict[str, str]) -> Any:
    """Its own example, with their ids in the place of the example's."""
    if "requestBody" not in operation:
        return None
    kinds = operation["requestBody"]["content"]
    if "multipart/form-data" in kinds:
        return Form({"file": SimpleUploadedFile("tags.csv", b"303400000000000000000001")})
    content = kinds["application/json"]
    example = content.get("example") or documents._example(documents.document(), content["schema"]) or {}
    return _with(example, theirs)


def _with(value: Any, theirs: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {
            name: theirs.get(name, one) if isinstance(one, str) else _with(one, theirs) for name, one in value.items()
        }
    return [_with(one, theirs) for one in value] if isinstance(value, list) else value


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS, ids=[f"{m} {p}" for m, p, _ in OPERATIONS])
def test_nothing_of_another_maison_comes_out_or_moves(
    house: SmallHouse, theirs: dict[str, str], stranger: Caller, method: str, path: str, operation: dict[str, Any]
) -> None:
    try_with_their_ids(house, theirs, stranger, method, path, operation)


@pytest.mark.parametrize(("method", "path"), [("GET", "/api/v1/orders/{order_id}"), ("GET", "/api/v1/orders")])
def test_control_for_a_program_of_their_own_the_same_question_does_tell(
    house: SmallHouse, theirs: dict[str, str], method: str, path: str
) -> None:
    own = Caller(make_token(house, roles=sorted(ROLES), place=house.paris))
    operation = next(one for m, p, one in OPERATIONS if (m, p) == (method, path))

    with pytest.raises(AssertionError, match="tells of them"):
        try_with_their_ids(house, theirs, own, method, path, operation)


def try_with_their_ids(
    house: SmallHouse, theirs: dict[str, str], caller: Caller, method: str, path: str, operation: dict[str, Any]
) -> None:
    before = rows_of(house)
    secrets = {one for rows in before.values() for row in rows for one in _ids(row)} & set(_all_ids(house, theirs))
    query = {
        one["name"]: theirs.get(one["name"]) or one["schema"].get("example") or _guess(one)
        for one in operation.get("parameters", ())
        if one["in"] == "query" and (one.get("required") or one["name"] in theirs)
    }

    for address in asked(path.removeprefix("/api/v1"), theirs):
        body = body_of(operation, theirs)
        answer = caller._answer(method, address, body=body, query=query, key=str(uuid.uuid4()))
        said = json.dumps(answer.body, default=str)
        sent = address + json.dumps(body, default=str) + json.dumps(query, default=str)
        assert answer.status < 500, said
        assert [one for one in secrets if one in said and one not in sent] == [], f"{method} {address} tells of them"
        if method != "GET":
            assert rows_of(house) == before or answer.status < 300, f"{method} {address} changed something: {said}"
            if theirs_in(address, theirs):
                assert answer.status >= 400, f"{method} {address} was done: {said}"


def theirs_in(address: str, theirs: dict[str, str]) -> bool:
    return any(one in address for one in theirs.values())


def _guess(parameter: dict[str, Any]) -> str:
    return "FR" if parameter["name"] == "market" else "aurore"


def _ids(row: str) -> list[str]:
    return [part.split("'")[0] for part in row.split("UUID('")[1:]]


def _all_ids(house: SmallHouse, theirs: dict[str, str]) -> Iterator[str]:
    """Ids of rows that belong to the house, through whatever of its own they hang on."""
    yield from theirs.values()
    known = {str(house.maison.id), *theirs.values()}
    for model in apps.get_models():
        if model.__module__.startswith("vendome."):
            for row in map(repr, _values(model)):
                ids = _ids(row)
                if known & set(ids):
                    yield ids[0]
