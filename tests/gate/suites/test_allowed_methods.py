"""The `Allow` of a 405 lists methods that the path takes."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from schemathesis.core.failures import Failure
from tallystick.contract_tests.allowed_methods import allowed_methods

from tallystick.gate.configuration import Configuration
from tallystick.gate.own_contract import own_contracts

CONTRACT = """
openapi: 3.0.3
info: {title: Things, version: '1'}
paths:
  /things:
    get: {responses: {'200': {description: Done.}}}
    post: {responses: {'201': {description: Made.}}}
"""


@pytest.fixture(autouse=True, scope="module")
def things(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    file = tmp_path_factory.mktemp("contract") / "things.yaml"
    file.write_text(CONTRACT, encoding="utf-8")
    with own_contracts(Configuration("http://127.0.0.1:1", contracts=(str(file),))):
        yield


def judge(method: str, allow: str, status: int = 405) -> None:
    request = SimpleNamespace(method=method)
    response: Any = SimpleNamespace(status_code=status, request=request, headers={"allow": [allow]})
    operation = SimpleNamespace(label=f"{method} /things")
    case: Any = SimpleNamespace(formatted_path="/things", operation=operation)
    allowed_methods(None, response, case)  # type: ignore[arg-type]  # it reads none


@pytest.mark.parametrize("allow", ["GET", "get, POST", "GET, HEAD, OPTIONS", ""])
def test_a_list_of_what_frameworks_name_is_right(allow: str) -> None:
    judge("PUT", allow)


@pytest.mark.parametrize(("method", "status"), [("TRACE", 405), ("PUT", 404)])
def test_an_answer_of_the_server_beneath_is_left_out(method: str, status: int) -> None:
    judge(method, "GET, POST, PUT, DELETE", status)


@pytest.mark.parametrize(
    ("allow", "says"),
    [("GET, PUT", "refuses PUT, and its Allow"), ("GET, DELETE", "lists DELETE, which the path")],
)
def test_a_refused_or_undeclared_method_is_a_failure(allow: str, says: str) -> None:
    with pytest.raises(Failure, match=says) as found:
        judge("PUT", allow)
    assert found.value.title == "Wrong methods in Allow"
