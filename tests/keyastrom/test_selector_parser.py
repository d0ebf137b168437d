"""A selector that cannot be read is refused with its columns."""

from __future__ import annotations

import pytest

from tallystick.apis.keyastrom.event_selector import parse_event_selector
from tallystick.apis.keyastrom.selector_parser import SelectorError


@pytest.mark.parametrize(
    ("text", "reason", "columns"),
    [
        ("status(", "unexpected end of the selector", "[8,9)"),
        ("status(LATE)", "neither OPEN nor CLOSED", "[8,12)"),
        ('status("a\x00")', "unexpected character", "[10,11)"),
    ],
)
def test_an_error_names_its_columns(text: str, reason: str, columns: str) -> None:
    with pytest.raises(SelectorError) as caught:
        parse_event_selector(text)
    assert reason in str(caught.value)
    assert columns in str(caught.value)
