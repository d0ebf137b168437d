"""Remembers which of our documents a start found without fault, so that the next one need not look.

To judge 700 KB of them, and to compile all their operations, takes a seventh of a start.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from tallystick.contract.document import Document
from tallystick.contract.parse_cache import digest_of, keep, kept_file


class JudgedDocuments:
    """Our own documents among some that are served together; the reader judges those of others."""

    def __init__(self, documents: Iterable[Document]) -> None:
        own = [document for document in documents if not document.is_foreign]
        self._name = "-".join(("judged", *(document.api for document in own)))
        self._mark = kept_file(self._name, _digest(own))

    def had_no_fault(self) -> bool:
        """Return whether an earlier start of this program served the same texts."""
        return self._mark.exists()

    def remember(self) -> None:
        """Say that these documents are without fault."""
        if not self.had_no_fault():
            keep(self._mark, self._name, b"")


def _digest(documents: Iterable[Document]) -> str:
    digest = sha256(_program())
    for document in documents:
        digest.update(digest_of(document.text).encode())
        digest.update(sha256(document.version.encode()).digest())
    return digest.hexdigest()


def _program() -> bytes:
    """Return what differs in another version of the modules that judge, as Python compares them."""
    modules = sorted(Path(__file__).parent.glob("*.py"))
    stats = ((module.name, module.stat()) for module in modules)
    return repr([(name, stat.st_size, int(stat.st_mtime)) for name, stat in stats]).encode()
