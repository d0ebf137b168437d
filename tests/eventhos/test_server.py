"""eventhos from outside: a real server, its printed lines, and the page's example."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from collections.abc import Mapping
from typing import Any

import pytest
import requests

from command_line import tallystick
from server_process import ServerProcess, StartServer

PAGE_BODY = """{
"name": "Morpheush",
"job": "Leader",
"id": "199",
"createdAt": "2020-02-20T11:00:28.107Z"
}"""
EVENT = "new-bomb-k736k3hiW7"
QUIET_EVENT = "quiet-bomb-0000000000"
SUCCESS = {"code": 200000, "message": "success"}
JSON = {"Content-Type": "application/json"}
GATEWAY = {"Authorization": "Bearer dev-gateway-key"}

NODE = """
const [url, key, body] = process.argv.slice(1);
const headers = {'access-key': key, 'Content-Type': 'application/json'};
const response = await fetch(url, {method: 'POST', headers, body});
console.log(await response.text());
"""


def token(server: ServerProcess, client: str = "dev-client", secret: str = "dev-secret") -> str:
    credentials = {"client_id": client, "client_secret": secret}
    answer = ask(server, {"grant_type": "client_credentials", **credentials})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["content"]["jwt_token"])


def ask(server: ServerProcess, body: Any) -> requests.Response:
    return requests.post(f"{server.url}/auth/token", json=body, timeout=10)


def send(
    server: ServerProcess,
    key: str | None,
    event: str | None = EVENT,
    body: bytes | str = PAGE_BODY,
    headers: Mapping[str, str] = JSON,
) -> requests.Response:
    keys = {} if key is None else {"access-key": key}
    query = {} if event is None else {"event-identifier": event}
    return requests.post(
        f"{server.url}/event/send",
        params=query,
        data=body,
        headers={**headers, **keys},
        timeout=10,
    )


def code(answer: requests.Response) -> int:
    found: int = answer.json()["code"]
    assert answer.status_code == found // 1000
    return found


def printed_lines(server: ServerProcess) -> list[str]:
    listed = tallystick("credentials", "--url", server.url).stdout
    return re.findall(r"curl .*/(?:event/send|auth/token|auth/login).*", listed)


def paste(line: str) -> dict[str, Any]:
    done = subprocess.run([*shlex.split(line), "-s"], capture_output=True, check=True, timeout=10)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_every_line_of_the_credentials_works_when_pasted(server: ServerProcess) -> None:
    assert [paste(line)["code"] for line in printed_lines(server)] == [
        200000,
        200000,
        200000,
        200310,
        400011,
        400004,
    ]


def test_the_page_example_is_received_by_requests(server: ServerProcess) -> None:
    answer = send(server, token(server))
    assert answer.status_code == 200
    assert answer.json() == SUCCESS


def test_the_page_example_is_received_by_curl(server: ServerProcess) -> None:
    url = f"{server.url}/event/send?event-identifier={EVENT}"
    line = ["curl", "-s", "-H", f"access-key: {token(server)}", "-d", PAGE_BODY, url]
    done = subprocess.run(line, capture_output=True, check=True, timeout=10)
    assert json.loads(done.stdout) == SUCCESS


def test_the_page_example_is_received_by_fetch(server: ServerProcess) -> None:
    url = f"{server.url}/event/send?event-identifier={EVENT}"
    line = ["node", "--input-type=module", "-e", NODE, url, token(server), PAGE_BODY]
    done = subprocess.run(line, capture_output=True, check=True, timeout=30)
    assert json.loads(done.stdout) == SUCCESS


def test_a_sent_event_can_be_read_back_as_it_was_sent(server: ServerProcess) -> None:
    body = '{"rest": [1.10, null, "é"],  "n": 1}'
    key = token(server)
    assert code(send(server, key, QUIET_EVENT, body.encode())) == 200310
    listed = requests.get(
        f"{server.url}/gateway/v1/events",
        params={"api": "eventhos", "type": QUIET_EVENT, "limit": "1"},
        headers=GATEWAY,
        timeout=10,
    )
    assert body in listed.text
    assert key not in listed.text
    [event] = listed.json()["events"]
    assert event["source"] == "/eventhos/dev-system"
    assert event["client"] == "dev-client"


def test_a_token_has_the_names_of_the_vendor_and_of_rfc_6749(server: ServerProcess) -> None:
    credentials = {"client_id": "dev-client", "client_secret": "dev-secret"}
    answer = ask(server, {"grant_type": "client_credentials", **credentials})
    assert answer.status_code == 201
    assert answer.headers["Cache-Control"] == "no-store"
    content = answer.json().pop("content")
    assert answer.json() == {**SUCCESS, "content": content}
    assert content["jwt_token"] == content["access_token"]
    assert content["token_type"] == "Bearer"
    assert content["expires_in"] == 86400


@pytest.mark.parametrize("body", [b"null", b"0", b'"text"', b"[]", b"{}", b"false", b"1e400"])
@pytest.mark.parametrize("headers", [{}, {"Content-Type": "text/plain"}])
def test_any_json_value_is_an_event_under_any_content_type(
    server: ServerProcess, body: bytes, headers: dict[str, str]
) -> None:
    assert code(send(server, token(server), QUIET_EVENT, body, headers)) == 200310


def test_the_access_key_may_stand_in_the_query_and_the_header_wins(server: ServerProcess) -> None:
    url = f"{server.url}/event/send"
    query = {"event-identifier": EVENT, "access-key": token(server)}
    assert code(requests.post(url, params=query, data="{}", timeout=10)) == 200000
    bad = {"access-key": "not-a-token"}
    assert code(requests.post(url, params=query, data="{}", headers=bad, timeout=10)) == 401202
    swapped = {**query, **bad}
    good = {"access-key": query["access-key"]}
    assert code(requests.post(url, params=swapped, data="{}", headers=good, timeout=10)) == 200000


@pytest.mark.parametrize(
    ("key", "event", "body", "expected"),
    [
        ("bad", None, "{", 401202),
        (None, None, "{", 401202),
        ("good", None, "{", 400201),
        ("good", "", "{", 400201),
        ("good", "no-such-event", "{", 400024),
        ("good", "long-bomb-0000000000", "{", 401202),
        ("good", EVENT, "{", 400000),
        ("good", EVENT, "", 400000),
    ],
)
def test_token_client_identifier_event_and_body_are_checked_in_this_order(
    server: ServerProcess, key: str | None, event: str | None, body: str, expected: int
) -> None:
    keys = {"good": token(server), "bad": "not-a-token", None: None}
    answer = send(server, keys[key], event, body)
    assert code(answer) == expected
    assert ("WWW-Authenticate" in answer.headers) == (expected == 401202)


def test_an_unreadable_body_is_told_where_it_is_unreadable(server: ServerProcess) -> None:
    message = send(server, token(server), body='{"a": 1,\n x}').json()["message"]
    assert message.startswith("Bad request: the body is not JSON: ")
    assert message.endswith("at line 2, column 2")


@pytest.mark.parametrize(
    ("change", "expected", "message"),
    [
        ({"client_id": "nobody"}, 400004, "Client or user not found"),
        ({"client_id": "\ud800"}, 400004, "Client or user not found"),
        ({"client_id": "dev-revoked"}, 400004, "Client or user not found"),
        ({"client_id": "dev-long"}, 400011, "Client can not generate short live token"),
        ({"client_secret": "wrong"}, 401000, "Unauthorized: The secret is not the client's."),
        ({"client_secret": "\ud800"}, 401000, "Unauthorized: The secret is not the client's."),
        (
            {"client_id": "dev-long", "client_secret": "wrong"},
            401000,
            "Unauthorized: The secret is not the client's.",
        ),
        ({"client_id": 7}, 400000, "Bad request: client_id must be a string"),
        ({"client_id": None}, 400000, "Bad request: client_id is missing"),
        ({"client_secret": ["dev-secret"]}, 400000, "Bad request: client_secret must be a string"),
        ({"grant_type": "password"}, 400000, "Bad request: grant_type must be one of client_cred"),
        ({"grant_type": {}}, 400000, "Bad request: grant_type must be a string"),
    ],
    ids=str,
)
def test_a_token_is_refused_with_its_reason(
    server: ServerProcess, change: dict[str, Any], expected: int, message: str
) -> None:
    credentials = {"client_id": "dev-client", "client_secret": "dev-secret"}
    answer = ask(server, {"grant_type": "client_credentials", **credentials, **change})
    assert code(answer) == expected
    assert answer.json()["message"].startswith(message)


def test_a_failing_store_is_an_uncategorized_error(start_server: StartServer) -> None:
    server = start_server(TALLYSTICK_FAULT="store")
    answer = send(server, token(server))
    assert answer.status_code == 500
    assert answer.json() == {"code": 500000, "message": "Not categorized error"}


def test_a_full_queue_is_unavailable_and_says_when_to_come_again(start_server: StartServer) -> None:
    server = start_server(TALLYSTICK_QUEUE="0")
    answer = send(server, token(server))
    assert code(answer) == 503000
    assert int(answer.headers["Retry-After"]) >= 1


def test_the_rate_limit_counts_a_client_not_its_tokens(start_server: StartServer) -> None:
    server = start_server(TALLYSTICK_RATE_LIMIT="1")
    tokens = [token(server) for _ in range(10)]
    # A minute of the clock may end between two calls, but not between each two of ten.
    answers = [send(server, each) for each in tokens]
    refused = [answer for answer in answers if code(answer) == 429000]
    assert refused
    assert int(refused[0].headers["Retry-After"]) >= 1


def test_the_dev_worlds_tokens_outlive_a_restart(start_server: StartServer) -> None:
    server = start_server()
    before = [line.replace(server.url, "") for line in printed_lines(server)]
    server.restart()
    assert [line.replace(server.url, "") for line in printed_lines(server)] == before
    assert len(before) == 6


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/event/send", 405000),
        ("PUT", "/auth/token", 405000),
        ("POST", "/event/send/", 404000),
        ("GET", "/event/send/nothing", 404000),
        ("POST", "/auth/nothing", 404000),
    ],
)
def test_what_is_not_there_is_refused_in_the_apis_own_shape(
    server: ServerProcess, method: str, path: str, expected: int
) -> None:
    assert code(requests.request(method, server.url + path, timeout=10)) == expected
