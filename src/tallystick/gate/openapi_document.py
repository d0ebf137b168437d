"""An OpenAPI document with the line of each of its parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tallystick.contract.yaml_bounds import read_bounded_file, refuse_out_of_bounds
from tallystick.contract_tests import strict_yaml
from tallystick.gate.outcome import ContractPlace

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
Steps = tuple[str | int, ...]


class NotADocument(ValueError):
    """The file is not an OpenAPI document; the message says why."""


@dataclass(frozen=True, slots=True)
class OpenApiDocument:
    """A document, and the line of each of its parts."""

    file: Path
    content: Mapping[str, Any]
    lines: Mapping[Steps, int]

    def place(self, says: str, *steps: str | int) -> ContractPlace:
        """Return the place of the part at the end of the steps, or of one around it."""
        known = (
            self.lines[steps[:n]] for n in range(len(steps), -1, -1) if steps[:n] in self.lines
        )
        return ContractPlace(says, str(self.file), next(known))

    def resolve(self, item: Any, steps: Steps) -> tuple[Any, Steps]:
        """Return the part at the end of a local reference, and the steps to it."""
        for _ in range(len(self.lines)):
            if not (isinstance(item, Mapping) and "$ref" in item):
                break
            steps = tuple(_unescaped(step) for step in item["$ref"].removeprefix("#/").split("/"))
            item = self.content
            for step in steps:
                item = item[step]
        return item, steps

    def operations(self) -> Iterator[tuple[str, Mapping[str, Any], Steps]]:
        """Yield name (method and path), content and steps of each operation."""
        for path, item in self.content.get("paths", {}).items():
            for method in METHODS:
                if method in item:
                    name = f"{method.upper()} {path}"
                    yield name, _with_shared(item, item[method]), ("paths", path, method)


def read_document(file: Path) -> OpenApiDocument:
    """Return the document in a file; raise `NotADocument`."""
    try:
        text = read_bounded_file(file).decode()
        refuse_out_of_bounds(text)
        content = strict_yaml.load(text)
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise NotADocument(f"{file}: {error}") from error
    if not isinstance(content, dict) or not str(content.get("openapi", "")).startswith("3."):
        raise NotADocument(f"{file} is not an OpenAPI 3 document")
    return OpenApiDocument(file, content, strict_yaml.lines(text))


def _with_shared(item: Mapping[str, Any], operation: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the operation with the parameters shared by all operations of its path."""
    shared = item.get("parameters", [])
    return {**operation, "parameters": [*operation.get("parameters", []), *shared]}


def _unescaped(step: str) -> str:
    return step.replace("~1", "/").replace("~0", "~")
