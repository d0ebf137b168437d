"""The parser of all selectors' grammars, and its errors."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cached_property
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from tallystick.storable_text import UNSTORABLE

if TYPE_CHECKING:  # it takes a hundredth of a second to load, and grammars twice as long
    from lark import Lark, Token, UnexpectedInput

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

MAX_WEIGHT = 100
"""How much a selector may ask of the database: ten thousand characters can ask for minutes."""

_SHOWN = 60


class SelectorError(Exception):
    """The selector is unreadable."""

    def __init__(self, reason: str, start: int, end: int) -> None:
        super().__init__(
            f"Parse error: {reason}. Found near 1-based column range [{start + 1},{end + 1})."
        )


class Criteria(Protocol[T_co]):
    """The makers of criteria: a method for each rule of a grammar, by its name."""

    def selector(self, *criteria: Any) -> T_co:
        """Return the criteria of the whole text."""
        ...


class Parser(Generic[T]):
    """One of the grammars, with the makers of its criteria."""

    def __init__(self, grammar: str, criteria: type[Criteria[T]]) -> None:
        self._grammar = grammar
        self._criteria = criteria

    @cached_property
    def _lark(self) -> Lark:
        from lark import Lark, Transformer, v_args

        methods = {n: f for n, f in vars(self._criteria).items() if not n.startswith("__")}
        transformer = v_args(inline=True)(type(self._grammar, (Transformer,), methods))
        return Lark(
            files(__package__).joinpath(self._grammar).read_text("utf-8"),
            parser="lalr",
            lexer="contextual",
            maybe_placeholders=False,
            transformer=transformer(),
        )

    def parse(self, text: str) -> T:
        """Return the criteria of a text; raise `SelectorError` with the columns at fault."""
        from lark import UnexpectedInput

        unstorable = UNSTORABLE.search(text)
        if unstorable:
            start, end = unstorable.span()
            raise SelectorError(f"Got unexpected character {text[start:end]!a}", start, end)
        try:
            parsed: Any = self._lark.parse(text)
        except UnexpectedInput as error:
            raise _error(error, text) from None
        return parsed  # type: ignore[no-any-return]  # lark types it as a tree


def _error(error: UnexpectedInput, text: str) -> SelectorError:
    from lark import UnexpectedCharacters, UnexpectedToken

    if isinstance(error, UnexpectedToken) and error.token.type != "$END":
        token = error.token
        shown = token if len(token) <= _SHOWN else f"{token[:_SHOWN]}…"
        return refused(f"Got unexpected token '{shown}'", token)
    if isinstance(error, UnexpectedCharacters):
        start: Any = error.pos_in_stream  # which lark types as None
        return SelectorError(f"Got unexpected token '{text[start]}'", start, start + 1)
    return SelectorError("Got unexpected end of the selector", len(text), len(text) + 1)


def check_weight(text: str, weights: Iterable[int], counted: str = "") -> None:
    """Raise `SelectorError` if a text's criteria ask for too much; `counted` tells what counts."""
    if sum(weights) > MAX_WEIGHT:
        raise SelectorError(f"Got more than {MAX_WEIGHT} criteria{counted}", 0, len(text))


def refused(reason: str, token: Token) -> SelectorError:
    """Return the error of a token against a rule beyond the grammar."""
    assert token.start_pos is not None
    return SelectorError(reason, token.start_pos, token.start_pos + len(token))


def text_of(value: Token) -> str:
    """Return the text of a value, without its quotes."""
    if value.type == "BARE":
        return str(value)
    return re.sub("~(.)", r"\1", value[1:-1], flags=re.DOTALL)


def texts_of(values: Sequence[Token]) -> tuple[str, ...]:
    """Return the text of each value."""
    return tuple(map(text_of, values))
