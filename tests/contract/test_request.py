"""A handler asks a request for its headers."""

from __future__ import annotations

from tallystick.contract.request import Request


def test_the_first_header_of_a_name_is_found() -> None:
    headers = ((b"x-a", b"one"), (b"x-b", b"caf\xe9"), (b"x-a", b"two"))
    request = Request("GET", "/", b"", headers, b"")
    assert request.header(b"x-a") == "one"
    assert request.header(b"x-b") == "caf\u00e9"
    assert request.header(b"x-c") is None
