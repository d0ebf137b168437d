"""Transforms: from an event to the body of a request.

ORIGINAL is the CloudEvent as it was published, CONSTANT a text, and VARIABLE a template with
``${name}`` in it. ``value``, a JSON object, has for each name a JSONPath into the event if it
begins with ``$``, and a constant otherwise. A template of JSON stays JSON, but for a lone
``${name}``: it becomes a text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson

from tallystick.apis import json_path
from tallystick.apis.eventgrid.exceptions import BadValue
from tallystick.apis.eventgrid.texts import to_json
from tallystick.apis.json_path import MAX_FOUND, MISSING, BadPath, OutOfSteps, size_of
from tallystick.contract import json_text

Transform = Mapping[str, Any]

ORIGINAL = "ORIGINAL"
"""The event as it was published."""

CLOUDEVENT = "application/cloudevents+json; charset=utf-8"
JSON = "application/json"
TEXT = "text/plain; charset=utf-8"

# No quote may be in a name: so each stands within a JSON string, or outside of all.
_PLACEHOLDER = re.compile(r"\$\{([^{}\"\\]*)\}")
_NAME = re.compile(r"(?!HC\.)[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
MAX_VARIABLES = 100
_STRING_OR_PLACEHOLDER = re.compile(rf'"(?:[^"\\]|\\.)*"|{_PLACEHOLDER.pattern}', re.DOTALL)


class TransformedContent(NamedTuple):
    """The body of a request."""

    type: str
    body: bytes


def refuse_unreadable(transform: Transform, where: str) -> None:
    """Raise `BadValue` for a transform unfit for every event."""
    if transform["type"] == "CONSTANT" and not transform.get("value"):
        raise BadValue(f"{where}.value is missing")
    if transform["type"] == "VARIABLE":
        if not transform.get("template"):
            raise BadValue(f"{where}.template is missing")
        variables = _variables(transform.get("value") or "")
        if variables is None:
            raise BadValue(f"{where}.value must be a JSON object of texts, in a text")
        _refuse_bad_names(variables, f"{where}.value")
        _refuse_bad_paths(variables, f"{where}.value")
        _refuse_undefined(transform["template"], variables, f"{where}.template")


def transform(transform: Transform, event: bytes) -> TransformedContent:
    """Return the content made of a published event; raise `LookupFailed`."""
    if transform["type"] == ORIGINAL:
        return TransformedContent(CLOUDEVENT, event)
    if transform["type"] == "CONSTANT":
        return _content(transform["value"], is_json=_is_json(transform["value"]))
    return _filled(transform["template"], _values(transform["value"], event))


def _refuse_bad_names(variables: Mapping[str, str], where: str) -> None:
    if len(variables) > MAX_VARIABLES:
        raise BadValue(f"{where} must have at most {MAX_VARIABLES} variables")
    if not all(map(_NAME.fullmatch, variables)):
        message = "1 to 64 letters, digits, '.', '_' and '-', a letter or digit first, and no HC."
        raise BadValue(f"{where}: the name of a variable has {message}")


def _refuse_bad_paths(variables: Mapping[str, str], where: str) -> None:
    for name, text in variables.items():
        try:
            if text.startswith("$"):
                json_path.parse_path(text)
        except BadPath as error:
            place = f"{where}.{name[:40]}, column {error.column}"
            raise BadValue(f"{place}, is not a JSONPath: {error}") from None


def _refuse_undefined(template: str, variables: Mapping[str, str], where: str) -> None:
    for found in _PLACEHOLDER.finditer(template):
        if found[1] not in variables:
            raise BadValue(
                f"{where}, column {found.start() + 1}, names a variable that is missing in value"
            )


def _variables(text: str) -> Mapping[str, str] | None:
    try:
        variables = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    is_good = isinstance(variables, dict) and all(isinstance(v, str) for v in variables.values())
    return variables if is_good else None


def _values(variables: str, event: bytes) -> dict[str, Any]:
    root = json_text.read_json(event)
    with json_path.budget():
        return {
            name: json_path.find_first(json_path.parse_path(text), root)
            if text.startswith("$")
            else text
            for name, text in orjson.loads(variables).items()
        }


def _filled(template: str, values: Mapping[str, Any]) -> TransformedContent:
    _refuse_long(template, values)
    if _is_json_template(template):
        filled = _STRING_OR_PLACEHOLDER.sub(lambda found: _json(found, values), template)
        return _content(filled, is_json=True)
    return _content(
        _PLACEHOLDER.sub(lambda found: _text(values[found[1]]), template), is_json=False
    )


def _is_json_template(template: str) -> bool:
    """Return whether the template is JSON, with a whole value for each variable outside quotes."""
    if _PLACEHOLDER.fullmatch(template.strip()):
        return False
    return _is_json(
        _STRING_OR_PLACEHOLDER.sub(lambda found: found[0] if found[1] is None else "null", template)
    )


def _refuse_long(template: str, values: Mapping[str, Any]) -> None:
    """Raise `OutOfSteps` for a content longer than the most found in an event."""
    sizes = {name: size_of(value) for name, value in values.items()}
    if sum(sizes[found[1]] for found in _PLACEHOLDER.finditer(template)) > MAX_FOUND:
        raise OutOfSteps(f"the template becomes longer than {MAX_FOUND:,} characters")


def _json(found: re.Match[str], values: Mapping[str, Any]) -> str:
    """Return a string of a JSON template, filled and still a string; or a value in its place."""
    if found[1] is None:
        return _PLACEHOLDER.sub(lambda inner: _escaped(values[inner[1]]), found[0])
    value = values[found[1]]
    return "null" if value is MISSING else to_json(value)


def _escaped(value: Any) -> str:
    return json.dumps(_text(value), ensure_ascii=False)[1:-1]


def _text(value: Any) -> str:
    if value is MISSING:
        return ""
    return value if isinstance(value, str) else to_json(value)


def _content(text: str, *, is_json: bool) -> TransformedContent:
    # No encoding carries half a surrogate pair, which only `data` can have.
    return TransformedContent(JSON if is_json else TEXT, text.encode(errors="replace"))


def _is_json(text: str) -> bool:
    try:
        json_text.read_json(text.encode())
    except json_text.Unreadable:
        return False
    return True
