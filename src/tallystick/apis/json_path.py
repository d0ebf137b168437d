"""JSONPath, as templates of all APIs look values up by it."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:  # it takes a twentieth of a start, which mostly needs no path
    from jsonpath import CompoundJSONPath, JSONPath, JSONPathEnvironment, JSONPathError

Path: TypeAlias = "JSONPath | CompoundJSONPath"

MISSING = object()
"""What a path found that found nothing."""


class BadPath(ValueError):
    """The text is no JSONPath; `column`, from 1, is where."""

    def __init__(self, reason: str, column: int) -> None:
        super().__init__(reason)
        self.column = column


class LookupFailed(ValueError):
    """The path can't be followed in this value."""


_QUOTED = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\"""")
_EXPRESSION = re.compile(r"=~|\b(?:match|search)\s*\(")


def _refuse_endless(text: str) -> None:
    """Two descents multiply, and a regular expression may go back over its text for ever."""
    plain = _QUOTED.sub(lambda quoted: " " * len(quoted[0]), text)
    descent = plain.find("..", plain.find("..") + 2) if ".." in plain else -1
    if descent >= 0:
        raise BadPath("may descend by .. only once", descent + 1)
    if expression := _EXPRESSION.search(plain):
        raise BadPath("may not use a regular expression", expression.start() + 1)


@lru_cache(maxsize=10_000)
def parse(text: str) -> Path:
    """The path that a text spells; raises `BadPath`, also for one that could take for ever."""
    from jsonpath import JSONPathError

    _refuse_endless(text)
    try:
        return _environment().compile(text)
    except JSONPathError as error:
        raise BadPath(str(error).partition("\n")[0], _column(error, text)) from None
    except RecursionError:
        raise BadPath("is nested too deeply", 1) from None


def first(path: Path, value: Any) -> Any:
    """The first that the path finds in a JSON value, or `MISSING`; raises `LookupFailed`."""
    from jsonpath import JSONPathError

    try:
        match = next(iter(path.finditer(value)), None)
    except (JSONPathError, RecursionError) as error:
        raise LookupFailed(f"{path} can't be looked up: {type(error).__name__}") from None
    return MISSING if match is None else match.obj


def every(path: Path, value: Any) -> list[Any]:
    """All that the path finds in a JSON value, in order; raises `LookupFailed`."""
    from jsonpath import JSONPathError

    try:
        return path.findall(value)
    except (JSONPathError, RecursionError) as error:
        raise LookupFailed(f"{path} can't be looked up: {type(error).__name__}") from None


@cache
def _environment() -> JSONPathEnvironment:
    from jsonpath import JSONPathEnvironment

    return JSONPathEnvironment()


def _column(error: JSONPathError, text: str) -> int:
    if error.token is None:
        return 1
    # The end of the text has no index of its own.
    return (len(text) if error.token.index < 0 else error.token.index) + 1
