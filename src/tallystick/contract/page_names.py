"""Names by which contracts tell the pages of a list, without their signs and case."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from tallystick.contract.schema_shape import SchemaShape

LIMITS = frozenset(
    "limit pagelimit perpage pagesize size maxresults maxitems top first count".split()
)
"""Names of parameters for the most items of a page, without their signs and case."""

OFFSETS = frozenset("offset pageoffset skip start startindex".split())
"""Names of parameters for the items before a page."""

PAGES = frozenset("page pagenumber pageno pageindex".split())
"""Names of parameters for the number of a page."""

CURSORS = frozenset(
    "after afterid continuationtoken continue cursor marker nextpagekey nexttoken pageafter "
    "pagecursor pagetoken sinceid startingafter".split()
)
"""Names of parameters with the place of a page, as an answer told it."""

BACKWARD_CURSORS = frozenset("beforeid endingbefore pagebefore".split())
"""Names of parameters with the id of the item behind a page."""

NEXT_CURSORS = frozenset(
    "continuationtoken continue endcursor next nextcursor nextkey nextmarker nextpagekey "
    "nextpagetoken nexttoken".split()
)
"""Names of members with the place of the next page."""

OWN_CURSORS = frozenset("cursor marker pagecursor pagetoken".split())
"""Names of members with the place of the next page, where none beside them tells it."""

MORE = frozenset("hasmore hasnext hasnextpage".split())
"""Names of members that tell whether there is a next page."""

AROUND = frozenset("meta metadata page pageinfo pagination paging".split())
"""Names of members that have some of those within."""

LINKS = "links"
"""The name of a member with addresses of pages within."""

_LINK = re.compile(r"(next|prev|first|last|self)(?:ious)?(page)?(href|link|uri|url)?")

_TEXTS = frozenset({"string", "integer"})
_TIMES = frozenset({"date", "date-time", "time"})


def is_cursor(
    parameter: Mapping[str, Any], content: Mapping[str, Any], names: frozenset[str] = CURSORS
) -> bool:
    """Return whether a parameter takes the place of a page: by its name, unless it is a time."""
    if parameter["in"] != "query" or plain_name(parameter["name"]) not in names:
        return False
    shape = SchemaShape(parameter.get("schema", {}), content)
    is_text = not shape.types or not _TEXTS.isdisjoint(shape.types)
    return is_text and shape.keywords.get("format") not in _TIMES


def named_parts(
    parameter: Mapping[str, Any], content: Mapping[str, Any]
) -> Iterator[Mapping[str, Any]]:
    """Yield a parameter, or the members of an object such as `page` by names as ``page[size]``."""
    if parameter.get("style") != "deepObject":
        yield parameter
        return
    for name, schema in SchemaShape(parameter.get("schema", {}), content).properties.items():
        yield {"name": f"{parameter['name']}[{name}]", "in": parameter["in"], "schema": schema}


_ADDRESSES = frozenset({"uri", "uri-reference", "url"})


def is_address(shape: SchemaShape) -> bool:
    """Return whether a member has an address, by its format."""
    return shape.keywords.get("format") in _ADDRESSES


class LinkName(NamedTuple):
    """The name of a member with a link to a page."""

    relation: str
    """``next``, ``prev``, ``first``, ``last`` or ``self``."""
    has_page: bool
    is_address: bool


def read_link_name(name: str) -> LinkName | None:
    """Read a name such as ``@odata.nextLink``; return None for the name of another member."""
    found = _LINK.fullmatch(plain_name(name.rpartition(".")[2]))
    return LinkName(found[1], bool(found[2]), bool(found[3])) if found else None


def plain_name(name: str) -> str:
    """Return a name without its signs and case."""
    return "".join(filter(str.isalnum, name)).lower()
