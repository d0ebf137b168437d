"""Values as OpenAPI's styles write them: what `parameter_styles` reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from tallystick.contract.json_text import write_json
from tallystick.contract.media_types import is_json

_SEPARATORS = {"label": ".", "matrix": ";"}
_DELIMITERS = {"spaceDelimited": "%20", "pipeDelimited": "%7C"}

Encode = Callable[[str], str]


def as_text(value: Any) -> str:
    """Return a value as one text: an array or an object as JSON, null as nothing."""
    if isinstance(value, str):
        return value
    return "" if value is None else write_json(value).decode()


def _whole(parameter: Mapping[str, Any], value: Any) -> str:
    """A value as one text; JSON, if the parameter has such a media type."""
    is_json_text = any(map(is_json, parameter.get("content", ())))
    return write_json(value).decode() if is_json_text else as_text(value)


def write_text(parameter: Mapping[str, Any], value: Any, encode: Encode) -> str:
    """Return the text of a parameter in a path, a header or a cookie."""
    if "content" in parameter or not isinstance(value, list | dict):
        text = encode(_whole(parameter, value))
        prefix = {"label": ".", "matrix": f";{parameter['name']}="}
        return prefix.get(parameter.get("style", ""), "") + text
    style, explode = parameter.get("style", "simple"), parameter.get("explode", False)
    separator = _SEPARATORS.get(style, ",") if explode else ","
    text = separator.join(_pieces(parameter["name"], value, explode, style == "matrix", encode))
    if style == "matrix":
        return f";{text}" if explode else f";{parameter['name']}={text}"
    return f".{text}" if style == "label" else text


def _pieces(name: str, value: Any, explode: bool, named: bool, encode: Encode) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            text = encode(as_text(each))
            yield f"{name}={text}" if explode and named else text
        return
    for key, each in value.items():
        yield from _pair(encode(key), encode(as_text(each)), explode)


def _pair(key: str, text: str, explode: bool) -> tuple[str, ...]:
    return (f"{key}={text}",) if explode else (key, text)


def write_query(parameter: Mapping[str, Any], value: Any) -> list[str]:
    """Return the fields ``name=value`` of a parameter in a query, or of a member of a form."""
    name, style = _encode(parameter["name"]), parameter.get("style", "form")
    if "content" in parameter or not isinstance(value, list | dict):
        return [f"{name}={_encode(_whole(parameter, value))}"]
    if style == "deepObject":
        return [*_deep_fields(name, value)]
    if not parameter.get("explode", style == "form"):
        delimiter = _DELIMITERS.get(style, ",")
        return [f"{name}={delimiter.join(_pieces(name, value, False, False, _encode))}"]
    if isinstance(value, list):
        return [f"{name}={_encode(as_text(each))}" for each in value]
    return [f"{field}={text}" for key, each in value.items() for field, text in _spread(key, each)]


def _spread(key: str, value: Any) -> Iterator[tuple[str, str]]:
    for each in value if isinstance(value, list) else [value]:
        yield _encode(key), _encode(as_text(each))


def _deep_fields(name: str, value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield from _deep_fields(f"{name}%5B{_encode(key)}%5D", each)
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from _deep_fields(f"{name}%5B{number}%5D", each)
    else:
        yield f"{name}={_encode(as_text(value))}"


def _encode(text: str) -> str:
    return quote(text, safe="")
