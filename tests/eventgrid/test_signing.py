"""Signatures are those of the vendor's own signer, and of that very request only."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.sdk_request import SdkRequest
from huaweicloudsdkcore.signer.signer import Signer

from tallystick.apis.eventgrid import signing
from tallystick.apis.eventgrid.signing import BadSignature
from tallystick.contract.exceptions import Unauthenticated
from tallystick.contract.request import Request

NOW = datetime(2026, 1, 31, 8, 15, 30, tzinfo=UTC)
BODY = b'{"name": "n\xc3\xa4me"}'
HEADERS = {"Content-Type": "application/json", "User-Agent": "  sdk ünd more ", "X-Project-Id": "p"}


def signed(query: list[tuple[str, str]] | None = None) -> tuple[Request, str]:
    """A request as the vendor's signer has signed it, and its Authorization header."""
    sdk = SdkRequest(
        method="PUT",
        schema="https",
        host="eg.example.com",
        resource_path="/v1/p/sources/a%20b%2Fc",
        query_params=query or [],
        header_params={**HEADERS, "X-Sdk-Date": NOW.strftime("%Y%m%dT%H%M%SZ")},
        body=BODY,
    )
    Signer(BasicCredentials("AK", "SK", "p")).sign(sdk)
    authorization = sdk.header_params.pop("Authorization")
    headers = [(n.lower().encode(), v.encode("latin-1")) for n, v in sdk.header_params.items()]
    sent = sdk.uri.partition("?")[2].encode()
    return Request("PUT", "/v1/p/sources/a b/c", sent, headers, BODY), authorization


def verify(request: Request, authorization: str, secret: str = "SK", now: datetime = NOW) -> None:
    signing.verify_signature(request, signing.read_signature(authorization), secret, now)


def with_header(request: Request, name: bytes, value: bytes) -> Request:
    changed = [(n, value if n == name else v) for n, v in request.headers]
    return request._replace(headers=changed)


@pytest.mark.parametrize(
    "query",
    [
        [],
        [("limit", "1"), ("name", "x")],
        [("name", "ä & b=c+d/~"), ("fuzzy_name", ""), ("a", "1")],
        [("b", "2"), ("a", "2"), ("a", "1")],
    ],
)
def test_what_the_vendor_s_signer_signs_is_verified(query: list[tuple[str, str]]) -> None:
    request, authorization = signed(query)
    verify(request, authorization)


def test_an_unsigned_header_may_be_added_on_the_way() -> None:
    request, authorization = signed()
    verify(request._replace(headers=[*request.headers, (b"via", b"proxy")]), authorization)


def test_a_changed_body_is_refused() -> None:
    request, authorization = signed()
    with pytest.raises(BadSignature):
        verify(request._replace(body=BODY + b" "), authorization)


def test_a_changed_query_is_refused() -> None:
    request, authorization = signed([("limit", "1")])
    with pytest.raises(BadSignature):
        verify(request._replace(query=b"limit=10"), authorization)


def test_a_changed_path_or_method_is_refused() -> None:
    request, authorization = signed()
    for other in (request._replace(path="/v1/p/sources/x"), request._replace(method="DELETE")):
        with pytest.raises(BadSignature):
            verify(other, authorization)


@pytest.mark.parametrize("name", [b"content-type", b"user-agent", b"x-project-id", b"host"])
def test_a_changed_header_is_refused(name: bytes) -> None:
    request, authorization = signed()
    with pytest.raises(BadSignature):
        verify(with_header(request, name, b"changed"), authorization)


def test_a_signed_header_that_is_gone_or_there_twice_is_refused() -> None:
    request, authorization = signed()
    headers = list(request.headers)
    gone = [header for header in headers if header[0] != b"x-project-id"]
    twice = [*headers, (b"x-project-id", b"q")]
    for changed in (gone, twice):
        with pytest.raises(BadSignature, match="x-project-id"):
            verify(request._replace(headers=changed), authorization)


def test_another_secret_is_refused() -> None:
    request, authorization = signed()
    with pytest.raises(BadSignature):
        verify(request, authorization, secret="SK2")


@pytest.mark.parametrize("minutes", [-15, 0, 15])
def test_a_date_within_15_minutes_is_taken(minutes: int) -> None:
    request, authorization = signed()
    verify(request, authorization, now=NOW + timedelta(minutes=minutes))


@pytest.mark.parametrize("seconds", [-901, 901])
def test_a_date_further_away_is_refused(seconds: int) -> None:
    request, authorization = signed()
    with pytest.raises(BadSignature, match="15 minutes"):
        verify(request, authorization, now=NOW + timedelta(seconds=seconds))


def signed_over(request: Request, names: list[str]) -> str:
    """The Authorization header of a client that signs the headers of these names."""
    canonical = hashlib.sha256(signing.canonical_request(request, names)).hexdigest()
    text = f"SDK-HMAC-SHA256\n{NOW:%Y%m%dT%H%M%SZ}\n{canonical}"
    digest = hmac.new(b"SK", text.encode(), hashlib.sha256).hexdigest()
    return f"SDK-HMAC-SHA256 Access=AK, SignedHeaders={';'.join(names)}, Signature={digest}"


@pytest.mark.parametrize(
    "names",
    [
        ["x-sdk-date"],
        ["user-agent", "x-project-id", "x-sdk-date"],
        ["content-type", "x-sdk-date"],
        ["x-project-id", "x-sdk-date"],
        ["x-own.header~1", "x-sdk-date"],
    ],
    ids=",".join,
)
def test_the_date_is_the_one_header_that_must_be_signed(names: list[str]) -> None:
    request, _ = signed()
    request = request._replace(headers=[*request.headers, (b"x-own.header~1", b"own")])
    verify(request, signed_over(request, names))


@pytest.mark.parametrize("names", [["host"], ["user-agent", "x-project-id"], ["date"]])
def test_a_signature_without_the_date_is_refused(names: list[str]) -> None:
    request, _ = signed()
    request = request._replace(headers=[*request.headers, (b"date", b"now")])
    with pytest.raises(BadSignature, match="x-sdk-date must be signed"):
        verify(request, signed_over(request, names))


def test_a_signed_header_protects_its_value_whichever_others_are_signed() -> None:
    request, _ = signed()
    authorization = signed_over(request, ["x-project-id", "x-sdk-date"])
    with pytest.raises(BadSignature, match="does not match the request"):
        verify(with_header(request, b"x-project-id", b"changed"), authorization)


@pytest.mark.parametrize(
    "algorithm", ["SDK-HMAC-SM3", "SDK-ECDSA-P256-SHA256", "SDK-SM2-SM3", "V11-HMAC-SHA256"]
)
def test_another_algorithm_is_refused_by_its_name(algorithm: str) -> None:
    authorization = f"{algorithm} Access=AK, SignedHeaders=x-sdk-date, Signature={'0' * 64}"
    assert signing.is_signature(authorization)
    with pytest.raises(BadSignature, match=f"{algorithm} is unknown: sign with SDK-HMAC-SHA256"):
        signing.read_signature(authorization)


def test_a_body_that_is_called_unsigned_is_refused() -> None:
    request, authorization = signed()
    header = (b"x-sdk-content-sha256", b"UNSIGNED-PAYLOAD")
    with pytest.raises(BadSignature, match="SHA-256"):
        verify(request._replace(headers=[*request.headers, header]), authorization)


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer x",
        "SDK-HMAC-SHA256",
        "SDK-HMAC-SHA256 Access=AK, SignedHeaders=host, Signature=",
        f"SDK-HMAC-SHA256 Access=AK, SignedHeaders=, Signature={'0' * 64}",
        f"SDK-HMAC-SHA256 Access=AK, SignedHeaders=x-sdk-date;, Signature={'0' * 64}",
        f"SDK-HMAC-SHA256 Access=AK, SignedHeaders=HOST, Signature={'0' * 64}",
        f"SDK-HMAC-SHA256 Access=AK, SignedHeaders=host, Signature={'0' * 64}\n",
        f"SDK-HMAC-SM3 Access=AK, SignedHeaders=host, Signature={'0' * 64}",
    ],
)
def test_a_header_that_is_no_signature_is_refused(authorization: str) -> None:
    with pytest.raises(Unauthenticated):
        signing.read_signature(authorization)


def test_a_date_that_is_none_is_refused() -> None:
    request, authorization = signed()
    with pytest.raises(BadSignature, match="x-sdk-date"):
        verify(with_header(request, b"x-sdk-date", b"yesterday"), authorization)
