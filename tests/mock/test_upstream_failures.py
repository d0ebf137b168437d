"""A proxy that can't reach its upstream says why, and what helps."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread

import pytest

from self_signed import self_signed
from tallystick.contract.request import Request
from tallystick.mock.certificates import IssuedCertificate, issue_certificate
from tallystick.mock.process import MockProcess
from tallystick.mock.upstream import Unreachable, Upstream
from tallystick.mock.upstream_tls import create_upstream_context
from tallystick.tls_context import create_context

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
GET = Request("GET", "/x", b"", (), b"")


@contextmanager
def answering(answer: bytes, context: ssl.SSLContext | None = None) -> Iterator[int]:
    """The port of a server that gives every caller this answer."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = Thread(target=_answer_all, args=(listening, answer, context), daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()


def _answer_all(listening: socket.socket, answer: bytes, context: ssl.SSLContext | None) -> None:
    with suppress(OSError):  # until it is closed
        while True:
            _answer(listening.accept()[0], answer, context)


def _answer(connection: socket.socket, answer: bytes, context: ssl.SSLContext | None) -> None:
    if context:
        connection = context.wrap_socket(
            connection, server_side=True, do_handshake_on_connect=False
        )
    with connection, suppress(OSError):  # as the proxy gives up
        connection.recv(65_536)
        connection.sendall(answer)
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65_536):
            pass


@pytest.fixture(scope="module")
def issued() -> IssuedCertificate:
    return issue_certificate(["127.0.0.1"])


@pytest.fixture
def files(tmp_path: Path, issued: IssuedCertificate) -> Path:
    (tmp_path / "served.pem").write_bytes(issued.certificate + issued.key)
    (tmp_path / "ca.pem").write_bytes(issued.authority)
    certificate, key = self_signed()
    (tmp_path / "caller.pem").write_bytes(certificate + key)
    return tmp_path


def called(url: str, context: ssl.SSLContext | None = None) -> bytes:
    """The body of the upstream's answer."""

    async def call() -> bytes:
        upstream = Upstream(url, context or create_upstream_context())
        try:
            return (await upstream.forward(GET, b"/x")).body
        finally:
            await upstream.close()

    return asyncio.run(call())


def refused(url: str, context: ssl.SSLContext | None = None) -> str:
    with pytest.raises(Unreachable) as error:
        called(url, context)
    return str(error.value)


def test_a_certificate_by_an_unknown_ca_is_told_with_what_helps(files: Path) -> None:
    with answering(OK, create_context(files / "served.pem")) as port:
        said = refused(f"https://127.0.0.1:{port}")
    assert "certificate is not trusted (unable to get local issuer certificate)" in said
    assert "--ca" in said


def test_a_certificate_for_another_name_is_told(files: Path) -> None:
    with answering(OK, create_context(files / "served.pem")) as port:
        context = create_upstream_context(files / "ca.pem")
        said = refused(f"https://localhost:{port}", context)
    assert "certificate is not valid for 'localhost'" in said


def test_a_ca_that_is_given_is_trusted(files: Path) -> None:
    with answering(OK, create_context(files / "served.pem")) as port:
        assert called(f"https://127.0.0.1:{port}", create_upstream_context(files / "ca.pem"))


def test_insecure_trusts_anything(files: Path) -> None:
    with answering(OK, create_context(files / "served.pem")) as port:
        assert called(f"https://127.0.0.1:{port}", create_upstream_context(insecure=True))


def test_an_upstream_that_asks_for_a_certificate_is_told_and_satisfied(files: Path) -> None:
    ca, caller = files / "ca.pem", files / "caller.pem"
    mock = MockProcess("--tls", "--tls-ca", str(ca), "--tls-client-ca", str(caller))
    try:
        said = refused(mock.url, create_upstream_context(ca))
        assert said.endswith("it asks for a client certificate: give one by --client-cert")
        assert b"404" in called(mock.url, create_upstream_context(ca, caller))
    finally:
        mock.stop()


def test_an_upstream_without_tls_is_told() -> None:
    with answering(b"HTTP/1.1 400 Bad\r\n\r\n") as port:
        assert refused(f"https://127.0.0.1:{port}").endswith("is its URL http://?")


def test_plain_causes_have_plain_words(monkeypatch: pytest.MonkeyPatch) -> None:
    with answering(b"") as port:
        assert refused(f"http://127.0.0.1:{port}").endswith("without an answer")
    with answering(b"SSH-2.0-x\r\n\r\n") as port:
        assert refused(f"http://127.0.0.1:{port}").endswith("its answer is no HTTP")
    with answering(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx") as port:
        assert refused(f"http://127.0.0.1:{port}").endswith("its answer ends too early")
    assert refused("http://127.0.0.1:1").endswith("nobody listens there")
    monkeypatch.setattr(socket, "getaddrinfo", _unknown)
    assert refused("http://nowhere.invalid").endswith("its name can't be resolved to an address")


def _unknown(*_: object, **__: object) -> None:
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


def test_failures_of_an_http_proxy_are_told_as_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://me:secret@127.0.0.1:1")
    said = refused("http://api.test")
    assert said.startswith("http://api.test by the proxy http://127.0.0.1:1 gave no answer")
    assert said.endswith("the HTTP proxy can't be reached: nobody listens there")
    with answering(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n") as port:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
        assert refused("https://api.test").endswith("the HTTP proxy answered 407")
