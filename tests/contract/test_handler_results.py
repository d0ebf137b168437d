"""What a handler returns is an answer, by the rules that Connexion has for it."""

from __future__ import annotations

from typing import Any

import pytest
from connexion.datastructures import NoContent

from tallystick.contract.handler_results import produced_types, read_result

TEXT, JSON, BYTES = "text/plain", "application/json", "application/octet-stream"


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        ({"a": 1}, (b'{"a":1}', 200, {"Content-Type": JSON})),
        (({"a": 1}, 201), (b'{"a":1}', 201, {"Content-Type": JSON})),
        (({"a": 1}, {"X-A": "b"}), (b'{"a":1}', 200, {"X-A": "b", "Content-Type": JSON})),
        ((1, 202, {"X-A": "b"}), (b"1", 202, {"X-A": "b", "Content-Type": JSON})),
        (("é", 200, {"content-type": TEXT}), ("é".encode(), 200, {"Content-Type": TEXT})),
        (None, (b"", 204, {})),
        ((NoContent, 201), (b"", 201, {})),
        ((None, {"X-A": "b"}), (b"", 204, {"X-A": "b"})),
    ],
)
def test_a_result_may_have_a_status_and_headers(result: Any, expected: Any) -> None:
    assert tuple(read_result(result, [JSON])) == expected


@pytest.mark.parametrize(
    ("body", "produced", "media_type", "written"),
    [
        ("é", [TEXT], TEXT, "é".encode()),
        ("é", [JSON], JSON, '"é"'.encode()),
        ("é", [], JSON, '"é"'.encode()),
        ("é", [JSON, TEXT], TEXT, "é".encode()),
        (b"\0", ["image/png"], "image/png", b"\0"),
        (b"\0", [JSON, BYTES], BYTES, b"\0"),
        ([1], [TEXT, "application/hal+json"], "application/hal+json", b"[1]"),
        ([1], [TEXT, JSON], JSON, b"[1]"),
    ],
)
def test_a_body_is_written_in_the_media_type_that_fits_it(
    body: Any, produced: list[str], media_type: str, written: bytes
) -> None:
    said = read_result(body, produced)
    assert (said.body, said.headers["Content-Type"]) == (written, media_type)


def test_an_operation_produces_what_its_answers_declare() -> None:
    responses: dict[str, Any] = {
        "200": {"content": {JSON: {}, "image/*": {}}},
        "404": {},
        "default": {"content": {JSON: {}, TEXT: {}}},
    }
    assert produced_types({"responses": responses}) == [JSON, TEXT]
