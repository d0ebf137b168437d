"""Bounds for a user's YAML or JSON, checked before any value is built from it."""

from __future__ import annotations

from pathlib import Path

import yaml

MAX_BYTES = 64 * 1024 * 1024
"""The largest file, in bytes."""

MAX_DEPTH = 100
"""Levels of lists and mappings; PyYAML's C code recurses, and more would overflow the stack."""

MAX_NODES = 1_000_000
"""Values in a document, with each alias counted as everything it stands for."""


class YamlOutOfBounds(ValueError):
    """The text is too large or nested too deeply, or its aliases multiply."""


def read_bounded_file(file: Path) -> bytes:
    """Return the bytes of a YAML or JSON file; raise `YamlOutOfBounds` or `OSError`."""
    with file.open("rb") as opened:
        text = opened.read(MAX_BYTES + 1)
    if len(text) > MAX_BYTES:
        raise YamlOutOfBounds(f"is larger than {MAX_BYTES:,} bytes")
    return text


def refuse_out_of_bounds(text: bytes | str) -> None:
    """Raise `YamlOutOfBounds` with the line, or `yaml.YAMLError` for bad YAML."""
    bounds = YamlBounds()
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        bounds.count(event)


class YamlBounds:
    """Counts what the events of one text stand for."""

    def __init__(self) -> None:
        self._open: list[tuple[str | None, int]] = []
        self._sizes: dict[str, int] = {}
        self._total = 0

    def count(self, event: yaml.Event) -> None:
        """Add one event; raise `YamlOutOfBounds` with its line where a bound is passed."""
        if isinstance(event, yaml.AliasEvent):
            # An alias within what it names stands for nothing that could be written down.
            self._add(self._sizes.get(event.anchor or "", MAX_NODES + 1), event)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._open.append((event.anchor, self._total))
            self._add(1, event)
            if len(self._open) > MAX_DEPTH:
                raise YamlOutOfBounds(f"{_line(event)}: is nested deeper than {MAX_DEPTH} levels")
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, before = self._open.pop()
            self._name(anchor, self._total - before)
        elif isinstance(event, yaml.ScalarEvent):
            self._add(1, event)
            self._name(event.anchor, 1)

    def _add(self, nodes: int, event: yaml.Event) -> None:
        self._total += nodes
        if self._total > MAX_NODES:
            raise YamlOutOfBounds(f"{_line(event)}: its aliases make over {MAX_NODES:,} values")

    def _name(self, anchor: str | None, size: int) -> None:
        if anchor is not None:
            self._sizes[anchor] = size


def _line(event: yaml.Event) -> str:
    assert event.start_mark  # the parser marks every event
    return f"line {event.start_mark.line + 1}"
