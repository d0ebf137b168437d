"""The first credential that was sent decides who is calling."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from typing import Any

import pytest

from tallystick.contract.document import ContractError
from tallystick.contract.exceptions import Forbidden, Unauthenticated
from tallystick.contract.security import Security


def named(name: str) -> Any:
    return lambda secret, scopes: {"sub": f"{name} {secret} {' '.join(scopes)}".strip()}


SCHEMES: dict[str, dict[str, Any]] = {
    "bearer": {"type": "http", "scheme": "bearer", "x-credential": named("bearer")},
    "header": {"type": "apiKey", "in": "header", "name": "X-Key", "x-credential": named("header")},
    "query": {"type": "apiKey", "in": "query", "name": "key", "x-credential": named("query")},
    "cookie": {"type": "apiKey", "in": "cookie", "name": "key", "x-credential": named("cookie")},
    "unbound": {"type": "http", "scheme": "bearer"},
    "basic": {"type": "http", "scheme": "basic", "x-credential": named("basic")},
    "oauth": {"type": "oauth2", "flows": {}, "x-credential": named("oauth")},
    "openid": {"type": "openIdConnect", "x-credential": named("openid")},
    "hoba": {"type": "http", "scheme": "HOBA", "x-credential": named("hoba")},
    "tls": {"type": "mutualTLS"},
    "odd": {"type": "odd", "x-credential": named("odd")},
}


def security(*needs: dict[str, list[str]]) -> Security:
    return Security({"security": needs}, SCHEMES)


@pytest.mark.parametrize(
    ("headers", "query", "caller"),
    [
        ({b"authorization": b"Bearer one"}, b"", "bearer one"),
        ({b"authorization": b"bEARER  one "}, b"", "bearer one"),
        ({b"x-key": b"two"}, b"key=three", "header two"),
        ({b"authorization": b"Basic one"}, b"key=a%20b", "query a b"),
        ({}, b"key=first&key=second", "query first"),
    ],
)
def test_a_credential_is_found_where_its_scheme_says(
    headers: dict[bytes, bytes], query: bytes, caller: str
) -> None:
    found = security({"bearer": []}, {"header": []}, {"query": []})
    assert found.authenticate(headers, query) == {"sub": caller}


def test_a_parameter_has_its_letter_case_unless_its_scheme_says_otherwise() -> None:
    query = b"Api-Token=a"
    scheme = {**SCHEMES["query"], "name": "api-token"}
    needs: dict[str, Any] = {"security": [{"token": []}]}
    assert not Security(needs, {"token": scheme}).has_credential({}, query)
    found = Security(needs, {"token": {**scheme, "x-any-case": True}})
    assert found.authenticate({}, query) == {"sub": "query a"}


def test_the_scopes_of_the_operation_are_asked_for() -> None:
    found = security({"header": ["read", "write"]})
    assert found.authenticate({b"x-key": b"a"}, b"") == {"sub": "header a read write"}


def test_a_caller_without_a_credential_is_told_that_it_is_missing() -> None:
    found = security({"bearer": []})
    assert not found.has_credential({}, b"")
    with pytest.raises(Unauthenticated) as caught:
        found.authenticate({b"authorization": b"Basic one"}, b"")
    assert caught.value.missing


@pytest.mark.parametrize(
    ("need", "reason"),
    [
        ({"other": []}, "other is not defined"),
        ({"unbound": []}, "unbound has no function"),
        ({"odd": []}, "type odd is not supported"),
    ],
)
def test_security_that_nobody_can_ask_for_is_refused_at_the_start(
    need: dict[str, list[str]], reason: str
) -> None:
    with pytest.raises(ContractError, match=reason):
        security(need)


def basic(text: bytes) -> dict[bytes, bytes]:
    return {b"authorization": b"Basic " + b64encode(text)}


@pytest.mark.parametrize(
    ("name", "headers", "caller"),
    [
        ("cookie", {b"cookie": b"other=1; key=four"}, "cookie four"),
        ("basic", basic("me:pä:ss".encode()), "basic me:pä:ss"),
        ("oauth", {b"authorization": b"Bearer five"}, "oauth five"),
        ("openid", {b"authorization": b"Bearer six"}, "openid six"),
        ("hoba", {b"authorization": b"hoba result=7"}, "hoba result=7"),
    ],
)
def test_every_scheme_has_a_place_for_its_secret(
    name: str, headers: dict[bytes, bytes], caller: str
) -> None:
    assert security({name: []}).authenticate(headers, b"") == {"sub": caller}
    assert not security({name: []}).has_credential({}, b"")


@pytest.mark.parametrize("value", [b"Basic !!!", b"Basic bm9jb2xvbg==", b"Basic //79/A=="])
def test_a_basic_credential_that_can_t_be_read_is_a_wrong_one(value: bytes) -> None:
    found = security({"basic": []})
    assert found.has_credential({b"authorization": value}, b"")
    with pytest.raises(Unauthenticated) as caught:
        found.authenticate({b"authorization": value}, b"")
    assert not caught.value.missing


def asked(found: Security, headers: dict[bytes, bytes], query: bytes = b"") -> Any:
    async def ask() -> Any:
        caller: Any = found.authenticate(headers, query)
        return await caller if asyncio.iscoroutine(caller) else caller

    return asyncio.run(ask())


def test_all_schemes_of_a_requirement_are_needed() -> None:
    found = security({"header": ["a"], "query": [], "tls": []}, {"basic": []})
    assert asked(found, {b"x-key": b"1"}, b"key=2") == {
        "header": {"sub": "header 1 a"},
        "query": {"sub": "query 2"},
        "tls": {},
    }
    assert asked(found, {b"x-key": b"1", **basic(b"a:b")}) == {"sub": "basic a:b"}
    with pytest.raises(Unauthenticated):
        asked(found, {b"x-key": b"1"})


def test_a_credential_that_takes_its_time_is_waited_for() -> None:
    async def slow(secret: str, _scopes: Any) -> dict[str, str]:
        return {"sub": secret}

    schemes = {**SCHEMES, "slow": {**SCHEMES["cookie"], "x-credential": slow}}
    found = Security({"security": [{"header": [], "slow": []}]}, schemes)
    callers = asked(found, {b"x-key": b"1", b"cookie": b"key=2"})
    assert callers == {"header": {"sub": "header 1"}, "slow": {"sub": "2"}}


def test_a_credential_may_be_optional_and_is_judged_when_it_is_sent() -> None:
    found = security({}, {"header": []})
    assert not found.is_open
    assert asked(found, {}) == {}
    assert asked(found, {b"x-key": b"1"}) == {"sub": "header 1"}
    assert security({}).is_open


def test_a_certificate_is_not_judged() -> None:
    assert asked(security({"tls": []}), {}) == {}


@pytest.mark.parametrize(
    ("need", "challenge"),
    [
        ({"basic": []}, 'Basic realm="basic"'),
        ({"oauth": [], "hoba": []}, 'Bearer realm="oauth", Hoba realm="hoba"'),
        ({"header": []}, ""),
    ],
)
def test_a_caller_is_asked_in_http_s_own_words(need: dict[str, list[str]], challenge: str) -> None:
    assert security(need).challenge == challenge


@pytest.mark.parametrize("others", [[], [{"header": []}]])
def test_a_change_needs_the_header_that_its_scheme_asks_for(others: list[Any]) -> None:
    guarded = {**SCHEMES["cookie"], "x-write-header": {"X-Requested-With": "tallystick"}}
    needs: dict[str, Any] = {"security": [*others, {"cookie": []}]}
    changes = Security(needs, {**SCHEMES, "cookie": guarded}, has_effect=True)
    sent = {b"cookie": b"key=one"}
    with pytest.raises(Forbidden, match="X-Requested-With: tallystick"):
        changes.authenticate(sent, b"")
    with pytest.raises(Forbidden):
        changes.authenticate({**sent, b"x-requested-with": b"fetch"}, b"")
    asked = {**sent, b"x-requested-with": b"tallystick"}
    assert changes.authenticate(asked, b"") == {"sub": "cookie one"}
    reads = Security(needs, {**SCHEMES, "cookie": guarded})
    assert reads.authenticate(sent, b"") == {"sub": "cookie one"}
    if others:
        assert changes.authenticate({**sent, b"x-key": b"two"}, b"") == {"sub": "header two"}
