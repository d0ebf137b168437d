"""A query string is read once and strictly."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.contract.query_string import BadQuery, parse_query


@given(st.dictionaries(st.text(), st.text()))
def test_what_a_client_encodes_is_read_back(values: dict[str, str]) -> None:
    assert parse_query(urlencode(values).encode()) == values


def test_a_name_without_a_value_has_the_empty_one() -> None:
    assert parse_query(b"a&b=&&c=1") == {"a": "", "b": "", "c": "1"}


def test_a_name_given_twice_is_refused_however_it_is_spelled() -> None:
    with pytest.raises(BadQuery) as refused:
        parse_query(b"cl=EDF&%63l=ABC")
    assert (refused.value.name, refused.value.keyword) == ("cl", "duplicate")


def test_broken_utf8_is_refused_with_the_name() -> None:
    with pytest.raises(BadQuery) as refused:
        parse_query(b"a=1&me=%ff")
    assert (refused.value.name, refused.value.keyword) == ("me", "charset")
