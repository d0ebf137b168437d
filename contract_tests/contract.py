"""The promises of the OpenAPI documents: operations, and the answers to each of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema_rs
import yaml

from . import strict_yaml

FOLDER = Path(__file__).parent.parent / "openapi"
_READS = ("get", "head", "options", "trace")
METHODS = (*_READS, "put", "post", "delete", "patch")
"""All methods that a path of OpenAPI may have."""


class DeclaredAnswer(NamedTuple):
    """One possible answer of an operation; `code` is empty without an error code.

    For a refusal by HTTP itself, `operation` is the API.
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
    ranges: frozenset[str]
    """The declared ranges of statuses, such as ``4XX`` and ``default``."""
    writes: bool
    """True if a call may change something."""
    schemes: frozenset[str]
    """The security schemes, any of which grants access; empty for an open operation."""
    pattern: re.Pattern[str] = field(repr=False)

    @property
    def statuses(self) -> list[str]:
        """Return the statuses as declared, with the ranges behind them."""
        return [*map(str, sorted({each.status for each in self.declared})), *sorted(self.ranges)]

    def entry_of(self, status: int) -> str:
        """Return the entry of the responses for a status: its own one, a range or ``default``."""
        entries = (str(status), f"{status // 100}XX", "default")
        return next((each for each in entries if each in self.statuses), str(status))


_replaced: dict[str, tuple[Mapping[str, Any], str]] = {}
_files: dict[str, str] = {}


@contextmanager
def replaced_documents(
    documents: Mapping[str, tuple[Mapping[str, Any], str]], files: Mapping[str, str]
) -> Iterator[None]:
    """Have these documents alone until the end of the block, each with its YAML text and file."""
    _clear_caches()
    _replaced.update(documents)
    _files.update(files)
    try:
        yield
    finally:
        _replaced.clear()
        _files.clear()
        _clear_caches()


def _clear_caches() -> None:
    for cached in (document, lines, operations, http_answers):
        cached.cache_clear()


def apis() -> list[str]:
    """Return the name of every document."""
    return sorted(_replaced or (path.stem for path in FOLDER.glob("*.yaml")))


def is_replaced(api: str) -> bool:
    """Return whether a document is none of ours."""
    return api in _replaced


def file(api: str) -> str:
    """Return the path of an API's document, as reports show it."""
    return _files.get(api, f"openapi/{api}.yaml")


@cache
def document(api: str) -> Mapping[str, Any]:
    """Return an API's document with unresolved references."""
    if api in _replaced:
        return _replaced[api][0]
    content = strict_yaml.load((FOLDER / f"{api}.yaml").read_text(encoding="utf-8"))
    assert isinstance(content, dict)
    return content


@cache
def lines(api: str) -> Mapping[strict_yaml.Path, int]:
    """Return the line of everything in an API's document, by its path."""
    if api in _replaced:
        return _own_lines(Path(_files[api]))
    return strict_yaml.lines((FOLDER / f"{api}.yaml").read_text(encoding="utf-8"))


def _own_lines(own: Path) -> Mapping[strict_yaml.Path, int]:
    try:
        return strict_yaml.lines(own.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError):
        return {(): 1}  # it is at a URL, or no YAML


def line(api: str, *path: str) -> int:
    """Return the line of the node at a path, or of the nearest one around it."""
    known = lines(api)
    return next(known[path[:n]] for n in range(len(path), -1, -1) if path[:n] in known)


@cache
def operations() -> tuple[DeclaredOperation, ...]:
    """Return the operations of all documents, concrete paths before templates."""
    found = [operation for api in apis() for operation in _operations(api)]
    return tuple(sorted(found, key=lambda operation: operation.path.count("{")))


def operation(method: str, path: str) -> DeclaredOperation | None:
    """Return the operation for a path, if there is one."""
    for one in operations():
        if one.method == method and one.pattern.fullmatch(path):
            return one
    return None


@cache
def http_answers(api: str) -> frozenset[DeclaredAnswer]:
    """Return the refusals by HTTP itself that any request to an API may get."""
    refused = {"operationId": api, "responses": document(api).get("x-http-responses", {})}
    return frozenset(_declared(api, refused))


def nearest_api(path: str) -> str | None:
    """Return the API with the longest common start of a path, if it has its first segment."""
    segments = path.split("/")[1:]
    shared = {one: _shared(one.path.split("/")[1:], segments) for one in operations()}
    best = max(shared, key=shared.__getitem__)
    return best.api if any(shared[best]) else None


def _shared(template: Sequence[str], segments: Sequence[str]) -> list[int]:
    """Return 2 for each common leading segment, and 1 for each that fits a template's name."""
    shared = []
    for expected, segment in zip(template, segments, strict=False):
        fits = expected.startswith("{") and segment != ""
        if not fits and expected != segment:
            break
        shared.append(1 if fits else 2)
    return shared


def codes(api: str) -> Mapping[str, Any]:
    """Return an API's error codes with status and message."""
    return {str(code): said for code, said in document(api).get("x-codes", {}).items()}


def resolve(api: str, item: Mapping[str, Any] | bool) -> Mapping[str, Any]:
    """Return the target of a local reference; other items are returned as they are.

    A schema may be `true` or `false` (JSON Schema 2020-12, 4.3.2): its long form is returned.
    """
    found: Any = item
    while isinstance(found, Mapping) and "$ref" in found:
        steps = found["$ref"].removeprefix("#/").split("/")
        found = document(api)
        for step in steps:
            found = found[step]
    if isinstance(found, bool):
        return {} if found else {"not": {}}
    resolved: Mapping[str, Any] = found
    return resolved


def parameters(operation: DeclaredOperation) -> list[Mapping[str, Any]]:
    """Return the resolved parameters of an operation and of its path."""
    item = document(operation.api)["paths"][operation.path]
    given = (*item.get("parameters", ()), *item[operation.method.lower()].get("parameters", ()))
    return [resolve(operation.api, each) for each in given]


def parameter_schema(api: str, parameter: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the resolved schema of a parameter, be it beside it or in its media type."""
    media = next(iter(parameter.get("content", {}).values()), parameter)
    return resolve(api, media["schema"])


def validator(api: str, schema: Mapping[str, Any]) -> jsonschema_rs.Validator:
    """Return what judges values by a schema of an API's document."""
    # In OpenAPI 3.0 the exclusive bounds are flags, as in Draft 4.
    is_old = str(document(api)["openapi"]).startswith("3.0")
    kind = jsonschema_rs.Draft4Validator if is_old else jsonschema_rs.Draft202012Validator
    return kind({**schema, "components": document(api).get("components", {})})


def _operations(api: str) -> Iterator[DeclaredOperation]:
    for path, item in document(api)["paths"].items():
        for method in METHODS:
            if method in item:
                yield DeclaredOperation(
                    id=item[method]["operationId"],
                    api=api,
                    method=method.upper(),
                    path=path,
                    declared=frozenset(_declared(api, item[method])),
                    ranges=_ranges(item[method]),
                    writes=method not in _READS or bool(item[method].get("x-effect")),
                    schemes=frozenset(_schemes(api, item[method])),
                    pattern=_pattern(path),
                )


def _ranges(item: Mapping[str, Any]) -> frozenset[str]:
    """Return the declared ranges of statuses, and ``default``, which no declaration stands for."""
    declared = item["responses"] or {"default": {}}
    return frozenset(status for status in declared if not status.isdecimal())


def _schemes(api: str, item: Mapping[str, Any]) -> Iterator[str]:
    for requirement in item.get("security", document(api).get("security", [])):
        yield from requirement


def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"\{[^}]+\}", path)
    return re.compile("[^/]+".join(re.escape(part) for part in parts))


def _declared(api: str, item: Mapping[str, Any]) -> Iterator[DeclaredAnswer]:
    name = item["operationId"]
    for status, response in item["responses"].items():
        if not status.isdecimal():
            continue  # a range, or all others: `DeclaredOperation.ranges`
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
    schema = parameter_schema(api, parameter)
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
