"""Alternatives with other names are compared in steps by their number, and not by its square."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gate.diff.framed import told
from instruction_count import InstructionCount
from tallystick.gate.comparison import compare

FEW, MANY = 50, 200


def listed(count: int, name: str, told_apart: dict[str, Any]) -> str:
    """A document of a body with so many alternatives, called so."""
    names = [f"{name}{number}" for number in range(count)]
    kinds = {"kind": {"type": "string"}}
    schemas: dict[str, Any] = {
        each: {"type": "object", "required": [f"n{number}"], "properties": kinds}
        for number, each in enumerate(names)
    }
    places = [{"$ref": f"#/components/schemas/{each}"} for each in names]
    body = {"content": {"application/json": {"schema": {"oneOf": places, **told_apart}}}}
    content = {
        "openapi": "3.1.0",
        "paths": {"/a": {"post": {"requestBody": body, "responses": {}}}},
        "components": {"schemas": schemas},
    }
    return json.dumps(content)


@pytest.mark.parametrize(
    ("told_apart", "rules"),
    [({}, set()), ({"discriminator": {"propertyName": "kind"}}, {"request-variant-removed"})],
    ids=["alike", "told apart by their names"],
)
def test_renamed_alternatives_take_steps_by_their_number(
    told_apart: dict[str, Any], rules: set[str], tmp_path: Path
) -> None:
    steps = []
    files = tmp_path / "old.json", tmp_path / "new.json"
    for count in (FEW, FEW, MANY):  # the first reads the rules
        for file, name in zip(files, ("Old", "New"), strict=True):
            file.write_text(listed(count, name, told_apart), encoding="utf-8")
        counted = InstructionCount()
        with counted.taken():
            run = compare(*files)
        assert {rule for _, rule in told(run)} == rules
        steps.append(counted.instructions)
    assert steps[2] < steps[1] * MANY / FEW * 1.2
