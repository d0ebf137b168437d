"""The templates of sample programs, one a language, with the functions that they use."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple, Protocol, cast

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from tallystick.clients import languages, member_names
from tallystick.clients.sample_calls import SampleCall
from tallystick.clients.sample_values import SampleType, SampleValue

_WIDTH = 80
"""Characters of a line in brackets, before it is indented."""

Pairs = Sequence[tuple[str, str]]


class SampleForms(Protocol):
    """The macros of a ``sample.jinja``: each returns a value as its language writes it.

    A language can have three more: `any` for JSON of any kind, `alias` for a value of a named type
    other than an object, and `member` for the value of an object's member.
    """

    def text(self, given: str) -> str:
        """Return a text."""

    def moment(self, given: str) -> str:
        """Return a moment; `given` is RFC 3339."""

    def choice(self, name: str, given: str) -> str:
        """Return one of the texts of a named type."""

    def number(self, type_: SampleType, given: float) -> str:
        """Return a number, whole or not."""

    def flag(self, given: bool) -> str:
        """Return a truth value."""

    def null(self) -> str:
        """Return nothing."""

    def list(self, type_: SampleType, items: Sequence[str]) -> str:
        """Return a list of written values."""

    def map(self, type_: SampleType, pairs: Pairs) -> str:
        """Return a map; each pair is a text and a written value."""

    def object(self, written: WrittenObject) -> str:
        """Return an object of the client."""

    def program(
        self, call: SampleCall, method: str, query: Pairs, body: str, types: Sequence[str]
    ) -> str:
        """Return the whole program; `types` are the names of those that occur in it."""


class WrittenObject(NamedTuple):
    """An object with its members in the language, for a template."""

    value: SampleValue
    members: Pairs
    """The name and the value of each."""
    more: Pairs
    """Those of your own; a name is a text of the language."""
    plain: str
    """The whole object as the language writes any JSON."""


def read_template(language: str, names: Mapping[str, Any]) -> SampleForms:
    """Return the macros of a language; `names` are the variables in them."""
    template = _environment().get_template(f"{language}/sample.jinja")
    return cast(SampleForms, template.make_module(dict(names)))


def optional_form(forms: SampleForms, name: str) -> Callable[..., str] | None:
    """Return one of the macros that few languages have."""
    return getattr(forms, name, None)


@cache
def _environment() -> Environment:
    found = Environment(
        loader=FileSystemLoader(languages.templates_folder()),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.do"],
    )
    found.globals |= {"bracketed": _bracketed, "width": _WIDTH}
    found.filters |= {
        "quoted": _quoted,
        "json": _json,
        "snake": member_names.snake_case,
        "pascal": _pascal,
        "utc": _utc,
    }
    found.tests["word"] = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*").fullmatch
    return found


@pass_context
def _bracketed(
    context: Context,
    opening: str,
    items: Sequence[str | tuple[str, str]],
    closing: str,
    *,
    between: str = ": ",
    last: str | None = ",",
    is_aligned: bool = False,
    is_hugged: bool = False,
) -> str:
    """Return items in brackets: in one line, if they fit, else each in a line of its own.

    `between` stands in a pair, and `last` after the last line; None closes in that line. Aligned
    pairs have their values in one column, as gofmt has them. The last one of hugged items may go
    on in further lines.
    """
    texts = [item if isinstance(item, str) else between.join(item) for item in items]
    line = f"{opening}{', '.join(texts)}{closing}"
    if not texts or ("\n" not in line and len(line) <= _WIDTH):
        return line
    head = f"{opening}{', '.join(texts[:-1])}"
    if is_hugged and "\n" in texts[-1] and "\n" not in head and len(head) <= _WIDTH:
        return line
    texts = _aligned([item for item in items if not isinstance(item, str)]) if is_aligned else texts
    indentation = context.resolve("indentation")
    lines = ",\n".join(texts).replace("\n", f"\n{indentation}")
    end = "" if last is None else f"{last}\n"
    return f"{opening.rstrip()}\n{indentation}{lines}{end}{closing.lstrip()}"


def _aligned(pairs: Pairs) -> list[str]:
    """Return pairs with the values in one column within each run of values of one line."""
    found: list[str] = []
    run: list[tuple[str, str]] = []
    for name, value in pairs:
        if "\n" in value:
            found += [*_column(run), f"{name}: {value}"]
            run = []
        else:
            run.append((name, value))
    return [*found, *_column(run)]


def _column(pairs: Pairs) -> list[str]:
    width = max((len(name) for name, _ in pairs), default=0)
    return [f"{name + ':':{width + 1}} {value}" for name, value in pairs]


def _quoted(text: str) -> str:
    """Return a text in the quotes and with the escapes of most languages."""
    return json.dumps(text, ensure_ascii=False)


def _json(value: Any) -> str:
    line = json.dumps(value, ensure_ascii=False)
    return line if len(line) <= _WIDTH else json.dumps(value, ensure_ascii=False, indent=2)


def _pascal(name: str) -> str:
    return "".join(word[:1].upper() + word[1:] for word in name.split("_"))


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
