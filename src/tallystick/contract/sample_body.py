"""Bodies of sample requests: a value, written in a media type that the contract declares."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from tallystick.contract.json_text import write_json
from tallystick.contract.media_types import FORM, JSON_PATCH, MULTIPART, is_json, plain_type
from tallystick.contract.styled_writer import as_text, write_query

_BOUNDARY = "sample-boundary"
_OF_RANGE = {"text": "text/plain", "image": "image/png", "*": "application/json"}
_BYTES = b"sample"
_FILE = "application/octet-stream"

Node = Mapping[str, Any]


class WrittenBody(NamedTuple):
    """A body with its Content-Type."""

    media_type: str
    content: bytes


def write_body(
    content: Mapping[str, Node],
    value_of: Callable[[Node], Any],
    is_file: Callable[[Node, str], bool] = lambda _, __: False,
) -> WrittenBody:
    """Return a body in the declared media type that can be written best.

    `value_of` makes the value of a media type's schema; `is_file` tells if a member is a file.
    """
    declared = min(content, key=_rank)
    media, media_type = content[declared], _concrete(declared)
    name = plain_type(media_type)
    if is_json(name):
        return WrittenBody(media_type, write_json(value_of(media)))
    if name == FORM:
        return WrittenBody(media_type, "&".join(_fields(value_of(media), media)).encode())
    if name == MULTIPART:
        written = b"".join(_write_parts(value_of(media), media, is_file))
        return WrittenBody(f"{MULTIPART}; boundary={_BOUNDARY}", written)
    if name.startswith("text/") and not name.endswith("/xml"):
        return WrittenBody(media_type, as_text(value_of(media)).encode() or _BYTES)
    return WrittenBody(media_type, _BYTES)


def _rank(media_type: str) -> int:
    """How well a media type can be written, the best first."""
    name = plain_type(_concrete(media_type))
    is_value = is_json(name) and name != JSON_PATCH
    kinds = (is_value, is_json(name), name == FORM, name == MULTIPART, name.startswith("text/"))
    return [*kinds, True].index(True)


def _concrete(media_type: str) -> str:
    """A media type that a request can name, in place of a range."""
    if "*" not in media_type:
        return media_type
    return _OF_RANGE.get(media_type.partition("/")[0], "application/octet-stream")


def _fields(form: Any, media: Node) -> Iterator[str]:
    for name, value in _members(form):
        encoding = media.get("encoding", {}).get(name, {})
        if "style" in encoding:
            yield from write_query({"name": name, **encoding}, value)
        else:
            for each in value if isinstance(value, list) else [value]:
                yield from write_query({"name": name}, as_text(each))


def _members(form: Any) -> Iterable[tuple[str, Any]]:
    """The members of a form; one without a value can't be written."""
    members = form.items() if isinstance(form, Mapping) else ()
    return [(name, value) for name, value in members if value is not None]


def _write_parts(form: Any, media: Node, is_file: Callable[[Node, str], bool]) -> Iterator[bytes]:
    for name, value in _members(form):
        wanted = media.get("encoding", {}).get(name, {}).get("contentType", "")
        given = _concrete(wanted.partition(",")[0].strip())
        given = given or (_FILE if is_file(media, name) else "")
        for each in value if isinstance(value, list) else [value]:
            yield _write_part(name, each, given)
    yield f"--{_BOUNDARY}--\r\n".encode()


def _write_part(name: str, value: Any, media_type: str) -> bytes:
    if not media_type and isinstance(value, dict | list):
        media_type = "application/json"
    is_text = isinstance(value, str) and not is_json(media_type)
    content = value.encode() if is_text else write_json(value)
    line = f"Content-Type: {media_type}\r\n" if media_type else ""
    quoted = name.replace('"', "%22")
    # Programs take a part without the name of a file for a text, and miss the file.
    of_file = f'; filename="{quoted}"' if _is_of_file(media_type) else ""
    disposition = f'Content-Disposition: form-data; name="{quoted}"{of_file}'
    head = f"--{_BOUNDARY}\r\n{disposition}\r\n{line}\r\n"
    return head.encode() + content + b"\r\n"


def _is_of_file(media_type: str) -> bool:
    return media_type != "" and not is_json(media_type) and not media_type.startswith("text/")
