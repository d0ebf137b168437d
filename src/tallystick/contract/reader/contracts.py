"""Contracts of one's own: read from files, folders and URLs, with all their faults."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson

from tallystick.contract.document import Document, list_apis, read_api
from tallystick.contract.reader.faults import ContractFault, Severity, UnreadableContract
from tallystick.contract.reader.findings import Findings
from tallystick.contract.reader.normal_form import NormalForm, is_readable
from tallystick.contract.reader.places import (
    Folder,
    Origin,
    UnreadablePlace,
    is_url,
    list_files,
    read_file,
    without_secrets,
)
from tallystick.contract.reader.positions import Unparsable, find_lines
from tallystick.contract.reader.references import ContractFile, Files, Node, References
from tallystick.contract.reader.unique_names import UniqueNames

_NOT_WORDS = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class ReadContract:
    """One document, ready to be served, and its faults."""

    document: Document
    faults: tuple[ContractFault, ...]
    files: tuple[str, ...]
    """Paths and URLs of all texts that it was read from; URLs without their secrets."""

    def path_place(self, path: str) -> str:
        """Return where a path stands: its file, with the line where all is in that file."""
        if len(self.files) > 1:
            return self.files[0]
        steps = ("paths", path)
        return f"{self.files[0]}:{find_lines(self.document.text, [steps])[steps]}"


def read_contracts(places: Sequence[str], taken: Collection[str] = ()) -> list[ReadContract]:
    """Return the contracts at some files, folders and URLs.

    `taken` are names of APIs served beside them. URLs are read in an event loop of their
    own, so call this outside of one. Raises `UnreadableContract` with all
    faults where a place has no contract of which anything can be served.
    """
    reading = _Reading(taken)
    found: list[ReadContract] = []
    faults: list[ContractFault] = []
    for place in places:
        served, unserved = reading.read_place(place)
        if not served:
            faults += unserved
        elif unserved:
            first = served[0]
            served[0] = ReadContract(first.document, (*unserved, *first.faults), first.files)
        found += served
    if faults:
        raise UnreadableContract(faults)
    return found


Outcome = tuple[list[ReadContract], list[ContractFault]]
"""What can be served of a place, and the faults of the documents in it that can't."""


class _Reading:
    """Reads one place after the other; names of APIs and operations stay unique."""

    def __init__(self, taken: Collection[str]) -> None:
        self._apis = UniqueNames(taken, "_")
        built_in = [read_api(api) for api in list_apis() if api in taken]
        self._ids = {o["operationId"] for document in built_in for _, _, o in document.operations()}

    def read_place(self, place: str) -> Outcome:
        """Read the documents at one place."""
        if is_url(place):
            return self._read_url(place)
        # What can't be looked at is no folder here, and read as a file it says why.
        is_folder = os.path.isdir(place)
        return self._read_folder(Path(place)) if is_folder else self._read_file(Path(place))

    def _read_url(self, url: str) -> Outcome:
        try:
            origin = Origin(url)
        except ValueError:
            return [], [_fault(without_secrets(url), "unreadable", "is no URL that can be called")]
        with closing(origin):
            return self._read_document(Files(origin), url)

    def _read_file(self, file: Path) -> Outcome:
        return self._read_document(Files(Folder(file.parent)), str(file))

    def _read_folder(self, folder: Path) -> Outcome:
        try:
            listed = list_files(folder)
        except UnreadablePlace as error:
            return [], [_fault(str(folder), "unreadable", str(error))]
        files = Files(Folder(folder))
        served: list[ReadContract] = []
        faults: list[ContractFault] = []
        for file in listed:
            if _may_be_contract(file) and self._is_contract(files, str(file)):
                more, unserved = self._read_document(files, str(file))
                served += more
                faults += unserved
        if not served and not faults:
            faults = [_fault(str(folder), "not-openapi", "has no OpenAPI document")]
        return served, faults

    @staticmethod
    def _is_contract(files: Files, location: str) -> bool:
        try:
            content = files.open_file(location).content
        except (UnreadablePlace, Unparsable):
            return True  # reading it says why
        return isinstance(content, dict) and ("openapi" in content or "swagger" in content)

    def _read_document(self, files: Files, location: str) -> Outcome:
        name = without_secrets(location)
        try:
            file = files.open_file(location)
        except UnreadablePlace as error:
            return [], [_fault(name, "unreadable", str(error))]
        except Unparsable as error:
            return [], [_fault(name, "not-yaml", str(error), error.line)]
        root = Node(file, (), file.content)
        findings = Findings()
        if not is_readable(root, findings):
            return [], [*findings.list_faults()]
        return self._read_normal_form(References(files, file), findings, root)

    def _read_normal_form(self, references: References, findings: Findings, root: Node) -> Outcome:
        file = root.file
        api = self._new_api(file.name)
        content = NormalForm(references, findings, root, api, self._ids).read_document()
        for read in references.used.values():
            for steps in read.repeated:
                node = Node(read, steps, None)
                findings.warn(node, "key-repeated", "is given twice: the last one counts")
        faults = findings.list_faults()
        if not content["paths"]:
            nothing = _fault(file.name, "nothing-served", "has no operation that can be served")
            return [], [*faults, nothing]
        document = Document(api, _text(references, file, content), content, is_foreign=True)
        self._ids.update(o["operationId"] for _, _, o in document.operations())
        files = tuple(read.name for read in references.used.values())
        return [ReadContract(document, faults, files)], []

    def _new_api(self, name: str) -> str:
        """Return the name of an API: the stem of its file, in small letters and underscores."""
        last = urlsplit(name).path.rstrip("/").rpartition("/")[2] or "api"
        stem = _NOT_WORDS.sub("_", Path(last).stem.lower()).strip("_") or "api"
        return self._apis.add_name(stem if stem[0].isalpha() else f"api_{stem}")


def _may_be_contract(file: Path) -> bool:
    """Return whether a file names what the top of a contract must have, or can't be read."""
    try:
        text = read_file(file)
    except UnreadablePlace:
        return True
    return b"openapi" in text or b"swagger" in text


def _text(references: References, file: ContractFile, content: Any) -> bytes:
    """Return the document as it was written; of several files, as it was read."""
    if len(references.used) == 1:
        return file.text
    return orjson.dumps(content, option=orjson.OPT_INDENT_2)


def _fault(file: str, rule: str, message: str, line: int = 1) -> ContractFault:
    return ContractFault(file, line, "", rule, message, Severity.ERROR)
