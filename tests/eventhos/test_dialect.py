"""One table says where the page and the vendor's server differ."""

from __future__ import annotations

from pathlib import Path

import pytest

from tallystick.apis.eventhos.dialect import (
    DIFFERENCES,
    PAGE,
    SERVER,
    WORDS,
    Dialect,
    find_dialect,
    table,
)
from tallystick.contract.document import read_api
from tallystick.delivery import DeliveryState

DECISIONS = Path(__file__).parents[2] / "docs/decisions/eventhos.md"


def test_the_table_has_a_row_for_each_difference() -> None:
    assert [*DIFFERENCES] == [*Dialect._fields]
    assert all(row.page != row.server for row in DIFFERENCES.values())


def test_the_documentation_shows_the_table() -> None:
    assert table() in DECISIONS.read_text(encoding="utf-8")


def test_the_codes_of_the_table_are_in_the_contract() -> None:
    codes = {name.partition("-")[0] for name in read_api("eventhos").codes}
    for row in DIFFERENCES.values():
        for value in (row.page, row.server):
            if not isinstance(value, bool):
                assert (value if isinstance(value, str) else str(value[1])) in codes


@pytest.mark.parametrize(
    ("state", "attempts", "word"),
    [
        ("done", 1, "processed"),
        ("dead", 10, "error"),
        ("held", 0, "error"),
        ("cancelled", 0, "error"),
        ("pending", 2, "error"),
        ("leased", 1, "error"),
        ("pending", 0, None),
        ("waiting", 0, None),
    ],
)
def test_a_run_is_processed_or_error_once_it_was_tried(
    state: str, attempts: int, word: str | None
) -> None:
    assert find_dialect(SERVER).state(state, attempts) == word
    assert find_dialect(PAGE).state(state, attempts) == state


def test_an_event_without_a_tried_run_has_the_state_null() -> None:
    server = find_dialect(SERVER)
    assert server.states([]) == [None]
    assert server.states([("waiting", 0)]) == [None]
    assert server.states([("done", 1), ("pending", 0)]) == ["processed"]
    assert find_dialect(PAGE).states([]) == []


def test_every_state_has_a_word_to_look_for() -> None:
    schema = read_api("eventhos").schema("EventhosStateFilter")
    assert [*WORDS] == schema["enum"]
    assert {state for states in WORDS.values() for state in states} == set(DeliveryState)
