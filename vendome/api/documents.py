"""What the API can do, for programs (OpenAPI) and for people (one page, served from here, no CDN)."""

from __future__ import annotations

import functools
import inspect
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from vendome.api import problems
from vendome.api.v1.orders import BODY
from vendome.api.v1.shapes import MEANINGS
from vendome.api.v1.wide import api
from vendome.kit.errors import DomainError
from vendome.kit.policy import public

PREFIX = "api/v1/"
CHAPTERS = (
    "House", "Collection", "Stock", "Transfers", "Counts", "Replenishment", "Sourcing", "Allocations", "Clients",
    "Baskets", "Selections", "Orders", "Payments", "Returns and changes", "Parcels", "Hand-over", "Staff", "Webhooks",
    "Events",
)  # fmt: skip
PUBLIC = public(reason="what the API can do is no secret; calling it needs a token")


@functools.cache
def document() -> dict[str, Any]:
    """The OpenAPI document, the bodies of the hot operations included."""
    made: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema(path_prefix=PREFIX), default=str))
    made["components"]["schemas"] |= BODY["components"]
    for path, methods in made["paths"].items():
        for operation in methods.values():
            _declare_what_any_may_answer(path, operation)
    for operation in (one for methods in made["paths"].values() for one in methods.values()):
        for code, answer in operation["responses"].items():
            if int(code) >= 400:
                answer["content"] = {problems.CONTENT_TYPE: answer["content"]["application/json"]}
    return made


def _declare_what_any_may_answer(path: str, operation: dict[str, Any]) -> None:
    """What is answered before an operation runs: an address with no id in it, what is not text or JSON or not of its
    kind, a parameter it does not know, no database."""
    anywhere = (
        {422, 503}
        | ({404} if "{" in path else set())
        | ({400} if operation.keys() & {"requestBody", "parameters"} else set())
    )
    declared = {int(code): answer for code, answer in operation["responses"].items()}
    for status in anywhere - set(declared):
        declared[status] = {
            "description": MEANINGS[status],
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    operation["responses"] = {str(status): declared[status] for status in sorted(declared)}


@require_safe
@PUBLIC
def openapi(request: HttpRequest) -> HttpResponse:
    return HttpResponse(as_text(), content_type="application/json")


def as_text() -> str:
    """The document as it is served, and as docs/reference/openapi.json keeps it."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


# -- the page for people ------------------------------------------------------------------------------------


type Words = tuple[tuple[str, bool], ...]
"""A sentence in parts; True marks what is set as code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One parameter of an operation, or one member of a body."""

    name: str
    where: str
    kind: str
    needed: bool
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    status: str
    words: Words
    is_good: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation as the page shows it."""

    anchor: str
    method: str
    path: str
    summary: str
    words: Words
    is_open: bool
    members: tuple[Member, ...]
    outcomes: tuple[Outcome, ...]
    request_example: str
    answer_example: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    name: str
    anchor: str
    operations: tuple[Operation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    code: str
    status: int
    title: str
    sentence: str
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DocsPage:
    """Everything api/docs.html may read."""

    title: str
    version: str
    introduction: tuple[Words, ...]
    chapters: tuple[Chapter, ...]
    failures: tuple[Failure, ...]


@require_safe
@PUBLIC
def docs(request: HttpRequest) -> HttpResponse:
    return render(request, "api/docs.html", {"page": docs_page()})


@functools.cache
def docs_page() -> DocsPage:
    made = document()
    chapters: dict[str, list[Operation]] = {name: [] for name in CHAPTERS}
    for path, methods in made["paths"].items():
        for method, operation in methods.items():
            chapters[operation["tags"][0]].append(_operation(made, path, method, operation))
    return DocsPage(
        title=made["info"]["title"],
        version=made["info"]["version"],
        introduction=tuple(_said(part) for part in made["info"]["description"].split("\n\n")),
        chapters=tuple(
            Chapter(name=name, anchor=name.lower(), operations=tuple(found)) for name, found in chapters.items()
        ),
        failures=tuple(_failures()),
    )


def _operation(made: Mapping[str, Any], path: str, method: str, operation: Mapping[str, Any]) -> Operation:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    good = next(code for code in operation["responses"] if str(code).startswith("2"))
    answer = operation["responses"][good].get("content", {}).get("application/json", {})
    return Operation(
        anchor=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation["summary"],
        words=_said(operation.get("description", "")),
        is_open="security" not in operation,
        members=tuple(_members(made, operation, body)),
        outcomes=tuple(
            Outcome(status=str(code), words=_outcome_words(made, code, one), is_good=str(code).startswith("2"))
            for code, one in operation["responses"].items()
        ),
        request_example=_shown(body.get("example") or _example(made, body.get("schema", {}))),
        answer_example=_shown(_example(made, answer.get("schema", {}))),
    )


def _members(made: Mapping[str, Any], operation: Mapping[str, Any], body: Mapping[str, Any]) -> Iterator[Member]:
    for one in operation.get("parameters", ()):
        schema = one.get("schema", {})
        yield Member(
            name=one["name"],
            where={"path": "in the address", "query": "after the ?", "header": "as a header"}[one["in"]],
            kind=_kind(made, schema),
            needed=one.get("required", False),
            words=one.get("description", schema.get("description", "")),
        )
    schema = _resolved(made, body.get("schema", {}))
    for name, one in schema.get("properties", {}).items():
        yield Member(
            name=name,
            where="in the body",
            kind=_kind(made, one),
            needed=name in schema.get("required", ()),
            words=one.get("description", ""),
        )


def _outcome_words(made: Mapping[str, Any], code: Any, one: Mapping[str, Any]) -> Words:
    schema = _resolved(made, one.get("content", {}).get("application/json", {}).get("schema", {}))
    if schema.get("type") == "array":
        return _said("A list. " + _resolved(made, schema["items"]).get("description", ""))
    return _said(MEANINGS.get(int(code)) or schema.get("description", "") or one.get("description", ""))


def _said(text: str) -> Words:
    """Backticks mark code."""
    return tuple((part, bool(n % 2)) for n, part in enumerate(" ".join(text.split()).split("`")) if part)


def _resolved(made: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in schema:
        schema = made["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def _kind(made: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    """A type in a few words: `uuid`, `list of LineBody`, `one of CARD, CASH`."""
    if "$ref" in schema:
        whole = _resolved(made, schema)
        return _kind(made, whole) if "enum" in whole else schema["$ref"].rpartition("/")[2]
    if "enum" in schema:
        return "one of " + ", ".join(map(str, schema["enum"]))
    if "anyOf" in schema:
        parts = [_kind(made, one) for one in schema["anyOf"]]
        return ", or ".join(["nothing" if part == "null" else part for part in parts])
    if schema.get("type") == "array":
        return f"list of {_kind(made, schema.get('items', {}))}"
    return str(schema.get("format") or schema.get("type") or "any")


def _example(made: Mapping[str, Any], schema: Mapping[str, Any]) -> Any:
    schema = _resolved(made, schema)
    if "example" in schema:
        return schema["example"]
    if schema.get("type") == "array":
        inner = _example(made, schema.get("items", {}))
        return None if inner is None else [inner]
    if "properties" in schema:
        return {name: _example(made, one) for name, one in schema["properties"].items()}
    return None


def _shown(example: Any) -> str:
    return "" if example is None else json.dumps(example, indent=2, ensure_ascii=False)


def _failures() -> Iterator[Failure]:
    """Every expected failure, by code; `type` of a problem leads here."""
    for code, error in sorted(DomainError.catalogue.items()):
        yield Failure(
            code=code,
            status=problems.status_of(error),
            title=problems.title_of(code),
            sentence=error.sentence,
            meaning=inspect.getdoc(error) or "",
        )
