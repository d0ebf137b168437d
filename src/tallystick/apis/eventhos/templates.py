"""Templates: JSON values with placeholders such as ``${.body.name}``, filled for each event."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import Any, NoReturn
from urllib.parse import quote

import orjson

from tallystick.apis import json_path
from tallystick.apis.eventhos.exceptions import BadField
from tallystick.apis.json_path import MISSING, BadPath, LookupFailed, Path

Scope = Mapping[str, Any]
"""The placeholders' roots: ``headers``, ``query``, ``body``, ``url`` and ``oauthResponse``."""

MAX_DEPTH = 50
"""The deepest nesting of objects and arrays in a template."""

SHOWN = 40
"""The number of characters of an invalid placeholder that its error shows."""

# Possessive quantifiers (`*+`) read a text once, even one with an unclosed placeholder or string.
_QUOTED = r"'(?>[^'\\]+|\\.)*+'|\"(?>[^\"\\]+|\\.)*+\""
_PLACEHOLDER = re.compile(rf"\$\{{(?=[.\[])((?>[^}}'\"]+|{_QUOTED})*+)(\}}?)", re.DOTALL)
_ROOT = re.compile(r"""(?:\.|\[['"])(headers|query|body|url|oauthResponse)(?![\w-])""")
_ROOTS = ".headers, .query, .body, .url or .oauthResponse"
_DOTS = frozenset({".", ".."})
_ORIGIN = re.compile(r"[^:/?#]+://[^/?#]+[/?#]")


class BadTemplate(ValueError):
    """A placeholder is invalid; `column` is its position, from 1."""

    def __init__(self, reason: str, column: int) -> None:
        super().__init__(reason)
        self.column = column


class Unfilled(ValueError):
    """A placeholder can't be looked up in this event."""


@lru_cache(maxsize=1_000)
def parse_template(text: str) -> Sequence[str | Path]:
    """Return the literal texts and placeholders of a template; raise `BadTemplate`."""
    parts: list[str | Path] = []
    end = 0
    for match in _PLACEHOLDER.finditer(text):
        if not match[2]:
            _refuse_unclosed(text, match.start())
        parts += [text[end : match.start()], _path(match[1], match.start())]
        end = match.end()
    parts.append(text[end:])
    return tuple(part for part in parts if part != "")


def check_template(place: str, template: Any, depth: int = 0) -> None:
    """Return if every text in a JSON value is valid; raise `BadField` with the text's place."""
    if depth > MAX_DEPTH:
        raise BadField(place, f"is nested deeper than {MAX_DEPTH} levels")
    if isinstance(template, str):
        _check_text(place, template)
    for name, inner in _members(template):
        check_template(f"{place}.{name}", inner, depth + 1)


def is_fixed(template: Any) -> bool:
    """Return whether a JSON value is without placeholders."""
    if isinstance(template, str):
        return all(isinstance(part, str) for part in parse_template(template))
    return all(is_fixed(inner) for _, inner in _members(template))


def fill_template(template: Any, scope: Scope) -> Any:
    """Return the JSON value with its placeholders filled, or `MISSING`; raise `Unfilled`.

    A placeholder that is a whole value keeps its JSON type. A member without a value is dropped.
    """
    if isinstance(template, str):
        return _fill_text(template, scope)
    if isinstance(template, dict):
        filled = {name: fill_template(value, scope) for name, value in template.items()}
        return {name: value for name, value in filled.items() if value is not MISSING}
    if isinstance(template, list):
        items = [fill_template(item, scope) for item in template]
        return [item for item in items if item is not MISSING]
    return template


def fill_url(template: str, scope: Scope) -> str:
    """Return the URL with its placeholders filled, percent-encoded after the origin.

    Raise `Unfilled` if a segment of its path becomes ``.`` or ``..``, as it would call another
    path.
    """
    url = ""
    for part in parse_template(template):
        if isinstance(part, str):
            url += part
        else:
            value = to_text(_first(part, scope))
            url += quote(value, safe="", errors="replace") if _ORIGIN.match(url) else value
    if not is_fixed(template) and not _DOTS.isdisjoint(re.split("[?#]", url)[0].split("/")):
        raise Unfilled("the path of the URL would have a segment . or ..")
    return url


def has_fixed_origin(url: str) -> bool:
    """Return whether scheme, host and port are without placeholders."""
    first = next(iter(parse_template(url)), "")
    return isinstance(first, str) and (is_fixed(url) or _ORIGIN.match(first) is not None)


def to_text(value: Any) -> str:
    """Return a value as a part of a text: a string as it is, `MISSING` as "", others as JSON."""
    if value is MISSING:
        return ""
    return value if isinstance(value, str) else to_json(value)


def to_json(value: Any) -> str:
    """Return the value as JSON text for people, with half surrogate pairs escaped.

    Unlike `write_json`, it writes letters as they are, as people read the text.
    """
    with suppress(TypeError):  # orjson refuses half surrogate pairs and integers over 64 bits
        return orjson.dumps(value).decode()
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":"))
    return text


def _members(value: Any) -> Iterable[tuple[object, Any]]:
    if isinstance(value, dict):
        return value.items()
    return enumerate(value) if isinstance(value, list) else ()


def _check_text(place: str, text: str) -> None:
    try:
        parse_template(text)
    except BadTemplate as error:
        raise BadField(f"{place}, column {error.column},", str(error)) from None


def _refuse_unclosed(text: str, start: int) -> NoReturn:
    shown = text[start : start + SHOWN]
    raise BadTemplate(f"has a placeholder without its end: {shown}", start + 1)


def _path(text: str, offset: int) -> Path:
    shown = f"${{{text[:SHOWN]}}}"
    if not _ROOT.match(text):
        raise BadTemplate(f"has {shown}, begin it with {_ROOTS}", offset + 1)
    try:
        return json_path.parse_path(f"${text}")
    except BadPath as error:
        # The brace is between the `$` and the rest.
        column = offset + error.column + 1
        raise BadTemplate(f"has {shown}, not a JSONPath: {error}", column) from None


def _fill_text(template: str, scope: Scope) -> Any:
    parts = parse_template(template)
    if len(parts) == 1 and not isinstance(parts[0], str):
        return _first(parts[0], scope)
    return "".join(
        part if isinstance(part, str) else to_text(_first(part, scope)) for part in parts
    )


def _first(path: Path, scope: Scope) -> Any:
    try:
        return json_path.find_first(path, scope)
    except LookupFailed as error:
        raise Unfilled(str(error)) from None
