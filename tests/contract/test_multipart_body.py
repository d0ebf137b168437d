"""A multipart body is taken apart within its bounds."""

from __future__ import annotations

import pytest

from tallystick.contract.multipart_body import MAX_PARTS, BodyPart, read_parts
from tallystick.contract.query_string import BadQuery

TYPE = 'multipart/form-data; boundary="a b"'
HEAD = b"--a b\r\nContent-Disposition: form-data; name="


def test_parts_come_in_their_order_with_their_headers() -> None:
    raw = (
        HEAD + b'"\xc3\xa9"\r\n\r\n1\r\n' + HEAD + b'"f"; filename="x \\"y\\""\r\n'
        b"CONTENT-TYPE: Text/HTML; charset=utf-8\r\n\r\n\r\n--a\r\n--a b--\r\nrest"
    )
    assert read_parts(raw, TYPE) == [
        BodyPart("é", None, "", b"1"),
        BodyPart("f", 'x "y"', "text/html", b"\r\n--a"),
    ]


@pytest.mark.parametrize(
    ("raw", "content_type", "reason"),
    [
        (b"", "multipart/form-data", "no boundary"),
        (b"no multipart", TYPE, "is not multipart"),
        (HEAD + b"x\r\n\r\nabc", TYPE, "is not all"),
        (b"--a b\r\n\r\nabc\r\n--a b--\r\n", TYPE, "a part without a name"),
        (b"--a b\r\nX: " + b"a" * 9_000 + b"\r\n\r\n\r\n--a b--", TYPE, "is not multipart"),
        (b"x", f"multipart/form-data; boundary={'b' * 999}", "is not multipart"),
    ],
)
def test_a_body_that_is_no_multipart_is_refused(raw: bytes, content_type: str, reason: str) -> None:
    with pytest.raises(BadQuery, match=reason):
        read_parts(raw, content_type)


def test_there_are_only_so_many_parts() -> None:
    part = HEAD + b"x\r\n\r\n\r\n"
    assert len(read_parts(part * MAX_PARTS + b"--a b--", TYPE)) == MAX_PARTS
    with pytest.raises(BadQuery, match="has more than 1000 parts"):
        read_parts(part * (MAX_PARTS + 1) + b"--a b--", TYPE)
