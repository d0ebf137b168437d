from __future__ import annotations

import pytest

from tallystick.storable_text import is_storable, replace_unstorable


@pytest.mark.parametrize("text", ["a\0b", "\ud800", "é\udfff"])
def test_nul_and_half_a_surrogate_pair_are_replaced(text: str) -> None:
    assert not is_storable(text)
    assert is_storable(replace_unstorable(text))


@pytest.mark.parametrize("text", ["", "a\nb", "é", "\ufffd", "😀"])
def test_all_other_text_stays_as_it_is(text: str) -> None:
    assert is_storable(text)
    assert replace_unstorable(text) == text
