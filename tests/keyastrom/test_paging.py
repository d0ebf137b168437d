"""The key of a page is signed, and good for one kind of list."""

from __future__ import annotations

from base64 import urlsafe_b64encode

import pytest

from tallystick.apis.keyastrom.paging import BadPageKey, PageKeys

SECRET = "01" * 32
UNSIGNED = urlsafe_b64encode(b"0" * 16 + b"{}").decode()
CONTENT = {"from": "now-2h", "after": [1, "é"]}


def test_a_key_is_read_back_by_every_process_with_the_secret() -> None:
    key = PageKeys(SECRET).key("events", CONTENT)
    assert PageKeys(SECRET).content("events", key) == CONTENT


def test_a_key_of_another_list_or_another_secret_is_refused() -> None:
    key = PageKeys(SECRET).key("events", CONTENT)
    with pytest.raises(BadPageKey):
        PageKeys(SECRET).content("entities", key)
    with pytest.raises(BadPageKey):
        PageKeys("02" * 32).content("events", key)


@pytest.mark.parametrize(
    "key", ["", "é", "a", "AAAA", urlsafe_b64encode(b"0" * 16 + b"{}").decode()]
)
def test_a_key_that_no_page_gave_is_refused(key: str) -> None:
    with pytest.raises(BadPageKey):
        PageKeys(SECRET).content("events", key)
