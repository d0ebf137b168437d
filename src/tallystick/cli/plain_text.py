"""Text for a terminal or a pipe: aligned columns, and no character that commands a terminal."""

from __future__ import annotations

from collections.abc import Sequence


def printable(text: str) -> str:
    """Return the text with a sign in place of each character that does not print."""
    return "".join(each if each.isprintable() else "\ufffd" for each in text)


def printable_lines(text: str) -> str:
    """Return the text with its lines, each `printable`."""
    return "\n".join(map(printable, text.split("\n")))


def align(rows: Sequence[Sequence[str]]) -> str:
    """Return rows of equally many cells as lines whose cells stand below each other."""
    shown = [[printable(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in shown]
    return "".join(f"{line}\n" for line in lines)
