"""Runs the scenarios against a server, and says what was done: one line a call."""

from __future__ import annotations

import importlib
import json
import re
import sys
from typing import Any

from pydantic import TypeAdapter

_ANY = TypeAdapter[Any](Any)


class Harness:
    """The server, and the values that calls have given."""

    def __init__(self, server: str, values: dict[str, str]) -> None:
        self.server = server
        self._values = values

    def text(self, template: str) -> str:
        """A text with the values in it."""
        return re.sub(r"\$\{(\w+)\}", lambda m: self._plain(m[1]), template)

    def body(self, template: str) -> str:
        """JSON with the values in it, each as its own type."""
        return re.sub(r'"\$\{(\w+)\}"', lambda m: self._values[m[1]], template)

    def json(self, template: str) -> Any:
        """What the JSON says."""
        return json.loads(self.body(template))

    def keep(self, name: str, result: str, pointer: str) -> None:
        """Keep a value of a result."""
        self._values[name] = json.dumps(_at(result, pointer))

    def expect(self, pointer: str, result: str, wanted: str) -> None:
        """Fail unless a result has that value."""
        found = _at(result, pointer)
        assert found == json.loads(wanted), f"{pointer} is {found}, not {wanted}"

    def written(self, result: object) -> str:
        """A result as JSON."""
        return _ANY.dump_json(result, by_alias=True).decode()

    def done(self, operation: str, result: str) -> None:
        """Say that a call succeeded."""
        print("done", operation, result)

    def refused(self, operation: str, as_expected: bool) -> None:
        """Say that a call was refused, or fail."""
        assert as_expected, f"{operation} was not refused as the contract says"
        print("refused", operation)

    def _plain(self, name: str) -> str:
        return str(json.loads(self._values[name]))


def _at(result: str, pointer: str) -> Any:
    found = json.loads(result)
    for name in pointer.split("/")[1:]:
        found = found[int(name) if isinstance(found, list) else name]
    return found


def main(server: str, values: str, *apis: str) -> None:
    """Run the scenario of each API."""
    for api in apis:
        harness = Harness(server, {name: json.dumps(v) for name, v in json.loads(values).items()})
        importlib.import_module(f"scenario_{api}").run(harness)


if __name__ == "__main__":
    main(*sys.argv[1:])
