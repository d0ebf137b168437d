"""Certificates made by a mock at its start, for TLS without a word to anybody."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tallystick.mock.settings import MockSettings
from tallystick.settings import LOOPBACK_HOSTS
from tallystick.tls_context import BadCertificate, ServedTls, create_context

VALID = timedelta(days=365)
_NAME = re.compile(r"(?=.{1,253}$)(\*\.)?[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*")
_ANY_ADDRESS = frozenset({"0.0.0.0", "::"})


@dataclass(frozen=True, slots=True)
class IssuedCertificate:
    """A certificate for servers, its key and the certificate of its authority, in PEM."""

    certificate: bytes
    key: bytes
    authority: bytes


def make_tls(settings: MockSettings) -> ServedTls:
    """Return TLS by a new certificate of a new authority; raise `BadCertificate`.

    The authority's certificate is written to the file that the settings name, or is in the lines.
    Its key is forgotten.
    """
    names = _names(settings)
    issued = issue_certificate(names)
    with TemporaryDirectory() as folder:  # OpenSSL reads a key from a file only
        file = Path(folder, "certificate.pem")
        file.touch(mode=0o600)
        file.write_bytes(issued.certificate + issued.key)
        context = create_context(file, client_ca=settings.tls_client_ca)
    told = f"certificate for {', '.join(names)}; its CA"
    if settings.tls_ca is None:
        return ServedTls(context, [f"{told}:", issued.authority.decode().strip()])
    _write(settings.tls_ca, issued.authority)
    return ServedTls(context, [f"{told} is in {settings.tls_ca}"])


def _names(settings: MockSettings) -> Sequence[str]:
    listened = {settings.host} - _ANY_ADDRESS
    return [*sorted(LOOPBACK_HOSTS | listened), *settings.tls_names]


def _write(file: Path, content: bytes) -> None:
    try:
        file.write_bytes(content)
    except OSError as error:
        raise BadCertificate(f"can't write {file}: {error.strerror}") from error


def issue_certificate(names: Iterable[str]) -> IssuedCertificate:
    """Return a certificate for these host names and IP addresses, by an authority made for it."""
    authority_key, key = generate_private_key(SECP256R1()), generate_private_key(SECP256R1())
    authority = _sign_authority(authority_key)
    certificate = _sign_server(names, key.public_key(), authority, authority_key)
    return IssuedCertificate(
        certificate.public_bytes(Encoding.PEM),
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        authority.public_bytes(Encoding.PEM),
    )


def _sign_authority(key: EllipticCurvePrivateKey) -> x509.Certificate:
    public, name = key.public_key(), _name("Tallystick's CA of one start")
    builder = _begin_certificate(name, public).issuer_name(name)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_usage(signs=True), critical=True)
    return builder.sign(key, SHA256())


def _sign_server(
    names: Iterable[str],
    public: EllipticCurvePublicKey,
    authority: x509.Certificate,
    authority_key: EllipticCurvePrivateKey,
) -> x509.Certificate:
    builder = _begin_certificate(_name("Tallystick"), public).issuer_name(authority.subject)
    alternatives = x509.SubjectAlternativeName([_alternative(name) for name in names])
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key())
    for_servers = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    builder = builder.add_extension(
        x509.BasicConstraints(ca=False, path_length=None), critical=True
    )
    builder = builder.add_extension(_usage(signs=False), critical=True)
    for extension in (alternatives, issuer, for_servers):
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(authority_key, SHA256())


def _begin_certificate(name: x509.Name, public: EllipticCurvePublicKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        # The clock of a container may be a little behind.
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + VALID)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        key_cert_sign=signs,
        crl_sign=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return _dns_name(name)


def _dns_name(name: str) -> x509.GeneralName:
    if not _NAME.fullmatch(name):
        raise BadCertificate(f"--tls-name {name!r} is neither a host name nor an address")
    return x509.DNSName(name)
