"""Each step of a look-up is counted, whatever it costs."""

from __future__ import annotations

import json
import tracemalloc
from typing import Any

import pytest

from tallystick.apis.json_path import OutOfSteps, find_all, parse_path

DEEP: Any = json.loads("[" * 41 + "]" * 41)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("$" + "[*,*]" * 40, DEEP),
        ("$" + "[0,0,0,0]" * 40, DEEP),
        ("$" + "[::,::]" * 40, DEEP),
        ("$.a[*].z", {"a": [0] * 100_000}),
        ("$.a[?@ in $.b]", {"a": [-1] * 1_000, "b": list(range(100_000))}),
        ("$.a[?@[*].x]", {"a": [[0] * 100] * 1_000}),
        ("$..*", [[0] * 10] * 10_000),
    ],
    ids=["wildcards", "unions", "slices", "numbers", "membership", "inner queries", "descent"],
)
def test_a_look_up_gives_up_after_its_steps(path: str, value: Any) -> None:
    with pytest.raises(OutOfSteps, match="20,000 steps"):
        find_all(parse_path(path), value)


def test_a_look_up_of_a_thousand_items_is_within_its_steps() -> None:
    value = {"items": [{"id": n, "kind": "a"} for n in range(1_000)]}
    assert len(find_all(parse_path("$.items[?@.kind == 'a'].id"), value)) == 1_000


def test_a_key_of_a_megabyte_is_not_copied_for_each_node_below_it() -> None:
    key = "k" * 1_000_000
    tracemalloc.start()
    found = find_all(parse_path("$..*"), {key: [[0]] * 2_000})
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(found) == 4_001
    assert peak < 20_000_000
