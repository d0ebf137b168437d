"""The documents served by a process: all of ours, or the user's own with the gateway's."""

from __future__ import annotations

import logging
import re
from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from tallystick.contract.document import (
    ContractError,
    Document,
    list_apis,
    read_api,
    read_documents,
    to_yaml,
)
from tallystick.settings import GATEWAY_PREFIX, Settings

if TYPE_CHECKING:
    from tallystick.contract.reader.contracts import ReadContract

GATEWAY = "gateway"
"""The API of the service itself, which is always served."""

_TEMPLATE = re.compile(r"\{[^{}]*\}")

_log = logging.getLogger(__name__)


class ServedDocuments(NamedTuple):
    """The documents served by a process."""

    documents: list[Document]
    files: tuple[str, ...]
    """Those of the user's own documents; of the others none."""


def served_documents(settings: Settings) -> ServedDocuments:
    """Return the documents to serve.

    Log the faults of contracts if they can be served anyway, else raise `ContractError`.
    """
    if not settings.contracts:
        return ServedDocuments([_spoken(document, settings) for document in read_documents()], ())
    from tallystick.contract.reader.contracts import read_contracts

    known = list_apis()
    own = [_read_own(api, known, settings) for api in settings.apis if api != GATEWAY]
    found = read_contracts(settings.contracts, {GATEWAY, *settings.apis})
    foreign = [contract.document for contract in found]
    _refuse_same_paths(own, found)
    _refuse_unknown_schemes(settings.contract_keys, foreign)
    gateway = _without(_moved(read_api(GATEWAY), settings.gateway_prefix), foreign)
    _tell_faults(found)
    files = tuple(file for contract in found for file in contract.files)
    return ServedDocuments([gateway, *own, *foreign], files)


def _read_own(api: str, known: Collection[str], settings: Settings) -> Document:
    if api not in known:
        raise ContractError(f"there is no API {api}: it is one of {', '.join(known)}")
    return _moved(_spoken(read_api(api), settings), settings.gateway_prefix)


def _spoken(document: Document, settings: Settings) -> Document:
    """Return a document in the dialect of its API's setting, if there is one."""
    version = getattr(settings, f"{document.api}_dialect", "")
    return document.in_dialect(version) if version else document


def _tell_faults(found: Iterable[ReadContract]) -> None:
    for contract in found:
        for fault in contract.faults:
            _log.warning("%s", fault)


def _refuse_same_paths(own: Iterable[Document], found: Iterable[ReadContract]) -> None:
    """Raise `ContractError` where two documents have one path, with both places."""
    owners: dict[str, _PathOwner] = {}
    listed = [*((each, None) for each in own), *((each.document, each) for each in found)]
    for document, contract in listed:
        for path, written in _served_paths(document):
            new = _PathOwner(document.api, path, written, contract)
            earlier = owners.setdefault(_TEMPLATE.sub("{}", path), new)
            if earlier.api != new.api:
                raise ContractError(f"{new} is {earlier}: serve one of them")


class _PathOwner(NamedTuple):
    """The document that a path is of."""

    api: str
    path: str
    written: str
    """As it is in the document: without the path of its server."""
    contract: ReadContract | None
    """None for one of ours."""

    def __str__(self) -> str:
        place = f" ({self.contract.path_place(self.written)})" if self.contract else ""
        return f"{self.path} of {self.api}{place}"


def _refuse_unknown_schemes(keys: Iterable[str], foreign: Iterable[Document]) -> None:
    """Raise `ContractError` for a credential of a security scheme absent from all contracts."""
    known = {scheme for document in foreign for scheme in document.schemes}
    plain = {scheme.partition(".")[2] for scheme in known}
    for key in keys:
        name = key.partition("=")[0]
        if name not in known | plain:
            choice = ", ".join(sorted(plain)) or "none"
            raise ContractError(f"no contract has a security scheme {name}: there is {choice}")


def _served_paths(document: Document) -> Iterator[tuple[str, str]]:
    """The paths that a document answers at, each with the one that is written there."""
    base = document.content.get("x-base-path", "")
    for path in document.content["paths"]:
        yield path, path
        if base:
            yield base + path, path


def _moved(document: Document, prefix: str) -> Document:
    """A document of ours with the service's own calls under another prefix."""
    paths = {
        prefix + path.removeprefix(GATEWAY_PREFIX)
        if path.startswith(GATEWAY_PREFIX)
        else path: item
        for path, item in document.content["paths"].items()
    }
    return _with_paths(document, paths)


def _without(gateway: Document, foreign: Iterable[Document]) -> Document:
    """The gateway's document without pages at a path of a contract.

    Its calls can't be left out: a `ContractError` says how to move them.
    """
    taken = {
        _TEMPLATE.sub("{}", path): (document.api, path)
        for document in foreign
        for path, _ in _served_paths(document)
    }
    paths = {}
    for path, item in gateway.content["paths"].items():
        owner = taken.get(_TEMPLATE.sub("{}", path))
        if owner is None:
            paths[path] = item
        elif path.count("/") > 1:
            raise ContractError(
                f"{owner[1]} of {owner[0]} is a call of the service's own: "
                "move those by --gateway-prefix"
            )
        else:
            _log.warning("%s is answered by %s: the page of that path is left out", path, owner[0])
    return _with_paths(gateway, paths)


def _with_paths(document: Document, paths: dict[str, Any]) -> Document:
    """A document with other paths, in its text as well; itself if they are the same."""
    if paths == document.content["paths"]:
        return document
    content = {**document.content, "paths": paths}
    return document._replace(content=content, text=to_yaml(content))
