"""Follows the pages of a list: each element comes once, none is lost, and the last page ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import SplitResult, parse_qsl, quote, urlencode, urljoin, urlsplit

import requests.utils

from .json_text import loads, member
from .list_rules import place
from .wire import WireReply

_MOST_PAGES = 5
_PARTS = 3
"""The pages that a list is cut into: fewer than the most, which a list must not need."""

Ask = Callable[[str], WireReply]
"""A function from a target to its reply."""


def follow_pages(rule: Mapping[str, Any], target: str, reply: WireReply, ask: Ask) -> Iterator[str]:
    """Object to what the pages of a list have twice, lack or do not end with.

    `reply` is the answer at `target`, with as many elements as the list gives at once. Of `rule`,
    `members` are the places in an answer that lead to the next page, each with its parameter, and
    `more` those that tell whether there is one.
    """
    whole = [member(each, rule["id"]) for each in member(loads(reply.body), rule["in"])]
    pages = _Pages(rule, urlsplit(target), ask)
    # Without a number of elements to ask for, this answer is the first page.
    size = max(rule.get("least", 1), -(-len(whole) // _PARTS))
    first = None if "limit" not in rule else pages.target_of(size)
    yield from pages.follow(first or target, None if first else reply)
    if not pages.objected:
        yield from pages.judge(whole, rule["expected"])


class _Pages:
    """The pages of one list, and the ids of its elements so far."""

    def __init__(self, rule: Mapping[str, Any], whole: SplitResult, ask: Ask) -> None:
        self._rule = rule
        self._path = whole.path
        asked = dict(parse_qsl(whole.query, keep_blank_values=True))
        self._always = {name: asked[name] for name in rule["always"] if name in asked}
        self._ask = ask
        self._size: int | None = None
        self._ids: list[Any] = []
        self._totals: list[int] = []
        self._has_ended = False
        self._is_unclear = False
        self._last_is_empty = False
        self.objected = False

    def target_of(self, size: int, **more: Any) -> str:
        """Return the target of a page with so many elements."""
        self._size = size
        first = {self._rule["number"]: self._rule["first"]} if "number" in self._rule else {}
        return self._target({self._rule["limit"]: size, **first, **more})

    def follow(self, target: str, reply: WireReply | None) -> Iterator[str]:
        """Read the pages from a target on, whose reply may be known already."""
        next_target: str | None = target
        for number in range(1, _MOST_PAGES + 1):
            assert next_target
            reply = reply or self._ask(next_target)
            objections = list(self._read(reply, number))
            self.objected = bool(objections)
            yield from objections
            next_target = None if objections else self._find_next(reply, next_target)
            if next_target is None:
                self._has_ended = not self._is_unclear
                return
            reply = None

    def judge(self, whole: Sequence[Any], expected: Sequence[Any]) -> Iterator[str]:
        """Object to elements that are lost, and to a list that goes on behind its last one."""
        if self._has_ended:
            for lost in (each for each in expected if each in whole and each not in self._ids):
                yield f"{self._place} has no element {lost!r} on any page"
            yield from self._of_totals()
        elif self._last_is_empty and set(whole) <= set(self._ids):
            yield f"{self._place} goes on after its last element, by {_MOST_PAGES} pages"

    def _of_totals(self) -> Iterator[str]:
        """Object to totals that are all too small or too large, as others may write meanwhile."""
        count = len(self._ids)
        if self._totals and not min(self._totals) <= count <= max(self._totals):
            yield f"{self._place} has {count} elements on its pages, and {self._totals[0]} in all"

    @property
    def _place(self) -> str:
        return place(self._rule)

    def _read(self, reply: WireReply, number: int) -> Iterator[str]:
        try:
            elements = member(loads(reply.body), self._rule["in"])
            ids = [member(each, self._rule["id"]) for each in elements]
        except (ValueError, LookupError, TypeError):
            yield f"page {number} is no such list: {reply.status} {reply.body[:200]!r}"
            return
        if self._size is not None and len(ids) > self._size:
            yield f"page {number} has {len(ids)} elements, more than {self._size}"
        for twice in (each for at, each in enumerate(ids) if each in (*self._ids, *ids[:at])):
            yield f"{self._place} has the element {twice!r} again on page {number}"
            return
        for strange in (each for each in ids if each in self._rule["others"]):
            yield f"page {number} has the element {strange!r}, which is gone or another's"
            return
        self._ids += ids
        told = (_find(loads(reply.body), path) for path in self._rule.get("totals", ()))
        self._totals += [each for each in told if isinstance(each, int)]
        self._last_is_empty = not ids

    def _find_next(self, reply: WireReply, target: str) -> str | None:
        """Return the target of the next page, if there is one."""
        fields = dict(parse_qsl(urlsplit(target).query, keep_blank_values=True))
        if link := _find_link(reply):
            return self._linked(link, target)
        if self._rule["members"]:
            return self._find_told(loads(reply.body), target, fields)
        name = self._rule.get("offset") or self._rule.get("number")
        if name is None or self._last_is_empty:
            return None
        is_number = "offset" not in self._rule
        own = int(fields.get(name, self._rule["first"])) + 1 if is_number else len(self._ids)
        return self._target({**fields, name: own})

    def _find_told(self, answer: Any, target: str, fields: Mapping[str, str]) -> str | None:
        if any(_find(answer, path) is False for path in self._rule["more"]):
            return None
        for path, name in self._rule["members"].items():
            told = _find(answer, path)
            if told in (None, "", False):
                continue
            if isinstance(told, str) and told.startswith(("http:", "https:", "/", "?")):
                return self._linked(told, target)
            if name and isinstance(told, str | int):
                # By some contracts a token of this name stands alone in its query.
                is_alone = name == path.rpartition(".")[2]
                self._size = None if is_alone else self._size
                return self._target({name: told} if is_alone else {**fields, name: told})
            self._is_unclear = True
        return None

    def _linked(self, link: str, target: str) -> str:
        """Return the target that a link leads to, whatever the server calls itself."""
        parts = urlsplit(urljoin(target, link))
        # The server may stand behind a base path, which is no part of a target.
        start = parts.path.find(self._path)
        path = parts.path[start:] if start > 0 else parts.path
        return f"{path}?{parts.query}" if parts.query else path

    def _target(self, fields: Mapping[str, Any]) -> str:
        asked = {**self._always, **fields}
        return f"{self._path}?{urlencode(asked, quote_via=quote, safe='')}"


def _find(answer: Any, path: str) -> Any:
    """Return the member of an answer, or None without one."""
    try:
        return member(answer, path)
    except LookupError:
        return None


def _find_link(reply: WireReply) -> str | None:
    """Return the link to the next page in the header `Link`."""
    links = requests.utils.parse_header_links(reply.header("Link") or "")
    return next((each["url"] for each in links if "next" in each.get("rel", "").split()), None)
