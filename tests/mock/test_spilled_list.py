"""Values outgrow the memory and stay the same."""

from __future__ import annotations

import errno
import os
import sys

import pytest

from tallystick.mock.request_view import ABSENT
from tallystick.mock.spilled_list import SpilledList


def test_values_are_read_back_in_any_order() -> None:
    values: SpilledList[object] = SpilledList()
    for value in ("a", {"b": [1]}, ABSENT):
        values.append(value, object)

    assert (len(values), values[1], values[0]) == (3, {"b": [1]}, "a")
    assert values[2] is ABSENT
    values.append("d", object)
    assert values[3] == "d"
    values.clear()


def test_a_cleared_list_is_empty_and_takes_values_again() -> None:
    values: SpilledList[str] = SpilledList()
    values.append("a", str)
    values.clear()

    assert (len(values), values.size) == (0, 0)
    with pytest.raises(IndexError):
        values[0]
    values.append("b", str)
    assert values[0] == "b"
    values.clear()


def test_a_value_that_the_disk_has_no_room_for_is_replaced_in_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    values: SpilledList[str] = SpilledList()
    values.append("a", str)
    with monkeypatch.context() as full:
        full.setattr(os, "pwrite", refuse)
        values.append("b", lambda: "short")
    values.append("c", str)

    assert [values[index] for index in range(3)] == ["a", "short", "c"]
    values.clear()


def test_a_value_that_is_nested_too_deep_for_the_file_is_replaced_in_memory() -> None:
    nested: list[object] = []
    for _ in range(10 * sys.getrecursionlimit()):
        nested = [nested]
    values: SpilledList[list[object]] = SpilledList()
    values.append(nested, list)

    assert values[0] == []
    values.clear()


def test_what_is_written_by_and_by_is_read_back(monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.pwrite
    monkeypatch.setattr(os, "pwrite", lambda file, raw, place: write(file, raw[:3], place))
    values: SpilledList[str] = SpilledList()
    for value in ("Ada Lovelace", "Grace Hopper"):
        values.append(value, str)

    assert [values[0], values[1]] == ["Ada Lovelace", "Grace Hopper"]
    values.clear()


def test_a_replaced_value_is_read_in_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    values: SpilledList[str] = SpilledList()
    for value in ("a", "b"):
        values.append(value, str)
    values.replace(0, "longer", str)
    assert [values[0], values[1]] == ["longer", "b"]
    with monkeypatch.context() as full:
        full.setattr(os, "pwrite", refuse)
        values.replace(0, "longest", lambda: "short")
    assert values[0] == "short"
    values.replace(0, "again", str)
    assert values[0] == "again"
    values.clear()
