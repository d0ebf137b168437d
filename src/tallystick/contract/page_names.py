"""Names by which contracts tell the pages of a list, without their signs and case."""

from __future__ import annotations

CURSORS = frozenset(
    "after afterid continuationtoken continue cursor marker nextpagekey nexttoken pagecursor "
    "pagetoken sinceid startingafter".split()
)
"""Names of parameters with the place of a page, as an answer told it."""

NEXT_CURSORS = frozenset(
    "continuationtoken continue endcursor next nextcursor nextkey nextmarker nextpagekey "
    "nextpagetoken nexttoken".split()
)
"""Names of members with the place of the next page."""

MORE = frozenset("hasmore hasnext hasnextpage".split())
"""Names of members that tell whether there is a next page."""

AROUND = frozenset("meta metadata page pageinfo pagination paging".split())
"""Names of members that have some of those within."""


def plain_name(name: str) -> str:
    """Return a name without its signs and case."""
    return "".join(filter(str.isalnum, name)).lower()
