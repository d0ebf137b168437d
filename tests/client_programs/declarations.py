"""The public declarations in the source of a client."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class BracedDeclarations:
    """A language with declarations in lines, and members in braces below them."""

    outer: str
    """A pattern of public declarations."""
    member: str
    """A pattern of public members."""

    def __call__(self, text: str) -> Iterator[str]:
        is_open = False
        for line in _folded(text):
            if line[:1].strip() and line != "{":
                is_open = re.match(self.outer, line) is not None
            if is_open and (
                (line[:1].strip() and line[0] not in "){}") or re.match(self.member, line)
            ):
                indent = "" if line[:1].strip() else "    "
                yield indent + re.sub(r"\s+", " ", line.strip()).rstrip(" {,;")


def _folded(text: str) -> Iterator[str]:
    """Yield the lines of a text without comments, each up to its closing parenthesis."""
    text = re.sub(r"^\s*(//[^\n]*|/\*\*(?s:.*?)\*/)\n", "", text, flags=re.MULTILINE)
    pending = ""
    for line in text.splitlines():
        pending = f"{pending} {line.strip()}" if pending else line
        if pending.count("(") <= pending.count(")") or pending.startswith(("const (", "import (")):
            yield pending
            pending = ""
