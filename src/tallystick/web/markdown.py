"""Turns descriptions in CommonMark into HTML."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from markupsafe import Markup

if TYPE_CHECKING:
    from markdown_it import MarkdownIt


def block(text: str) -> Markup:
    """Return a text as HTML blocks, such as paragraphs and lists."""
    return Markup(_markdown().render(text))


def line(text: str) -> Markup:
    """Return a text as HTML within a paragraph."""
    return Markup(_markdown().renderInline(text.strip()))


@cache
def _markdown() -> MarkdownIt:
    # A server starts without it: it is for the pages, which are made when somebody asks.
    from markdown_it import MarkdownIt

    # HTML in a description is shown, not run.
    return MarkdownIt("commonmark", {"html": False})
