"""What becomes of an event on its way to a target."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tallystick.apis.eventgrid import transforms
from tallystick.apis.eventgrid.exceptions import BadValue
from tallystick.apis.eventgrid.publishing import to_cloudevent
from tallystick.apis.json_path import LookupFailed
from tallystick.events import Event

EVENT = json.dumps(
    {
        "specversion": "1.0",
        "id": "1",
        "source": "shop",
        "type": "order:paid",
        "data": {"name": 'a "b" \\ ü', "n": 7, "list": [1, {"x": None}], "half": "\ud800"},
    }
).encode()


def filled(template: str, **variables: str) -> tuple[str, str]:
    transform = {"type": "VARIABLE", "value": json.dumps(variables), "template": template}
    transforms.refuse_unreadable(transform, "transform")
    type_, body = transforms.transform(transform, EVENT)
    return type_, body.decode()


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("$.data.name", 'a "b" \\ ü'),
        ("$.data.n", "7"),
        ("$.data.list", '[1,{"x":null}]'),
        ("$.nothing", ""),
        ("a constant", "a constant"),
    ],
)
@pytest.mark.parametrize("template", ["${v}", " ${v}\n"])
def test_a_lone_variable_is_a_text(template: str, path: str, text: str) -> None:
    assert filled(template, v=path) == (transforms.TEXT, template.replace("${v}", text))


@pytest.mark.parametrize(
    "template", ["1${v}", "-${v}", "${v}${v}", "${v}.5", "0.${v}", "[1${v}]", '{"a": -${v}}']
)
def test_a_variable_that_is_a_part_of_a_number_makes_a_text(template: str) -> None:
    text = template.replace("${v}", 'a "b" \\ ü')
    assert filled(template, v="$.data.name") == (transforms.TEXT, text)


def test_a_quoted_variable_is_json() -> None:
    type_, body = filled('"${v}"', v="$.data.name")
    assert (type_, json.loads(body)) == (transforms.JSON, 'a "b" \\ ü')


@pytest.mark.parametrize("name", ["a", "a.b", "a_b-9", "0", "HCx", "x" * 64])
def test_a_variable_has_a_name_of_letters_and_digits(name: str) -> None:
    assert filled(f"<${{{name}}}>", **{name: "x"}) == (transforms.TEXT, "<x>")


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "a b",
        "a}",
        "${a}",
        'a"',
        "a\\",
        "$",
        "a\n",
        "a/b",
        "é",
        "_a",
        "-a",
        ".a",
        "HC.a",
        "x" * 65,
    ],
)
def test_a_variable_of_another_name_is_refused(name: str) -> None:
    transform = {"type": "VARIABLE", "value": json.dumps({name: "x"}), "template": "x"}
    with pytest.raises(BadValue, match=r"t\.value: the name of a variable has 1 to 64 letters"):
        transforms.refuse_unreadable(transform, "t")


def test_a_hundred_variables_are_taken_and_no_more() -> None:
    names = {f"v{n}": "x" for n in range(101)}
    transform = {"type": "VARIABLE", "template": "x"}
    hundred = dict(list(names.items())[:100])
    transforms.refuse_unreadable({**transform, "value": json.dumps(hundred)}, "t")
    with pytest.raises(BadValue, match="100 variables"):
        transforms.refuse_unreadable({**transform, "value": json.dumps(names)}, "t")


def test_the_vendor_s_own_example() -> None:
    event = b'{"data": {"name": "test01", "state": "enable"}}'
    value = {"value": '{"name":"$.data.name"}', "template": "My name is ${name}"}
    assert transforms.transform({"type": "VARIABLE", **value}, event).body == b"My name is test01"


def test_the_original_is_the_event_as_it_was_published() -> None:
    assert transforms.transform({"type": "ORIGINAL"}, EVENT) == (transforms.CLOUDEVENT, EVENT)


@pytest.mark.parametrize(
    ("value", "type_"), [("ping", transforms.TEXT), ('{"ping": 1}', transforms.JSON)]
)
def test_a_constant_is_sent_whatever_the_event(value: str, type_: str) -> None:
    made = transforms.transform({"type": "CONSTANT", "value": value}, EVENT)
    assert made == (type_, value.encode())


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("$.data.name", 'a "b" \\ ü'),
        ("$.data.n", "7"),
        ("$.data.list[*]", "1"),
        ("$.data.list[1]", '{"x":null}'),
        ("$.data.list[1].x", "null"),
        ("$.type", "order:paid"),
        ("$.data.nothing", ""),
        ("$.data.half", "?"),
        ("a constant", "a constant"),
        ("", ""),
    ],
)
def test_a_variable_in_a_text(path: str, text: str) -> None:
    assert filled("<${v}>", v=path) == (transforms.TEXT, f"<{text}>")


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ('{"v": "${v}"}', {"v": 'a "b" \\ ü'}),
        ('{"v": ${v}}', {"v": 'a "b" \\ ü'}),
        ('["${v} and ${v}", ${n}, ${m}, "${m}"]', ['a "b" \\ ü and a "b" \\ ü', 7, None, ""]),
        ('{"${v}": "\\"${n}"}', {'a "b" \\ ü': '"7'}),
    ],
)
def test_a_template_of_json_stays_json_whatever_is_filled_in(template: str, value: Any) -> None:
    type_, body = filled(template, v="$.data.name", n="$.data.n", m="$.missing")
    assert (type_, json.loads(body)) == (transforms.JSON, value)


@pytest.mark.parametrize(
    ("value", "template", "details"),
    [
        (
            '{"a": "$.data["}',
            "${a}",
            "t.value.a, column 8, is not a JSONPath: unexpected end of query",
        ),
        ('{"a": "$.x y"}', "${a}", "t.value.a, column 5, is not a JSONPath: unexpected token 'y'"),
        (
            '{"a": "$.a"}',
            "I am ${b}",
            "t.template, column 6, names a variable that is missing in value",
        ),
        ('{"a": 1}', "x", "t.value must be a JSON object of texts, in a text"),
        ("{", "x", "t.value must be a JSON object of texts, in a text"),
        ("{}", "", "t.template is missing"),
    ],
)
def test_a_transform_that_can_t_be_read_is_refused(value: str, template: str, details: str) -> None:
    transform = {"type": "VARIABLE", "value": value, "template": template}
    with pytest.raises(BadValue) as refused:
        transforms.refuse_unreadable(transform, "t")
    assert str(refused.value) == details


def test_an_event_of_the_log_is_published_again_byte_for_byte() -> None:
    attributes = {"eventgridid": "1", "eventgridproject": "p", "eventgridchannel": "c", "own": 2}
    event = Event("u", "eventgrid", "shop", "t", "", 0, b'{"n": 1.0}', json.dumps(attributes))
    head = b'{"specversion":"1.0","id":"1","source":"shop","type":"t","own":2'
    assert to_cloudevent(event) == head + b',"data":{"n": 1.0}}'
    assert to_cloudevent(event._replace(data=b"")) == head + b"}"


@pytest.mark.parametrize(
    ("template", "path", "data", "reason"),
    [
        ("${a}", "$.data" + "[*,*]" * 40, json.loads("[" * 40 + "]" * 40), "20,000 steps"),
        ("${a}" * 50, "$.data", "x" * 100_000, "4,000,000 characters"),
    ],
    ids=["steps", "characters"],
)
def test_a_transform_that_takes_too_much_is_given_up(
    template: str, path: str, data: Any, reason: str
) -> None:
    transform = {"type": "VARIABLE", "value": json.dumps({"a": path}), "template": template}
    with pytest.raises(LookupFailed, match=reason):
        transforms.transform(transform, json.dumps({"data": data}).encode())
