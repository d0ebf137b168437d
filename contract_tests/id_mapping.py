"""The ids of a server's world in place of the dev world's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .api_facts import read_facts
from .matching import Anything, Matching
from .vectors import Expected, Vector, VectorRequest


class NotKnown(Exception):
    """The request needs something that only the dev world has."""


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
        asked, expected = _text(vector.request), _text_of_expected(vector.expected)
        self._refuse_dev_only(f"{asked}\n{expected}")
        self._refuse_missing(f"{asked}\n{expected}")
        return replace(
            vector,
            request=self.request(vector.request),
            expected=self._expected(vector.expected, asked),
        )

    def request(self, request: VectorRequest) -> VectorRequest:
        """Return the request with this world's ids; raise `NotKnown` if one was not given."""
        if self.dev:
            return request
        self._refuse_missing(_text(request))
        body = request.body and self.text(request.body.decode("latin-1")).encode("latin-1")
        headers = tuple((name, self.text(value)) for name, value in request.headers)
        return VectorRequest(request.method, self.text(request.target), headers, body)

    def text(self, text: str) -> str:
        """Return a text with this world's ids."""
        known = self._frames()
        pattern = "|".join(re.escape(theirs) for theirs in known)
        if not pattern:
            return text
        # All at once: one world's first id may be the other's second.
        return re.sub(pattern, lambda match: known[match[0]][1] or match[0], text)

    def fuzz_values(self) -> Mapping[str, list[Any]]:
        """Return the values for the fuzzing, without those that need an id not given."""
        values = read_facts(self.api).fuzz.get("values", {})
        if self.dev:
            return values  # type: ignore[no-any-return]
        own = {
            name: [self.in_place_of(each) for each in known if not self._missing(str(each))]
            for name, known in values.items()
        }
        return {name: known for name, known in own.items() if known}

    def in_place_of(self, value: Any) -> Any:
        """Return a JSON value with this world's ids in its texts."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Matching):
            return Matching(self.text(value.pattern))
        if isinstance(value, Mapping):
            return {self.in_place_of(key): self.in_place_of(item) for key, item in value.items()}
        return [self.in_place_of(item) for item in value] if isinstance(value, list) else value

    def _expected(self, expected: Expected, asked: str) -> Expected:
        numbers = {
            theirs: self._number(theirs, asked)
            for theirs in {entry["is"] for entry in self._entries().values() if "number" in entry}
        }
        body = _with_numbers(self.in_place_of(expected.body), numbers)
        headers = self.in_place_of(dict(expected.headers))
        return replace(expected, body=body, headers=headers, text=self.in_place_of(expected.text))

    def _number(self, theirs: str, asked: str) -> Any:
        """Return this world's number for one of the dev world's, which may be that of several."""
        names = [
            name
            for name, entry in self._entries().items()
            if entry["is"] == theirs and "number" in entry
        ]
        asked_for = [n for n in names if any(text in asked for text, _ in self._spelled(n))]
        known = asked_for or names
        return int(self.given[known[0]]) if len(known) == 1 and known[0] in self.given else _ANY

    def _refuse_missing(self, text: str) -> None:
        if names := ", ".join(f"{self.api}.{name}" for name in self._missing(text)):
            raise NotKnown(f"the server's own {names} was not given")

    def _refuse_dev_only(self, text: str) -> None:
        for pattern in read_facts(self.api).dev_only:
            if re.search(pattern, text):
                raise NotKnown("only the dev world has what this is about")

    def _missing(self, text: str) -> list[str]:
        return [
            name
            for name in self._entries()
            if name not in self.given and any(theirs in text for theirs, _ in self._spelled(name))
        ]

    def _frames(self) -> dict[str, tuple[str, str]]:
        """Return each text of the dev world with its name and this world's text, if given."""
        if self.dev:
            return {}
        return {
            theirs: (name, ours if name in self.given else "")
            for name in self._entries()
            for theirs, ours in self._spelled(name)
        }

    def _spelled(self, name: str) -> Iterator[tuple[str, str]]:
        entry = self._entries()[name]
        for frame in entry.get("in", ["{}"]):
            ours = self.given.get(name, "")
            yield frame.replace("{}", entry["is"]), frame.replace("{}", ours)

    def _entries(self) -> Mapping[str, Mapping[str, Any]]:
        return read_facts(self.api).known


DEV = IdMapping()
_ANY = Anything()


def names(api: str) -> list[str]:
    """Return the names of an API's ids that can be given."""
    return list(read_facts(api).known)


def _with_numbers(value: Any, numbers: Mapping[str, Any]) -> Any:
    """Return a value with replaced ids, in integers whose name ends with `id`."""
    if isinstance(value, list):
        return [_with_numbers(item, numbers) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: numbers[str(item)]
        if key.lower().endswith("id") and isinstance(item, int) and str(item) in numbers
        else _with_numbers(item, numbers)
        for key, item in value.items()
    }


def _text(request: VectorRequest) -> str:
    body = (request.body or b"").decode("utf-8", "replace")
    return "\n".join([request.target, *(value for _, value in request.headers), body])


def _text_of_expected(expected: Expected) -> str:
    return f"{expected.body!r}\n{expected.text!r}\n{dict(expected.headers)!r}"
