"""Comments on problems."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from sqlalchemy import Connection, Select, delete, func, insert, select, update

from tallystick.apis.keyastrom.tables import comments

RECENT = 10
"""Comments that a problem is shown with."""

_LONGEST = 18


@dataclass(frozen=True, slots=True)
class CommentQuery:
    """The comments on one problem, by the number of its event."""

    number: int
    page_size: int
    position: ClassVar = (int,)

    def page(
        self, connection: Connection, _now_ms: int, after: Sequence[Any] | None
    ) -> tuple[list[dict[str, Any]], Sequence[Any] | None]:
        """Return some comments, the latest first, and their end if more follow."""
        statement = _of(self.number).order_by(comments.c.id.desc()).limit(self.page_size + 1)
        if after is not None:
            statement = statement.where(comments.c.id < after[0])
        rows = connection.execute(statement).all()
        page = rows[: self.page_size]
        return [_shown(row) for row in page], [page[-1].id] if len(rows) > len(page) else None

    def count(self, connection: Connection, _now_ms: int) -> int:
        """Return the number of comments."""
        counted = _of(self.number).with_only_columns(func.count(), maintain_column_froms=True)
        return connection.execute(counted).scalar_one()


def recent_comments(connection: Connection, numbers: Sequence[int]) -> list[dict[str, Any]]:
    """Return the latest comments on each problem as one page."""
    of_one = comments.c.event_id
    newest_first = comments.c.id.desc()
    place = func.row_number().over(partition_by=of_one, order_by=newest_first).label("place")
    total = func.count().over(partition_by=of_one).label("total")
    chosen = select(comments, place, total).where(of_one.in_(numbers)).subquery()
    latest = select(chosen).where(chosen.c.place <= RECENT).order_by(chosen.c.id.desc())
    found = defaultdict(list)
    for row in connection.execute(latest):
        found[row.event_id].append(row)
    return [_page(found[number]) for number in numbers]


def _page(rows: Sequence[Any]) -> dict[str, Any]:
    total = rows[0].total if rows else 0
    return {"totalCount": total, "pageSize": RECENT, "comments": [_shown(row) for row in rows]}


def add_comment(
    connection: Connection, number: int, body: Mapping[str, Any], author: str, now_ms: int
) -> dict[str, Any]:
    """Add a comment, and return it."""
    row = {"event_id": number, "created_ms": now_ms, "content": _content(body, author)}
    added = connection.execute(insert(comments).returning(*comments.c), row).one()
    return _shown(added)


def get_comment(connection: Connection, number: int, comment_id: str) -> dict[str, Any] | None:
    """Return the comment of that ID; None if it is missing."""
    row = _find(connection, number, comment_id)
    return _shown(row) if row else None


def update_comment(
    connection: Connection, number: int, comment_id: str, body: Mapping[str, Any], author: str
) -> bool:
    """Replace a comment; return whether there was one."""
    row = _find(connection, number, comment_id)
    if row:
        changed = update(comments).where(comments.c.id == row.id)
        connection.execute(changed.values(content=_content(body, author)))
    return row is not None


def delete_comment(connection: Connection, number: int, comment_id: str) -> bool:
    """Delete a comment; return whether there was one."""
    row = _find(connection, number, comment_id)
    if row:
        connection.execute(delete(comments).where(comments.c.id == row.id))
    return row is not None


def _of(number: int) -> Select[Any]:
    return select(comments).where(comments.c.event_id == number)


def _find(connection: Connection, number: int, comment_id: str) -> Any:
    if not (comment_id.isascii() and comment_id.isdigit() and len(comment_id) <= _LONGEST):
        return None
    return connection.execute(_of(number).where(comments.c.id == int(comment_id))).one_or_none()


def _content(body: Mapping[str, Any], author: str) -> str:
    content = {"content": body["message"], "authorName": author}
    context = body.get("context")
    return json.dumps(content if context is None else {**content, "context": context})


def _shown(row: Any) -> dict[str, Any]:
    return {"id": str(row.id), "createdAtTimestamp": row.created_ms, **json.loads(row.content)}
