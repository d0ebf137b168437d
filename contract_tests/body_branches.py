"""The branches of a request body that is one of several schemas, each with a right body."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from . import contract

_ALTERNATIVES = ("oneOf", "anyOf")


class BodyBranch(NamedTuple):
    """One of the schemas, with a right body that no other one takes."""

    name: str
    """The name of its schema, or its number from 1."""
    schema: Mapping[str, Any]
    value: Any


def list_branches(
    api: str, media: Mapping[str, Any], sample: Any, made: Sequence[Any] = ()
) -> list[BodyBranch]:
    """Return each branch with an example, or a value that was made of it.

    There is none for a schema without alternatives.
    """
    schema = contract.resolve(api, media.get("schema", {}))
    branches = [each for kind in _ALTERNATIVES for each in schema.get(kind, ())]
    found = []
    for number, branch in enumerate(branches, 1):
        others = [each for each in branches if each is not branch]
        for value in (sample, *_list_examples(api, media, branch), *made):
            if is_valid(api, branch, value) and not any(is_valid(api, o, value) for o in others):
                name = branch.get("$ref", str(number)).rpartition("/")[2]
                found.append(BodyBranch(name.removeprefix(f"{api}."), branch, value))
                break
    return found


def is_valid(api: str, schema: Mapping[str, Any], value: Any) -> bool:
    """Return whether a value keeps a schema of an API's document."""
    return contract.validator(api, schema).is_valid(value)


def _list_examples(api: str, media: Mapping[str, Any], branch: Mapping[str, Any]) -> Iterator[Any]:
    named = (contract.resolve(api, each) for each in media.get("examples", {}).values())
    yield from (each["value"] for each in named if "value" in each)
    schema = contract.resolve(api, branch)
    yield from schema.get("examples", ())
    if "example" in schema:
        yield schema["example"]
