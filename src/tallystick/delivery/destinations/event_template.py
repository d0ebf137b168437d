"""Templates of messages about an event: ``{{ type }}``, ``{{ data.cron.name }}``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

from tallystick.contract.json_pointer import read_index
from tallystick.contract.json_text import Unreadable, read_json, write_json
from tallystick.delivery.destinations.destination_kind import DestinationRefused
from tallystick.events import Event, cloudevent

MAX_DEPTH = 20
"""The levels of objects and lists in a template."""

PLACEHOLDERS = 50
"""The number of placeholders in a template, as each may stand for the whole event."""

FILLED_LIMIT = 256 * 1024
"""The limit in bytes of a template, and of a filled one."""

_PLACEHOLDER = re.compile(r"\{\{([^{}]*)\}\}")
_OPEN = re.compile(r"\{\{|\}\}")
_NAME = re.compile(r"[A-Za-z0-9_$@-]+(\.[A-Za-z0-9_$@ -]+)*")

Attributes: TypeAlias = Mapping[str, Any]
"""The CloudEvent as a JSON object."""


class TooLong(ValueError):
    """The filled template exceeds `FILLED_LIMIT`."""


class Placeholder(NamedTuple):
    """The path of a value in the event."""

    path: tuple[str, ...]


def read_attributes(event: Event) -> Attributes:
    """Return the CloudEvent as a JSON object, with its data as a value."""
    attributes = cloudevent(event)
    if "data" in attributes:
        attributes["data"] = _read_data(event.data)
    return attributes


def check_template(option: str, template: Any) -> None:
    """Return if a JSON value can be filled; raise `DestinationRefused`."""
    if sum(_count_placeholders(option, template, 0)) > PLACEHOLDERS:
        raise DestinationRefused(option, f"has more than {PLACEHOLDERS} placeholders")
    if len(write_json(template)) > FILLED_LIMIT:
        raise DestinationRefused(option, f"has more than {FILLED_LIMIT} bytes")


def fill_template(template: Any, attributes: Attributes) -> bytes:
    """Return a JSON value as JSON text, with its placeholders filled; raise `TooLong`.

    A text that is one placeholder keeps the type of its value; without a value it is empty.
    """
    filled = write_json(_fill(template, attributes))
    if len(filled) > FILLED_LIMIT:
        raise TooLong(f"the body would have more than {FILLED_LIMIT} bytes")
    return filled


def fill_text(template: str, attributes: Attributes) -> str:
    """Return the text with its placeholders filled."""
    return "".join(
        part if isinstance(part, str) else to_text(_find(part, attributes))
        for part in _parse(template)
    )


def to_text(value: Any) -> str:
    """Return a JSON value as text: a string as it is, null as nothing, others as JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else write_json(value).decode()


def _read_data(data: bytes) -> Any:
    try:
        return read_json(data)
    except Unreadable:
        return data.decode(errors="replace")


def _count_placeholders(option: str, template: Any, depth: int) -> Iterator[int]:
    if depth > MAX_DEPTH:
        raise DestinationRefused(option, f"is nested deeper than {MAX_DEPTH} levels")
    if isinstance(template, str):
        _check_text(option, template)
        yield len(_PLACEHOLDER.findall(template))
    for inner in _members(template):
        yield from _count_placeholders(option, inner, depth + 1)


def _check_text(option: str, text: str) -> None:
    if _OPEN.search(_PLACEHOLDER.sub("", text)):
        raise DestinationRefused(option, "has a placeholder without its {{ or its }}")
    for found in _PLACEHOLDER.finditer(text):
        if not _NAME.fullmatch(found[1].strip()):
            raise DestinationRefused(option, "has a placeholder that is not like {{ data.name }}")


def _members(value: Any) -> Sequence[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else ()


def _fill(template: Any, attributes: Attributes) -> Any:
    if isinstance(template, str):
        parts = _parse(template)
        is_value = len(parts) == 1 and isinstance(parts[0], Placeholder)
        return _find(parts[0], attributes) if is_value else fill_text(template, attributes)
    if isinstance(template, dict):
        return {name: _fill(value, attributes) for name, value in template.items()}
    if isinstance(template, list):
        return [_fill(item, attributes) for item in template]
    return template


@lru_cache(maxsize=1_000)
def _parse(text: str) -> tuple[str | Placeholder, ...]:
    # Every second part of the split is a placeholder's name.
    parts = [
        Placeholder(tuple(part.strip().split("."))) if number % 2 else part
        for number, part in enumerate(_PLACEHOLDER.split(text))
    ]
    return tuple(part for part in parts if part != "")


def _find(placeholder: Any, attributes: Attributes) -> Any:
    value: Any = attributes
    for name in placeholder.path:
        if isinstance(value, dict):
            value = value.get(name)
        elif isinstance(value, list) and (index := read_index(name, value)) is not None:
            value = value[index]
        else:
            return ""
    return "" if value is None else value
