"""A server speaks TLS by a certificate from a file, and says in words what is wrong with one."""

from __future__ import annotations

import socket
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from self_signed import self_signed
from server_process import StartServer
from tallystick.mock.certificates import issue_certificate
from tallystick.tls_context import BadCertificate, create_context

ISSUED = issue_certificate(["127.0.0.1"])
OTHER = issue_certificate(["127.0.0.1"])


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "cert.pem").write_bytes(ISSUED.certificate)
    (tmp_path / "key.pem").write_bytes(ISSUED.key)
    (tmp_path / "other.pem").write_bytes(OTHER.key)
    (tmp_path / "ca.pem").write_bytes(ISSUED.authority)
    (tmp_path / "both.pem").write_bytes(ISSUED.certificate + ISSUED.key)
    (tmp_path / "bad.pem").write_bytes(b"\x00\xff no PEM")
    key = load_pem_private_key(ISSUED.key, None)
    sealed = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x"))
    (tmp_path / "sealed.pem").write_bytes(sealed)
    return tmp_path


def test_a_server_speaks_tls_by_certificate_and_key(start_server: StartServer, files: Path) -> None:
    given = ("--tls", "--tls-cert", str(files / "cert.pem"), "--tls-key", str(files / "key.pem"))
    server = start_server(*given)

    assert server.url.startswith("https://127.0.0.1:")
    answer = requests.get(f"{server.url}/readyz", verify=str(files / "ca.pem"), timeout=10)
    assert answer.status_code == 200
    assert "WARNING" not in server.stderr


def test_a_certificate_that_has_ended_is_told(start_server: StartServer, tmp_path: Path) -> None:
    certificate, key = self_signed(ends_in=timedelta(days=-1))
    (tmp_path / "ended.pem").write_bytes(certificate + key)
    server = start_server("--tls-cert", str(tmp_path / "ended.pem"))
    assert f"the certificate {tmp_path}/ended.pem ended on " in server.stderr


def test_a_server_that_stops_waits_for_no_handshake(start_server: StartServer, files: Path) -> None:
    server = start_server("--tls-cert", str(files / "both.pem"))
    parts = urlsplit(server.url)
    with socket.create_connection((parts.hostname, parts.port), 10) as silent:
        assert server.stop() == 0
        assert not silent.recv(1)
    assert "timeout graceful shutdown" not in server.stderr


def test_plain_http_says_that_it_is_plain(start_server: StartServer) -> None:
    server = start_server()
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(server.url.replace("http", "https"), timeout=10)
    assert "start with --tls" in server.stderr


@pytest.mark.parametrize(
    ("cert", "key", "said"),
    [
        ("cert.pem", "other.pem", "the key belongs to another certificate"),
        ("cert.pem", None, "its key is missing"),
        ("cert.pem", "sealed.pem", "needs a password"),
        ("bad.pem", "key.pem", "no certificate in PEM"),
        ("none.pem", None, "none.pem: No such file"),
        ("cert.pem", "none.pem", r"^[^ ]+/none\.pem: No such file"),
        (".", None, "Is a directory"),
    ],
)
def test_a_certificate_that_can_not_be_used_is_told(
    files: Path, cert: str, key: str | None, said: str
) -> None:
    with pytest.raises(BadCertificate, match=said):
        create_context(files / cert, files / key if key else None)


@pytest.mark.parametrize("ca", ["bad.pem", "none.pem"])
def test_callers_need_a_ca_that_can_be_read(files: Path, ca: str) -> None:
    with pytest.raises(BadCertificate, match=ca):
        create_context(files / "both.pem", client_ca=files / ca)


def test_a_caller_needs_a_certificate_if_asked_for(start_server: StartServer, files: Path) -> None:
    given = ("--tls-cert", str(files / "both.pem"), "--tls-client-ca", str(files / "ca.pem"))
    server = start_server(*given)
    with pytest.raises(requests.exceptions.ConnectionError):
        requests.get(f"{server.url}/readyz", verify=str(files / "ca.pem"), timeout=10)
    assert "the caller gave no certificate" in server.stderr
