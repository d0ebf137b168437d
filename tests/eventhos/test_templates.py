from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tallystick.apis.eventhos.exceptions import BadField
from tallystick.apis.eventhos.templates import (
    MAX_DEPTH,
    BadTemplate,
    Unfilled,
    check_template,
    fill_template,
    fill_url,
    has_fixed_origin,
    parse_template,
    to_json,
)
from tallystick.apis.json_path import MISSING

SCOPE = {
    "headers": {"host": "127.0.0.1", "x-colour": "red & blue"},
    "query": {"event-identifier": "bomb"},
    "body": {
        "name": "Morpheush",
        "n": 199,
        "none": None,
        "list": [{"id": 1}, {"id": 2}],
        "money": "$& costs $1",
        "path": "a/b?c#d",
        "host": "boss.example.com",
        "odd}name": 7,
    },
    "url": "http://127.0.0.1/event/send",
    "oauthResponse": {"body": {"access_token": "t"}},
}


@pytest.mark.parametrize(
    ("template", "filled"),
    [
        ("${.body.name}", "Morpheush"),
        ("${.body.n}", 199),
        ("${.body.none}", None),
        ("${.body.list}", [{"id": 1}, {"id": 2}]),
        ("${.body.list[1].id}", 2),
        ("${.body.list[*].id}", 1),
        ("${.body.list[?@.id > 1].id}", 2),
        ("${.headers.x-colour}", "red & blue"),
        ("${['headers']['x-colour']}", "red & blue"),
        ("${.query.event-identifier}", "bomb"),
        ("${.oauthResponse.body.access_token}", "t"),
        ("${.body['odd}name']}", 7),
        ("${.url}", "http://127.0.0.1/event/send"),
        ("${.body.no}", MISSING),
        ("Bearer ${.oauthResponse.body.access_token}", "Bearer t"),
        ("${.body.name}${.body.n}", "Morpheush199"),
        ("${.body.name} ${.body.name}", "Morpheush Morpheush"),
        ("<${.body.list[0]}>", '<{"id":1}>'),
        ("<${.body.none}>", "<null>"),
        ("<${.body.no}>", "<>"),
        ("${.body.money}!", "$& costs $1!"),
        ("$5 ${name} {} }", "$5 ${name} {} }"),
        ("", ""),
    ],
)
def test_a_placeholder_is_filled(template: str, filled: Any) -> None:
    assert fill_template(template, SCOPE) == filled


def test_objects_and_arrays_are_filled_and_what_is_missing_is_dropped() -> None:
    template = {"a": ["${.body.n}", "${.body.no}", {"b": "${.body.no}", "c": True}], "d": 1}
    assert fill_template(template, SCOPE) == {"a": [199, {"c": True}], "d": 1}


@pytest.mark.parametrize(
    ("template", "url"),
    [
        ("https://a.example/${.body.n}?x=${.body.path}", "https://a.example/199?x=a%2Fb%3Fc%23d"),
        ("https://a.example/?x=${.body.money}", "https://a.example/?x=%24%26%20costs%20%241"),
        ("https://${.body.host}/${.body.host}", "https://boss.example.com/boss.example.com"),
        ("${.url}/more", "http://127.0.0.1/event/send/more"),
        ("https://a.example/${.body.no}", "https://a.example/"),
    ],
)
def test_what_is_filled_into_a_url_can_not_change_where_it_leads(template: str, url: str) -> None:
    assert fill_url(template, SCOPE) == url


@pytest.mark.parametrize(
    ("url", "is_fixed"),
    [
        ("https://a.example/${.body.n}", True),
        ("https://a.example", True),
        ("https://a.example${.body.n}", False),
        ("https://${.body.host}/", False),
        ("${.url}", False),
    ],
)
def test_a_host_is_known_beforehand_if_no_placeholder_is_in_it(url: str, is_fixed: bool) -> None:
    assert has_fixed_origin(url) is is_fixed


@pytest.mark.parametrize(
    ("template", "column"),
    [
        ("${.", 1),
        ("a ${.body", 3),
        ("${.body.a}} ${.body", 13),
        ("${.body.}", 9),
        ("${.body[}", 9),
        ("${.body a}", 9),
        ("${.body.a..}", 12),
        ("${.body['a}", 1),
        ("${.body[?(}", 11),
        ("é ${.bodi.a}", 3),
        ("${.bodys}", 1),
        ("${['cookies']}", 1),
    ],
)
def test_what_does_not_parse_is_refused_with_its_place_and_column(
    template: str, column: int
) -> None:
    places: dict[str, Any] = {
        "raw": template,
        "raw.1": ["x", template],
        "raw.a.b.1": {"a": {"b": [1, template]}},
    }
    for place, value in places.items():
        with pytest.raises(BadField, match=f"^{place}, column {column}, has "):
            check_template("raw", value)


def test_a_template_is_not_nested_without_end() -> None:
    value: Any = "x"
    for _ in range(MAX_DEPTH):
        value = [value]
    check_template("raw", value)
    with pytest.raises(BadField, match="deeper"):
        check_template("raw", [value])


def test_half_a_surrogate_pair_is_escaped() -> None:
    assert to_json(["é", 1]) == '["é",1]'
    assert to_json("\ud800") == '"\\ud800"'


@given(st.text(alphabet="${}[].'\"abody* \\"))
def test_any_text_is_a_template_or_refused(text: str) -> None:
    try:
        parse_template(text)
    except BadTemplate:
        return
    fill_template(text, SCOPE)


@given(st.text())
def test_a_text_without_placeholders_stays_as_it_is(text: str) -> None:
    if "${" not in text:
        assert fill_template(text, SCOPE) == text


@pytest.mark.parametrize("text", ["${." * 16_000, "${.body['" * 6_000, "${.a'" + "\\'" * 20_000])
def test_a_placeholder_without_its_end_is_found_by_one_scan(text: str) -> None:
    # A scan that looked for the end of each placeholder anew would take quadratic time.
    with pytest.raises(BadTemplate, match="without its end"):
        parse_template(text)


@pytest.mark.parametrize("value", [".", ".."])
@pytest.mark.parametrize(
    "template", ["https://a.example/x/${.body}/y", "https://a.example/${.body}"]
)
def test_what_is_filled_into_a_path_can_not_climb_out_of_it(template: str, value: str) -> None:
    with pytest.raises(Unfilled, match=r"a segment \. or \.\."):
        fill_url(template, {"body": value})


def test_dots_elsewhere_are_no_segment() -> None:
    assert (
        fill_url("https://a.example/v${.body}/x?d=..", {"body": ".."})
        == "https://a.example/v../x?d=.."
    )


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(st.characters(exclude_categories=[])),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=20,
    )
)
@example([1e16, 1e-5, 0.00012, 1e22, 123456789012345680.0, -0.0, 5e-324, "0.00001", "\x7f\u2028"])
def test_json_says_what_the_value_is(value: object) -> None:
    written = to_json(value)
    assert written.encode()
    assert json.loads(written) == value


def test_numbers_that_orjson_can_t_write_leave_the_letters_as_they_are() -> None:
    assert to_json({"é": 1 << 70}) == '{"é":1180591620717411303424}'
