"""The newest version of each thing that a run has seen (``ETag``), for calls that must tell it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from .vectors import VectorRequest
from .wire import WireReply

ANY = ("if-match", "*")
"""The header, in small letters, that stands for the newest version."""

OLDER = ("if-match", "older")
"""The header that stands for the version before the newest."""

_NONE = '"no-such-version"'


@dataclass(slots=True)
class Versions:
    """Versions by path."""

    newest: dict[str, str] = field(default_factory=dict)
    older: dict[str, str] = field(default_factory=dict)

    def note(self, request: VectorRequest, reply: WireReply) -> None:
        """Keep the version in an answer, and the one before it."""
        path, version = _path(request), reply.header("ETag")
        known = self.newest.get(path)
        if version and version != known:
            self.newest[path] = version
            self.older |= {path: known} if known else {}

    def apply(self, request: VectorRequest) -> VectorRequest:
        """Return a request with the newest or an older version of its path, if it tells one."""
        path = _path(request)
        older = self.older.get(path, self.newest.get(path, _NONE))
        told = {ANY: self.newest.get(path, ANY[1]), OLDER: older}
        headers = tuple(
            (name, told.get((name.lower(), value), value)) for name, value in request.headers
        )
        return replace(request, headers=headers)


def _path(request: VectorRequest) -> str:
    return request.target.partition("?")[0]
