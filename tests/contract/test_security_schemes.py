"""A scheme's secret stands where the contract says."""

from __future__ import annotations

import pytest

from tallystick.contract.document import ContractError
from tallystick.contract.security_schemes import challenge, finder, http_word, key_variable


def test_a_key_can_t_stand_where_no_request_has_a_place() -> None:
    with pytest.raises(ContractError, match="a key in body is not supported"):
        finder({"type": "apiKey", "in": "body", "name": "key"})


def test_http_s_own_word_is_known_of_every_scheme_that_has_one() -> None:
    assert http_word({"type": "http", "scheme": "Digest"}) == "digest"
    assert http_word({"type": "oauth2"}) == "bearer"
    assert http_word({"type": "apiKey"}) is None


def test_the_contract_s_own_challenge_goes_first_and_else_the_realm_is_its_api() -> None:
    scheme = {"type": "http", "scheme": "bearer", "x-challenge": "Bearer realm=mine"}
    assert challenge("crm.bearer", scheme) == "Bearer realm=mine"
    del scheme["x-challenge"]
    assert challenge("crm.own.bearer", scheme) == 'Bearer realm="crm"'


def test_a_key_has_the_variable_of_the_api_that_checks_it() -> None:
    assert key_variable("event_store", "apiKey") == "EVENT_STORE_KEY"
    assert key_variable("charon", "gatewayKey") == "GATEWAY_KEY"
