"""Names are given once."""

from __future__ import annotations

from tallystick.contract.reader.unique_names import UniqueNames


def test_a_taken_name_gets_the_next_free_number() -> None:
    names = UniqueNames(["a", "a_3"], "_")

    assert [names.add_name(stem) for stem in ("a", "b", "a", "b", "a_2")] == [
        "a_2",
        "b",
        "a_4",
        "b_2",
        "a_2_2",
    ]
