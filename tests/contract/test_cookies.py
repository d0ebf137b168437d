"""Cookies are read as browsers write them."""

from __future__ import annotations

from tallystick.contract.cookies import read_cookies


def test_cookies_are_read_by_name() -> None:
    assert read_cookies({b"cookie": b'a=1; b="x y";c'}) == {"a": "1", "b": "x y", "": "c"}
    assert read_cookies({}) == {}
