"""A change with a mask is about the masked members alone."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from contract_runtime import mocking
from tallystick.apis.generic import update_mask
from tallystick.apis.generic.changes import apply_patch
from tallystick.apis.generic.update_mask import find_mask, masked
from tallystick.contract.page_names import plain_name
from tallystick.contract.schema_shape import SchemaShape

OLD = {"displayName": "A", "pages": 3, "author": {"name": "Ada", "born": 1815}}
NEW = {"displayName": "B", "pages": 5, "author": {"name": "Eve"}, "more": 1}


@pytest.mark.parametrize(
    ("mask", "expected"),
    [
        ("", {**OLD, **NEW, "author": {"name": "Eve", "born": 1815}}),
        (" , ", {**OLD, **NEW, "author": {"name": "Eve", "born": 1815}}),
        ("pages", {**OLD, "pages": 5}),
        (["pages"], {**OLD, "pages": 5}),
        ("display_name, pages", {**OLD, "displayName": "B", "pages": 5}),
        ("author.name", {**OLD, "author": {"name": "Eve", "born": 1815}}),
        ("author.born", {**OLD, "author": {"name": "Ada"}}),
        ("author.name,author.born", {**OLD, "author": {"name": "Eve"}}),
        ("author.name,author", {**OLD, "author": {"name": "Eve", "born": 1815}}),
        ("gone", OLD),
        ("gone.further,pages.further,author.name.further", OLD),
        ("." * 5_000, OLD),
        ("*", {**NEW, "author": {"name": "Eve", "born": 1815}}),
    ],
)
def test_a_mask_names_what_is_changed(mask: Any, expected: Any) -> None:
    found = find_mask({"updateMask": mask})
    assert apply_patch(OLD, masked(NEW, OLD, found), SchemaShape({}, {})) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, []),
        ({"update_mask": "a,"}, ["a"]),
        ({"fieldMask": ["a", " b"]}, ["a", "b"]),
        ({"mask": "a"}, []),
        ({"fieldMask": 5, "updateMask": "a"}, ["a"]),
        ({"fieldMask": [5]}, []),
        ({"fieldMask": {"a": "b"}}, []),
    ],
)
def test_texts_alone_are_a_mask(query: dict[str, Any], expected: list[str]) -> None:
    assert list(find_mask(query)) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("name", {"name": 1}),
        ("Name", {"Name": 2}),
        ("NAME", {"name": 1}),
        ("_", {"_": 3}),
        ("-", {}),
        (".", {}),
    ],
)
def test_a_name_as_it_is_goes_before_one_alike(path: str, expected: dict[str, Any]) -> None:
    assert masked({"name": 1, "Name": 2, "_": 3}, {}, [path]) == expected


def test_a_mask_of_many_paths_looks_at_each_member_once(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = Counter[str]()

    def counting(name: str) -> str:
        seen[name] += 1
        return plain_name(name)

    monkeypatch.setattr(update_mask, "plain_name", counting)
    old = {f"m{number}": number for number in range(100)}
    masked({}, old, [f"x{number}" for number in range(100)])
    assert set(seen.values()) == {1}


@pytest.mark.parametrize("old", [OLD, {"a": None}, {"a": "b"}])
def test_a_masked_member_that_was_left_out_is_removed(old: dict[str, Any]) -> None:
    name = next(iter(old))
    assert name not in apply_patch(old, masked({}, old, [name]), SchemaShape({}, {}))


def test_a_json_patch_has_no_mask() -> None:
    patch = [{"op": "remove", "path": "/pages"}]
    assert masked(patch, OLD, ["author"]) == patch


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("query", "b"),
    [
        ("updateMask=a,", 1),
        ("update_mask=x&update_mask=a", 1),
        ("fieldMask=5", 2),
        ("field_mask=5", 2),
    ],
)
async def test_a_query_masks_a_change(tmp_path: Path, query: str, b: int) -> None:
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
      parameters:
        - {name: updateMask, in: query, schema: {type: string}}
        - {name: update_mask, in: query, schema: {type: array, items: {type: string}}}
        - {name: fieldMask, in: query, schema: {type: array, items: {type: integer}}}
        - {name: field_mask, in: query, schema: {type: integer}}
      requestBody: *sent
      responses: {'200': *it}
"""
    async with mocking(tmp_path, contract) as caller:
        await caller.call("POST", "/books", {"id": "1", "a": 1, "b": 1})
        changed = await caller.call("PATCH", f"/books/1?{query}", {"a": 2, "b": 2})
    assert changed.body == {"id": "1", "a": 2, "b": b}
