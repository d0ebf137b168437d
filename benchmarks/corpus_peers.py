"""The peers' columns of the corpus: each serves the same document, and gets the same requests."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import aiohttp
from yarl import URL

from benchmarks.document_calls import DocumentCalls
from benchmarks.peer_servers import (
    ENVIRONMENT,
    PRISM,
    SPECMATIC,
    PeerServer,
    start_command,
)
from benchmarks.process import NotServing, Serving, free_port, serving
from tallystick.contract.document import Document
from tallystick.contract.sample_request import SampleRequest
from tallystick.mock.upstream import UpstreamReply

PEERS = (PRISM, SPECMATIC._replace(command=f"{SPECMATIC.command} --lenient"))

_CALL_S = 20
_SERVES_NOTHING = b"No valid API specifications loaded"
"""Specmatic listens even then."""

_NO_ANSWER = UpstreamReply(0, [], b"")


def judge_peers(file: Path, document: Document) -> dict[str, int | None]:
    """Return how many operations each installed peer answers by the document, by its name.

    None stands for a peer that does not start with it.
    """
    present = (peer for peer in PEERS if not peer.missing)
    return {peer.name: _judge_peer(peer, file, document) for peer in present}


def _judge_peer(peer: PeerServer, file: Path, document: Document) -> int | None:
    port = free_port()
    command = start_command(peer.command, file, port)
    try:
        with (
            tempfile.TemporaryDirectory(prefix="tallystick-corpus-") as folder,
            serving(command, ENVIRONMENT, Path(folder), port, _serves) as server,
        ):
            return asyncio.run(_count_valid(server, document))
    except NotServing:
        return None


def _serves(url: str) -> bool:
    """Whether a server answers by its document; raise `NotServing` if it never will."""
    try:
        urlopen(url, timeout=_CALL_S).close()
    except HTTPError as answer:
        if _SERVES_NOTHING in answer.read():
            raise NotServing(str(answer)) from None
    return True


async def _count_valid(server: Serving, document: Document) -> int:
    timeout = aiohttp.ClientTimeout(total=_CALL_S)
    cookies = aiohttp.DummyCookieJar()
    async with aiohttp.ClientSession(timeout=timeout, cookie_jar=cookies) as session:

        async def send(request: SampleRequest) -> UpstreamReply:
            return await _send(session, server.url, request) if server.running else _NO_ANSWER

        return (await DocumentCalls(document, send).call_all()).valid


async def _send(
    session: aiohttp.ClientSession, base_url: str, request: SampleRequest
) -> UpstreamReply:
    """Send a request as it is; a status of 0 stands for no answer."""
    url = URL(base_url + request.target, encoded=True)
    headers = {name: value.encode().decode("latin-1") for name, value in request.headers.items()}
    try:
        async with session.request(
            request.method, url, headers=headers, data=request.body or None, allow_redirects=False
        ) as response:
            return UpstreamReply(response.status, [*response.raw_headers], await response.read())
    except (TimeoutError, aiohttp.ClientError, OSError, ValueError):
        return _NO_ANSWER
