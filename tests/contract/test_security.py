"""The first credential that was sent decides who is calling."""

from __future__ import annotations

from typing import Any

import pytest

from tallystick.contract.document import ContractError
from tallystick.contract.exceptions import Unauthenticated
from tallystick.contract.security import Security


def named(name: str) -> Any:
    return lambda secret, scopes: {"sub": f"{name} {secret} {' '.join(scopes)}".strip()}


SCHEMES: dict[str, dict[str, Any]] = {
    "bearer": {"type": "http", "scheme": "bearer", "x-credential": named("bearer")},
    "header": {"type": "apiKey", "in": "header", "name": "X-Key", "x-credential": named("header")},
    "query": {"type": "apiKey", "in": "query", "name": "key", "x-credential": named("query")},
    "cookie": {"type": "apiKey", "in": "cookie", "name": "key", "x-credential": named("cookie")},
    "unbound": {"type": "http", "scheme": "bearer"},
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
        ({"bearer": [], "query": []}, "must name one scheme"),
        ({"other": []}, "other is not defined"),
        ({"unbound": []}, "unbound has no function"),
        ({"cookie": []}, "is not supported"),
    ],
)
def test_security_that_nobody_can_ask_for_is_refused_at_the_start(
    need: dict[str, list[str]], reason: str
) -> None:
    with pytest.raises(ContractError, match=reason):
        security(need)
