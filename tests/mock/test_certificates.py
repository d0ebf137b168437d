"""A mock makes its certificates itself, and says whom to trust."""

from __future__ import annotations

import re
import ssl
from contextlib import suppress
from pathlib import Path

import pytest
import requests

from self_signed import self_signed
from tallystick.mock.certificates import issue_certificate, make_tls
from tallystick.mock.process import MockProcess, NotStarted
from tallystick.mock.settings import ALWAYS, MockSettings
from tallystick.tls_context import BadCertificate, ServedTls

PEM = re.compile("-----BEGIN CERTIFICATE-----.+-----END CERTIFICATE-----", re.DOTALL)


def tls(**given: object) -> ServedTls:
    return make_tls(MockSettings(**{**ALWAYS, "tls": True, **given}))  # type: ignore[arg-type]


def agreed_names(served: ssl.SSLContext, authority: str, name: str) -> object:
    """The names in the certificate, after a handshake with a caller who asks for `name`."""
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    caller = ssl.create_default_context(cadata=authority)
    asking = caller.wrap_bio(down, up, server_hostname=name)
    serving = served.wrap_bio(up, down, server_side=True)
    for end in (asking, serving, asking):
        with suppress(ssl.SSLWantReadError):
            end.do_handshake()
    return asking.getpeercert()


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "::1", "api.test", "10.1.2.3", "a.b.c"])
def test_the_certificate_holds_for_this_machine_and_the_names_that_are_given(name: str) -> None:
    served = tls(tls_names=("api.test", "10.1.2.3", "*.b.c"))
    authority = PEM.search("\n".join(served.lines))
    assert authority
    assert agreed_names(served.context, authority[0], name)


def test_it_does_not_hold_for_others() -> None:
    served = tls()
    authority = PEM.search("\n".join(served.lines))
    assert authority
    with pytest.raises(ssl.SSLCertVerificationError):
        agreed_names(served.context, authority[0], "example.com")


def test_the_ca_is_written_where_told_and_no_key_is(tmp_path: Path) -> None:
    served = tls(tls_ca=tmp_path / "ca.pem")
    assert f"its CA is in {tmp_path / 'ca.pem'}" in served.lines[0]
    assert PEM.fullmatch((tmp_path / "ca.pem").read_text(encoding="ascii").strip())
    assert [file.name for file in tmp_path.iterdir()] == ["ca.pem"]


@pytest.mark.parametrize("name", ["x y", "ä.test", "a" * 300, "https://x", "a..b", "\udcff", "*"])
def test_a_name_that_is_none_is_told(name: str) -> None:
    with pytest.raises(BadCertificate, match="neither a host name nor an address"):
        tls(tls_names=(name,))


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadCertificate, match=r"can't write .*ca\.pem: No such file"):
        tls(tls_ca=tmp_path / "none" / "ca.pem")


def test_a_mock_speaks_tls_and_asks_for_certificates(tmp_path: Path) -> None:
    certificate, key = self_signed()
    (tmp_path / "callers.pem").write_bytes(certificate)
    (tmp_path / "caller.pem").write_bytes(certificate + key)
    ca = tmp_path / "ca.pem"
    given = ("--tls", "--tls-ca", str(ca), "--tls-client-ca", str(tmp_path / "callers.pem"))
    process = MockProcess(*given)
    try:
        with pytest.raises(requests.exceptions.ConnectionError):
            requests.get(f"{process.url}/readyz", verify=str(ca), timeout=10)
        url, own = f"{process.url}/readyz", str(tmp_path / "caller.pem")
        assert requests.get(url, verify=str(ca), cert=own, timeout=10).ok
    finally:
        process.stop()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--tls-name", "x"], "--tls-name and --tls-ca go with --tls"),
        (["--tls-key", "x"], "--tls-key goes with --tls-cert"),
        (["--tls-client-ca", "x"], "--tls-client-ca goes with --tls"),
        (["--tls-cert", "none.pem"], "none.pem: No such file"),
    ],
)
def test_options_that_do_not_go_together_are_told(options: list[str], said: str) -> None:
    with pytest.raises(NotStarted, match=said):
        MockProcess(*options)


def test_each_start_has_an_authority_of_its_own() -> None:
    one, other = issue_certificate(["x"]), issue_certificate(["x"])
    assert one.authority != other.authority
