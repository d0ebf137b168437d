"""Null and an empty field may stand for what is missing, but not for what is required."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest
from tallystick.contract_tests.nothing import is_right_without_nothing
from tallystick.contract_tests.safe_fuzzing import _nothing_like

from gate.orders import CONTRACT, CREDENTIALS
from tallystick.gate.configuration import Configuration
from tallystick.gate.own_contract import own_contracts

ORDER = {"customer": "Ada", "pieces": 3}


@pytest.fixture(autouse=True, scope="module")
def orders() -> Any:
    told = Configuration("http://127.0.0.1:1", contracts=(str(CONTRACT),), credentials=CREDENTIALS)
    with own_contracts(told) as own:
        yield own


def is_right(method: str, path: str, query: str = "", body: Any = ..., cookie: str = "") -> bool:
    text = None if body is ... else json.dumps(body).encode()
    case = SimpleNamespace(
        method=method, operation=SimpleNamespace(path=path), path_parameters={"orderId": "x"}
    )
    headers = {"Cookie": cookie} if cookie else {}
    request = SimpleNamespace(url=f"http://x{path}?{query}", headers=headers, body=text)
    return is_right_without_nothing(case, SimpleNamespace(request=request))  # type: ignore[arg-type]  # as much as is read


@pytest.mark.parametrize(
    "query", ["limit=", "state=", "state=&limit=5", "gift=&customer=Ada", "limit=&limit=x"]
)
def test_an_empty_field_may_be_a_missing_one(query: str) -> None:
    assert is_right("GET", "/orders", query)


@pytest.mark.parametrize("query", ["limit=0", "limit=&state=lost", "limit=0&limit=&limit=x", "x=1"])
def test_what_is_wrong_beside_it_or_has_none_is_judged(query: str) -> None:
    assert not is_right("GET", "/orders", query)


@pytest.mark.parametrize("body", [{**ORDER, "labels": None}, {**ORDER, "gift": None, "note": "x"}])
def test_null_may_be_a_missing_member(body: Any) -> None:
    assert is_right("POST", "/orders", body=body)


@pytest.mark.parametrize(
    "body",
    [
        {**ORDER, "customer": None},
        {**ORDER, "gift": None, "cents": -1},
        {**ORDER, "labels": [None]},
        None,
        [None],
        "x",
    ],
)
def test_null_is_no_required_member_and_makes_nothing_right(body: Any) -> None:
    assert not is_right("POST", "/orders", body=body)


def test_a_change_that_is_null_may_be_one_without_members() -> None:
    path = "/orders/{orderId}"
    assert is_right("PATCH", path, body=None)
    assert not is_right("PATCH", path, body=[])


def test_cookies_keep_their_rules_beside_an_empty_field() -> None:
    assert is_right("GET", "/basket", "x=", cookie="currency=EUR")
    assert not is_right("GET", "/basket", "x=", cookie="currency=CHF")


@pytest.mark.parametrize(("value", "is_number"), [(7, True), ("7", True), ("x7", False)])
def test_the_id_of_nothing_is_a_number_where_ids_are(value: Any, is_number: bool) -> None:
    assert str(_nothing_like(value)).isdecimal() is is_number
