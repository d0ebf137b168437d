"""The extension of docs/error-codes.md: its JSON Schema, and the page's own document."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema_rs
import orjson
import pytest

from tallystick.contract.document import parse_yaml, to_yaml
from tallystick.contract.reader.contracts import read_contracts

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "error-codes.md"
SCHEMA = orjson.loads((ROOT / "docs" / "error-codes.schema.json").read_bytes())
DOCUMENTS = [*sorted((ROOT / "openapi").glob("*.yaml")), ROOT / "examples/crm/crm.yaml"]
BLOCK = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TOP = "openapi: 3.1.0\ninfo: {title: The page's document, version: '1'}\n"


@pytest.fixture(scope="module")
def judge() -> jsonschema_rs.Validator:
    """The extension's JSON Schema."""
    jsonschema_rs.meta.validate(SCHEMA)
    return jsonschema_rs.Draft202012Validator(SCHEMA)


def page_document() -> dict[str, Any]:
    """The document that the page's examples make up."""
    document = parse_yaml(TOP.encode())
    for block in BLOCK.findall(PAGE.read_text("utf-8")):
        part = parse_yaml(block.encode())
        if "plugins" not in part:
            merge(document, part)
    return document


def merge(into: dict[str, Any], more: Mapping[str, Any]) -> None:
    for name, value in more.items():
        if isinstance(value, dict) and isinstance(into.get(name), dict):
            merge(into[name], value)
        else:
            assert name not in into
            into[name] = value


@pytest.mark.parametrize("file", DOCUMENTS, ids=lambda file: file.stem)
def test_our_documents_keep_the_schema(file: Path, judge: jsonschema_rs.Validator) -> None:
    content = parse_yaml(file.read_bytes())
    assert [error.message for error in judge.iter_errors(content)] == []


def test_the_page_s_document_keeps_the_schema(judge: jsonschema_rs.Validator) -> None:
    assert [error.message for error in judge.iter_errors(page_document())] == []


def test_the_page_s_document_is_served_whole(tmp_path: Path) -> None:
    file = tmp_path / "page.yaml"
    file.write_bytes(to_yaml(page_document()))

    [contract] = read_contracts([str(file)])

    assert contract.faults == ()
    assert contract.document.answer_codes(contract.document.operation("postCustomers")) == {
        "201": [],
        "400": ["N000", "N001", "B001"],
        "409": ["D001"],
    }


NAME = ("components", "schemas", "NewCustomer", "properties", "name")


@pytest.mark.parametrize(
    ("steps", "value"),
    [
        (("x-codes",), ["N000"]),
        (("x-codes", "N000"), {"status": 400}),
        (("x-codes", "N000"), {"message": "A customer has a name"}),
        (("x-codes", "N000", "status"), "400"),
        (("x-codes", "N000", "status"), 1000),
        (("x-codes", ""), {"status": 400, "message": "Nothing"}),
        ((*NAME, "x-error-codes"), "N000"),
        ((*NAME, "x-error-codes", "required"), 404),
        ((*NAME, "x-error-codes", "max length"), "N001"),
        ((*NAME, "anyOf"), [{"minLength": 1, "x-error-codes": {"minLength": []}}]),
        (("paths", "/customers", "post", "x-error-codes", "syntax"), 400),
        (("paths", "/customers", "get", "parameters", 0, "x-error-codes"), {"type": "L001"}),
        (("paths", "/customers", "get", "responses", "200", "x-codes"), "L001"),
        (("paths", "/customers", "get", "responses", "200", "x-error-codes"), {"type": "L001"}),
        (("components", "responses", "Conflict", "x-codes"), ["D001", "D001"]),
        (("components", "responses", "Conflict", "x-error-body"), 7),
        (("x-http-responses",), {"405": {"x-codes": [405]}}),
        (("x-error-body",), None),
    ],
)
def test_a_broken_document_breaks_the_schema(
    steps: tuple[str | int, ...], value: object, judge: jsonschema_rs.Validator
) -> None:
    document = page_document()
    part: Any = document
    for step in steps[:-1]:
        part = part[step]
    part[steps[-1]] = value

    assert not judge.is_valid(document)


@pytest.mark.parametrize("place", ["example", "default", "const", "enum"])
def test_a_value_of_the_api_may_have_any_members(
    place: str, judge: jsonschema_rs.Validator
) -> None:
    document = page_document()
    document["components"]["schemas"]["Error"][place] = {"x-error-codes": 7}

    assert judge.is_valid(document)


def test_a_member_of_the_api_may_have_any_name(judge: jsonschema_rs.Validator) -> None:
    document = page_document()
    named: dict[str, Any] = {
        "x-error-codes": {"type": "string"},
        "example": {"type": "string", "x-error-codes": {"type": "N000"}},
    }
    document["components"]["schemas"]["Error"]["properties"] |= named

    assert judge.is_valid(document)
    named["example"]["x-error-codes"] = {"type": 7}
    assert not judge.is_valid(document)
