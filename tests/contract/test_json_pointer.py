"""Steps of a JSON Pointer are escaped as RFC 6901 has it, section 3."""

from __future__ import annotations

import pytest

from tallystick.contract.json_pointer import read_index, read_step, write_pointer, write_step


def test_a_pointer_escapes_what_json_pointers_escape() -> None:
    assert write_pointer(("paths", "/a~b", 0)) == "/paths/~1a~0b/0"


@pytest.mark.parametrize("name", ["a/b", "m~n", "~1", "~0", ""])
def test_a_step_is_read_as_it_was_written(name: str) -> None:
    assert read_step(write_step(name)) == name


@pytest.mark.parametrize(
    ("step", "index"),
    [("0", 0), ("1", 1), ("2", None), ("-", None), ("", None), ("²", None), ("9" * 5000, None)],
)
def test_a_step_leads_to_an_item_of_a_list(step: str, index: int | None) -> None:
    assert read_index(step, ["a", "b"]) == index
