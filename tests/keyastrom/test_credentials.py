"""Who calls keyastrom is known by a token and what it may do."""

from __future__ import annotations

import pytest
import requests

from keyastrom_calls import EVENT, PATHS, TOKEN, error, post, statuses
from server_process import ServerProcess

READONLY = "dt0c01.readonly.abcdefjhij1234567890"


def test_a_token_may_be_in_the_query(server: ServerProcess) -> None:
    url = f"{server.url}{PATHS[0]}?api-token={TOKEN}"
    assert statuses(requests.post(url, json=EVENT, timeout=10)) == ["OK"]


@pytest.mark.parametrize("scheme", ["Api-Token", "api-token", "API-TOKEN"])
def test_the_scheme_has_no_case(server: ServerProcess, scheme: str) -> None:
    headers = {"Authorization": f"{scheme} {TOKEN}"}
    answer = requests.post(server.url + PATHS[0], json=EVENT, headers=headers, timeout=10)
    assert statuses(answer) == ["OK"]


def test_a_missing_token_is_a_401(server: ServerProcess) -> None:
    answer = requests.post(server.url + PATHS[0], json=EVENT, timeout=10)
    assert error(answer) == (401, "Missing authorization parameter.")
    assert answer.headers["WWW-Authenticate"] == 'Api-Token realm="keyastrom"'


@pytest.mark.parametrize("value", ["Api-Token unknown", "Api-Token", "Api-Token ", TOKEN, ""])
def test_any_other_token_is_a_401(server: ServerProcess, value: str) -> None:
    headers = {"Authorization": value}
    answer = requests.post(server.url + PATHS[0], json=EVENT, headers=headers, timeout=10)
    assert error(answer) == (401, "Token authentication failed")


def test_a_token_without_the_scope_is_a_403(server: ServerProcess) -> None:
    assert error(post(server, EVENT, token=READONLY)) == (
        403,
        "Token is missing required scope. Use one of: events.ingest (Ingest events)",
    )
