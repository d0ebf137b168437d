"""The page of a run can be read anywhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest

from gate.runs import RUN, RUNS
from tallystick.gate.html import html
from tallystick.gate.outcome import VerifyRun


class Page(HTMLParser):
    """The elements of a page, and what is open in it."""

    VOID = frozenset({"meta", "br", "wbr"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def loads(self) -> Iterator[str]:
        """What the page would load from elsewhere."""
        for tag, attributes in self.tags:
            if tag in ("script", "link", "img", "iframe") or {"src", "href"} & set(attributes):
                yield tag


@pytest.mark.parametrize("run", RUNS)
def test_the_page_is_well_formed_and_loads_nothing(run: VerifyRun) -> None:
    text = html(run, "1")
    page = Page(text)
    assert page.open == []
    assert list(page.loads()) == []
    assert not re.search(r"url\(|@import|https?://(?!127\.0\.0\.1)", text)


def test_the_page_shows_each_answer_of_the_contract_as_a_cell_of_a_matrix() -> None:
    text = html(RUN, "1")
    cells = re.findall(r'<i class="(\w+)" title="(\d) times">', text)
    assert cells == [("seen", "7"), ("unseen", "0"), ("undeclared", "1")]


def test_what_a_server_answers_is_text_on_the_page() -> None:
    assert "<script>" not in html(RUN, "1")
