"""Error codes, as the contract declares them: the table of an API, and the answers they stand in.

An answer of an operation can carry the codes that its response lists in ``x-codes``, and each code
that a keyword of the operation's request names in ``x-error-codes``, on the answer of the code's
status. What HTTP itself refuses is no call of an operation: ``x-http-responses`` has its answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any, NamedTuple

Node = Mapping[str, Any]
"""A part of an OpenAPI document."""


class ErrorCode(NamedTuple):
    """Say what the contract declares of one error code."""

    status: int
    message: str


def unlisted(status: int) -> ErrorCode:
    """Return HTTP's own word for a status that the contract does not list."""
    return ErrorCode(status, HTTPStatus(status).phrase)


Codes = Mapping[str, ErrorCode]
"""The ``x-codes`` of one API's document: error code → HTTP status and text."""

AnswerCodes = Mapping[str, Sequence[str]]
"""HTTP status, as the contract writes it → the error codes of that answer, in the table's order."""


class CodedKeyword(NamedTuple):
    """Name a keyword of a request whose breach has an error code."""

    where: str
    """``path``, ``query``, ``header``, ``body``, or ``request`` for all of it."""
    path: tuple[str, ...]
    """Names that lead to the value; ``*`` stands for any item or further member."""
    keyword: str
    code: str


def table(content: Node) -> Codes:
    """Return the error codes that a document declares at its top."""
    return {
        str(name): ErrorCode(int(code["status"]), code["message"])
        for name, code in content.get("x-codes", {}).items()
    }


def http_responses(content: Node) -> Node:
    """Return the answers of a document that any request may get: they are HTTP's, of no operation.

    The result has ``responses`` as an operation has.
    """
    return {"responses": content.get("x-http-responses", {})}


def value(code: str) -> str:
    """Return the code as answers name it: ``401-missing`` is a second text of the code 401."""
    return code.partition("-")[0]


def answer_codes(operation: Node, root: Node, codes: Codes) -> AnswerCodes:
    """Return the error codes that each answer of an operation can carry."""
    named = {keyword.code for keyword in coded_keywords(operation, root)}
    found = {}
    for status, response in operation.get("responses", {}).items():
        listed = _listed(response, root)
        found[str(status)] = [
            code
            for code, said in codes.items()
            if code in listed or (code in named and str(said.status) == str(status))
        ]
    return found


def coded_keywords(operation: Node, root: Node) -> Iterator[CodedKeyword]:
    """Return every keyword that names a code: of parameters, of the body, of the whole request."""
    for parameter in operation.get("parameters", ()):
        yield from _of_parameter(resolve(parameter, root), root)
    body = resolve(operation.get("requestBody", {}), root)
    for media in body.get("content", {}).values():
        yield from _of_schema("body", (), media["schema"], root, ())
    yield from _coded("request", (), operation)


def faults(operation: Node, root: Node, codes: Codes) -> Iterator[str]:
    """Return what is wrong with the codes of an operation: each fault with its place."""
    for status, response in operation.get("responses", {}).items():
        for code in _listed(response, root):
            if code not in codes:
                yield f"{status}: {code} is not in x-codes"
            elif str(codes[code].status) != str(status):
                yield f"{status}: {code} goes with {codes[code].status}"
    statuses = set(map(str, operation.get("responses", {})))
    for where, path, keyword, code in coded_keywords(operation, root):
        place = " ".join(filter(None, (where, ".".join(path), keyword)))
        if code not in codes:
            yield f"{place}: {code} is not in x-codes"
        elif str(codes[code].status) not in statuses:
            yield f"{place}: {code} goes with {codes[code].status}, not an answer of the operation"


def resolve(node: Node, root: Node) -> Node:
    """Return the part of the document `root` that a reference leads to; other nodes as they are."""
    while "$ref" in node:
        found = root
        for step in node["$ref"].removeprefix("#/").split("/"):
            found = found[step.replace("~1", "/").replace("~0", "~")]
        node = found
    return node


def _listed(response: Node, root: Node) -> list[str]:
    return [str(code) for code in resolve(response, root).get("x-codes", ())]


def _of_parameter(parameter: Node, root: Node) -> Iterator[CodedKeyword]:
    where, path = parameter["in"], (parameter["name"],)
    schema = resolve(parameter.get("schema", {}), root)
    for coded in _of_schema(where, path, schema, root, ()):
        if coded.path != path or _is_possible(coded.keyword, parameter, schema):
            yield coded


def _is_possible(keyword: str, parameter: Node, schema: Node) -> bool:
    """All that a query holds is text, and an optional parameter can't be missing."""
    if keyword == "type":
        return schema.get("type") != "string"
    return keyword != "required" or bool(parameter.get("required"))


def _of_schema(
    where: str, path: tuple[str, ...], schema: Node, root: Node, above: tuple[int, ...]
) -> Iterator[CodedKeyword]:
    schema = resolve(schema, root)
    if id(schema) in above:
        return
    yield from _coded(where, path, schema)
    for name, part in _parts(schema):
        yield from _of_schema(where, (*path, name), part, root, (*above, id(schema)))


def _parts(schema: Node) -> Iterator[tuple[str, Node]]:
    yield from schema.get("properties", {}).items()
    yield from schema.get("x-gathered", {}).items()
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), Mapping):
            yield "*", schema[key]


def _coded(where: str, path: tuple[str, ...], node: Node) -> Iterator[CodedKeyword]:
    for keyword, code in node.get("x-error-codes", {}).items():
        yield CodedKeyword(where, path, keyword, str(code))
