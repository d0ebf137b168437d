"""An id of a request is its own and fits its header."""

from __future__ import annotations

import re
import time

from tallystick.apis.request_id import MAX_LENGTH, new_request_id


def test_an_id_has_digits_a_time_and_a_machine() -> None:
    match = re.fullmatch(r"[0-9a-f]{32}-([0-9]{13})-.+", new_request_id())
    assert match
    assert int(match[1]) <= time.time_ns() // 1_000_000


def test_no_two_are_the_same_and_none_is_too_long() -> None:
    made = {new_request_id() for _ in range(1_000)}
    assert len(made) == 1_000
    assert max(map(len, made)) <= MAX_LENGTH
