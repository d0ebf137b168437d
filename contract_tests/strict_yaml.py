"""YAML with the types of JSON alone, and with an error for a repeated key."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import yaml

from .matching import Anything, Matching


class NotYaml(ValueError):
    """The text is invalid YAML, or repeats a key."""


class _Dumper(yaml.SafeDumper):
    """A dumper that quotes texts which a strict reader would take for other types, such as 0E1."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - PyYAML's own


class _Loader(yaml.CSafeLoader):
    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - PyYAML's own

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = Counter(
            key.value
            for key, _ in node.value
            if key.tag != "tag:yaml.org,2002:merge" and isinstance(key, yaml.ScalarNode)
        )
        twice = {key for key, count in keys.items() if count > 1}
        if twice and not _has_merge(node):
            raise NotYaml(f"line {node.start_mark.line + 1}: {sorted(twice)} given twice")
        return super().construct_mapping(node, deep=deep)


def _has_merge(node: yaml.MappingNode) -> bool:
    # Once flattened, what was merged in stands before what overrides it.
    return getattr(node, "merge", None) is not None


for _type, _pattern, _first in (
    ("merge", r"<<", "<"),
    ("null", r"null", "n"),
    ("bool", r"true|false", "tf"),
    ("int", r"-?(0|[1-9][0-9]*)", "-0123456789"),
    ("float", r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?", "-0123456789"),
):
    for _class in (_Loader, _Dumper):
        _class.add_implicit_resolver(
            f"tag:yaml.org,2002:{_type}", re.compile(f"^(?:{_pattern})$"), list(_first)
        )


def _anything(_: _Loader, __: yaml.Node) -> Anything:
    return Anything()


def _matching(loader: _Loader, node: yaml.ScalarNode) -> Matching:
    return Matching(str(loader.construct_scalar(node)))


def _ms_from_now(loader: _Loader, node: yaml.ScalarNode) -> int:
    return time.time_ns() // 1_000_000 + int(str(loader.construct_scalar(node)))


_Loader.add_constructor("!any", _anything)
_Loader.add_constructor("!matching", _matching)
_Loader.add_constructor("!ms_from_now", _ms_from_now)


def dump(value: Any) -> bytes:
    """Return YAML that `load` reads as the value."""
    written: bytes = yaml.dump(value, Dumper=_Dumper, encoding="utf-8")
    return written


Path = tuple[str | int, ...]
"""The keys and indexes of a value's place."""


def lines(text: str) -> dict[Path, int]:
    """Return the line of each key and element of a YAML text; merged ones have their own lines."""
    root = yaml.compose(text, Loader=_Loader)
    return {(): 1} | (dict(_lines_below(root, ())) if root else {})


def _lines_below(node: yaml.Node, path: Path) -> Iterator[tuple[Path, int]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield (*path, key.value), key.start_mark.line + 1
            yield from _lines_below(value, (*path, key.value))
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield (*path, index), value.start_mark.line + 1
            yield from _lines_below(value, (*path, index))


def load(text: str) -> Any:
    """Return the value of a YAML text.

    `!any` and `!matching REGEX` stand for values that are unknown in advance, `!ms_from_now N` for
    a time.
    """
    try:
        return yaml.load(text, Loader=_Loader)
    except yaml.YAMLError as error:
        raise NotYaml(str(error)) from error
