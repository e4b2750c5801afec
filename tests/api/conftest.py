"""Callers of the API: a program with a token, a person with a session, nobody."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from tests.factories.small_house import SmallHouse, make_token
from vendome.api import remembered


@pytest.fixture(autouse=True)
def _no_house_remembered() -> Iterator[None]:
    yield
    remembered.forget()


@dataclass(frozen=True)
class Answer:
    """An HTTP answer with its JSON read."""

    status: int
    body: Any
    headers: Any


@dataclass(frozen=True)
class Form:
    """A body that is sent as a form with files."""

    fields: dict[str, Any]


@dataclass(frozen=True)
class Caller:
    """Calls the API as one program; without a token, as nobody."""

    token: str = ""

    def get(self, path: str, **query: Any) -> Answer:
        return self._answer("GET", path, query=query)

    def post(self, path: str, body: Any, *, key: str = "") -> Answer:
        return self._answer("POST", path, body=body, key=key)

    def put(self, path: str, body: Any, **query: Any) -> Answer:
        return self._answer("PUT", path, body=body, query=query)

    def delete(self, path: str, **query: Any) -> Answer:
        return self._answer("DELETE", path, query=query)

    def _answer(
        self, method: str, path: str, *, body: Any = None, query: dict[str, Any] | None = None, key: str = ""
    ) -> Answer:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        if key:
            headers["Idempotency-Key"] = key
        is_form = isinstance(body, Form)
        data = body if isinstance(body, str | bytes) else json.dumps(body, default=str)
        if isinstance(body, Form):
            data = encode_multipart(BOUNDARY, body.fields)
        found = Client().generic(
            method,
            f"/api/v1{path}",
            data if body is not None else "",
            content_type=MULTIPART_CONTENT if is_form else "application/json",
            headers=headers,
            query_params=query,
        )
        is_json = found.content and "json" in found.headers["Content-Type"]
        return Answer(
            found.status_code, json.loads(found.content) if is_json else found.content.decode(), found.headers
        )


@pytest.fixture
def nobody(house: SmallHouse) -> Caller:
    return Caller()


@pytest.fixture
def till(house: SmallHouse) -> Caller:
    """A program that may do what an advisor may."""
    return Caller(make_token(house, roles=["advisor"]))


@pytest.fixture
def analyst(house: SmallHouse) -> Caller:
    """A program that may see orders and nothing else."""
    return Caller(make_token(house, roles=["crm_analyst"]))


@pytest.fixture
def stranger(other_house: SmallHouse) -> Caller:
    """A program of another maison with every right there."""
    return Caller(make_token(other_house, roles=["advisor", "boutique_manager"]))


@contextmanager
def statements_sent() -> Iterator[list[str]]:
    """What this connection sends to the server, as libpq itself traces it: one entry for each statement run."""
    connection.ensure_connection()
    pgconn = connection.connection.pgconn
    sent: list[str] = []
    with tempfile.TemporaryFile("w+") as file:
        pgconn.trace(file.fileno())
        try:
            yield sent
        finally:
            pgconn.untrace()
        file.seek(0)
        sent += [line for line in file if "\tExecute\t" in line or "\tQuery\t" in line]
