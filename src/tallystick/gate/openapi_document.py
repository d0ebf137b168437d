"""One OpenAPI document as it is written: its content, its lines, its references."""

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
    """The file is no OpenAPI document; the message says why."""


@dataclass(frozen=True, slots=True)
class OpenApiDocument:
    """A document and where in its file everything stands."""

    file: Path
    content: Mapping[str, Any]
    lines: Mapping[Steps, int]

    def place(self, says: str, *steps: str | int) -> ContractPlace:
        """The line of what the steps lead to, or of the nearest thing around it."""
        known = (
            self.lines[steps[:n]] for n in range(len(steps), -1, -1) if steps[:n] in self.lines
        )
        return ContractPlace(says, str(self.file), next(known))

    def resolve(self, item: Any, steps: Steps) -> tuple[Any, Steps]:
        """What a local reference points at, and where that is."""
        for _ in range(len(self.lines)):
            if not (isinstance(item, Mapping) and "$ref" in item):
                break
            steps = tuple(_unescaped(step) for step in item["$ref"].removeprefix("#/").split("/"))
            item = self.content
            for step in steps:
                item = item[step]
        return item, steps

    def operations(self) -> Iterator[tuple[str, Mapping[str, Any], Steps]]:
        """Each operation, by method and path."""
        for path, item in self.content.get("paths", {}).items():
            for method in METHODS:
                if method in item:
                    name = f"{method.upper()} {path}"
                    yield name, _with_shared(item, item[method]), ("paths", path, method)


def read_document(file: Path) -> OpenApiDocument:
    """The document in a file; `NotADocument` if it holds none."""
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
    """The operation with the parameters that all operations of its path share."""
    shared = item.get("parameters", [])
    return {**operation, "parameters": [*operation.get("parameters", []), *shared]}


def _unescaped(step: str) -> str:
    return step.replace("~1", "/").replace("~0", "~")
