"""A mark stands for one property of an event."""

from __future__ import annotations

from tallystick.apis.keyastrom.property_digest import digest_properties, digest_property


def test_an_event_has_the_mark_of_each_of_its_properties() -> None:
    marks = digest_properties({"a": "1", "b": "\x00"})
    assert f" {digest_property('a', '1')} " in marks
    assert f" {digest_property('b', chr(0))} " in marks
    assert f" {digest_property('a', '2')} " not in marks


def test_key_and_value_are_not_run_together() -> None:
    assert digest_property("ab", "c") != digest_property("a", "bc")
    assert digest_property("a", "b") != digest_property("b", "a")


def test_an_event_without_properties_has_no_mark() -> None:
    assert digest_properties({}) == ""
