"""A caller who was let in still is, or the change is breaking."""

from __future__ import annotations

from pathlib import Path

import pytest

from tallystick.gate.diff.operations import pair_operations
from tallystick.gate.openapi_document import OpenApiDocument, read_document
from tallystick.gate.security_changes import find_security_changes


def document(folder: Path, name: str, operation: str) -> OpenApiDocument:
    file = folder / f"{name}.yaml"
    file.write_text(f"openapi: 3.0.3\npaths:\n  /a:\n    get: {{operationId: a, {operation}}}\n")
    return read_document(file)


@pytest.mark.parametrize(
    ("old", "new", "rules"),
    [
        ("security: [{k: []}]", "security: [{k: []}]", []),
        ("security: []", "security: [{k: []}]", ["security-tightened"]),
        ("security: [{k: [a]}]", "security: [{k: [a, b]}]", ["security-tightened"]),
        ("security: [{k: [a, b]}]", "security: [{k: [a]}]", ["security-widened"]),
        ("security: [{k: [], j: []}]", "security: [{k: []}]", ["security-widened"]),
        ("security: [{k: []}]", "security: []", ["security-widened"]),
        ("security: [{k: []}]", "security: [{k: []}, {}]", ["security-widened"]),
        ("security: [{k: []}, {}]", "security: [{}]", []),
        ("security: [{k: []}]", "security: [{k: []}, {k: [], j: []}]", []),
        ("security: [{k: []}]", "security: [{k: []}, {j: []}]", ["security-widened"]),
        ("description: a", "x-required-scopes: [a, b]", ["scope-required"]),
        ("x-required-scopes: [a]", "x-required-scopes: [b]", ["scope-required"]),
        ("x-required-scopes: [a, b]", "x-required-scopes: [a]", ["scope-required"]),
        ("x-required-scopes: [a]", "x-required-scopes: [a, b]", []),
        ("x-required-scopes: [a]", "description: a", []),
        ("x-unique-keys: false", "x-unique-keys: true", ["stricter"]),
        ("x-lenient-content-type: true", "x-lenient-content-type: false", ["stricter"]),
        ("x-unique-keys: true", "x-unique-keys: false", []),
    ],
)
def test_what_shuts_a_caller_out_is_told(
    tmp_path: Path, old: str, new: str, rules: list[str]
) -> None:
    before, after = document(tmp_path, "old", old), document(tmp_path, "new", new)
    pairs = pair_operations(before.list_operations()[0], after.list_operations()[0])
    assert [change.rule for change in find_security_changes(before, after, pairs)] == rules
