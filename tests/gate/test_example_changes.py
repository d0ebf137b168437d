"""An example that was shown is still taken."""

from __future__ import annotations

from pathlib import Path

import pytest

from tallystick.gate.comparison import DocumentComparison
from tallystick.gate.openapi_document import OpenApiDocument, read_document


def document(folder: Path, name: str, parameter: str) -> OpenApiDocument:
    file = folder / f"{name}.yaml"
    file.write_text(
        "openapi: 3.0.3\npaths:\n  /a:\n    get:\n      parameters:\n"
        f"        - {{name: n, in: query, {parameter}}}\n"
    )
    return read_document(file)


FIT = "schema: {type: integer, maximum: 9}, example: 9"


@pytest.mark.parametrize(
    ("old", "new", "rules"),
    [
        (FIT, FIT, []),
        (FIT, "schema: {type: integer, maximum: 8}, example: 8", ["example-refused"]),
        (FIT, "schema: {type: integer, maximum: 9}, example: 10", ["example-invalid"]),
        (FIT, "schema: {type: integer, maximum: 10}, example: 10", []),
        ("schema: {type: integer}, example: a", "schema: {type: integer}, example: a", []),
    ],
)
def test_an_example_that_no_longer_fits_is_told(
    tmp_path: Path, old: str, new: str, rules: list[str]
) -> None:
    before, after = document(tmp_path, "old", old), document(tmp_path, "new", new)
    found = [change.rule for change in DocumentComparison(before, after).find()]
    assert [rule for rule in found if rule.startswith("example")] == rules
