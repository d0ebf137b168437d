"""Arrays and objects as OpenAPI's styles write them into a path, a query, a header or a cookie."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from tallystick.contract.json_text import Unreadable, read_json
from tallystick.contract.media_types import is_json
from tallystick.contract.query_string import BadQuery, Fields, decoded
from tallystick.contract.shape import Shape

_DEFAULT_STYLES = {"path": "simple", "query": "form", "header": "simple", "cookie": "form"}
_SEPARATORS = {"spaceDelimited": " ", "pipeDelimited": "|"}
_EXPLODED_SEPARATORS = {"label": ".", "matrix": ";"}
_STEPS = re.compile(r"(?:\[[^\[\]]*\]){1,20}")
_STEP = re.compile(r"\[([^\[\]]*)\]")

MAX_VALUES = 10_000
"""Values that one text is taken apart into, and fields of a form: each is judged by itself."""

Decode = Callable[[str], str]


def as_sent(text: str) -> str:
    """Return a text never encoded, or decoded already."""
    return text


class StyledText:
    """A reader of one text with a whole value: of a path, a header, a cookie, a query's field."""

    def __init__(self, parameter: Mapping[str, Any], shape: Shape) -> None:
        self.name: str = parameter["name"]
        self._shape = shape
        self._style = parameter.get("style") or _DEFAULT_STYLES[parameter["in"]]
        self._explode = parameter.get("explode", self._style == "form")
        apart = _EXPLODED_SEPARATORS if self._explode else {}
        self._separator = apart.get(self._style) or _SEPARATORS.get(self._style, ",")
        self._media_type = next(iter(parameter.get("content", ())), "")

    @property
    def is_list(self) -> bool:
        """Return whether the text may hold several values, one after the other."""
        return not self._media_type and (self._shape.is_array or self._shape.is_object)

    def read(self, text: str, decode: Decode = as_sent) -> Any:
        """Return the value; raises `BadQuery` for a text not written in its style.

        `decode` undoes what the place itself encodes, once the text is taken apart.
        """
        if self._media_type:
            return self._content(decode(text))
        text = self._without_prefix(text)
        return self._shape.best(self._readings(text, decode))

    def _content(self, text: str) -> Any:
        if not is_json(self._media_type):
            return self._shape.read_text(text)
        try:
            return read_json(text.encode("utf-8", "surrogatepass"))
        except Unreadable as error:
            raise BadQuery(self.name, error.keyword, str(error)) from None

    def _without_prefix(self, text: str) -> str:
        if self._style == "label":
            return self._cut(text, ".")
        if self._style != "matrix":
            return text
        if self._explode and (self._shape.is_array or self._shape.is_object):
            return self._cut(text, ";")
        return "" if text == f";{self.name}" else self._cut(text, f";{self.name}=")

    def _cut(self, text: str, prefix: str) -> str:
        if not text.startswith(prefix):
            raise BadQuery(self.name, "syntax", f"must begin with {prefix}")
        return text.removeprefix(prefix)

    def _readings(self, text: str, decode: Decode) -> list[Any]:
        shape = self._shape
        whole = [shape.read_text(decode(text))] if shape.is_scalar else []
        apart = [] if whole and self._separator not in text else [*self._taken_apart(text, decode)]
        return apart + whole if self._separator in text else whole + apart

    def _taken_apart(self, text: str, decode: Decode) -> Iterator[Any]:
        for pieces in self._splits(text, decode):
            if self._shape.is_array:
                yield self._shape.read_items(self._items(pieces))
            if self._shape.is_object:
                yield self._shape.read_members(self._members(pieces))

    def _splits(self, text: str, decode: Decode) -> Iterator[list[str]]:
        """Yield the ways to split a text: at separators as they are, then at encoded ones."""
        if not text:
            yield []
            return
        plain = decode(text)
        if plain.count(self._separator) >= MAX_VALUES:
            raise BadQuery(self.name, "syntax", f"has more than {MAX_VALUES:,} values")
        strict = [decode(piece.strip(" ")) for piece in text.split(self._separator)]
        lenient = [piece.strip(" ") for piece in plain.split(self._separator)]
        if self._style not in _SEPARATORS:  # whose separators are always encoded
            yield strict
        if lenient != strict or self._style in _SEPARATORS:
            yield lenient

    def _items(self, pieces: Sequence[str]) -> Sequence[str]:
        if self._style == "matrix" and self._explode:
            return [self._cut(piece, f"{self.name}=") for piece in pieces]
        return pieces

    def _members(self, pieces: Sequence[str]) -> dict[str, str]:
        if self._explode:
            pairs = [piece.partition("=")[::2] for piece in pieces]
        elif len(pieces) % 2:
            raise BadQuery(self.name, "syntax", "has a name without a value")
        else:
            pairs = list(zip(pieces[::2], pieces[1::2], strict=True))
        if len(dict(pairs)) < len(pairs):
            raise BadQuery(self.name, "duplicate", "has a member twice")
        return dict(pairs)


class StyledQuery:
    """A reader of one parameter of a query, or one member of a form, from all its fields."""

    def __init__(self, parameter: Mapping[str, Any], shape: Shape, others: frozenset[str]) -> None:
        """`others` are the names of the other parameters, which no open object takes."""
        self.name: str = parameter["name"]
        self._shape = shape.of_query
        self._text = StyledText(parameter, self._shape)
        self._others = others
        style = parameter.get("style", "form")
        self._is_deep = style == "deepObject"
        explode = parameter.get("explode", style == "form") and "content" not in parameter
        self._repeats = explode and not self._is_deep and shape.is_array
        self._spreads = explode and style == "form" and shape.is_object
        self.is_open = self._spreads and shape.is_open
        """It takes every name that no other parameter has."""

    def owns(self, name: str) -> bool:
        """Return whether a field of this name belongs to the parameter."""
        if name == self.name:
            return True
        if self._is_deep:
            return name.startswith(f"{self.name}[")
        if not self._spreads:
            return False
        return name in self._shape.names or (self.is_open and name not in self._others)

    def read(self, fields: Fields) -> Any:
        """Return the value of the parameter's fields; raises `BadQuery`."""
        if self._is_deep and fields[0][0] != self.name:
            return read_tree(self.name, self._shape, fields)
        if self._spreads and fields[0][0] != self.name:
            return self._spread(fields)
        if self._repeats:
            return self._repeated(fields)
        name, text = only(fields)
        return self._text.read(text, lambda encoded: decoded(encoded, name))

    def _repeated(self, fields: Fields) -> Any:
        texts = [decoded(text, name) for name, text in fields]
        array = self._shape.read_items(texts)
        if len(texts) > 1 or not self._shape.is_scalar:
            return array
        return self._shape.best([self._shape.read_text(texts[0]), array])

    def _spread(self, fields: Fields) -> dict[str, Any]:
        texts: dict[str, list[str]] = {}
        for name, text in fields:
            texts.setdefault(name, []).append(decoded(text, name))
        return {
            name: read_texts(name, self._shape.member(name), own) for name, own in texts.items()
        }


def only(fields: Fields) -> tuple[str, str]:
    """Return the one field; several are a `BadQuery`."""
    if len(fields) > 1:
        raise BadQuery(fields[0][0], "duplicate", "is given twice")
    return fields[0]


def read_texts(name: str, shape: Shape, texts: Sequence[str]) -> Any:
    """Return the value of all texts of one name."""
    if shape.is_array:
        return shape.read_items(texts)
    if len(texts) > 1:
        raise BadQuery(name, "duplicate", "is given twice")
    return shape.read_text(texts[0])


def read_tree(name: str, shape: Shape, fields: Fields) -> Any:
    """Return the object of fields such as ``name[a][b]=c``; ``name[]`` and ``name[0]`` are items.

    Raises `BadQuery` for a name written otherwise.
    """
    tree: dict[str, Any] = {}
    for field, text in fields:
        steps = field.removeprefix(name)
        if not _STEPS.fullmatch(steps):
            raise BadQuery(name, "syntax", "has a member whose name can't be read")
        _plant(tree, name, _STEP.findall(steps), decoded(text, name))
    return _grown(name, shape, tree)


def _plant(tree: dict[str, Any], name: str, steps: Sequence[str], text: str) -> None:
    for step in steps[:-1]:
        tree = tree.setdefault(step, {})
        if not isinstance(tree, dict):
            raise BadQuery(name, "syntax", "has a member that is a text and an object")
    texts = tree.setdefault(steps[-1], [])
    if not isinstance(texts, list):
        raise BadQuery(name, "syntax", "has a member that is a text and an object")
    texts.append(text)


def _grown(name: str, shape: Shape, node: Any) -> Any:
    if isinstance(node, list):
        return read_texts(name, shape, node)
    if shape.is_array and all(step == "" or step.isdecimal() for step in node):
        return _items_of(name, shape, node)
    return {step: _grown(name, shape.member(step), inner) for step, inner in node.items()}


def _items_of(name: str, shape: Shape, node: Mapping[str, Any]) -> list[Any]:
    items: list[Any] = []
    for _, inner in sorted(node.items(), key=lambda each: (len(each[0]), each[0])):
        each = inner if isinstance(inner, list) else [inner]
        items += [
            shape.item(len(items) + at).read_text(value)
            if isinstance(value, str)
            else _grown(name, shape.item(len(items) + at), value)
            for at, value in enumerate(each)
        ]
    return items


def cookie_text(text: str) -> str:
    """Return a cookie's text as it was before it was encoded."""
    return unquote(text)
