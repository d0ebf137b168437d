"""Reads the documents in ``openapi/`` strictly and joins them into one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import yaml

from tallystick.contract import error_codes
from tallystick.contract.error_codes import AnswerCodes, Codes
from tallystick.contract.parse_cache import parsed
from tallystick.contract.scopes import Scopes, scope_faults, scope_table
from tallystick.contract.yaml_bounds import YamlOutOfBounds, refuse_out_of_bounds

METHODS = ("get", "put", "post", "delete", "patch", "head", "options", "trace")


class ContractError(Exception):
    """The contract has a fault and can't be served."""


class _StrictLoader(yaml.CSafeLoader):
    """A loader for the types of YAML's JSON schema alone: dates, ``NO`` and ``1:30`` stay text."""

    yaml_implicit_resolvers = {}  # noqa: RUF012  # PyYAML's own way to say it


for _type, _pattern, _first in (
    ("merge", r"<<", "<"),
    ("null", r"null", "n"),
    ("bool", r"true|false", "tf"),
    ("int", r"-?(0|[1-9][0-9]*)", "-0123456789"),
    ("float", r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?", "-0123456789"),
):
    _StrictLoader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_type}", re.compile(f"^(?:{_pattern})$"), list(_first)
    )


def parse_yaml(text: bytes, name: str = "document") -> dict[str, Any]:
    """Return the mapping in a YAML text; raise `ContractError` for bad YAML or a repeated key.

    `name` stands in the error's text.
    """
    try:
        refuse_out_of_bounds(text)
    except (YamlOutOfBounds, yaml.YAMLError) as error:
        raise ContractError(f"{name}: {explain_yaml_error(error)}") from error
    loader = _StrictLoader(text)
    try:
        node = loader.get_single_node()
        _refuse_repeated_keys(node, name, set())
        document = loader.construct_document(node) if node else None
    except (yaml.YAMLError, ValueError, TypeError) as error:  # a key that is a list, a long number
        raise ContractError(f"{name}: {explain_yaml_error(error)}") from error
    finally:
        loader.dispose()
    if not isinstance(document, dict):
        raise ContractError(f"{name}: not a mapping")
    return document


def explain_yaml_error(error: Exception) -> str:
    """Return a fault of YAML in one line, with its line and column from 1 if it tells them."""
    mark = getattr(error, "problem_mark", None)
    if mark is None:
        return " ".join(str(error).split())
    return f"line {mark.line + 1}, column {mark.column + 1}: {getattr(error, 'problem', '')}"


def _refuse_repeated_keys(node: yaml.Node | None, name: str, seen: set[int]) -> None:
    if node is None or id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        for child in node.value:
            _refuse_repeated_keys(child, name, seen)
    if isinstance(node, yaml.MappingNode):
        keys = set()
        for key, value in node.value:
            if key.value in keys:
                line = key.start_mark.line + 1
                raise ContractError(f"{name}, line {line}: {key.value!r} is given twice")
            keys.add(key.value)
            _refuse_repeated_keys(value, name, seen)


class Document(NamedTuple):
    """An API's OpenAPI document: its name, its YAML text and its parsed content."""

    api: str
    text: bytes
    content: Mapping[str, Any]
    is_foreign: bool = False
    """The user's own contract, in the normal form of `tallystick.contract.reader`."""
    version: str = ""
    """The version in ``x-dialects`` whose members its operations have."""

    def in_dialect(self, version: str) -> Document:
        """Return the document with each operation's members for a version in ``x-dialects``."""
        paths = {path: dict(item) for path, item in self.content["paths"].items()}
        for path, method, operation in self.operations():
            paths[path][method] = {**operation, **operation.get("x-dialects", {}).get(version, {})}
        return self._replace(content={**self.content, "paths": paths}, version=version)

    @property
    def codes(self) -> Codes:
        """Return the error codes declared at the top of the document."""
        return error_codes.table(self.content)

    @property
    def scopes(self) -> Scopes:
        """Return the possible scopes of keys of the API."""
        return scope_table(self.content)

    @property
    def components(self) -> Mapping[str, Any]:
        """Return the components of the document, empty if it has none."""
        components: Mapping[str, Any] = self.content.get("components", {})
        return components

    @property
    def schemes(self) -> Mapping[str, Mapping[str, Any]]:
        """Return the security schemes by name."""
        schemes: Mapping[str, Mapping[str, Any]] = self.components.get("securitySchemes", {})
        return schemes

    def answer_codes(self, operation: Mapping[str, Any]) -> AnswerCodes:
        """Return the possible error codes of each answer of an operation, by status."""
        return error_codes.answer_codes(operation, self.content, self.codes)

    def schema(self, name: str) -> Mapping[str, Any]:
        """Return the component schema of this name."""
        return self.resolve({"$ref": f"#/components/schemas/{name}"})

    def defaults(self, name: str) -> dict[str, Any]:
        """Return the defaults of a component schema's properties, for those with a default."""
        members = {n: self.resolve(member) for n, member in self.schema(name)["properties"].items()}
        return {n: member["default"] for n, member in members.items() if "default" in member}

    def operation(self, id_: str) -> Mapping[str, Any]:
        """Return the operation with this operationId; raise `StopIteration` if it is missing."""
        return next(found for _, _, found in self.operations() if found["operationId"] == id_)

    def resolve(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the component at the end of a reference, and any other node unchanged."""
        return error_codes.resolve(node, self.content)

    def operations(self) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
        """Yield path, lower-case method and content of each operation, in the document's order."""
        for path, item in self.content["paths"].items():
            for method in METHODS:
                if method in item:
                    yield path, method, item[method]


def list_apis() -> list[str]:
    """Return the name of each API in ``openapi/``, sorted."""
    names = (file.name for file in files("tallystick.openapi").iterdir())
    return sorted(name.removesuffix(".yaml") for name in names if name.endswith(".yaml"))


def read_documents() -> list[Document]:
    """Return every document in ``openapi/``, sorted by file name."""
    return [read_api(api) for api in list_apis()]


@cache
def read_api(api: str) -> Document:
    """Return the document of one API in ``openapi/``."""
    return read_document(api, (files("tallystick.openapi") / f"{api}.yaml").read_bytes())


def read_document(api: str, text: bytes) -> Document:
    """Return a document from its YAML text; raise `ContractError` for bad YAML."""
    return Document(api, text, parsed(f"{api}.yaml", text, parse_yaml))


class _Dumper(yaml.CSafeDumper):
    """A YAML writer without aliases: it writes repeated content in full each time."""

    def ignore_aliases(self, _data: object) -> bool:
        return True


def to_yaml(document: Mapping[str, Any]) -> bytes:
    """Return a document as YAML in UTF-8."""
    return yaml.dump(
        document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, encoding="utf-8"
    )


def join_documents(documents: Sequence[Document], *, judged: bool = False) -> dict[str, Any]:
    """Return all documents as one; raise `ContractError` where two of them disagree.

    Raises it also for operationIds, error codes or scopes with a fault, of which those of ours that
    are `judged` have none.
    """
    joined: dict[str, Any] = {
        "openapi": "3.0.3",
        "info": {
            "title": "Tallystick",
            "version": "1.0.0",
            "description": "Every API that this service answers, in one document.",
        },
        "servers": [{"url": "/", "description": "This service."}],
        "tags": [tag for document in documents for tag in document.content.get("tags", [])],
        "paths": {},
        "components": {},
        "x-codes": {},
        "x-http-responses": {},
    }
    _refuse_repeated_operation_ids(documents)
    if not judged:
        # The reader of foreign contracts says of them what is wrong, and leaves it out.
        own = [document for document in documents if not document.is_foreign]
        _refuse_faulty_codes(own)
        _refuse_unknown_scopes(own)
    for document in documents:
        content = document.content
        if document.is_foreign:
            joined["openapi"] = max(joined["openapi"], content["openapi"])
        elif not str(content.get("openapi", "")).startswith("3.0."):
            raise ContractError(f"{document.api}.yaml: only OpenAPI 3.0 is served")
        _merge(joined["paths"], _secured_paths(document), f"{document.api}.yaml, paths")
        for kind, components in content.get("components", {}).items():
            into = joined["components"].setdefault(kind, {})
            _merge(into, components, f"{document.api}.yaml, components/{kind}", same_is_fine=True)
        for extension in ("x-codes", "x-http-responses"):
            joined[extension][document.api] = content.get(extension, {})
    return joined


def _merge(
    into: dict[str, Any], more: Mapping[str, Any], where: str, same_is_fine: bool = False
) -> None:
    for name, value in more.items():
        if name in into and not (same_is_fine and into[name] == value):
            raise ContractError(f"{where}: {name} is defined in another document too")
        into[name] = value


INHERITED = ("x-known-query-only", "x-harmless-query")
"""Extensions of a document that count for each operation without its own."""


def _secured_paths(document: Document) -> dict[str, Any]:
    """Return the paths, with the document's own security written into each operation.

    The joined document has one top level, so the default of each document would be lost.
    """
    security = document.content.get("security", [])
    inherited = {name: document.content[name] for name in INHERITED if name in document.content}
    paths: dict[str, Any] = {path: dict(item) for path, item in document.content["paths"].items()}
    for path, method, operation in document.operations():
        paths[path][method] = {"security": security, **inherited, **operation}
    return paths


def _refuse_repeated_operation_ids(documents: Iterable[Document]) -> None:
    seen: dict[str, str] = {}
    for document in documents:
        for path, method, operation in document.operations():
            here = f"{document.api}.yaml, {method.upper()} {path}"
            operation_id = operation.get("operationId")
            if not operation_id:
                raise ContractError(f"{here}: has no operationId")
            if operation_id in seen:
                raise ContractError(
                    f"{here}: operationId {operation_id} is {seen[operation_id]}'s already"
                )
            seen[operation_id] = here


def _refuse_faulty_codes(documents: Sequence[Document]) -> None:
    tables = {document.api: document.codes for document in documents}
    answered: dict[str, frozenset[str]] = {}
    for document in documents:
        for here, operation in _list_answerers(document):
            api = operation.get("x-errors", document.api)
            codes = tables.get(api, {})
            for fault in error_codes.faults(operation, document.content, codes):
                raise ContractError(f"{document.api}.yaml, {here}, {fault}")
            found = error_codes.answer_codes(operation, document.content, codes)
            answered[api] = answered.get(api, frozenset()).union(*found.values())
    for api, codes in tables.items():
        for code in [code for code in codes if code not in answered[api]]:
            raise ContractError(f"{api}.yaml, x-codes: no answer lists {code}")


def _list_answerers(document: Document) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield everything with answers, each with its place: ``x-http-responses``, then operations."""
    yield "x-http-responses", error_codes.http_responses(document.content)
    for path, method, operation in document.operations():
        yield f"{method.upper()} {path}", operation


def _refuse_unknown_scopes(documents: Sequence[Document]) -> None:
    tables = {document.api: document.scopes for document in documents}
    for document in documents:
        for path, method, operation in document.operations():
            known = tables.get(operation.get("x-errors", document.api), {})
            for fault in scope_faults(operation, known):
                raise ContractError(f"{document.api}.yaml, {method.upper()} {path}, {fault}")
