"""Descriptions become HTML that runs nothing."""

from __future__ import annotations

from tallystick.web import markdown


def test_a_block_has_paragraphs_and_a_line_has_none() -> None:
    assert markdown.block("a `b`\n\nc") == "<p>a <code>b</code></p>\n<p>c</p>\n"
    assert markdown.line(" a *b* ") == "a <em>b</em>"


def test_html_and_scripts_are_shown_and_not_run() -> None:
    assert markdown.line("<b onclick=a>") == "&lt;b onclick=a&gt;"
    assert "<a" not in markdown.line("[a](javascript:b)")
