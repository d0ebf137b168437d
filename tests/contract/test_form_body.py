"""A form is an object by its schema."""

from __future__ import annotations

from typing import Any

import pytest

from tallystick.contract.form_body import FormBody, judgeable
from tallystick.contract.multipart_body import BodyPart, UploadedFile
from tallystick.contract.parameter_styles import MAX_VALUES
from tallystick.contract.query_string import BadQuery
from tallystick.contract.shape import Shape

ADDRESS = {"type": "object", "properties": {"zip": {"type": "integer"}}}
FILE = {"type": "string", "format": "binary"}
SCHEMA = {
    "type": "object",
    "properties": {
        "n": {"type": "integer"},
        "on": {"type": "boolean"},
        "tags": {"type": "array", "items": {"type": "integer"}},
        "lines": {"type": "array", "items": ADDRESS},
        "address": ADDRESS,
        "either": {"anyOf": [ADDRESS, {"type": "string"}]},
        "file": FILE,
        "files": {"type": "array", "items": FILE},
        "picture": {},
        "a[b]": {"type": "integer"},
        "at": {"type": "string", "format": "date-time"},
    },
}
ENCODING: dict[str, dict[str, Any]] = {
    "tags": {"style": "pipeDelimited", "explode": False},
    "picture": {"contentType": "image/png, image/*+xml"},
    "address": {"contentType": "application/json"},
}
FORM = FormBody(Shape(SCHEMA, {}), {})


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b"n=1&on=true&more=%C3%A9+x", {"n": 1, "on": True, "more": "é x"}),
        (b"tags=1&tags=2", {"tags": [1, 2]}),
        (b"tags=1", {"tags": [1]}),
        (b"tags[]=1&tags[]=2", {"tags": [1, 2]}),
        (b"address=%7B%22zip%22:1%7D", {"address": {"zip": 1}}),
        (b"address[zip]=1&address[x]=2", {"address": {"zip": 1, "x": "2"}}),
        (b"lines[0][zip]=1&lines[1][zip]=2", {"lines": [{"zip": 1}, {"zip": 2}]}),
        (b"lines=%7B%22zip%22:1%7D", {"lines": [{"zip": 1}]}),
        (b"either=x", {"either": "x"}),
        (b"a[b]=1&c[d]=2", {"a[b]": 1, "c[d]": "2"}),
        (b"at=2026-01-31T08:00:00+01:00", {"at": "2026-01-31T08:00:00+01:00"}),
        (b"", {}),
    ],
)
def test_fields_are_members_by_the_schema(raw: bytes, value: Any) -> None:
    assert FORM.read_urlencoded(raw) == value


def test_a_member_is_read_in_the_style_that_the_contract_names() -> None:
    assert FormBody(Shape(SCHEMA, {}), ENCODING).read_urlencoded(b"tags=1|2") == {"tags": [1, 2]}


@pytest.mark.parametrize(
    ("raw", "name", "keyword"),
    [
        (b"n=1&n=2", "n", "duplicate"),
        (b"n=%ff", "n", "charset"),
        (b"address=x", "address", "syntax"),
    ],
)
def test_a_field_that_can_t_be_read_is_refused_by_name(raw: bytes, name: str, keyword: str) -> None:
    with pytest.raises(BadQuery) as caught:
        FORM.read_urlencoded(raw)
    assert (caught.value.name, caught.value.keyword) == (name, keyword)


def multipart(*parts: tuple[str, bytes], form: FormBody = FORM) -> dict[str, Any]:
    raw = b"".join(
        b"--X\r\nContent-Disposition: form-data; " + head.encode() + b"\r\n\r\n" + text + b"\r\n"
        for head, text in parts
    )
    return form.read_multipart(raw + b"--X--\r\n", "multipart/form-data; boundary=X")


JSON_TYPE = "\r\nContent-Type: application/json"


@pytest.mark.parametrize(
    ("raw", "more"),
    [(b"n=1&" * MAX_VALUES + b"n=1", "fields"), (b"tags=1" + b"%7C1" * MAX_VALUES, "values")],
)
def test_a_form_of_too_many_values_is_refused_before_they_are_judged(raw: bytes, more: str) -> None:
    with pytest.raises(BadQuery, match=f"has more than 10,000 {more}"):
        FormBody(Shape(SCHEMA, {}), ENCODING).read_urlencoded(raw)


def test_parts_are_members_by_the_schema() -> None:
    assert multipart(
        ('name="n"', b"1"),
        ('name="tags"', b"1"),
        ('name="tags"', b"2"),
        ('name="address"', b'{"zip": 1}'),
        ('name="more"' + JSON_TYPE, b"[true]"),
        ('name="lines[0][zip]"', b"7"),
        ('name="either"', b"a+b %41"),
    ) == {
        "n": 1,
        "tags": [1, 2],
        "address": {"zip": 1},
        "more": [True],
        "lines": [{"zip": 7}],
        "either": "a+b %41",
    }


def test_files_keep_their_bytes_their_name_and_their_type() -> None:
    found = multipart(
        ('name="file"', b"\xff"),
        ('name="files"; filename="a.png"\r\nContent-Type: image/png', b"\x00"),
        ('name="files"; filename="b"', b"\x01"),
        ('name="other"\r\nContent-Type: image/gif', b"\x02"),
    )
    unknown = "application/octet-stream"
    assert found == {
        "file": UploadedFile("", unknown, b"\xff"),
        "files": [UploadedFile("a.png", "image/png", b"\x00"), UploadedFile("b", unknown, b"\x01")],
        "other": UploadedFile("", "image/gif", b"\x02"),
    }
    assert judgeable(found)["files"] == ["\x00", "\x01"]


def test_a_part_has_a_media_type_that_the_contract_expects() -> None:
    form = FormBody(Shape(SCHEMA, {}), ENCODING)
    png = 'name="picture"\r\nContent-Type: image/png'
    assert multipart((png, b"a"), form=form)["picture"].media_type == "image/png"
    assert multipart(('name="address"', b'{"zip":1}'), form=form) == {"address": {"zip": 1}}
    with pytest.raises(BadQuery, match="must have Content-Type image/png or"):
        multipart((png.replace("png", "gif"), b"a"), form=form)


@pytest.mark.parametrize(
    ("head", "text", "keyword"),
    [
        ('name="n"', b"\xff", "charset"),
        ('name="address"', b"{", "syntax"),
        ('name="n"' + JSON_TYPE, b"{", "syntax"),
    ],
)
def test_a_part_that_can_t_be_read_is_refused_by_name(head: str, text: bytes, keyword: str) -> None:
    with pytest.raises(BadQuery) as caught:
        multipart((head, text))
    assert caught.value.keyword == keyword
    assert caught.value.name == head.split('"')[1]


def test_a_part_s_file_has_a_type_even_where_the_part_says_none() -> None:
    assert BodyPart("a", None, "", b"x").file == UploadedFile("", "application/octet-stream", b"x")
