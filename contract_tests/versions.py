"""The newest version of each thing that a run has seen (``ETag``), for calls that must tell it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from .vectors import VectorRequest
from .wire import WireReply

ANY = ("if-match", "*")
"""The header, in small letters, that stands for the newest version."""


@dataclass(slots=True)
class Versions:
    """Versions by path."""

    newest: dict[str, str] = field(default_factory=dict)

    def note(self, request: VectorRequest, reply: WireReply) -> None:
        """Keep the version in an answer."""
        if version := reply.header("ETag"):
            self.newest[_path(request)] = version

    def apply(self, request: VectorRequest) -> VectorRequest:
        """Return a request with the newest version of its path, if it must tell one."""
        version = self.newest.get(_path(request))
        headers = tuple(
            (name, version if version and (name.lower(), value) == ANY else value)
            for name, value in request.headers
        )
        return replace(request, headers=headers)


def _path(request: VectorRequest) -> str:
    return request.target.partition("?")[0]
