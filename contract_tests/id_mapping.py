"""The ids of a server's world in place of the dev world's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .api_facts import read_facts
from .matching import Anything, Matching
from .vectors import Expected, Vector, VectorRequest


class NotKnown(Exception):
    """The request needs an id that only the dev world has."""


@dataclass(frozen=True, slots=True)
class IdMapping:
    """The ids of one API; the dev world's by default."""

    api: str = ""
    given: Mapping[str, str] = field(default_factory=dict)
    dev: bool = True

    def vector(self, vector: Vector) -> Vector:
        """Return the vector with this world's ids; raise `NotKnown` if one was not given."""
        if self.dev:
            return vector
        return replace(
            vector,
            request=self.request(vector.request),
            expected=self._expected(vector.expected),
        )

    def request(self, request: VectorRequest) -> VectorRequest:
        """Return the request with this world's ids; raise `NotKnown` if one was not given."""
        if missing := [] if self.dev else self._missing(_text(request)):
            names = ", ".join(f"{self.api}.{name}" for name in missing)
            raise NotKnown(f"the server's own {names} was not given")
        body = request.body
        for theirs, ours in self._pairs():
            body = body and body.replace(theirs.encode(), ours.encode())
        headers = tuple((name, self.text(value)) for name, value in request.headers)
        return VectorRequest(request.method, self.text(request.target), headers, body)

    def text(self, text: str) -> str:
        """Return a text with this world's ids."""
        for theirs, ours in self._pairs():
            text = text.replace(theirs, ours)
        return text

    def in_place_of(self, value: Any) -> Any:
        """Return a JSON value with this world's ids in its texts."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Matching):
            return Matching(self.text(value.pattern))
        if isinstance(value, Mapping):
            return {self.in_place_of(key): self.in_place_of(item) for key, item in value.items()}
        return [self.in_place_of(item) for item in value] if isinstance(value, list) else value

    def _expected(self, expected: Expected) -> Expected:
        ids = {
            entry["is"]: self.given[name]
            for name, entry in read_facts(self.api).known.items()
            if entry.get("number") and name in self.given
        }
        body = _with_ids(self.in_place_of(expected.body), ids)
        return replace(expected, body=body, text=self.in_place_of(expected.text))

    def _missing(self, text: str) -> list[str]:
        return [
            name for name, (theirs, _) in self._all() if theirs in text and name not in self.given
        ]

    def _pairs(self) -> Iterator[tuple[str, str]]:
        if not self.dev:
            yield from (
                (theirs, ours) for name, (theirs, ours) in self._all() if name in self.given
            )

    def _all(self) -> Iterator[tuple[str, tuple[str, str]]]:
        for name, entry in read_facts(self.api).known.items():
            frame = entry.get("in", "{}")
            ours = self.given.get(name, "")
            yield name, (frame.replace("{}", entry["is"]), frame.replace("{}", ours))


DEV = IdMapping()


def names(api: str) -> list[str]:
    """Return the names of an API's ids that can be given."""
    return list(read_facts(api).known)


def _with_ids(value: Any, ids: Mapping[str, str]) -> Any:
    """Return a value with replaced ids, also in integers named `id`."""
    if isinstance(value, list):
        return [_with_ids(item, ids) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: int(ids[str(item)])
        if key == "id" and isinstance(item, int) and str(item) in ids
        else item
        if isinstance(item, Anything | Matching)
        else _with_ids(item, ids)
        for key, item in value.items()
    }


def _text(request: VectorRequest) -> str:
    body = (request.body or b"").decode("utf-8", "replace")
    return "\n".join([request.target, *(value for _, value in request.headers), body])
