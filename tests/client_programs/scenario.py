"""A scenario for each API, as data: calls by their operationIds, with their expected results.

`${name}` stands for a value kept by an earlier step; as a whole value of a body it keeps its JSON
type.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tallystick.clients import list_apis
from tallystick.clients.source import read_document

FOLDER = Path(__file__).parent / "scenarios"
EVERYWHERE = {"": (), "OfEnvironment": ("mySampleEnv",), "OfPlatform": ()}
"""keyastrom's further paths to an operation: the suffixes of their names, and first arguments."""


@dataclass(frozen=True, slots=True)
class Argument:
    """A query parameter and its type in the contract."""

    name: str
    kind: str
    """text, int32, int64, flag, map, or the name of a choice."""
    value: Any
    required: bool


@dataclass(frozen=True, slots=True)
class Pages:
    """A list read to its end."""

    items: str
    """The member of an answer with its items."""
    cursor: str
    """The member with the cursor of the next page."""
    sent_as: str
    """The query parameter that has the cursor."""
    again: tuple[str, ...]
    """The other query parameters that are sent beside it."""


@dataclass(frozen=True, slots=True)
class Step:
    """A call and its expected result."""

    client: str
    is_away: bool
    """True if it is sent to a server that is away."""
    operation: str
    template: str
    """The path in the contract."""
    path: tuple[str, ...]
    body: str | None
    """JSON text."""
    body_type: str
    """The name of the body's schema; empty for any JSON."""
    nulls: tuple[str, ...]
    """Members of the body to send as null."""
    takes_query: bool
    query: tuple[Argument, ...]
    has_result: bool
    keep: Mapping[str, str]
    """Names, and the places of their values in the result."""
    expect: Mapping[str, str]
    """Place in the result → expected JSON text."""
    refused: tuple[int, str] | None
    """The error's status and code; a redirect has no code, and a late answer neither."""
    pages: Pages | None
    """Where all items are read, how they come; None where one answer is."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """The calls of one API."""

    api: str
    clients: Mapping[str, str]
    """Names of clients, and their credentials."""
    values: Mapping[str, str]
    steps: tuple[Step, ...]


def scenarios(language: str) -> list[Scenario]:
    """Return every API's scenario for a language, whose name occurs in the created resources."""
    return [_read(api, language) for api in list_apis()]


def operations(api: str) -> list[str]:
    """Return every operation of an API, in the contract's order."""
    return [operation["operationId"] for _, _, operation in read_document(api).operations()]


def _read(api: str, language: str) -> Scenario:
    text = (FOLDER / f"{api}.yaml").read_text(encoding="utf-8").replace("@LANGUAGE@", language)
    content = yaml.safe_load(text)
    known = _known(api)
    steps = tuple(step for item in content["steps"] for step in _steps(item, known))
    return Scenario(api, content["clients"], content.get("values", {}), steps)


Known = Mapping[str, tuple[str, Mapping[str, Any], Mapping[str, Any]]]
"""Each operation's path, its content and its API's components."""


def _known(api: str) -> Known:
    contract = read_document(api)
    components = contract.content["components"]
    return {o["operationId"]: (path, o, components) for path, _, o in contract.operations()}


def _steps(item: Mapping[str, Any], known: Known) -> Iterator[Step]:
    places = EVERYWHERE if item.get("everywhere") else {"": ()}
    for place, first in places.items():
        template, operation, components = known[item["call"] + place]
        yield Step(
            client=item["client"],
            is_away=item["client"] == "away",
            operation=operation["operationId"],
            template=template,
            path=(*first, *map(str, item.get("path", ()))),
            body=json.dumps(item["body"], ensure_ascii=False) if "body" in item else None,
            body_type=_body_type(operation, components),
            nulls=tuple(_nulls(item.get("body"))),
            takes_query=any(p["in"] == "query" for p in _parameters(operation, components)),
            query=tuple(_arguments(item.get("query", {}), operation, components)),
            has_result=bool({"200", "201", "202"} & set(operation["responses"])),
            keep=item.get("keep", {}),
            expect={where: json.dumps(value) for where, value in item.get("expect", {}).items()},
            refused=_refused(item.get("refused")),
            pages=_pages(item.get("pages")),
        )


def _refused(expected: Mapping[str, Any] | str | None) -> tuple[int, str] | None:
    if expected is None or isinstance(expected, str):
        return (0, "") if expected == "late" else None
    return expected["status"], expected.get("code", "")


def _pages(read: Mapping[str, Any] | None) -> Pages | None:
    return Pages(**{**read, "again": tuple(read["again"])}) if read else None


def _nulls(body: Any) -> Iterator[str]:
    if isinstance(body, dict):
        yield from (name for name, value in body.items() if value is None)


def _body_type(operation: Mapping[str, Any], components: Mapping[str, Any]) -> str:
    if "requestBody" not in operation:
        return ""
    reference = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    name: str = reference.rpartition("/")[2]
    return name if "type" in components["schemas"][name] else ""


def _parameters(
    operation: Mapping[str, Any], components: Mapping[str, Any]
) -> Iterator[Mapping[str, Any]]:
    for parameter in operation.get("parameters", ()):
        name = parameter.get("$ref", "").rpartition("/")[2]
        yield components["parameters"][name] if name else parameter


def _arguments(
    given: Mapping[str, Any], operation: Mapping[str, Any], components: Mapping[str, Any]
) -> Iterator[Argument]:
    parameters = {each["name"]: each for each in _parameters(operation, components)}
    for name, value in given.items():
        schema = parameters[name]["schema"]
        reference = schema.get("$ref", "").rpartition("/")[2]
        schema = components["schemas"][reference] if reference else schema
        kinds = {"boolean": "flag", "object": "map", "string": "text"}
        kind = kinds.get(schema["type"]) or schema["format"]
        kind = reference if len(schema.get("enum", ())) > 1 else kind
        yield Argument(name, kind, value, parameters[name].get("required", False))
