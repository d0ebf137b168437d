"""Whatever stands in a document, the reader answers with faults, and serves only what is whole."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from copy import deepcopy
from itertools import product
from pathlib import Path
from typing import Any

import orjson
import pytest

from tallystick.contract.document import Document, read_api
from tallystick.contract.reader.contracts import read_contracts
from tallystick.contract.reader.faults import UnreadableContract
from tallystick.contract.reader.keywords import KEPT, NAMED, ONLY_3_1, RULES_3_1
from tallystick.contract.schema import Schema, to_json_schema
from tallystick.contract.subschemas import LISTS, SINGLE

API = "event_store"
ROUNDS = 40
_REFERENCES = (
    "#", "#/", "#/paths", "#/components/schemas/Account", "#/info/title", "#/%zz", "#no", "", ".",
    "..", "~", "%ff", "a\0", "a%00.yaml", "a" * 5000, "http://[", "//x/y", "crm.json#/components",
)  # fmt: skip
_JUNK: tuple[Any, ...] = (
    None, True, 5, -1.5, "", "x", "{a}", [], {}, [[]], [None], {"a": None}, 10**30, {"$ref": 5},
    {"$id": "http://["}, {"$id": "http://a/b"}, *({"$ref": text} for text in _REFERENCES),
)  # fmt: skip
_MEMBERS = (
    "$ref get schema items allOf type content example examples discriminator x-codes required "
    "security properties parameters responses encoding servers x-error-codes"
).split()
_SCHEMA_JUNK: tuple[Any, ...] = (
    None, True, 5, -1.5, 10**30, "", "(", "\\p{x}", "string", [], {}, ["a"], ["a", "a"], [1], [{}],
    [True], ["string", "null"], {"a": None}, {"a": {}}, {"a": ["b"]}, {"(": {}},
)  # fmt: skip
_FREE = frozenset("example examples default enum links flows externalDocs xml".split())


def list_places(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield place
    steps = value if isinstance(value, dict) else range(len(value) if type(value) is list else 0)
    for step in steps:
        yield from list_places(value[step], (*place, step))


def damage(content: Any, place: tuple[Any, ...], chance: random.Random) -> None:
    """Put junk at a place, or beside it; do nothing where an earlier damage took it away."""
    try:
        for step in place[:-1]:
            content = content[step]
        step = chance.choice(_MEMBERS) if chance.random() < 0.2 else place[-1]
        content[step] = deepcopy(chance.choice(_JUNK))
    except (KeyError, IndexError, TypeError):
        pass


def dangling(value: Any, names: set[str]) -> list[str]:
    """References of the normal form that lead nowhere."""
    if isinstance(value, list):
        return [found for item in value for found in dangling(item, names)]
    if not isinstance(value, dict):
        return []
    reference = value.get("$ref")
    found = [reference] if isinstance(reference, str) and reference not in names else []
    for key, inner in value.items():
        if key not in _FREE and not key.startswith("x-"):
            found += dangling(inner, names)
    return found


def assert_whole(document: Document) -> None:
    orjson.dumps(document.content)
    names = {f"#/components/schemas/{name}" for name in document.components["schemas"]}
    assert dangling([document.content["paths"], document.components], names) == []
    schemes = document.components["securitySchemes"].keys()
    for _, _, operation in document.operations():
        assert all(requirement.keys() <= schemes for requirement in operation["security"])
        for parameter in operation["parameters"]:
            assert ("schema" in parameter) != ("content" in parameter)


@pytest.mark.parametrize("seed", range(5))
def test_a_damaged_document_is_served_whole_or_refused(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    original = read_api(API).content
    places = [place for place in list_places(original) if place]
    file = tmp_path / "crm.json"
    served = 0
    for _ in range(ROUNDS):
        content = deepcopy(dict(original))
        for _ in range(chance.randint(1, 6)):
            damage(content, chance.choice(places), chance)
        file.write_bytes(json.dumps(content).encode())
        try:
            for contract in read_contracts([str(file)]):
                assert_whole(contract.document)
                served += 1
        except UnreadableContract:
            continue

    assert served > ROUNDS / 2


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
def test_each_schema_that_is_served_can_be_compiled(version: str, tmp_path: Path) -> None:
    """A large one is compiled when it is first used, which is too late to find a fault."""
    keywords = {*KEPT, *LISTS, *NAMED, *ONLY_3_1, *RULES_3_1, *SINGLE, "nullable"}
    keywords |= {"x-property-names", "x-pattern-words", "x-reads-text"}
    written = {
        f"S{number}": {"type": kind, "minimum": 1, keyword: junk}
        for number, (keyword, junk, kind) in enumerate(
            product(sorted(keywords), _SCHEMA_JUNK, ("integer", "object"))
        )
    }
    content = {"openapi": version, "components": {"schemas": written}}
    paths = {"/a": {"get": {"responses": {"200": {"description": "D"}}}}}
    file = tmp_path / "crm.json"
    file.write_bytes(json.dumps({**content, "paths": paths}).encode())
    [contract] = read_contracts([str(file)])
    schemas = contract.document.components["schemas"]
    definitions = {name: to_json_schema(schema) for name, schema in schemas.items()}

    assert len(definitions) > len(written) / 2
    for name in definitions:
        Schema({"$ref": f"#/$defs/{name}"}, definitions).violations("a")
