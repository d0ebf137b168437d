"""Events of the log for reported cloud operations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tallystick.contract.document import read_api
from tallystick.contract.json_text import write_json
from tallystick.events import Event, new_id

API = "event_store"
_DOCUMENT = read_api(API)


FieldSelector = Callable[[Mapping[str, Any]], dict[str, Any]]
"""Returns the declared fields of a request, with defaults for absent ones."""


def _field_selector(schemas: Mapping[str, Any], gathered: Iterable[str]) -> FieldSelector:
    """Return a selector of the schemas' fields, and of the user's own with these prefixes."""
    names = frozenset(schemas)
    prefixes = tuple(gathered)
    resolved = {name: _DOCUMENT.resolve(schema) for name, schema in schemas.items()}
    defaults = tuple((name, s["default"]) for name, s in resolved.items() if "default" in s)

    # A closure, as it runs for every event and is as fast as with constants.
    def select(sent: Mapping[str, Any]) -> dict[str, Any]:
        fields = {
            name: value
            for name, value in sent.items()
            if (name in names or name.startswith(prefixes)) and value is not None
        }
        for name, value in defaults:
            fields.setdefault(name, value)
        return fields

    return select


def _query_selector() -> FieldSelector:
    declared = _DOCUMENT.operation("createEventFromQuery")["parameters"]
    prefixes = {p["name"]: p["x-property-prefix"] for p in declared if "x-property-prefix" in p}
    schemas = {p["name"]: p["schema"] for p in declared if p["name"] not in prefixes}
    return _field_selector(schemas, prefixes.values())


def _body_selector() -> FieldSelector:
    content = _DOCUMENT.operation("createEvent")["requestBody"]["content"]
    schema = _DOCUMENT.resolve(content["application/json"]["schema"])
    return _field_selector(schema["properties"], schema.get("x-gathered", {}))


_from_query = _query_selector()
_from_body = _body_selector()


def to_event(sent: Mapping[str, Any], raw: bytes | None, now_ms: int) -> Event:
    """Return the event of an operation, sent as a body (`raw`) or as a query.

    Its data is the body's own bytes, unless fields were dropped or added.
    """
    fields = _from_query(sent) if raw is None else _from_body(sent)
    source = f"/{API}/{fields['cl']}"
    data = raw if raw and fields == sent else write_json(fields)
    return Event(new_id(now_ms), API, source, fields["ty"], fields["ac"], now_ms, data, "{}")
