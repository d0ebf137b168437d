"""Compares two recorded worlds: which requests were answered otherwise, came or are gone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tallystick.mock.world import BadWorld, parse_world

_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?")
_SHOWN = 200
_MOST = 100_000

Series = Mapping[str, Sequence[Mapping[str, Any]]]
"""A request in words → its answers, in turn."""


def compare_recordings(old: Path, new: Path) -> list[str]:
    """Return a line for each difference in answers; raise `BadWorld` for an unreadable file.

    Two times as texts count as equal.
    """
    before, after = _read_series(old), _read_series(new)
    lines = [f"gone     {request}" for request in before if request not in after]
    lines += [f"new      {request}" for request in after if request not in before]
    for request in before:
        if request in after:
            lines += _compare_series(request, before[request], after[request])
    return lines


def _read_series(file: Path) -> Series:
    series: dict[str, list[Mapping[str, Any]]] = {}
    rules = parse_world(file).get("rules", [])
    if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
        raise BadWorld(f"{file}: rules is not a list of rules")
    for rule in reversed(rules):  # the first answer of a series stands last
        answers = series.setdefault(_name_request(rule), [])
        answers += [rule.get("answer", {})] * _count(file, rule)
    return series


def _count(file: Path, rule: Mapping[str, Any]) -> int:
    times = rule.get("times", 1)
    if not isinstance(times, int) or not 0 < times <= _MOST:
        raise BadWorld(f"{file}: times is no number of 1 to {_MOST}")
    return times


def _name_request(rule: Mapping[str, Any]) -> str:
    match = rule.get("match")
    asked = f" {json.dumps(match, sort_keys=True, default=str)}" if match else ""
    return f"{rule.get('operation', 'every operation')}{asked}"


def _compare_series(
    request: str, old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]
) -> Iterator[str]:
    for number, (before, after) in enumerate(zip(old, new, strict=False), 1):
        for place, was, is_now in _differences("answer", before, after):
            yield f"changed  {request}: {place} of answer {number} was {was} and is {is_now}"
    if len(old) != len(new):
        yield f"changed  {request}: it had {len(old)} answers and has {len(new)}"


def _differences(place: str, old: Any, new: Any) -> Iterator[tuple[str, str, str]]:
    """Yield the place and both values of each difference."""
    if isinstance(old, dict) and isinstance(new, dict):
        for name in [*old, *(name for name in new if name not in old)]:
            yield from _differences(f"{place}.{name}", old.get(name, _NONE), new.get(name, _NONE))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, (one, other) in enumerate(zip(old, new, strict=True)):
            yield from _differences(f"{place}[{index}]", one, other)
    elif not _is_equal(old, new):
        yield place.removeprefix("answer."), _shown(old), _shown(new)


def _is_equal(old: Any, new: Any) -> bool:
    if isinstance(old, str) and isinstance(new, str) and _TIME.fullmatch(old):
        return _TIME.fullmatch(new) is not None
    return type(old) is type(new) and bool(old == new)


_NONE = object()
"""The value of a member that is not there."""


def _shown(value: Any) -> str:
    return "not there" if value is _NONE else json.dumps(value, default=str)[:_SHOWN]
