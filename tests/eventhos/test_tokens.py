from __future__ import annotations

import json
import string
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from manual_clock import ManualClock
from tallystick.apis.eventhos import tokens as module
from tallystick.apis.eventhos.tokens import SHORT_LIVE_S, EventhosTokens, digest
from tallystick.contract.exceptions import Unauthenticated

KEY = b"a key of the tests, of thirty-two bytes or more"
OTHER_KEY = b"another key, which is as long as the first one is"
SUBJECT = {"id": "bomber", "subjectType": "client", "identifier": "bomber"}
CLOCK = ManualClock()
TOKENS = EventhosTokens(KEY, CLOCK)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def tokens(clock: ManualClock) -> EventhosTokens:
    return EventhosTokens(KEY, clock)


def signed(claims: Any, key: bytes = KEY, algorithm: str = "HS256") -> str:
    return jwt.encode(claims, key, algorithm)


def is_refused(tokens: EventhosTokens, token: str) -> bool:
    try:
        tokens.claims(token)
    except Unauthenticated:
        return True
    return False


def test_a_short_live_token_has_the_claims_of_the_vendors_server(
    tokens: EventhosTokens, clock: ManualClock
) -> None:
    token = tokens.issue_short_live("7", "bomber")
    assert jwt.get_unverified_header(token) == {"alg": "HS256", "typ": "JWT"}
    assert jwt.decode(token, options={"verify_signature": False}) == {
        "data": {"id": "7", "subjectType": "client", "identifier": "bomber"},
        "iat": clock.seconds,
        "exp": clock.seconds + 24 * 60 * 60,
    }


def test_a_token_says_which_client_calls(tokens: EventhosTokens, clock: ManualClock) -> None:
    token = tokens.issue_short_live("bomber", "bomber")
    expected = ("bomber", "bomber", True, clock.seconds + SHORT_LIVE_S, digest(token))
    assert tokens.claims(token) == expected
    assert tokens.claims(token) == expected


def test_a_long_live_token_never_expires(tokens: EventhosTokens, clock: ManualClock) -> None:
    token = tokens.issue("bomber", "bomber", clock.seconds, None)
    clock.seconds += 100 * 365 * SHORT_LIVE_S
    assert tokens.claims(token).expires is None


def test_two_long_live_tokens_of_one_second_are_different(tokens: EventhosTokens) -> None:
    first, second = (tokens.issue_long_live("bomber", "bomber") for _ in range(2))
    assert first != second
    assert tokens.claims(first).expires is tokens.claims(second).expires is None


def test_a_persons_token_is_not_a_clients(tokens: EventhosTokens, clock: ManualClock) -> None:
    claims = tokens.claims(tokens.issue_for_person("7", "alice"))
    assert (claims.subject, claims.identifier, claims.is_client) == ("7", "alice", False)
    assert claims.expires == clock.seconds + SHORT_LIVE_S


@pytest.mark.parametrize("was_seen", [True, False])
def test_a_short_live_token_is_good_for_a_day_and_not_a_second_longer(
    tokens: EventhosTokens, clock: ManualClock, was_seen: bool
) -> None:
    token = tokens.issue_short_live("bomber", "bomber")
    if was_seen:
        tokens.claims(token)
    clock.seconds += SHORT_LIVE_S - 1
    assert tokens.claims(token).subject == "bomber"
    clock.seconds += 1
    assert is_refused(tokens, token)
    assert is_refused(tokens, token)


def test_a_signature_is_verified_once(
    tokens: EventhosTokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = tokens.issue_short_live("bomber", "bomber")
    claims = tokens.claims(token)
    monkeypatch.setattr(EventhosTokens, "_verify", None)
    assert tokens.claims(token) == claims


def test_the_tokens_used_last_are_remembered(
    tokens: EventhosTokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "REMEMBERED", 2)
    first, second, third = (tokens.issue_short_live(name, name) for name in ("a", "b", "c"))
    for token in (first, second, first, third):
        tokens.claims(token)
    monkeypatch.setattr(EventhosTokens, "_verify", None)
    assert tokens.claims(first).subject == "a"
    with pytest.raises(TypeError):
        tokens.claims(second)


def test_a_token_that_another_key_signed_is_refused(tokens: EventhosTokens) -> None:
    assert not is_refused(tokens, signed({"data": SUBJECT}))
    assert is_refused(tokens, signed({"data": SUBJECT}, OTHER_KEY))


def test_an_unsigned_token_is_refused(tokens: EventhosTokens) -> None:
    unsigned = jwt.encode({"data": SUBJECT}, "", "none")
    assert is_refused(tokens, unsigned)
    _, _, signature = signed({"data": SUBJECT}).rpartition(".")
    assert is_refused(tokens, unsigned + signature)


def test_a_token_of_another_algorithm_is_refused_even_with_the_right_key() -> None:
    key = KEY * 2
    assert is_refused(EventhosTokens(key, CLOCK), signed({"data": SUBJECT}, key, "HS512"))
    assert not is_refused(EventhosTokens(key, CLOCK), signed({"data": SUBJECT}, key))


def test_no_character_of_a_token_can_be_changed() -> None:
    token = signed({"data": SUBJECT})
    for at, old in enumerate(token):
        for new in "A", "B", "_", "=", " ", ".", "\n":
            if new != old:
                changed = token[:at] + new + token[at + 1 :]
                assert is_refused(TOKENS, changed), changed


def test_another_spelling_of_a_good_signature_is_refused(tokens: EventhosTokens) -> None:
    token = signed({"data": SUBJECT})
    alphabet = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
    position = alphabet.index(token[-1])
    spellings = {token[:-1] + alphabet[position ^ bits] for bits in (1, 2, 3)}
    spellings |= {token + "=", token + "\n", token[:-3] + "%" + token[-3:]}
    assert all(is_refused(tokens, spelling) for spelling in spellings)


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"data": None},
        {"data": "bomber"},
        {"data": [SUBJECT]},
        {"data": {}},
        {"data": {**SUBJECT, "id": 7}},
        {"data": {**SUBJECT, "id": None}},
        {"data": {**SUBJECT, "id": {"$ne": ""}}},
        {"data": {**SUBJECT, "subjectType": "system"}},
        {"data": {**SUBJECT, "subjectType": ["client"]}},
        {"data": {"id": "bomber", "identifier": "bomber"}},
        {"data": SUBJECT, "exp": None},
        {"data": SUBJECT, "exp": "never"},
        {"data": SUBJECT, "exp": 1e300},
        {"data": SUBJECT, "exp": True},
        {"data": SUBJECT, "exp": 0},
        {"data": SUBJECT, "exp": [1]},
    ],
    ids=str,
)
def test_a_signed_token_with_odd_claims_is_refused(tokens: EventhosTokens, claims: Any) -> None:
    assert is_refused(tokens, jwt.PyJWS().encode(json.dumps(claims).encode(), KEY, "HS256"))


@pytest.mark.parametrize("payload", [b"", b"null", b"[]", b"7", b"{", b"\xff", b"[" * 2000])
def test_a_signed_token_without_an_object_is_refused(
    tokens: EventhosTokens, payload: bytes
) -> None:
    assert is_refused(tokens, jwt.PyJWS().encode(payload, KEY, "HS256"))


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "..",
        "a.b.c",
        "not-a-token",
        "Bearer " + signed({"data": SUBJECT}),
        " " + signed({"data": SUBJECT}),
        signed({"data": SUBJECT}).upper(),
        "e30.e30.",
        "\0",
        "é.é.é",
        "\ud800",
        "a" * 1_000_000,
        signed({"data": SUBJECT, "more": "a" * 1_000_000}),
        "W" * 1365 + ".e30.e30",
        "." * 4000,
    ],
    ids=lambda token: token[:20],
)
def test_what_is_no_token_is_refused(tokens: EventhosTokens, token: str) -> None:
    assert is_refused(tokens, token)


@given(st.text())
def test_any_text_is_refused_and_nothing_else_happens(text: str) -> None:
    assert is_refused(TOKENS, text)


@given(st.lists(st.binary(max_size=60), min_size=1, max_size=4))
def test_any_base64_segments_are_refused(segments: list[bytes]) -> None:
    encode = jwt.utils.base64url_encode
    assert is_refused(TOKENS, ".".join(encode(segment).decode() for segment in segments))
