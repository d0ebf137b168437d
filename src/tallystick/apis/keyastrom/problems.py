"""Problems: read, closed and commented on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import Connection

from tallystick.apis.keyastrom import problem_comments, problem_query, reports
from tallystick.apis.keyastrom.paged_lists import (
    PagedLists,
    check_entity_selector,
    check_selector,
    span,
)
from tallystick.apis.keyastrom.paging import BadPageKey
from tallystick.apis.keyastrom.problem_comments import CommentQuery
from tallystick.apis.keyastrom.problem_query import ProblemQuery
from tallystick.apis.keyastrom.problem_selector import parse_problem_selector
from tallystick.apis.service_context import ServiceContext
from tallystick.contract.exceptions import NotFound

Json = dict[str, Any]
T = TypeVar("T")

PROBLEMS_SINCE = "now-2h"
PROBLEMS_A_PAGE = 50
COMMENTS_A_PAGE = 10


class KeyastromProblems:
    """Lists, closes and comments on problems."""

    def __init__(self, context: ServiceContext, lists: PagedLists, active_for_ms: int) -> None:
        self._context = context
        self._lists = lists
        self._active_for_ms = active_for_ms

    async def list_problems(
        self,
        from_: str | None,
        to: str | None,
        problem_selector: str | None,
        entity_selector: str | None,
        fields: str | None,
        sort: str | None,
        page_size: int | None,
        next_page_key: str | None,
    ) -> Json:
        """Return a page of the problems open some time in a time frame; raise `Invalid`."""
        if next_page_key is not None:
            others = {
                "from": from_,
                "to": to,
                "problemSelector": problem_selector,
                "entitySelector": entity_selector,
                "sort": sort,
                "pageSize": page_size,
            }

            def adapt(query: ProblemQuery) -> ProblemQuery:
                # Fields are those of one page alone.
                return replace(query, fields=fields or "")

            return await self._lists.next_page(
                "problems", ProblemQuery, next_page_key, others, adapt
            )
        check_selector("problemSelector", problem_selector, parse_problem_selector)
        check_entity_selector(entity_selector)
        start, end = span(from_, to, PROBLEMS_SINCE, self._context.clock.now_ms())
        query = ProblemQuery(
            start,
            end,
            problem_selector,
            entity_selector,
            sort or "",
            page_size or PROBLEMS_A_PAGE,
            self._active_for_ms,
            fields or "",
        )
        return await self._lists.first_page("problems", query)

    async def get_problem(self, problem_id: str, fields: str | None) -> Json:
        """Return one problem; raise `NotFound`."""
        now_ms = self._context.clock.now_ms()
        return _present(
            await self._context.database.read(
                lambda connection: problem_query.get_problem(
                    connection, problem_id, fields or "", now_ms
                )
            )
        )

    async def close_problem(self, problem_id: str, body: Json | None, author: str) -> Json | None:
        """End a problem, with a comment if there is a body; None if it was closed already."""
        now_ms = self._context.clock.now_ms()

        def close(connection: Connection, row: Any) -> Json | None:
            if not reports.close_report(connection, row, now_ms):
                return None
            result = {"problemId": problem_id, "closing": True, "closeTimestamp": now_ms}
            if body is None:
                return result
            comment = problem_comments.add_comment(connection, row.id, body, author, now_ms)
            return {**result, "comment": comment}

        return await self._write(problem_id, close)

    async def list_comments(
        self, problem_id: str, page_size: int | None, next_page_key: str | None
    ) -> Json:
        """Return a page of the comments on a problem; raise `NotFound` or `Invalid`."""
        row = await self._context.database.read(
            partial(problem_query.find_problem, problem_id=problem_id)
        )
        number = _present(row).id
        if next_page_key is None:
            query = CommentQuery(number, page_size or COMMENTS_A_PAGE)
            return await self._lists.first_page("comments", query)

        def check(query: CommentQuery) -> CommentQuery:
            if query.number != number:
                raise BadPageKey
            return query

        others = {"pageSize": page_size}
        return await self._lists.next_page("comments", CommentQuery, next_page_key, others, check)

    async def add_comment(self, problem_id: str, body: Json, author: str) -> Json:
        """Add a comment to a problem; raise `NotFound`."""
        now_ms = self._context.clock.now_ms()
        return await self._write(
            problem_id,
            lambda connection, row: problem_comments.add_comment(
                connection, row.id, body, author, now_ms
            ),
        )

    async def get_comment(self, problem_id: str, comment_id: str) -> Json:
        """Return one comment on a problem; raise `NotFound`."""

        def find(connection: Connection) -> Json | None:
            row = problem_query.find_problem(connection, problem_id)
            return problem_comments.get_comment(connection, row.id, comment_id) if row else None

        return _present(await self._context.database.read(find))

    async def update_comment(
        self, problem_id: str, comment_id: str, body: Json, author: str
    ) -> None:
        """Replace a comment on a problem; raise `NotFound`."""
        await self._write(
            problem_id,
            lambda connection, row: _present(
                problem_comments.update_comment(connection, row.id, comment_id, body, author)
                or None
            ),
        )

    async def delete_comment(self, problem_id: str, comment_id: str) -> None:
        """Delete a comment on a problem; raise `NotFound`."""
        await self._write(
            problem_id,
            lambda connection, row: _present(
                problem_comments.delete_comment(connection, row.id, comment_id) or None
            ),
        )

    async def _write(self, problem_id: str, work: Callable[[Connection, Any], T]) -> T:
        def write(connection: Connection) -> T:
            return work(connection, _present(problem_query.find_problem(connection, problem_id)))

        return await self._context.log.write(write)


def _present(found: T | None) -> T:
    if found is None:
        raise NotFound
    return found
