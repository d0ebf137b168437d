"""A part is unchanged only where all is that it leads to."""

from __future__ import annotations

from pathlib import Path

import pytest

from tallystick.contract.reader.references import Node
from tallystick.gate.diff.unchanged_parts import UnchangedParts
from tallystick.gate.openapi_document import OpenApiDocument, read_document

TEXT = """\
openapi: {version}
x-one: {{$ref: '#/x-two'}}
x-two: {{items: {{$ref: '#/x-three'}}}}
x-three: {{type: {type}}}
x-loop: {{a: {{$ref: '#/x-loop'}}}}
x-far: {{$ref: 'far.yaml'}}
x-lost: {{$ref: '#/nowhere'}}
x-own: {{type: string}}
"""


def read(folder: Path, name: str, type_: str, version: str = "3.1.0") -> OpenApiDocument:
    file = folder / f"{name}.yaml"
    file.write_text(TEXT.format(type=type_, version=version))
    return read_document(file)


def has(old: OpenApiDocument, new: OpenApiDocument, name: str) -> bool:
    def node(document: OpenApiDocument) -> Node:
        return document.root.child(name)

    return UnchangedParts(old, new).has(node(old), node(new))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("x-own", True),
        ("x-loop", True),
        ("x-one", False),
        ("x-two", False),
        ("x-three", False),
        ("x-far", False),
        ("x-lost", False),
    ],
)
def test_a_part_is_as_it_was_with_all_that_it_refers_to(
    name: str, expected: bool, tmp_path: Path
) -> None:
    old, new = read(tmp_path, "old", "string"), read(tmp_path, "new", "integer")
    assert has(old, new, name) is expected


def test_the_same_text_of_another_version_is_read_anew(tmp_path: Path) -> None:
    old, new = read(tmp_path, "old", "string"), read(tmp_path, "new", "string", "3.0.3")
    assert not has(old, new, "x-own")
