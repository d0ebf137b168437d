from __future__ import annotations

import time

import pytest

from .checks import authorized, objections
from .client import curl
from .credentials import NoCredential
from .servers import NoServer, Server, Servers
from .vectors import Vector, VectorRequest, read_all
from .wire import Unanswered, WireReply

_VECTORS = read_all()


@pytest.mark.parametrize("vector", _VECTORS, ids=[vector.id for vector in _VECTORS])
def test_the_server_answers_as_the_page_says(
    vector: Vector, servers: Servers, connexion: bool
) -> None:
    try:
        server = servers.get(vector.needs)
        found = _objections(vector, server)
    except (NoServer, NoCredential) as reason:
        pytest.skip(str(reason))
    if connexion and vector.stock:
        assert found, f"unmodified Connexion no longer differs: {vector.stock}"
        return
    assert not found, "\n".join(found)


def _objections(vector: Vector, server: Server) -> list[str]:
    request = authorized(vector, server.world)
    try:
        reply = _last_reply(vector, server, request)
    except Unanswered as reason:
        return [str(reason)]
    found = objections(vector.expected, reply)
    if found:
        found += [f"came: {reply.status} {reply.body[:2_000]!r}", f"source: {vector.source}"]
        found += [curl(server.url, request)]
    return found


def _last_reply(vector: Vector, server: Server, request: VectorRequest) -> WireReply:
    """Return the last answer of a repeated request, sent within one minute of the clock.

    Limits count the calls of such a minute.
    """
    while True:
        minute = time.time() // 60
        for _ in range(vector.repeat):
            reply = server.client.send(request)
        if vector.repeat == 1 or time.time() // 60 == minute:
            return reply


def test_no_two_vectors_have_one_name() -> None:
    names = [vector.id for vector in _VECTORS]
    assert sorted(set(names)) == sorted(names)
