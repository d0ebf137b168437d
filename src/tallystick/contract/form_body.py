"""Forms as objects: ``application/x-www-form-urlencoded`` and ``multipart/form-data``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from tallystick.contract.json_text import Unreadable, read_json
from tallystick.contract.media_types import best_range, is_json
from tallystick.contract.multipart_body import BodyPart, UploadedFile, read_parts
from tallystick.contract.parameter_styles import MAX_VALUES, StyledQuery, read_tree
from tallystick.contract.query_string import BadQuery, Fields, decoded, split_fields
from tallystick.contract.shape import Shape

Encoding = Mapping[str, Mapping[str, Any]]
"""Member → how the contract says that it is written."""

_Sent = TypeVar("_Sent")


class FormBody:
    """A reader of forms by the schema of their object.

    Fields of one name are an array where the schema has one, and refused otherwise. An object is
    JSON text or fields such as ``address[city]``, unless the member's `encoding` names a style.
    """

    def __init__(self, shape: Shape, encoding: Encoding) -> None:
        self._shape = shape
        self._urlencoded = shape.of_query
        self._encoding = encoding

    def read_urlencoded(self, raw: bytes) -> dict[str, Any]:
        """Return the object of an urlencoded form; raises `BadQuery`."""
        if raw.count(b"&") >= MAX_VALUES:
            raise BadQuery("", "syntax", f"has more than {MAX_VALUES:,} fields")
        return {
            name: self._of_fields(name, fields)
            for name, fields in self._by_member(split_fields(raw), lambda field: field[0]).items()
        }

    def read_multipart(self, raw: bytes, content_type: str) -> dict[str, Any]:
        """Return the object of a multipart form, with an `UploadedFile` for each file.

        Raises `BadQuery`.
        """
        parts = read_parts(raw, content_type)
        return {
            name: self._of_parts(name, own)
            for name, own in self._by_member(parts, lambda part: part.name).items()
        }

    def _by_member(
        self, sent: Iterable[_Sent], name_of: Callable[[_Sent], str]
    ) -> dict[str, list[_Sent]]:
        found: dict[str, list[_Sent]] = {}
        for each in sent:
            name = name_of(each)
            base = name.partition("[")[0]
            is_inner = name not in self._shape.names and base in self._shape.names
            found.setdefault(base if is_inner else name, []).append(each)
        return found

    def _of_fields(self, name: str, fields: Fields) -> Any:
        shape = self._urlencoded.member(name)
        encoding = self._encoding.get(name, {})
        if "style" in encoding:
            declared = {"name": name, "in": "query", **_style(encoding)}
            return StyledQuery(declared, shape, frozenset()).read(fields)
        if fields[0][0] != name:
            return read_tree(name, shape, fields)
        texts = [decoded(text, name) for _, text in fields]
        return _of_several(name, shape, texts, _json_or_text)

    def _of_parts(self, name: str, parts: Sequence[BodyPart]) -> Any:
        shape = self._shape.member(name)
        expected = _list(self._encoding.get(name, {}).get("contentType", ""))
        if parts[0].name != name:
            fields = [(part.name, _quoted(_text(name, part))) for part in parts]
            return read_tree(name, shape, fields)

        def read(_: str, inner: Shape, part: BodyPart) -> Any:
            return _of_part(name, inner, part, expected)

        return _of_several(name, shape, parts, read)


def _style(encoding: Mapping[str, Any]) -> dict[str, Any]:
    return {key: encoding[key] for key in ("style", "explode") if key in encoding}


def _of_several(
    name: str, shape: Shape, sent: Sequence[_Sent], read: Callable[[str, Shape, _Sent], Any]
) -> Any:
    if shape.is_array:
        return [read(name, shape.item(index), each) for index, each in enumerate(sent)]
    if len(sent) > 1:
        raise BadQuery(name, "duplicate", "is given twice")
    return read(name, shape, sent[0])


def _json_or_text(name: str, shape: Shape, text: str) -> Any:
    if not shape.is_object:
        return shape.read_text(text)
    try:
        return read_json(text.encode())
    except Unreadable as error:
        if shape.is_scalar:
            return shape.read_text(text)
        raise BadQuery(name, error.keyword, str(error)) from None


def _of_part(name: str, shape: Shape, part: BodyPart, expected: Sequence[str]) -> Any:
    given = part.media_type
    if given and expected and best_range(expected, given) is None:
        raise BadQuery(name, "mediaType", f"must have Content-Type {' or '.join(expected)}")
    if is_json(given) or (not given and any(map(is_json, expected))):
        return _json_of(name, part.content)
    is_text = given in {"", "text/plain"} and part.file_name is None
    if not is_text or shape.is_binary:
        return part.file
    return _json_or_text(name, shape, _text(name, part))


def _json_of(name: str, content: bytes) -> Any:
    try:
        return read_json(content)
    except Unreadable as error:
        raise BadQuery(name, error.keyword, str(error)) from None


def _text(name: str, part: BodyPart) -> str:
    try:
        return part.content.decode()
    except UnicodeDecodeError:
        raise BadQuery(name, "charset", "is not UTF-8") from None


def _quoted(text: str) -> str:
    return text.replace("%", "%25").replace("+", "%2B").encode().decode("latin-1")


def _list(content_types: str) -> list[str]:
    return [each.strip() for each in content_types.split(",") if each.strip()]


def judgeable(form: Mapping[str, Any]) -> dict[str, Any]:
    """Return a form as JSON Schema can judge it: each file as a text of as many characters."""
    return {
        name: [_as_text(item) for item in member] if isinstance(member, list) else _as_text(member)
        for name, member in form.items()
    }


def _as_text(value: Any) -> Any:
    return value.content.decode("latin-1") if isinstance(value, UploadedFile) else value
