"""Answers with placeholders for values of the request, such as ``{{body.$.cl}}``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from typing import Any

from tallystick.apis import json_path
from tallystick.contract.exceptions import Invalid, Violation
from tallystick.contract.json_text import write_json
from tallystick.mock.matching import PARTS, find_values
from tallystick.mock.request_view import RequestView

MOST = 1_000
"""The most placeholders of one answer."""

_PLACEHOLDER = re.compile(r"\{\{([^{}]+)\}\}")


def check_placeholders(value: Any, name: str) -> bool:
    """Return whether there is a placeholder anywhere in a JSON value.

    Raises `Invalid` for one that names no part of a request; `name` is the value's place.
    """
    found = [place.strip() for text in _texts(value) for place in _PLACEHOLDER.findall(text)]
    if len(found) > MOST:
        raise _invalid(name, f"has more than {MOST:,} placeholders")
    for place in found:
        part, _, rest = place.partition(".")
        if part not in PARTS or not rest:
            near = get_close_matches(part, PARTS, n=1)
            hint = f"; near it is {near[0]}.…" if near else ""
            message = f"has {{{{{place}}}}}: begin with {'., '.join(PARTS)}.{hint}"
            raise _invalid(name, message)
        find_values(part, rest)
    return bool(found)


def fill_template(value: Any, facts: RequestView) -> Any:
    """Return a JSON value with each placeholder replaced by its value of the request.

    A text that is one placeholder becomes the value itself, of any type, and null without one.
    """
    with json_path.budget():
        return _map_texts(value, lambda text: _filled(text, facts))


def _filled(text: str, facts: RequestView) -> Any:
    if whole := _PLACEHOLDER.fullmatch(text):
        return _value(whole[1], facts)
    return _PLACEHOLDER.sub(lambda found: _as_text(_value(found[1], facts)), text)


def _value(place: str, facts: RequestView) -> Any:
    part, _, rest = place.strip().partition(".")
    return next(iter(find_values(part, rest)(facts)), None)


def _as_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else write_json(value).decode()


def _map_texts(value: Any, change: Callable[[str], Any]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_map_texts(item, change) for item in value]
    if isinstance(value, dict):
        return {name: _map_texts(member, change) for name, member in value.items()}
    return value


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item)


def _invalid(name: str, message: str) -> Invalid:
    return Invalid([Violation("body", name, "format", None, message, (name,))])
