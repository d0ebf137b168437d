"""Fuzzed forms that say something else in their texts than in the values they were made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import schemathesis
from schemathesis.core.parameters import ParameterLocation

from . import contract
from .form_fields import FormField, FormFields
from .json_text import loads
from .left_to_http import text_of
from .vectors import VectorRequest

_READ = ("integer", "number", "boolean", "array", "object")
"""Types whose values are read from a text."""


def is_right_as_text(case: schemathesis.Case[Any], response: schemathesis.Response) -> bool:
    """Return whether a form alone should be wrong, and is right as texts.

    A form has texts alone: `false` is as good a text as any.
    """
    components = case.meta.components if case.meta else {}
    wrong = {where for where, each in components.items() if each.mode.is_negative}
    operation = contract.operation(case.method.upper(), case.operation.path)
    if operation is None or wrong != {ParameterLocation.BODY}:
        return False
    item = contract.document(operation.api)["paths"][operation.path][operation.method.lower()]
    content = contract.resolve(operation.api, item.get("requestBody", {})).get("content", {})
    form = read_form(response)
    schema = content.get(form.media_type, {}).get("schema", {})
    members = contract.resolve(operation.api, schema).get("properties", {})
    judge = contract.validator(operation.api, schema)
    read = [
        (each.name, _read(each, contract.resolve(operation.api, members.get(each.name, {}))))
        for each in form.list_all()
    ]
    # Of a field that comes twice, programs read the first or the last.
    values = (dict(reversed(read)), dict(read))
    return bool(read) and any(map(judge.is_valid, values))


def has_empty_field(case: schemathesis.Case[Any], response: schemathesis.Response) -> bool:
    """Return whether a form has a field without a text: to many programs it is missing.

    A contract with error codes tells what is missing and what is wrong, so there it is none.
    """
    operation = contract.operation(case.method.upper(), case.operation.path)
    if operation is None or contract.codes(operation.api):
        return False
    return any(each.text == "" for each in read_form(response).list_all())


def read_form(response: schemathesis.Response) -> FormFields:
    """Return the form of an answered request."""
    request = response.request
    headers = tuple((name, text_of(value)) for name, value in request.headers.items())
    body = request.body.encode() if isinstance(request.body, str) else request.body
    return FormFields(VectorRequest(request.method or "", "/", headers, body or b""))


def _read(field: FormField, schema: Mapping[str, Any]) -> Any:
    text = field.content.decode("utf-8", "replace")
    try:
        return loads(text) if schema.get("type") in _READ else text
    except ValueError:
        return text
