"""What the OpenAPI documents promise: operations, and every answer each of them may give."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from . import strict_yaml

FOLDER = Path(__file__).parent.parent / "openapi"
_METHODS = ("get", "put", "post", "delete", "patch")


class DeclaredAnswer(NamedTuple):
    """One way an operation may answer; `code` is empty where no error code is involved.

    What HTTP itself refuses is answered by no operation: there `operation` is the API.
    """

    operation: str
    status: int
    code: str


@dataclass(frozen=True, slots=True)
class DeclaredOperation:
    """One method of one path."""

    id: str
    api: str
    method: str
    path: str
    declared: frozenset[DeclaredAnswer]
    writes: bool
    """Whether a call may change something."""
    schemes: frozenset[str]
    """The security schemes of which any one opens it; none at all where it is open."""
    pattern: re.Pattern[str] = field(repr=False)


def apis() -> list[str]:
    """The stem of every document."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


@cache
def document(api: str) -> Mapping[str, Any]:
    """One API's document, references unresolved."""
    content = strict_yaml.load((FOLDER / f"{api}.yaml").read_text(encoding="utf-8"))
    assert isinstance(content, dict)
    return content


@cache
def lines(api: str) -> Mapping[strict_yaml.Path, int]:
    """The line in an API's document of everything that it says."""
    return strict_yaml.lines((FOLDER / f"{api}.yaml").read_text(encoding="utf-8"))


def line(api: str, *path: str) -> int:
    """The line of what the path leads to, or of the nearest thing around it."""
    known = lines(api)
    return next(known[path[:n]] for n in range(len(path), -1, -1) if path[:n] in known)


@cache
def operations() -> tuple[DeclaredOperation, ...]:
    """Every operation of every document, concrete paths before templates."""
    found = [operation for api in apis() for operation in _operations(api)]
    return tuple(sorted(found, key=lambda operation: operation.path.count("{")))


def operation(method: str, path: str) -> DeclaredOperation | None:
    """The operation that serves the path; None where the contract knows none."""
    for one in operations():
        if one.method == method and one.pattern.fullmatch(path):
            return one
    return None


@cache
def http_answers(api: str) -> frozenset[DeclaredAnswer]:
    """What any request to an API may be answered, as HTTP itself refuses it."""
    refused = {"operationId": api, "responses": document(api).get("x-http-responses", {})}
    return frozenset(_declared(api, refused))


def nearest_api(path: str) -> str | None:
    """The API that has the longest beginning of a path; None where none has its first segment."""
    segments = path.split("/")[1:]
    shared = {one: _shared(one.path.split("/")[1:], segments) for one in operations()}
    best = max(shared, key=shared.__getitem__)
    return best.api if any(shared[best]) else None


def _shared(template: Sequence[str], segments: Sequence[str]) -> list[int]:
    """Say of each segment that both begin with whether it is the same (2) or fits a name (1)."""
    shared = []
    for expected, segment in zip(template, segments, strict=False):
        fits = expected.startswith("{") and segment != ""
        if not fits and expected != segment:
            break
        shared.append(1 if fits else 2)
    return shared


def codes(api: str) -> Mapping[str, Any]:
    """The error codes that an API declares, with status and message."""
    return {str(code): said for code, said in document(api).get("x-codes", {}).items()}


def resolve(api: str, item: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a local reference points at; anything else is returned as it is."""
    while "$ref" in item:
        found: Any = document(api)
        for step in item["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        item = found
    return item


def _operations(api: str) -> Iterator[DeclaredOperation]:
    for path, item in document(api)["paths"].items():
        for method in _METHODS:
            if method in item:
                yield DeclaredOperation(
                    id=item[method]["operationId"],
                    api=api,
                    method=method.upper(),
                    path=path,
                    declared=frozenset(_declared(api, item[method])),
                    writes=method != "get" or bool(item[method].get("x-effect")),
                    schemes=frozenset(_schemes(api, item[method])),
                    pattern=_pattern(path),
                )


def _schemes(api: str, item: Mapping[str, Any]) -> Iterator[str]:
    for requirement in item.get("security", document(api).get("security", [])):
        yield from requirement


def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"\{[^}]+\}", path)
    return re.compile("[^/]+".join(re.escape(part) for part in parts))


def _declared(api: str, item: Mapping[str, Any]) -> Iterator[DeclaredAnswer]:
    name = item["operationId"]
    for status, response in item["responses"].items():
        yield DeclaredAnswer(name, int(status), "")
        for code in resolve(api, response).get("x-codes", ()):
            yield DeclaredAnswer(name, int(status), str(code))
    for code in _reachable_codes(api, item):
        yield DeclaredAnswer(name, int(codes(api)[code]["status"]), code)


def _reachable_codes(api: str, item: Mapping[str, Any]) -> set[str]:
    found = set(map(str, item.get("x-error-codes", {}).values()))
    for parameter in item.get("parameters", ()):
        found |= _codes_of_parameter(api, resolve(api, parameter))
    for media in item.get("requestBody", {}).get("content", {}).values():
        found |= _codes_of_schema(api, media["schema"], set())
    return found


def _codes_of_parameter(api: str, parameter: Mapping[str, Any]) -> set[str]:
    schema = resolve(api, parameter["schema"])
    found = {str(code) for code in parameter.get("x-error-codes", {}).values()}
    if schema.get("type") == "object":
        return found | _codes_of_schema(api, schema, set())
    for keyword, code in schema.get("x-error-codes", {}).items():
        # All that a query holds is text, and an optional parameter can't be missing.
        impossible = (keyword == "type" and schema.get("type") == "string") or (
            keyword == "required" and not parameter.get("required")
        )
        if not impossible:
            found.add(str(code))
    return found


def _codes_of_schema(api: str, schema: Mapping[str, Any], seen: set[int]) -> set[str]:
    schema = resolve(api, schema)
    if id(schema) in seen:
        return set()
    seen.add(id(schema))
    found = {str(code) for code in schema.get("x-error-codes", {}).values()}
    parts = [*schema.get("properties", {}).values(), *schema.get("x-gathered", {}).values()]
    parts += [schema[key] for key in ("items", "additionalProperties") if key in schema]
    for part in parts:
        if isinstance(part, dict):
            found |= _codes_of_schema(api, part, seen)
    return found
