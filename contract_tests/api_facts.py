"""Facts for the tests of each API beyond its contract: one file of ``apis/`` an API."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

from . import contract, strict_yaml

FOLDER = Path(__file__).with_name("apis")
SCHEMA = Path(__file__).with_suffix(".yaml")


_OURS = re.compile(
    r"\b(ruling|notes|fact|RFC|design|decisions|README|x-scopes|foundation|mock|gateway)\b"
)
_VENDORS = re.compile(r"\b(page|pages|seed|vendor|usermanual-eg)\b")
"""Words of a vector's source."""


class BadApiFacts(ValueError):
    """A file of ``apis/`` breaks its schema; the message names the place."""


@dataclass(frozen=True, slots=True)
class ApiFacts:
    """The facts of one file; `api_facts.yaml` describes its members."""

    management: bool = False
    settings: Mapping[str, str] = field(default_factory=dict)
    credentials: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    known: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    dev_only: Sequence[str] = ()
    events: Sequence[Mapping[str, Any]] = ()
    further: Sequence[Mapping[str, Any]] = ()
    """Further calls of one's own contract, of which rules and access are judged; no file has them.
    """
    branches: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    """Values made of the alternatives of bodies, by operationId; no file has them."""
    sequences: Sequence[Mapping[str, Any]] = ()
    log: Mapping[str, Any] | None = None
    fuzz: Mapping[str, Any] = field(default_factory=dict)
    examples: Sequence[Mapping[str, Any]] = ()
    """Example requests of one's own contract; no file has them."""
    samples: Mapping[str, str] = field(default_factory=dict)
    pages: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_own(self) -> bool:
        """Return whether they are those of one's own contract."""
        return bool(self.examples)


_replaced: dict[str, ApiFacts] = {}


@contextmanager
def replaced_facts(facts: Mapping[str, ApiFacts]) -> Iterator[None]:
    """Have these facts, by API, until the end of the block."""
    read_facts.cache_clear()
    _replaced.update(facts)
    try:
        yield
    finally:
        _replaced.clear()
        read_facts.cache_clear()


@cache
def read_facts(api: str) -> ApiFacts:
    """Return the facts of an API, empty without a file; raise `BadApiFacts` for an invalid one."""
    if api in _replaced:
        return _replaced[api]
    file = FOLDER / f"{api}.yaml"
    return parse_facts(file.read_text(encoding="utf-8"), file.name) if file.exists() else ApiFacts()


def parse_facts(text: str, name: str) -> ApiFacts:
    """Return the facts in a file's text; raise `BadApiFacts` if its schema refuses it."""
    try:
        content = json.loads(json.dumps(strict_yaml.load(text)))  # its keys are texts
    except strict_yaml.NotYaml as error:
        raise BadApiFacts(f"apis/{name}: {error}") from error
    for found in _validator().iter_errors(content):
        path = (*found.instance_path, *getattr(found.kind, "unexpected", ())[:1])
        line = strict_yaml.lines(text).get(path, 1)
        raise BadApiFacts(f"apis/{name}, line {line}: {found.message}")
    return ApiFacts(**content)


def judged_apis() -> list[str]:
    """Return the APIs that a run judges by default."""
    return [api for api in contract.apis() if not read_facts(api).management]


def page_line(api: str, source: str) -> int | None:
    """Return the line of the vendor's page that a source quotes, if any."""
    pages = read_facts(api).pages
    quoted = [phrase for phrase in pages if phrase in source]
    return pages[max(quoted, key=len)] if quoted else None


def is_ruling(api: str, source: str) -> bool:
    """Return whether a vector's source is a ruling of this project, and no page of the vendor."""
    file, _, own = source.partition(": ")
    if _OURS.search(own):
        return True
    return page_line(api, source) is None and (
        bool(_OURS.search(file)) or not _VENDORS.search(file)
    )


@cache
def _validator() -> jsonschema_rs.Draft7Validator:
    schema = strict_yaml.load(SCHEMA.read_text(encoding="utf-8"))
    return jsonschema_rs.Draft7Validator(schema)
