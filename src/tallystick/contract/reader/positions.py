"""The values of a YAML or JSON text, its repeated keys, and the lines of its places."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from math import isinf
from typing import Any

import orjson
import yaml

from tallystick.contract.json_text import Unreadable, refuse_depth, repeated_key
from tallystick.contract.reader.faults import Steps
from tallystick.contract.yaml_bounds import MAX_DEPTH, YamlBounds, YamlOutOfBounds

_WORDS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_NUMBER_STARTS = frozenset("-0123456789")
_LARGEST = 2**63 - 1
_MERGE = "<<"
_TEXT = "tag:yaml.org,2002:str"
_LINE = re.compile(r"^line (\d+): ")


class Unparsable(ValueError):
    """The text is neither YAML nor JSON."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True, slots=True)
class ParsedText:
    """The content of a text, and each key given twice in one mapping."""

    content: Any
    repeated: tuple[Steps, ...] = ()


def parse_text(text: bytes) -> ParsedText:
    """Read a text of YAML or JSON; raise `Unparsable`.

    Dates, ``NO`` and ``1:30`` stay text, as do all keys. Of a repeated key the last value counts.
    """
    if text.lstrip()[:1] in (b"{", b"["):
        with suppress(orjson.JSONDecodeError):
            return _parse_json(text)
    return _parse_yaml(text)


def _parse_json(text: bytes) -> ParsedText:
    content = orjson.loads(text)
    try:
        refuse_depth(text, MAX_DEPTH)
        repeated = repeated_key(text, content)
    except Unreadable as error:
        raise Unparsable(1, str(error)) from None
    if repeated is None:
        return ParsedText(content)
    with suppress(Unparsable):
        return ParsedText(content, _parse_yaml(text).repeated)
    return ParsedText(content, ((repeated,),))


def _parse_yaml(text: bytes) -> ParsedText:
    builder = _Builder()
    bounds = YamlBounds()
    for event in _list_events(text):
        with_line = event.start_mark.line + 1 if event.start_mark else 1
        try:
            bounds.count(event)
        except YamlOutOfBounds as error:
            raise Unparsable(with_line, _LINE.sub("", str(error))) from None
        builder.take_event(event)
    return ParsedText(builder.content, tuple(builder.repeated))


def _list_events(text: bytes) -> Iterator[yaml.Event]:
    """Yield the parser's events; raise `Unparsable` where the text is no YAML."""
    try:
        yield from yaml.parse(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise Unparsable(line, f"is not YAML: {error.problem}") from None
    except yaml.YAMLError as error:
        raise Unparsable(1, f"is not YAML: {' '.join(str(error).split())}") from None


class _Frame:
    """A list or mapping that is not at its end."""

    __slots__ = ("has_key", "key", "merged", "value")

    def __init__(self, value: Any) -> None:
        self.value = value
        self.key = ""
        self.has_key = False
        """The next value belongs to `key`."""
        self.merged: list[Any] = []

    @property
    def step(self) -> str | int:
        return len(self.value) - 1 if isinstance(self.value, list) else self.key


class _Builder:
    """Makes values of the parser's events, in one pass."""

    def __init__(self) -> None:
        self.content: Any = None
        self.repeated: list[Steps] = []
        self._documents = 0
        self._frames: list[_Frame] = []
        self._anchors: dict[str, Any] = {}

    def take_event(self, event: yaml.Event) -> None:
        """Add what one event says."""
        if isinstance(event, yaml.ScalarEvent):
            self._take_scalar(event)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._open(event, {} if isinstance(event, yaml.MappingStartEvent) else [])
        elif isinstance(event, yaml.CollectionEndEvent):
            self._close()
        elif isinstance(event, yaml.AliasEvent):
            self._put(self._anchors[str(event.anchor)], event)
        elif isinstance(event, yaml.DocumentStartEvent):
            self._refuse_second_document(event)

    def _refuse_second_document(self, event: yaml.Event) -> None:
        self._documents += 1
        if self._documents > 1:
            raise Unparsable(_line(event), "is a second document in one file")

    def _take_scalar(self, event: yaml.ScalarEvent) -> None:
        frame = self._frames[-1] if self._frames else None
        if frame is not None and not frame.has_key and isinstance(frame.value, dict):
            self._name(event.anchor, event.value)
            self._start_member(frame, event.value, event)
            return
        value = _typed(event)
        self._name(event.anchor, value)
        self._put(value, event)

    def _open(self, event: yaml.CollectionStartEvent, value: Any) -> None:
        self._name(event.anchor, value)
        self._put(value, event)
        self._frames.append(_Frame(value))

    def _close(self) -> None:
        frame = self._frames.pop()
        for more in frame.merged:
            for key, value in more.items():
                frame.value.setdefault(key, value)

    def _name(self, anchor: str | None, value: Any) -> None:
        if anchor is not None:
            self._anchors[anchor] = value

    def _put(self, value: Any, event: yaml.Event) -> None:
        if not self._frames:
            self.content = value
            return
        frame = self._frames[-1]
        if isinstance(frame.value, list):
            frame.value.append(value)
        elif not frame.has_key:
            self._start_member(frame, value, event)
        elif frame.key == _MERGE:
            self._merge(frame, value, event)
        else:
            frame.value[frame.key] = value
            frame.has_key = False

    def _start_member(self, frame: _Frame, key: Any, event: yaml.Event) -> None:
        if not isinstance(key, str):
            raise Unparsable(_line(event), "a key must be text")
        if key in frame.value:
            self.repeated.append((*(f.step for f in self._frames[:-1]), key))
        frame.key, frame.has_key = key, True

    def _merge(self, frame: _Frame, value: Any, event: yaml.Event) -> None:
        merged = value if isinstance(value, list) else [value]
        if not all(isinstance(more, dict) for more in merged):
            raise Unparsable(_line(event), "<< must name mappings")
        frame.merged += merged
        frame.has_key = False


def _typed(event: yaml.ScalarEvent) -> Any:
    """Return the value of a scalar by the types of JSON."""
    text: str = event.value
    if not event.implicit[0] and (event.style or event.tag in (_TEXT, "!")):
        return text
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMBER_STARTS or not _NUMBER.fullmatch(text):
        return text
    if len(text) < 20 and _INTEGER.fullmatch(text) and abs(int(text)) <= _LARGEST:
        return int(text)
    number = float(text)
    return text if isinf(number) else number


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def find_lines(
    text: bytes, places: Collection[Steps], *, no_key_twice: bool = False
) -> dict[Steps, int]:
    """Return the line of each place, or of the nearest value around it.

    Of a key given twice, the second one counts; without such keys, the rest of the text
    need not be read once all places are found.
    """
    wanted = {steps[:n] for steps in places for n in range(len(steps) + 1)}
    found: dict[Steps, int] = {(): 1}
    with suppress(Unparsable):  # JSON with what YAML does not know
        _collect_lines(text, wanted, found, no_key_twice)
    return {steps: _nearest(steps, found) for steps in places}


def _nearest(steps: Steps, found: dict[Steps, int]) -> int:
    return next(found[steps[:n]] for n in range(len(steps), -1, -1) if steps[:n] in found)


def _collect_lines(
    text: bytes, wanted: Collection[Steps], found: dict[Steps, int], no_key_twice: bool
) -> None:
    walk = _Walk(wanted, found)
    for event in _list_events(text):
        walk.take_event(event)
        if no_key_twice and len(found) == len(wanted):
            return


class _Walk:
    """Follows the parser's events, and notes the lines of the wanted places."""

    def __init__(self, wanted: Collection[Steps], found: dict[Steps, int]) -> None:
        self._wanted = wanted
        self._found = found
        self._frames: list[_Frame] = []
        self._steps: list[Steps | None] = []
        """The place of each open value; None where nothing below is wanted."""

    def take_event(self, event: yaml.Event) -> None:
        """Go one event further."""
        if isinstance(event, yaml.CollectionEndEvent):
            self._frames.pop()
            self._steps.pop()
        elif isinstance(event, yaml.CollectionStartEvent):
            steps = self._enter(event)
            self._steps.append(steps)
            self._frames.append(_Frame({} if isinstance(event, yaml.MappingStartEvent) else []))
        elif isinstance(event, yaml.NodeEvent):
            self._enter(event)

    def _enter(self, event: yaml.NodeEvent) -> Steps | None:
        """Return the place of a value that begins, if it is wanted."""
        if not self._frames:
            return ()
        frame, above = self._frames[-1], self._steps[-1]
        if isinstance(frame.value, list):
            step: str | int = len(frame.value)
            frame.value.append(None)
            return self._note(above, step, event)
        if not frame.has_key:
            frame.key, frame.has_key = str(getattr(event, "value", "")), True
            self._note(above, frame.key, event)
            return None
        frame.has_key = False
        here = None if above is None else (*above, frame.key)
        return here if here in self._wanted else None

    def _note(self, above: Steps | None, step: str | int, event: yaml.Event) -> Steps | None:
        if above is None or (here := (*above, step)) not in self._wanted:
            return None
        self._found[here] = _line(event)
        return here
