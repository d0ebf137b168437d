"""A call is judged and answered as often as it is asked to, and remembers why it was refused."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from parcels import call, plan
from tallystick.contract.body import Replay
from tallystick.contract.exceptions import Failed, Invalid, NotFound, TooLarge
from tallystick.contract.intercepted import InterceptedCall, InterceptedOperations


def test_a_call_that_is_checked_is_not_done() -> None:
    done: list[Any] = []
    made = call(handler=lambda number, body: done.append((number, body)))
    asyncio.run(made.check())
    assert (made.problem, done) == (None, [])
    asyncio.run(made.answer())
    assert done == [(7, {"name": "a"})]


def test_a_call_that_was_refused_stays_refused_and_is_never_done() -> None:
    done: list[Any] = []
    made = call(b"{}", handler=lambda number, body: done.append((number, body)))
    asyncio.run(made.check())
    assert isinstance(made.problem, Invalid)
    answer = asyncio.run(made.answer())
    assert (answer.status, done) == (400, [])


def test_a_call_of_nothing_is_answered_in_the_shape_of_the_nearest_api() -> None:
    made = call(path="/nowhere")
    assert made.operation is None
    assert isinstance(made.problem, NotFound)
    assert asyncio.run(made.answer()).status == 404


def test_a_handler_that_fails_is_an_internal_error_without_its_words(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def handler(**_: Any) -> None:
        raise RuntimeError("a secret")

    made = call(handler=handler)
    answer = asyncio.run(made.answer())
    assert isinstance(made.problem, Failed)
    assert answer.status == 500
    assert "a secret" not in json.dumps(answer.body) + caplog.text
    assert "RuntimeError" in caplog.text


def test_all_that_is_wrong_with_a_call_is_told() -> None:
    made = call(b'{"kilos": 31}', path="/parcels/x")
    assert made.operation
    told = made.operation.violations(made.request, made.segments)
    found = {(violation.where, violation.keyword) for violation in told}
    assert found == {("path", "type"), ("body", "required"), ("body", "maximum")}


@pytest.mark.parametrize(("path", "problem"), [("/parcels/7", TooLarge), ("/nowhere", NotFound)])
def test_of_two_refusals_the_one_that_comes_first_is_told(
    path: str, problem: type[Exception]
) -> None:
    operations = InterceptedOperations.__new__(InterceptedOperations)
    operations._plan, operations._limit = plan(), 3
    scope = {"type": "http", "method": "POST", "raw_path": path.encode(), "headers": []}
    made: InterceptedCall = asyncio.run(operations._read(scope, Replay(b"long")))
    assert type(made.problem) is problem
