"""A secret is known by its name, in any spelling."""

from __future__ import annotations

import pytest

from tallystick.secret_names import is_secret_name, mask_url


@pytest.mark.parametrize(
    "name",
    [
        "Authorization", "proxy-authorization", "Cookie", "SET-COOKIE", "access-key", "X-API-Key",
        "x-auth-token", "Private-Token", "X-Vault-Token", "apikey", "ApiKey", "api_key",
        "Ocp-Apim-Subscription-Key", "refreshToken", "client_secret", "PASSWORD", "sk", "user-sk",
    ],
)  # fmt: skip
def test_a_name_of_a_secret_is_known_in_any_spelling(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name", ["Content-Type", "idempotency-key", "x-request-id", "tokens_left", "desk", "key", ""]
)
def test_other_names_are_none(name: str) -> None:
    assert not is_secret_name(name)


def test_a_url_is_shown_without_the_secrets_of_its_query() -> None:
    url = "https://a.example/x?a=1&apikey=s3cret&refreshToken=t%26x&key=2#token=no"
    assert mask_url(url) == "https://a.example/x?a=1&apikey=***&refreshToken=***&key=2#token=no"
    assert mask_url("https://a.example/token=1") == "https://a.example/token=1"
