"""Measures how plainly our pages and docstrings are written: `make readability`.

It counts words that speak to the reader, negations and relative words. The limits are near the
figures of starlette, svcs and procrastinate for pages, and of starlette, alembic, aiohttp, pydantic
and click for docstrings.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

GENERATED = ("docs/rules/",)
KINDS = {
    "you": re.compile(r"\b(?:you|your|yours)\b", re.IGNORECASE),
    "negations": re.compile(r"\b(?:nobody|nothing|none|no|never|nor|neither)\b", re.IGNORECASE),
    "relative words": re.compile(r"\b(?:what|who|whoever|whose|which|that)\b", re.IGNORECASE),
}
WORD = re.compile(r"[A-Za-z']+")
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


class Figures(NamedTuple):
    """The number of words, and how many of each kind there are in 1,000."""

    words: int
    rates: Mapping[str, float]


def read_prose(markdown: str) -> str:
    """Return a page's text without code, tables, headings, HTML and the addresses of links."""
    text = re.sub(r"```.*?```", "", markdown, flags=re.DOTALL)
    text = re.sub(r"^(\||#).*$", "", text, flags=re.MULTILINE)
    text = re.sub(r"<[^>]+>", "", text)
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    return re.sub(r"`[^`]*`", "X", text)


def read_docstrings(python: str) -> str:
    """Return the docstrings of a module."""
    nodes = (node for node in ast.walk(ast.parse(python)) if isinstance(node, DOCUMENTED))
    return "\n".join(ast.get_docstring(node) or "" for node in nodes)


def measure(text: str) -> Figures:
    """Return the figures of a text."""
    words = len(WORD.findall(text))
    per_thousand = 1000 / max(1, words)
    rates = {kind: per_thousand * len(pattern.findall(text)) for kind, pattern in KINDS.items()}
    return Figures(words, rates)


class Prose(NamedTuple):
    """A kind of file, how its prose is read, and the limits for all of it together."""

    suffix: str
    read: Callable[[str], str]
    least: Mapping[str, float]
    most: Mapping[str, float]

    def breaches(self, figures: Figures) -> list[str]:
        """Return the kinds of words that the figures have too few or too many of."""
        rates = figures.rates
        scarce = [kind for kind, least in self.least.items() if rates[kind] < least]
        return scarce + [kind for kind, most in self.most.items() if rates[kind] > most]


PAGES = Prose(".md", read_prose, {"you": 10}, {"negations": 5, "relative words": 18})
DOCSTRINGS = Prose(".py", read_docstrings, {}, {"negations": 10, "relative words": 20})


def find_files(paths: Iterable[Path], suffix: str) -> list[Path]:
    """Return the files of that suffix, also those in folders, but for the generated ones."""
    found = (file for path in paths for file in ([path] if path.is_file() else path.rglob("*")))
    written = (file for file in found if not file.as_posix().startswith(GENERATED))
    return sorted(file for file in written if file.suffix == suffix)


def report(prose: Prose, files: Iterable[Path]) -> list[str]:
    """Print the figures of the files, and return the kinds of words beyond a limit."""
    texts = {file: prose.read(file.read_text("utf-8")) for file in files}
    figures = measure("\n".join(texts.values()))
    rates = ", ".join(f"{kind} {rate:.1f}" for kind, rate in figures.rates.items())
    print(f"{prose.suffix}: {figures.words} words; in 1,000 of them: {rates}")
    breaches = prose.breaches(figures)
    for kind in breaches:
        print(f"  {kind}: beyond the limit. By file: {_counts(kind, texts)}")
    return breaches


def _counts(kind: str, texts: Mapping[Path, str]) -> str:
    counts = {file: len(KINDS[kind].findall(text)) for file, text in texts.items()}
    worst = sorted(counts, key=lambda file: -counts[file])[:5]
    return ", ".join(f"{file} {counts[file]}" for file in worst)


def main(paths: list[Path]) -> bool:
    """Return whether the prose under the paths keeps its limits."""
    breaches = [report(prose, find_files(paths, prose.suffix)) for prose in (PAGES, DOCSTRINGS)]
    return not any(breaches)


if __name__ == "__main__":
    sys.exit(not main([Path(argument) for argument in sys.argv[1:]]))
