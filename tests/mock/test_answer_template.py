"""Placeholders become values of the request."""

from __future__ import annotations

from typing import Any

import pytest

from parcels import call
from tallystick.contract.exceptions import Invalid
from tallystick.mock.answer_template import MOST, check_placeholders, fill_template
from tallystick.mock.request_view import facts

VIEW = facts(
    call(
        b'{"name": "a", "kilos": 2.5, "to": {"city": "Rome"}}',
        query=b"tag=x&tag=y",
        headers=[(b"x-a", b"b")],
    )
)


@pytest.mark.parametrize(
    ("template", "filled"),
    [
        ("plain", "plain"),
        ("{{path.number}}", "7"),
        ("{{ query.tag }}", "x"),
        ("{{header.X-A}}", "b"),
        ("{{body.$.kilos}}", 2.5),
        ("{{body.$.to}}", {"city": "Rome"}),
        ("{{body.$.none}}", None),
        ("{{body.$.name}} weighs {{body.$.kilos}}, {{body.$.none}}.", "a weighs 2.5, ."),
        ({"a": ["{{body.$.name}}", 1, None]}, {"a": ["a", 1, None]}),
        ("{{}} {a}", "{{}} {a}"),
    ],
)
def test_a_placeholder_becomes_its_value(template: Any, filled: Any) -> None:
    assert fill_template(template, VIEW) == filled


def test_placeholders_are_found_at_any_depth() -> None:
    assert check_placeholders({"a": [{"b": "{{query.a}}"}]}, "body")
    assert not check_placeholders({"{{query.a}}": [None, 1, "{query.a}"]}, "body")


@pytest.mark.parametrize(
    "text",
    ["{{ }}", "{{querry.a}}", "{{query}}", "{{query.}}", "{{body.$[?}}", "{{path.a}}" * (MOST + 1)],
)
def test_a_placeholder_of_nothing_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        check_placeholders([text], "body")


def test_a_value_of_the_request_is_no_template() -> None:
    view = facts(call(b'{"name": "{{header.x-a}}"}'))
    assert fill_template("{{body.$.name}}!", view) == "{{header.x-a}}!"
