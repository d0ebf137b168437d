from __future__ import annotations

from typing import Any

import pytest

from tallystick.apis.keyastrom.attribute_index import LONGEST, index_attributes, lookup_text


@pytest.mark.parametrize(
    ("value", "texts", "kind"),
    [
        ("LINUX", ["LINUX"], "String"),
        (8, ["8"], "Number"),
        (0.5, ["0.5"], "Number"),
        (True, ["true"], "Boolean"),
        (None, [], None),
        ([], [], None),
        (["b", "a", 1], ["b", "a", "1"], "List"),
        ({"80": "http"}, ["80:http"], "Map"),
        ([{"key": "Region", "value": "North"}], ["Region:North"], "List"),
        ([{"key": {"source": "A"}, "value": "b"}], ['{"source":"A"}:b'], "List"),
    ],
)
def test_each_value_is_a_text(value: Any, texts: list[str], kind: str | None) -> None:
    entries = index_attributes({"Name": value})
    assert [entry.value for entry in entries] == texts
    assert {(entry.name, entry.name_folded, entry.kind) for entry in entries} <= {
        ("Name", "name", kind)
    }


def test_a_pair_is_found_by_its_key() -> None:
    [entry] = index_attributes({"customProperties": [{"key": "a:b", "value": "c"}]})
    assert (entry.key, entry.value) == ("a:b", "a:b:c")


def test_a_long_text_keeps_its_beginning_and_differs_from_all_others() -> None:
    long = "ж" * 5_000
    assert lookup_text(long).startswith("ж" * 200)
    assert len(lookup_text(long)) <= LONGEST
    assert len({lookup_text(long), lookup_text(long + "x"), lookup_text("x" + long)}) == 3
    assert lookup_text("x" * LONGEST) == "x" * LONGEST
