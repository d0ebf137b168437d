"""What says nothing in a request: null in an object, and an empty field of a query.

To many programs each is the same as a missing member or field.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import schemathesis

from . import contract
from .json_text import loads
from .left_to_http import text_of

_READ = ("integer", "number", "boolean")
"""Types of a parameter whose values are read from its text."""

_Fields = Sequence[tuple[str, str]]


def is_right_without_nothing(case: schemathesis.Case[Any], response: schemathesis.Response) -> bool:
    """Return whether a request has nulls or empty fields, and is right without them.

    A contract with error codes tells what is missing and what is wrong, so there it never is.
    """
    operation = contract.operation(case.method.upper(), case.operation.path)
    if operation is None or contract.codes(operation.api):
        return False
    api, request = operation.api, response.request
    query = parse_qsl(urlsplit(text_of(request.url or "")).query, keep_blank_values=True)
    body = _read_body(request.body)
    kept = _without_nulls(body) if body is not None else {}
    if all(text for _, text in query) and kept == body:
        return False
    item = contract.document(api)["paths"][operation.path]
    content = item[operation.method.lower()]
    given = (*item.get("parameters", ()), *content.get("parameters", ()))
    headers = [(name.lower(), text_of(value)) for name, value in request.headers.items()]
    path = [(name, str(value)) for name, value in (case.path_parameters or {}).items()]
    fields = {"header": headers, "path": path, "cookie": _cookies(headers)}
    parameters = [contract.resolve(api, each) for each in given]
    if request.body and not _keeps_body(api, content, kept):
        return False
    # Of a field that comes twice, programs read the first or the last.
    reads = (dict(reversed(query)), dict(query))
    told = ([field for field in each.items() if field[1]] for each in reads)
    places = ({**fields, "query": each} for each in told)
    return any(all(_keeps(api, p, place[p["in"]]) for p in parameters) for place in places)


def _keeps(api: str, parameter: Mapping[str, Any], fields: _Fields) -> bool:
    """Return whether the fields of a place keep the rules of a parameter."""
    name = parameter["name"].lower() if parameter["in"] == "header" else parameter["name"]
    sent = [text for own, text in fields if own == name]
    if len(sent) != 1:
        return not sent and not parameter.get("required")
    schema = contract.parameter_schema(api, parameter)
    return contract.validator(api, schema).is_valid(_read(sent[0], schema))


def _read(text: str, schema: Mapping[str, Any]) -> Any:
    """Return the value that a parameter's text is read as."""
    try:
        return json.loads(text) if schema.get("type") in _READ else text
    except ValueError:
        return text


def _keeps_body(api: str, content: Mapping[str, Any], value: Any) -> bool:
    declared = contract.resolve(api, content.get("requestBody", {})).get("content", {})
    schema = declared.get("application/json", {}).get("schema", {})
    return contract.validator(api, schema).is_valid(value)


def _read_body(body: str | bytes | None) -> Any:
    """Return the value of a body, or what is no JSON as its text."""
    try:
        return loads(body or "{}")
    except ValueError:
        return text_of(body or "")


def _without_nulls(value: Any) -> Any:
    """Return JSON without the members that are null."""
    if isinstance(value, dict):
        told = {name: each for name, each in value.items() if each is not None}
        return {name: _without_nulls(each) for name, each in told.items()}
    return list(map(_without_nulls, value)) if isinstance(value, list) else value


def _cookies(headers: _Fields) -> list[tuple[str, str]]:
    try:
        read: SimpleCookie = SimpleCookie(dict(headers).get("cookie", ""))
    except CookieError:
        return []
    return [(name, each.value) for name, each in read.items()]
