"""Templates are tried as they are sent, and what can't be tried is named."""

from __future__ import annotations

from typing import Any

import pytest

from tallystick.apis.eventhos.dialect import PAGE, SERVER, find_dialect
from tallystick.apis.eventhos.tried_template import try_template
from tallystick.contract.exceptions import Invalid

URL = "https://a.example.com/"


def tried(event: Any, dialect: str = PAGE, **template: Any) -> dict[str, Any]:
    body = {"template": {"url": URL, "method": "POST", **template}, "event": event}
    shown: dict[str, Any] = try_template(body, find_dialect(dialect), "http", 0)["request"]
    return shown


def test_a_request_is_shown_as_it_would_be_sent() -> None:
    shown = tried(
        {"headers": "X: 1", "data": {"n": 1}},
        method="put",
        headers=[{"key": "Content-Type", "value": "application/x-www-form-urlencoded"}],
        body=[{"key": "n", "value": "${.body.n}"}],
    )
    assert shown == {
        "method": "PUT",
        "url": URL,
        "headers": [
            {"name": "Content-Type", "value": "application/x-www-form-urlencoded"},
            {"name": "eventhosStartDate", "value": "1970-01-01T00:00:00.000Z"},
        ],
        "body": "n=1",
    }


def test_the_dialect_s_own_body_is_shown() -> None:
    bodies = [tried({"data": 1}, dialect, method="GET")["body"] for dialect in (PAGE, SERVER)]
    assert bodies == ["", "1"]


@pytest.mark.parametrize(
    ("event", "template", "name"),
    [
        ({}, {"rawBody": "${.body"}, "template"),
        ({}, {"rawBody": "${.other}"}, "template"),
        ({}, {"headers": [{"key": "Content-Length", "value": "1"}]}, "template"),
        ({"data": ".."}, {"url": f"{URL}${{.body}}/"}, "event"),
        ({"data": [[1] * 999] * 99}, {"rawBody": "${..[?@.a==1]}"}, "template"),
    ],
)
def test_what_can_t_be_tried_is_named(event: Any, template: Any, name: str) -> None:
    with pytest.raises(Invalid) as refused:
        tried(event, **template)
    assert [violation.name for violation in refused.value.violations] == [name]


def test_a_request_has_a_bound() -> None:
    with pytest.raises(Invalid, match="characters"):
        tried({"data": "x" * 900_000}, rawBody=["${.body}"] * 5)


def test_half_a_character_is_replaced() -> None:
    half = "\ud800"
    shown = tried(
        {"headers": half, "query": half, "data": half},
        url=f"{URL}${{.body}}",
        headers=[{"key": "X", "value": "${.body}"}],
        queryUrlParams=[{"key": half, "value": "${.body}"}],
    )
    assert shown["url"] == f"{URL}%3F?%3F=%3F"
    assert shown["headers"][0]["value"] == "?"
