"""JSONPath look-ups within a budget, for the templates of all APIs and the mock's rules.

A tenant writes the path and any sender the value, so the cost of both is bounded: the path by its
length, the look-up by visited nodes, comparisons and results.
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

if TYPE_CHECKING:  # its import takes a twentieth of a start, and few starts need a path
    from jsonpath import CompoundJSONPath, JSONPath, JSONPathEnvironment, JSONPathError

Path: TypeAlias = "JSONPath | CompoundJSONPath"

MAX_LENGTH = 1_000
"""The longest path, in characters."""

# 20,000 steps take some 60 ms, and pass an array of 6,000 items (docs/decisions/eventgrid.md,
# "How much may a look-up by JSONPath cost?").
MAX_STEPS = 20_000
"""The limit of a budget in steps: a selector tried on a node, a selected node, a compared part."""

MISSING = object()
"""The result of a path without a match."""


MAX_FOUND = 4_000_000
"""The limit of a budget in characters of all results, as counted by `size_of`."""


class BadPath(ValueError):
    """The text is an invalid JSONPath; `column` is the position of the error, from 1."""

    def __init__(self, reason: str, column: int) -> None:
        super().__init__(reason)
        self.column = column


class LookupFailed(ValueError):
    """The path can't be looked up in this value."""


class OutOfSteps(LookupFailed):
    """The look-ups exceed their budget of steps or of found characters."""


class _Budget:
    """The remaining steps and characters of the look-ups that share it."""

    def __init__(self) -> None:
        self._steps = MAX_STEPS
        self._found = MAX_FOUND

    @property
    def spent(self) -> int:
        """Return the steps used up, also those beyond the budget that ended it."""
        return MAX_STEPS - self._steps

    def spend(self, steps: int) -> None:
        """Use up steps; raise `OutOfSteps` if too few are left."""
        self._steps -= steps
        if self._steps < 0:
            raise OutOfSteps(f"it takes more than {MAX_STEPS:,} steps")

    def charge(self, value: Any) -> Any:
        """Return a found value; raise `OutOfSteps` if the results are too long together."""
        self._found -= size_of(value)
        if self._found < 0:
            raise OutOfSteps(f"more than {MAX_FOUND:,} characters are found")
        return value


_BUDGET: ContextVar[_Budget | None] = ContextVar("budget", default=None)


@contextmanager
def budget() -> Iterator[_Budget]:
    """Share one budget among all look-ups in the block, and with an enclosing block."""
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


# An unclosed string matches too: a search for its end from each quote in it would take quadratic
# time.
_QUOTED = re.compile(r"""'(?>[^'\\]+|\\.)*+'?|"(?>[^"\\]+|\\.)*+"?""", re.DOTALL)
_EXPRESSION = re.compile(r"=~|\b(?:match|search)\s*\(")


def _refuse_endless(text: str) -> None:
    """Raise `BadPath` for a second ``..`` or a regular expression, whose cost can't be bounded."""
    # Two descents multiply their steps, and a regular expression may backtrack without end.
    plain = _QUOTED.sub(lambda quoted: " " * len(quoted[0]), text)
    descent = plain.find("..", plain.find("..") + 2) if ".." in plain else -1
    if descent >= 0:
        raise BadPath("may descend by .. only once", descent + 1)
    if expression := _EXPRESSION.search(plain):
        raise BadPath("may not use a regular expression", expression.start() + 1)


@lru_cache(maxsize=1_000)
def parse_path(text: str) -> Path:
    """Return the parsed path; raise `BadPath`, also for a path of unbounded cost."""
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
    except (ValueError, OverflowError):  # the parser reads some as Python's integers: 1e1, 1e400
        raise BadPath("has a number that can't be read", 1) from None


def find_first(path: Path, value: Any) -> Any:
    """Return the path's first match in a JSON value, or `MISSING`; raise `LookupFailed`."""
    found = _find(path, value, limit=1)
    return found[0] if found else MISSING


def find_all(path: Path, value: Any) -> list[Any]:
    """Return all matches of the path in a JSON value, in order; raise `LookupFailed`."""
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
    """Return the approximate length of the value as JSON, in characters."""
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
    # At the end of the text, the token's index is negative.
    return (len(text) if error.token.index < 0 else error.token.index) + 1
