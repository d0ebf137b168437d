"""One number stands behind both names of an event."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.apis.keyastrom import event_ids

NUMBERS = st.integers(-(2**63), 2**63 - 1)


@given(NUMBERS, st.integers(0, 10**15))
def test_both_names_of_an_event_lead_back_to_its_number(number: int, start_ms: int) -> None:
    assert event_ids.number_of(event_ids.event_id(number, start_ms)) == number
    assert event_ids.correlated(event_ids.correlation_id(number)) == number


@pytest.mark.parametrize("text", ["", "1", "1_", "_1", "1_-1", f"{2**63}_1", "1_1\n", "\u0661_1"])
def test_another_text_is_no_event_id(text: str) -> None:
    assert event_ids.number_of(text) is None


@pytest.mark.parametrize("text", ["43DCE678584AEE3", "043dce678584aee3", "43dce678584aee3"])
def test_a_correlation_id_has_any_letter_case_and_no_leading_zeros(text: str) -> None:
    assert event_ids.correlated(text) == 0x043DCE678584AEE3


@pytest.mark.parametrize("text", ["", "x", "0" * 17, "0" * 16 + "\n"])
def test_another_text_is_no_correlation_id(text: str) -> None:
    assert event_ids.correlated(text) is None
