"""Fuzzed forms that say something else in their texts than in the values they were made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import schemathesis
from schemathesis.core.parameters import ParameterLocation

from . import contract
from .contract import DeclaredOperation
from .form_fields import FormField, FormFields
from .json_text import loads
from .left_to_http import text_of
from .vectors import VectorRequest

_READ = ("integer", "number", "boolean", "array", "object")
"""Types whose values are read from a text."""


def is_right_as_text(case: schemathesis.Case[Any], response: schemathesis.Response) -> bool:
    """Return whether a form alone should be wrong, and is right as texts.

    A form has texts alone: `false` is as good a text as any. A field without one may be missing.
    """
    components = case.meta.components if case.meta else {}
    wrong = {where for where, each in components.items() if each.mode.is_negative}
    operation = contract.operation(case.method.upper(), case.operation.path)
    if operation is None or wrong != {ParameterLocation.BODY}:
        return False
    form = read_form(response)
    fields = form.list_all()
    readings = (fields, _list_told(operation, fields))
    return bool(fields) and any(_is_right(operation, form.media_type, each) for each in readings)


def is_wrong_without_empty_fields(
    case: schemathesis.Case[Any], response: schemathesis.Response
) -> bool:
    """Return whether a form is wrong without its fields of no text, such as a required one."""
    operation = contract.operation(case.method.upper(), case.operation.path)
    if operation is None:
        return False
    form = read_form(response)
    fields = form.list_all()
    told = _list_told(operation, fields)
    return told != fields and not _is_right(operation, form.media_type, told)


def _list_told(operation: DeclaredOperation, fields: list[FormField]) -> list[FormField]:
    """Return the fields with a text: to many programs another one is missing.

    A contract with error codes tells what is missing and what is wrong, so there it is none.
    """
    has_codes = bool(contract.codes(operation.api))
    return [each for each in fields if has_codes or each.text != ""]


def _is_right(operation: DeclaredOperation, media_type: str, fields: list[FormField]) -> bool:
    """Return whether the texts of a form keep the rules of its schema."""
    item = contract.document(operation.api)["paths"][operation.path][operation.method.lower()]
    content = contract.resolve(operation.api, item.get("requestBody", {})).get("content", {})
    schema = content.get(media_type, {}).get("schema", {})
    members = contract.resolve(operation.api, schema).get("properties", {})
    judge = contract.validator(operation.api, schema)
    read = [
        (each.name, _read(each, contract.resolve(operation.api, members.get(each.name, {}))))
        for each in fields
    ]
    # Of a field that comes twice, programs read the first or the last.
    return any(map(judge.is_valid, (dict(reversed(read)), dict(read))))


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
