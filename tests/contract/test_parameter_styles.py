"""Arrays and objects are read in every style of OpenAPI."""

from __future__ import annotations

from typing import Any

import pytest

from tallystick.contract.exceptions import Invalid
from tallystick.contract.parameters import Parameters

TEXTS = {"type": "array", "items": {"type": "string"}}
NUMBERS = {"type": "array", "items": {"type": "integer"}}
RGB = {
    "type": "object",
    "properties": {"R": {"type": "integer"}, "G": {"type": "integer"}, "name": {"type": "string"}},
}
COLOUR = {"R": 100, "G": 200}


def read(where: str, sent: str, schema: dict[str, Any], **more: Any) -> Any:
    """Return the value of one parameter called `c`, from the text of its place."""
    declared = {"name": "c", "in": where, "schema": schema, **more}
    template = ["c"] if where == "path" else []
    found = Parameters([declared], {}, {}, False, template, by_place=True)
    headers = {"header": b"c", "cookie": b"cookie"}
    given = {headers[where]: sent.encode()} if where in headers else {}
    query = sent.encode() if where == "query" else b""
    placed = found.read_arguments(query, (sent,) if where == "path" else (), given)
    return placed[where].get("c")


@pytest.mark.parametrize(
    ("where", "style", "explode", "sent", "schema", "value"),
    [
        ("path", "simple", False, "1,2", NUMBERS, [1, 2]),
        ("path", "simple", True, "1,2", NUMBERS, [1, 2]),
        ("path", "simple", False, "R,100,G,200", RGB, COLOUR),
        ("path", "simple", True, "R=100,G=200", RGB, COLOUR),
        ("path", "label", False, ".5", {"type": "integer"}, 5),
        ("path", "label", False, ".1,2", NUMBERS, [1, 2]),
        ("path", "label", True, ".1.2", NUMBERS, [1, 2]),
        ("path", "label", False, ".R,100,G,200", RGB, COLOUR),
        ("path", "label", True, ".R=100.G=200", RGB, COLOUR),
        ("path", "matrix", False, ";c=5", {"type": "integer"}, 5),
        ("path", "matrix", False, ";c", {"type": "string"}, ""),
        ("path", "matrix", False, ";c=1,2", NUMBERS, [1, 2]),
        ("path", "matrix", True, ";c=1;c=2", NUMBERS, [1, 2]),
        ("path", "matrix", False, ";c=R,100,G,200", RGB, COLOUR),
        ("path", "matrix", True, ";R=100;G=200", RGB, COLOUR),
        ("query", "form", True, "c=1&c=2", NUMBERS, [1, 2]),
        ("query", "form", False, "c=1,2", NUMBERS, [1, 2]),
        ("query", "form", False, "c=1%2C2", NUMBERS, [1, 2]),
        ("query", "form", False, "c=a%2Cb,d", TEXTS, ["a,b", "d"]),
        ("query", "form", False, "c=", TEXTS, []),
        ("query", "form", True, "c=", TEXTS, [""]),
        ("query", "form", False, "c=R,100,G,200", RGB, COLOUR),
        ("query", "form", True, "R=100&G=200&other=1", RGB, COLOUR),
        ("query", "spaceDelimited", False, "c=1%202+3", NUMBERS, [1, 2, 3]),
        ("query", "spaceDelimited", True, "c=1&c=2", NUMBERS, [1, 2]),
        ("query", "spaceDelimited", False, "c=R%20100%20G%20200", RGB, COLOUR),
        ("query", "pipeDelimited", False, "c=1|2%7C3", NUMBERS, [1, 2, 3]),
        ("query", "pipeDelimited", False, "c=R|100|G|200", RGB, COLOUR),
        ("query", "deepObject", True, "c[R]=100&c%5BG%5D=200&name=x", RGB, COLOUR),
        ("query", "deepObject", True, "c[]=1&c[]=2", NUMBERS, [1, 2]),
        ("query", "deepObject", True, "c[1]=2&c[0]=1&c[10]=3", NUMBERS, [1, 2, 3]),
        ("header", "simple", False, "1, 2", NUMBERS, [1, 2]),
        ("header", "simple", False, "R,100,G,200", RGB, COLOUR),
        ("header", "simple", True, "R=100, G=200", RGB, COLOUR),
        ("cookie", "form", False, "c=1,2", NUMBERS, [1, 2]),
        ("cookie", "form", False, "c=R,100,G,200", RGB, COLOUR),
        ("cookie", "form", True, "c=a%20b", {"type": "string"}, "a b"),
    ],
)
def test_a_value_is_read_in_its_style(
    where: str, style: str, explode: bool, sent: str, schema: dict[str, Any], value: Any
) -> None:
    assert read(where, sent, schema, style=style, explode=explode) == value


def test_an_object_within_an_object_is_read_by_its_names() -> None:
    inner = {"type": "object", "properties": {"tags": NUMBERS, "rgb": RGB}}
    lines = {"type": "array", "items": RGB}
    schema = {"type": "object", "properties": {"in": inner, "lines": lines}}
    sent = "c[in][tags][]=1&c[in][tags][]=2&c[in][rgb][R]=3&c[lines][0][R]=4&c[lines][1][R]=5"
    assert read("query", sent, schema, style="deepObject", explode=True) == {
        "in": {"tags": [1, 2], "rgb": {"R": 3}},
        "lines": [{"R": 4}, {"R": 5}],
    }


def test_one_value_or_an_object_is_told_by_the_names() -> None:
    schema = {"anyOf": [RGB, {"type": "integer"}]}
    assert read("query", "c=5", schema, style="deepObject", explode=True) == 5
    assert read("query", "c[R]=5", schema, style="deepObject", explode=True) == {"R": 5}


def test_one_value_or_several_are_told_by_the_separator() -> None:
    schema = {"oneOf": [{"type": "integer"}, NUMBERS]}
    assert read("query", "c=5", schema, explode=False) == 5
    assert read("query", "c=5,6", schema, explode=False) == [5, 6]
    assert read("query", "c=5", schema) == 5
    assert read("query", "c=5&c=6", schema) == [5, 6]


def test_an_open_object_takes_what_no_other_parameter_has() -> None:
    more = {"name": "c", "in": "query", "schema": {"type": "object", "additionalProperties": {}}}
    limit = {"name": "limit", "in": "query", "schema": {"type": "integer"}}
    found = Parameters([more, limit], {}, {}, False, [], by_place=True)
    assert found.read_arguments(b"a=1&limit=2&b=x", (), {})["query"] == {
        "c": {"a": "1", "b": "x"},
        "limit": 2,
    }


@pytest.mark.parametrize("where", ["path", "query", "header", "cookie"])
def test_a_parameter_with_a_media_type_is_read_by_it(where: str) -> None:
    content = {"content": {"application/json": {"schema": RGB}}}
    sent = '{"R":1}' if where == "path" else "%7B%22R%22%3A1%7D"
    text = {"query": f"c={sent}", "cookie": f"c={sent}", "header": '{"R":1}'}.get(where, sent)
    declared = {"name": "c", "in": where, **content}
    found = Parameters([declared], {}, {}, False, ["c"] if where == "path" else [], by_place=True)
    headers = {b"c": text.encode(), b"cookie": text.encode()}
    query = text.encode() if where == "query" else b""
    placed = found.read_arguments(query, (text,) if where == "path" else (), headers)
    assert placed[where] == {"c": {"R": 1}}


@pytest.mark.parametrize(
    ("sent", "keyword", "more"),
    [
        ("c=R,1,G", "syntax", {"explode": False}),
        ("c=R,1,R,1", "duplicate", {"explode": False}),
        ("R=1&R=2", "duplicate", {}),
        ("c=1,2&c=3,4", "duplicate", {"explode": False}),
        ("c[R=1", "syntax", {"style": "deepObject"}),
        ("c[R]=1&c[R][a]=1", "syntax", {"style": "deepObject"}),
        ("c[R][a]=1&c[R]=1", "syntax", {"style": "deepObject"}),
        ("c" + "[a]" * 21 + "=1", "syntax", {"style": "deepObject"}),
        ("c[R]=%ff", "charset", {"style": "deepObject"}),
    ],
)
def test_a_value_that_can_t_be_read_is_refused(sent: str, keyword: str, more: Any) -> None:
    with pytest.raises(Invalid) as caught:
        read("query", sent, RGB, **more)
    assert [v.keyword for v in caught.value.violations] == [keyword]


@pytest.mark.parametrize(
    ("style", "sent"), [("label", "5"), ("matrix", "5"), ("matrix", ";d=5"), ("matrix", ";c5")]
)
def test_a_prefix_that_is_missing_is_told(style: str, sent: str) -> None:
    with pytest.raises(Invalid, match="must begin with"):
        read("path", sent, {"type": "integer"}, style=style)
