"""A secret is known by its name, in any spelling, and is masked wherever the name stands."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from server_process import ServerProcess, StartServer
from tallystick.secret_names import (
    _STEMS,
    is_secret_name,
    mask_query,
    mask_text,
    mask_url,
    secret_values,
)

SECRET = [
    "Authorization", "proxy-authorization", "Cookie", "SET-COOKIE", "access-key", "X-API-Key",
    "x-auth-token", "Private-Token", "X-Vault-Token", "apikey", "ApiKey", "api_key", "api.key",
    "Ocp-Apim-Subscription-Key", "refreshToken", "client_secret", "PASSWORD", "pass-phrase",
    "sk", "user-sk", "X-Auth", "auth", "sig", "db_pwd", "token2", "secrets", "X-Amz-Credential",
]  # fmt: skip
OTHERS = [
    "Content-Type", "idempotency-key", "x-request-id", "tokens_left", "token_type", "desk", "key",
    "", "compass", "author", "webhook-signature", "secretary",
]  # fmt: skip


@pytest.mark.parametrize("name", SECRET)
def test_a_name_of_a_secret_is_known_in_any_spelling(name: str) -> None:
    assert is_secret_name(name)
    assert is_secret_name("x" * 10_000 + "-" + name)
    assert any(stem in name.lower() for stem in _STEMS)


@pytest.mark.parametrize("name", OTHERS)
def test_other_names_are_none(name: str) -> None:
    assert not is_secret_name(name)


def test_a_url_is_shown_without_the_secrets_of_its_query() -> None:
    url = "https://a.example/x?a=1&apikey=s3cret&refreshToken=t%26x&key=2#token=no"
    assert mask_url(url) == "https://a.example/x?a=1&apikey=***&refreshToken=***&key=2#token=no"
    assert mask_url("https://a.example/?%61pi%6Bey=s3cret") == "https://a.example/?%61pi%6Bey=***"
    assert mask_url("https://a.example/token=1") == "https://a.example/token=1"


@pytest.mark.parametrize("more", ["", "&long=" + "x" * 100])
def test_a_query_is_shown_as_it_was_sent_but_for_secrets(more: str) -> None:
    query = "a=1&Access-Key=s3cret&%61pikey=s3cret&n+b&token=&key=b" + more
    shown = "a=1&Access-Key=***&%61pikey=***&n+b&token=&key=b" + more
    assert mask_query(query) == shown
    assert mask_query(query, {"key", "n b"}) == shown.replace("key=b", "key=***")
    assert mask_query("a=1&b=2" + more) == "a=1&b=2" + more


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('{"refreshToken" : "a\\"b", "n": 1}', '{"refreshToken" : "***", "n": 1}'),
        ('{"\\u0061pi_key":"s"}', '{"\\u0061pi_key":"***"}'),
        ('{"a":[{"password":"s"},"password","x"]}', '{"a":[{"password":"***"},"password","x"]}'),
        ('{"password":"", "secret": null}', '{"password":"", "secret": null}'),
        ('{"token":"cut o', '{"token":"***"'),
        ('{"body":"{\\"token\\":\\"s\\"}"}', '{"body":"{\\"token\\":\\"***\\"}"}'),
        ('{"body":"{\\"n\\":1,\\"token\\":\\"s\\', '{"body":"{\\"n\\":1,\\"token\\":\\"***\\""'),
        ('{"url":"http://a/?sig=s&n=1"}', '{"url":"http://a/?sig=***&n=1"}'),
        ("grant_type=x&client_secret=s", "grant_type=x&client_secret=***"),
        ('a "token" is needed: "x"', 'a "token" is needed: "x"'),
        ("no JSON: \\", "no JSON: \\"),
    ],
)
def test_a_text_is_shown_without_the_secrets_that_it_names(text: str, shown: str) -> None:
    assert mask_text(text) == shown


@given(st.recursive(st.text() | st.integers(), lambda inner: st.dictionaries(st.text(), inner)))
def test_json_that_is_shown_is_json(value: Any) -> None:
    json.loads(mask_text(json.dumps(value)))


@given(st.text(alphabet='"\\:ab token{}=?&'))
def test_any_text_can_be_shown(text: str) -> None:
    assert isinstance(mask_text(text), str)


def test_the_secrets_of_an_answer_are_found_at_any_depth() -> None:
    answer = {"data": [{"accessToken": "a", "token_type": "Bearer"}], "id_token": "b", "n": 1}
    assert list(secret_values(answer)) == ["a", "b"]


GATEWAY = {"Authorization": "Bearer dev-gateway-key"}
HUSH = "hush-hush-hush"
NAMES = ("Private-Token", "X-Vault-Token", "apikey", "Ocp-Apim-Subscription-Key", "Cookie")
CREDENTIALS = dict.fromkeys(NAMES, HUSH)
QUERY = f"%61pikey={HUSH}&refreshToken={HUSH}&client-secret={HUSH}"
FIELDS = {"ac": "A-1", "re": "R-1", "st": "OK", "me": "a message"}
EVENT = {"cl": "EDF", "ty": "START_EC2", "hs": "AWS", **FIELDS}
INGEST = {"eventType": "CUSTOM_INFO", "title": "a title"}
MESSAGE = {"message": "64 of 128", "type": "info"}
KEYASTROM = "dt0c01.abc123.abcdefjhij1234567890"


def post(server: ServerProcess, path: str, body: Any, **headers: str) -> Any:
    url = f"{server.url}{path}{'&' if '?' in path else '?'}{QUERY}"
    answer = requests.post(url, json=body, headers={**CREDENTIALS, **headers}, timeout=10)
    assert answer.ok, answer.text
    return answer.json()


def delivered(server: ServerProcess) -> int:
    url = f"{server.url}/gateway/v1/deliveries?state=done"
    return len(requests.get(url, headers=GATEWAY, timeout=10).json()["deliveries"])


def test_what_a_sender_sends_as_a_credential_is_in_no_file(start_server: StartServer) -> None:
    server = start_server()
    url = f"{server.url}/gateway/v1/subscriptions"
    sink = {"sink": "tallystick:sink"}
    assert requests.post(url, json=sink, headers=GATEWAY, timeout=10).ok
    grant = {"grant_type": "client_credentials", "client_id": "dev-client"}
    token = post(server, "/auth/token", {**grant, "client_secret": "dev-secret"})["content"]
    send = "/event/send?event-identifier=new-bomb-k736k3hiW7"
    post(server, send, {"name": "x"}, **{"access-key": token["jwt_token"]})
    post(
        server, "/create", {**EVENT, "me": "a message"}, **{"x-api-key": "XXX1XX12XxxxXXxxXXx0xXxx"}
    )
    post(server, f"/api/v2/events/ingest?api-token={KEYASTROM}", INGEST)
    start = f"{server.url}/api/1/start"
    execution = requests.get(start, headers={"X-API-KEY": "dev-charon-key"}, timeout=10).json()[
        "id"
    ]
    post(server, f"/api/{execution}/message", MESSAGE, **{"X-API-KEY": "dev-charon-key"})
    deadline = time.monotonic() + 10
    while delivered(server) < 6 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert delivered(server) >= 6  # the six calls' events, and eventhos' own contract
    server.stop()
    kept = server.database.read_bytes() + server.stdout.encode() + server.stderr.encode()
    assert b"64 of 128" in kept
    assert HUSH.encode() not in kept
    assert token["jwt_token"].encode() not in kept
    assert KEYASTROM.encode() not in server.database.read_bytes() + server.stdout.encode()
