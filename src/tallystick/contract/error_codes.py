"""Reads the error codes declared by a contract, and the answers they can stand in.

``x-codes`` at the top of a document is the API's table of codes. An answer of an operation can
carry the codes in its response's ``x-codes``. It can also carry the codes in ``x-error-codes`` of
the operation's request, if the code's status is the answer's. Answers to a request refused by HTTP
itself, before it reaches an operation, stand in ``x-http-responses``.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any, NamedTuple

from tallystick.contract.json_pointer import read_step

Node = Mapping[str, Any]
"""A part of an OpenAPI document."""


class ErrorCode(NamedTuple):
    """An error code's HTTP status and text."""

    status: int
    message: str


def unlisted(status: int) -> ErrorCode:
    """Return an error code with HTTP's own phrase for a status outside the contract."""
    return ErrorCode(status, HTTPStatus(status).phrase)


Codes = Mapping[str, ErrorCode]
"""The ``x-codes`` of one API's document: error code → HTTP status and text."""

AnswerCodes = Mapping[str, Sequence[str]]
"""HTTP status, as the contract writes it → the error codes of that answer, in the table's order."""


ALIKE: Mapping[int, Sequence[int]] = {400: (422,), 422: (400,)}
"""Statuses that stand for one another where a contract declares just one of them."""


class CodedKeyword(NamedTuple):
    """A schema keyword of a request with an error code of its own."""

    where: str
    """``path``, ``query``, ``header``, ``body``, or ``request`` for all of it."""
    path: tuple[str, ...]
    """Names that lead to the value; ``*`` stands for any item or further member."""
    keyword: str
    code: str


def table(content: Node) -> Codes:
    """Return the error codes declared at the top of a document."""
    return {
        str(name): ErrorCode(int(code["status"]), code["message"])
        for name, code in content.get("x-codes", {}).items()
    }


def http_responses(content: Node) -> Node:
    """Return the answers of HTTP itself, possible for any request to the API.

    The result has ``responses``, as an operation has.
    """
    return {"responses": content.get("x-http-responses", {})}


def value(code: str) -> str:
    """Return the code as answers show it: ``401-missing`` is a second text of the code 401.

    A code of other characters before its hyphen, such as ``card-declined``, is shown whole.
    """
    number, _, _ = code.partition("-")
    return number if number.isdigit() else code


def answer_codes(operation: Node, root: Node, codes: Codes) -> AnswerCodes:
    """Return the possible error codes of each answer of an operation, by status."""
    named = {keyword.code for keyword in coded_keywords(operation, root)} if codes else set()
    responses = {str(status): node for status, node in operation.get("responses", {}).items()}
    answers = {code: find_answer(said.status, responses) for code, said in codes.items()}
    found = {}
    for status, response in responses.items():
        listed = _listed(response, root)
        found[status] = [
            code
            for code, answer in answers.items()
            if code in listed or (code in named and answer == status)
        ]
    return found


def find_answer(status: int, responses: Container[str]) -> str | None:
    """Return the key of the declared answer with a status, or None.

    It is the status itself, or the one in its place, or its range, or ``default``.
    """
    exact = map(str, (status, *ALIKE.get(status, ())))
    keys = (*exact, f"{status // 100}XX", "default")
    return next((key for key in keys if key in responses), None)


def coded_keywords(operation: Node, root: Node) -> Iterator[CodedKeyword]:
    """Yield every keyword with an error code: of parameters, body and request as a whole."""
    for parameter in operation.get("parameters", ()):
        yield from _of_parameter(resolve(parameter, root), root)
    body = resolve(operation.get("requestBody", {}), root)
    for media in body.get("content", {}).values():
        yield from _of_schema("body", (), media["schema"], root, ())
    yield from _coded("request", (), operation)


def faults(operation: Node, root: Node, codes: Codes) -> Iterator[str]:
    """Yield each fault in an operation's error codes as a text with its place."""
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
    """Return the part of `root` at the end of a reference, and any other node unchanged."""
    while "$ref" in node:
        found = root
        for step in node["$ref"].removeprefix("#/").split("/"):
            found = found[read_step(step)]
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
    """Return whether a parameter can break a keyword.

    A query holds only text, and an optional parameter may be left out.
    """
    if keyword == "type":
        return schema.get("type") != "string"
    return keyword != "required" or bool(parameter.get("required"))


def _of_schema(
    where: str, path: tuple[str, ...], schema: Any, root: Node, above: tuple[int, ...]
) -> Iterator[CodedKeyword]:
    if not isinstance(schema, Mapping) or id(schema) in above:
        return
    yield from _coded(where, path, schema)
    for steps, part in _parts(schema, root):
        yield from _of_schema(where, (*path, *steps), part, root, (*above, id(schema)))


def _parts(schema: Node, root: Node) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield each schema within this one, with the step to its value."""
    if "$ref" in schema:
        yield (), resolve(schema, root)
    for key in ("allOf", "anyOf", "oneOf"):
        yield from (((), part) for part in schema.get(key, ()))
    for key in ("properties", "x-gathered"):
        yield from (((name,), part) for name, part in schema.get(key, {}).items())
    for part in (*schema.get("prefixItems", ()), *schema.get("patternProperties", {}).values()):
        yield ("*",), part
    for key in ("items", "additionalProperties"):
        yield ("*",), schema.get(key)


def _coded(where: str, path: tuple[str, ...], node: Node) -> Iterator[CodedKeyword]:
    for keyword, code in node.get("x-error-codes", {}).items():
        yield CodedKeyword(where, path, keyword, str(code))
