"""A path leads to its operations, and a concrete one beats a template."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tallystick.contract.exceptions import Invalid
from tallystick.contract.routes import Routes


def operation(path: str, api: str = "one", method: str = "GET", base_path: str = "") -> Any:
    return SimpleNamespace(path=path, method=method, error_api=api, base_path=base_path)


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


FILES = [
    operation(path)
    for path in (
        "/files/{name}",
        "/files/{name}.json",
        "/files/{name}.tar.{kind}",
        "/files/{id}:cancel",
        "/files/latest.json",
        "/ranges/{a}-{b}",
        "/pairs/{a}{b}",
    )
]


@pytest.mark.parametrize(
    ("path", "found", "segments"),
    [
        (b"/files/a", "/files/{name}", ("a",)),
        (b"/files/a.json", "/files/{name}.json", ("a",)),
        (b"/files/.json", "/files/{name}", (".json",)),
        (b"/files/latest.json", "/files/latest.json", ()),
        (b"/files/a.tar.gz", "/files/{name}.tar.{kind}", ("a", "gz")),
        (b"/files/a.tar.json", "/files/{name}.json", ("a.tar",)),
        (b"/files/7%3Acancel", "/files/{id}:cancel", ("7",)),
        (b"/ranges/1-2-3", "/ranges/{a}-{b}", ("1", "2-3")),
        (b"/ranges/--", "/ranges/{a}-{b}", None),
        (b"/ranges/---", "/ranges/{a}-{b}", ("-", "-")),
        (b"/pairs/abc", "/pairs/{a}{b}", ("a", "bc")),
        (b"/pairs/a", "/pairs/{a}{b}", None),
    ],
)
def test_the_template_with_the_longest_text_is_found(
    path: bytes, found: str, segments: Any
) -> None:
    match = Routes(FILES).match(path)
    if segments is None:
        assert match is None
    else:
        assert match is not None
        assert (match.operations["GET"].path, match.segments) == (found, segments)


def test_an_operation_is_reached_under_the_path_of_its_server_too() -> None:
    based = operation("/things/{id}", base_path="/v1")
    all_things = operation("/things", base_path="/v1")
    other = operation("/v1/things", "two")
    routes = Routes([based, all_things, other])
    for path, found in ((b"/things/a", based), (b"/v1/things/a", based), (b"/v1/things", other)):
        match = routes.match(path)
        assert match is not None
        assert match.operations["GET"] is found
    assert set(routes.without_template()) == {("GET", b"/things"), ("GET", b"/v1/things")}


def test_a_long_path_with_many_templates_is_matched_once() -> None:
    deep = [
        operation("/" + "/".join("ab"[n >> bit & 1] for bit in range(8)) + "/c") for n in range(3)
    ]
    many = operation("/" + "/".join(["{x}"] * 9))
    pattern = operation("/q/" + "-".join(["{x}"] * 30))
    routes = Routes([*deep, many, pattern])
    match = routes.match(b"/" + b"/".join([b"a"] * 9))
    assert match is not None
    assert match.operations["GET"] is many
    assert routes.match(b"/q/" + b"-" * 200_000 + b"/") is None
