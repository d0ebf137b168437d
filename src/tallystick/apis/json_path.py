"""JSONPath, as templates of all APIs look values up by it: within a budget of steps.

A tenant writes the path and anybody sends the value, so both are bounded: a path by its length, a
look-up by the nodes that it visits and by what it compares.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeAlias

from tallystick.contract.json_text import write_json

if TYPE_CHECKING:  # it takes a twentieth of a start, which mostly needs no path
    from jsonpath import CompoundJSONPath, JSONPath, JSONPathEnvironment, JSONPathError

Path: TypeAlias = "JSONPath | CompoundJSONPath"

MAX_LENGTH = 1_000
"""Characters of a path."""

MAX_STEPS = 20_000
"""Selectors tried on a node, and nodes that they select, in all look-ups of one budget."""

MISSING = object()
"""What a path found that found nothing."""


MAX_FOUND = 4_000_000
"""Characters of all values that the look-ups of one budget find, as `size_of` counts them."""


class BadPath(ValueError):
    """The text is no JSONPath; `column`, from 1, is where."""

    def __init__(self, reason: str, column: int) -> None:
        super().__init__(reason)
        self.column = column


class LookupFailed(ValueError):
    """The path can't be followed in this value."""


class OutOfSteps(LookupFailed):
    """The look-ups visit too many nodes of this value."""


class _Budget:
    """Counts down the steps of the look-ups that share it."""

    def __init__(self) -> None:
        self._steps = MAX_STEPS
        self._found = MAX_FOUND

    def spend(self, steps: int) -> None:
        """Take so many steps; raise `OutOfSteps` where there are not so many left."""
        self._steps -= steps
        if self._steps < 0:
            raise OutOfSteps(f"it takes more than {MAX_STEPS:,} steps")

    def charge(self, value: Any) -> Any:
        """Return a value that was found; raise `OutOfSteps` where too much was found already."""
        self._found -= size_of(value)
        if self._found < 0:
            raise OutOfSteps(f"more than {MAX_FOUND:,} characters are found")
        return value


_BUDGET: ContextVar[_Budget | None] = ContextVar("budget", default=None)


@contextmanager
def budget() -> Iterator[_Budget]:
    """Let all look-ups within this block share one budget of steps and of what they find."""
    if shared := _BUDGET.get():
        yield shared
        return
    token = _BUDGET.set(shared := _Budget())
    try:
        yield shared
    finally:
        _BUDGET.reset(token)


def _spend(steps: int) -> None:
    with budget() as shared:
        shared.spend(steps)


# A string that is never closed matches too: to look for its end again from each quote in it would
# take quadratic time.
_QUOTED = re.compile(r"""'(?>[^'\\]+|\\.)*+'?|"(?>[^"\\]+|\\.)*+"?""", re.DOTALL)
_EXPRESSION = re.compile(r"=~|\b(?:match|search)\s*\(")


def _refuse_endless(text: str) -> None:
    """Two descents multiply, and a regular expression may go back over its text for ever."""
    plain = _QUOTED.sub(lambda quoted: " " * len(quoted[0]), text)
    descent = plain.find("..", plain.find("..") + 2) if ".." in plain else -1
    if descent >= 0:
        raise BadPath("may descend by .. only once", descent + 1)
    if expression := _EXPRESSION.search(plain):
        raise BadPath("may not use a regular expression", expression.start() + 1)


@lru_cache(maxsize=1_000)
def parse_path(text: str) -> Path:
    """The path that a text spells; raises `BadPath`, also for one that could take for ever."""
    from jsonpath import JSONPathError

    if len(text) > MAX_LENGTH:
        raise BadPath(f"is longer than {MAX_LENGTH:,} characters", MAX_LENGTH + 1)
    _refuse_endless(text)
    try:
        return _environment().compile(text)
    except JSONPathError as error:
        raise BadPath(str(error).partition("\n")[0], _column(error, text)) from None
    except RecursionError:
        raise BadPath("is nested too deeply", 1) from None


def find_first(path: Path, value: Any) -> Any:
    """Return the first that the path finds in a JSON value, or `MISSING`; raise `LookupFailed`."""
    found = _find(path, value, limit=1)
    return found[0] if found else MISSING


def find_all(path: Path, value: Any) -> list[Any]:
    """Return all that the path finds in a JSON value, in order; raise `LookupFailed`."""
    return _find(path, value, limit=None)


def _find(path: Path, value: Any, limit: int | None) -> list[Any]:
    from jsonpath import JSONPathError

    try:
        with budget() as shared:
            return [shared.charge(match.obj) for match in islice(path.finditer(value), limit)]
    except OutOfSteps as error:
        raise OutOfSteps(f"{path} can't be looked up: {error}") from None
    except (JSONPathError, RecursionError) as error:
        raise LookupFailed(f"{path} can't be looked up: {type(error).__name__}") from None


def size_of(value: Any) -> int:
    """Return about how many characters the JSON of a value has, with all that is in it."""
    if isinstance(value, str):
        return len(value)
    return len(write_json(value)) if isinstance(value, dict | list | tuple) else 1


@cache
def _environment() -> JSONPathEnvironment:
    from tallystick.apis.json_path_steps import CountingEnvironment

    return CountingEnvironment(_spend, size_of)


def _column(error: JSONPathError, text: str) -> int:
    if error.token is None:
        return 1
    # The end of the text has no index of its own.
    return (len(text) if error.token.index < 0 else error.token.index) + 1
