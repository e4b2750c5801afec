"""The OpenAPI document is kept in the repository and compared; the page for people shows all of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from vendome.api import documents
from vendome.kit.errors import DomainError

KEPT = Path(__file__).parents[2] / "docs" / "reference" / "openapi.json"


def operations():
    paths = documents.document()["paths"].items()
    return [(f"{method.upper()} {path}", one) for path, methods in paths for method, one in methods.items()]


def schemas():
    return documents.document()["components"]["schemas"]


def test_the_document_is_the_one_that_was_agreed():
    """A change of the API is a change of the file, seen in review; `vendome api_document` writes it anew."""
    assert json.loads(KEPT.read_text(encoding="utf-8")) == documents.document()


@pytest.mark.parametrize(("name", "operation"), operations())
def test_every_operation_is_described(name, operation):
    assert operation["summary"]
    assert operation["description"]
    good = [code for code in operation["responses"] if code.startswith("2")]
    assert len(good) == 1


@pytest.mark.parametrize(("name", "operation"), operations())
def test_every_operation_shows_an_example(name, operation):
    good = next(one for code, one in operation["responses"].items() if code.startswith("2"))
    assert documents._example(documents.document(), good["content"]["application/json"]["schema"])


@pytest.mark.parametrize(("name", "operation"), operations())
def test_every_operation_declares_its_refusals(name, operation):
    declared = set(operation["responses"])
    if "security" in operation:
        assert {"401", "403"} <= declared
    if "requestBody" in operation or any(one["in"] != "path" for one in operation.get("parameters", ())):
        assert "422" in declared
    for code, answer in operation["responses"].items():
        if code >= "400":
            assert list(answer["content"]) == ["application/problem+json"]


def test_answers_have_no_defaults():
    for name, schema in schemas().items():
        if name.endswith(("Out", "Page", "Problem")):
            for member, one in schema.get("properties", {}).items():
                assert "default" not in one, f"{name}.{member}"
                assert member in schema["required"], f"{name}.{member}"


def test_every_reference_in_the_document_leads_somewhere():
    text = json.dumps(documents.document())
    named = {part.split('"')[0] for part in text.split('"$ref": "#/components/schemas/')[1:]}

    assert named <= set(schemas())


def test_the_document_is_served(client):
    answer = client.get("/api/v1/openapi.json")

    assert answer.json() == documents.document()


def test_the_page_shows_every_operation_and_every_failure(client):
    page = client.get("/api/v1/docs").content.decode()

    for _, operation in operations():
        assert f'id="{operation["operationId"]}"' in page
    for code in DomainError.catalogue:
        assert f'id="{code}"' in page
    assert "https://" not in page.replace("https://json-schema.org", "").replace("https://erp.example.com", "")


def test_the_api_leads_to_its_documentation(client):
    assert client.get("/api/").headers["Location"] == "/api/v1/docs"


def test_the_reference_names_every_operation():
    page = (KEPT.parent / "api.md").read_text(encoding="utf-8")

    for name, _ in operations():
        assert f"`{name}`" in page, name
