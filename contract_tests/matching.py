"""The expected value of a vector, and its differences from the actual one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .equal_forms import EqualForm


@dataclass(frozen=True, slots=True)
class Anything:
    """A placeholder for any value."""


@dataclass(frozen=True, slots=True)
class Matching:
    """A placeholder for any text that the whole pattern matches."""

    pattern: str


def with_any_ids(expected: Any) -> Any:
    """Return an expected value with any text for an id: its form is the contract's to say."""
    if isinstance(expected, dict):
        return {name: _with_any_id(name, value) for name, value in expected.items()}
    return [with_any_ids(item) for item in expected] if isinstance(expected, list) else expected


def _with_any_id(name: str, value: Any) -> Any:
    is_id = isinstance(value, Matching) and name.lower().endswith("id")
    return Matching(".+") if is_id else with_any_ids(value)


def differences(expected: Any, actual: Any, exact: bool, where: str = "body") -> Iterator[str]:
    """Yield one sentence for each difference; unless `exact`, objects may have further members."""
    if isinstance(expected, Anything):
        return
    if isinstance(expected, EqualForm):
        if not expected.fits(actual):
            yield f"{where} is {actual!r}, not {expected.value!r}"
    elif isinstance(expected, Matching):
        if not (isinstance(actual, str) and re.fullmatch(expected.pattern, actual, re.DOTALL)):
            yield f"{where} is {actual!r}, which does not match {expected.pattern}"
    elif isinstance(expected, dict) and isinstance(actual, dict):
        yield from _members(expected, actual, exact, where)
    elif isinstance(expected, list) and isinstance(actual, list):
        yield from _elements(expected, actual, exact, where)
    elif type(expected) is not type(actual) or expected != actual:
        yield f"{where} is {actual!r}, not {expected!r}"


def _members(
    expected: dict[str, Any], actual: dict[str, Any], exact: bool, where: str
) -> Iterator[str]:
    for name, value in expected.items():
        if name in actual:
            yield from differences(value, actual[name], exact, f"{where}.{name}")
        else:
            yield f"{where}.{name} is missing"
    if exact:
        yield from (f"{where}.{name} is unexpected" for name in actual if name not in expected)


def _elements(expected: list[Any], actual: list[Any], exact: bool, where: str) -> Iterator[str]:
    if len(expected) != len(actual):
        yield f"{where} has {len(actual)} elements, not {len(expected)}"
    for index, pair in enumerate(zip(expected, actual, strict=False)):
        yield from differences(*pair, exact, f"{where}[{index}]")
