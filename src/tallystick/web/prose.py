"""Descriptions in CommonMark, as the documents have them, to HTML."""

from __future__ import annotations

from markdown_it import MarkdownIt
from markupsafe import Markup

# HTML in a description is shown, not run.
_MARKDOWN = MarkdownIt("commonmark", {"html": False})


def block(text: str) -> Markup:
    """Paragraphs, lists and all."""
    return Markup(_MARKDOWN.render(text))


def line(text: str) -> Markup:
    """Text within a paragraph."""
    return Markup(_MARKDOWN.renderInline(text.strip()))
