"""A change with a mask is about the masked members alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from contract_runtime import mocking
from tallystick.apis.generic.changes import apply_patch
from tallystick.apis.generic.update_mask import masked
from tallystick.contract.schema_shape import SchemaShape

OLD = {"displayName": "A", "pages": 3, "author": {"name": "Ada", "born": 1815}}
NEW = {"displayName": "B", "pages": 5, "author": {"name": "Eve"}, "more": 1}


@pytest.mark.parametrize(
    ("mask", "expected"),
    [
        ("", {**OLD, **NEW, "author": {"name": "Eve", "born": 1815}}),
        ("pages", {**OLD, "pages": 5}),
        (["pages"], {**OLD, "pages": 5}),
        ("display_name, pages", {**OLD, "displayName": "B", "pages": 5}),
        ("author.name", {**OLD, "author": {"name": "Eve", "born": 1815}}),
        ("author.born", {**OLD, "author": {"name": "Ada"}}),
        ("author.name,author.born", {**OLD, "author": {"name": "Eve"}}),
        ("gone", OLD),
        ("*", {**NEW, "author": {"name": "Eve", "born": 1815}}),
    ],
)
def test_a_mask_names_what_is_changed(mask: Any, expected: Any) -> None:
    assert apply_patch(OLD, masked(NEW, OLD, mask), SchemaShape({}, {})) == expected


@pytest.mark.parametrize("old", [OLD, {"a": None}, {"a": "b"}])
def test_a_masked_member_that_was_left_out_is_removed(old: dict[str, Any]) -> None:
    name = next(iter(old))
    assert name not in apply_patch(old, masked({}, old, name), SchemaShape({}, {}))


def test_a_json_patch_has_no_mask() -> None:
    patch = [{"op": "remove", "path": "/pages"}]
    assert masked(patch, OLD, "author") == patch


@pytest.mark.anyio
async def test_a_query_masks_a_change(tmp_path: Path) -> None:
    contract = """
openapi: 3.0.3
info: {title: Books, version: v1}
components:
  schemas:
    Book: {type: object, properties: {id: {type: string}, a: {type: integer}, b: {type: integer}}}
paths:
  /books:
    post:
      requestBody: &sent
        content: &json {application/json: {schema: {$ref: '#/components/schemas/Book'}}}
      responses: {'200': &it {description: It., content: *json}}
  /books/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get: {responses: {'200': *it}}
    patch:
      parameters: [{name: updateMask, in: query, schema: {type: string}}]
      requestBody: *sent
      responses: {'200': *it}
"""
    async with mocking(tmp_path, contract) as caller:
        await caller.call("POST", "/books", {"id": "1", "a": 1, "b": 1})
        changed = await caller.call("PATCH", "/books/1?updateMask=a", {"a": 2, "b": 2})
    assert changed.body == {"id": "1", "a": 2, "b": 1}
