"""A path leads to its operations, and a concrete one beats a template."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tallystick.contract.exceptions import Invalid
from tallystick.contract.routes import Routes


def operation(path: str, api: str = "one", method: str = "GET") -> Any:
    return SimpleNamespace(path=path, method=method, error_api=api)


NEW, ID, PARTS, OTHER = (
    operation("/things/new"),
    operation("/things/{id}"),
    operation("/things/{id}/parts/{part}"),
    operation("/others/all", "two", "PUT"),
)
ROUTES = Routes([ID, NEW, PARTS, OTHER])


@pytest.mark.parametrize(
    ("path", "found", "segments"),
    [
        (b"/things/new", NEW, ()),
        (b"/things/n%65w", NEW, ()),
        (b"/things/a%2Fb", ID, ("a/b",)),
        (b"/things/new/parts/%C3%A9", PARTS, ("new", "é")),
    ],
)
def test_a_path_leads_to_its_operation(path: bytes, found: Any, segments: Any) -> None:
    match = ROUTES.match(path)
    assert match is not None
    assert match.operations["GET"] is found
    assert match.segments == segments


@pytest.mark.parametrize("path", [b"/", b"/things", b"/things/", b"/things/a/", b"/x", b"*"])
def test_nothing_is_at_another_path(path: bytes) -> None:
    assert ROUTES.match(path) is None


def test_a_segment_that_is_not_utf_8_is_refused() -> None:
    with pytest.raises(Invalid, match="is not UTF-8"):
        ROUTES.match(b"/things/%FF")


def test_the_longest_known_prefix_owns_a_path() -> None:
    assert ROUTES.owner(b"/things/a/nothing") == "one"
    assert ROUTES.owner(b"/others/nothing") == "two"
    assert ROUTES.owner(b"/nothing") is None
