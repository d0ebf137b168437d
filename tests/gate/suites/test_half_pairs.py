"""An answer with half a surrogate pair is JSON, and its schema judges it."""

from __future__ import annotations

import pytest
from tallystick.contract_tests.half_pairs import replace_half_pairs


@pytest.mark.parametrize(
    ("content", "read"),
    [
        (rb'{"\udfff":1}', rb'{"\ufffd":1}'),
        (
            rb'["\uD800x", "\ud83d\uDE00", "\udc00\ud800"]',
            rb'["\ufffdx", "\ud83d\uDE00", "\ufffd\ufffd"]',
        ),
        (rb'["\\udfff", "\\\udfff", "\n\u00e9"]', rb'["\\udfff", "\\\ufffd", "\n\u00e9"]'),
        (b"no JSON \xed\xa0\x80 \\ud8", b"no JSON \xed\xa0\x80 \\ud8"),
    ],
)
def test_each_half_becomes_a_replacement_character(content: bytes, read: bytes) -> None:
    assert replace_half_pairs(content) == read
