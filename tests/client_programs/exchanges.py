"""Comparing the steps of a scenario with the requests and answers that came of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, unquote

from client_programs.recorder import Exchange
from client_programs.scenario import Argument, Pages, Step
from tallystick.contract.document import read_documents

_SAME = {
    name: other
    for document in read_documents()
    for schema in document.content["components"]["schemas"].values()
    for name, other in schema.get("x-same-members", {}).items()
}
"""Member → the other one whose value it has."""

_PLACE = re.compile(r"\\\$\\\{\w+\\\}")
"""A place for a kept value, in an escaped text."""


def of_steps(
    steps: Sequence[Step], exchanges: Iterable[Exchange]
) -> list[tuple[Step, tuple[Exchange, ...]]]:
    """Return each step with its exchanges: one, or one a page; fail if some are left."""
    pending = iter(exchanges)
    found = [(step, tuple(_of_step(step, pending))) for step in steps]
    assert list(pending) == []
    return found


def _of_step(step: Step, pending: Iterator[Exchange]) -> Iterator[Exchange]:
    exchange = next(pending)
    while step.pages and json.loads(exchange.answer).get(step.pages.cursor):
        yield exchange
        exchange = next(pending)
    yield exchange


def sent(step: Step, exchanges: Sequence[Exchange]) -> tuple[Any, Any]:
    """Return a step's path, query and body, and those that arrived; kept values are filled in."""
    query = {name: text for each in step.query for name, text in _pairs(each)}
    body = json.loads(step.body) if step.body is not None else None
    queries = [query, *_further_queries(step.pages, query, exchanges)]
    given = [{"path": list(_segments(step)), "query": each, "body": body} for each in queries]
    arrived = [_arrived(exchange) for exchange in exchanges]
    return _filled(given, arrived), arrived


def _further_queries(
    pages: Pages | None, query: Mapping[str, str], exchanges: Sequence[Exchange]
) -> Iterator[dict[str, str]]:
    """Yield the query of each page after the first: the cursor of the one before, and no more."""
    if pages:
        again = {name: query[name] for name in pages.again}
        for exchange in exchanges[:-1]:
            yield again | {pages.sent_as: json.loads(exchange.answer)[pages.cursor]}


def _arrived(exchange: Exchange) -> dict[str, Any]:
    path, _, query = exchange.target.partition("?")
    return {
        "path": [unquote(segment) for segment in path.split("/")],
        "query": dict(parse_qsl(query, keep_blank_values=True)),
        "body": json.loads(exchange.body) if exchange.body else None,
    }


def told(step: Step, exchanges: Sequence[Exchange], result: Any) -> tuple[Any, Any]:
    """Return what was answered and a program's result of it, both without their nulls."""
    answers: list[Any] = [json.loads(each.answer) if each.answer else None for each in exchanges]
    answer = answers[0]
    if step.pages:
        answer = [item for page in answers for item in page[step.pages.items]]
        assert len(answers) > 1, "the list has one page alone"
    return _plain(_without_same(answer)), _plain(_without_same(result))


def _without_same(value: Any) -> Any:
    """Return an answer without the members that repeat another one, as the contracts say."""
    if isinstance(value, list):
        return [_without_same(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: _without_same(member)
        for name, member in value.items()
        if not (name in _SAME and _SAME[name] in value and value[_SAME[name]] == member)
    }


def _segments(step: Step) -> Iterator[str]:
    """Yield the segments of a step's path, with its arguments in their places."""
    arguments = iter(step.path)
    for segment in step.template.split("/"):
        yield re.sub(r"\{.*\}", lambda _: next(arguments), segment)


def _pairs(argument: Argument) -> list[tuple[str, str]]:
    if isinstance(argument.value, dict):
        return list(argument.value.items())
    text = argument.value if isinstance(argument.value, str) else json.dumps(argument.value)
    return [(argument.name, text)]


def _filled(given: Any, arrived: Any) -> Any:
    """Return what is given with each place filled from what arrived, if it fits there."""
    if isinstance(given, dict) and isinstance(arrived, dict):
        return {name: _filled(value, arrived.get(name)) for name, value in given.items()}
    if isinstance(given, list) and isinstance(arrived, list):
        return [_filled(*pair) for pair in zip(given, arrived, strict=False)] + given[
            len(arrived) :
        ]
    if isinstance(given, str):
        pattern = _PLACE.sub(".+", re.escape(given))
        return arrived if re.fullmatch(pattern, str(arrived), re.DOTALL) else given
    return given


def _plain(value: Any) -> Any:
    """Return a value without members that are null, and with its moments in UTC."""
    if isinstance(value, dict):
        return {name: _plain(member) for name, member in value.items() if member is not None}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\dT", value):
        return datetime.fromisoformat(value).timestamp()
    return value
