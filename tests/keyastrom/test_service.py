from __future__ import annotations

import json
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from keyastrom_calls import EVENT, PATHS, TOKEN, entity, error, post, statuses
from server_process import ServerProcess, StartServer

HOST = "https://mySampleEnv.live.ruscomtech.ru"
# The page's three examples, byte for byte.
EXAMPLES = {
    "marked for termination": r"""curl --request POST \
  --url https://mySampleEnv.live.ruscomtech.ru/api/v2/events/ingest \
  --header 'Authorization: Api-Token dt0c01.abc123.abcdefjhij1234567890' \
  --data '{
    "eventType": "MARKED_FOR_TERMINATION",
    "title": "Planned host downscale",
    "entitySelector": "type(HOST),fromRelationship.isInstanceOf(type(HOST_GROUP),entityName(cloud-burst-hosts))",
    "properties": {
        "job.number": "21234346"
    }
}'""",  # noqa: E501  # the page's own line
    "custom info": r"""curl --request POST \
  --url https://mySampleEnv.live.ruscomtech.ru/api/v2/events/ingest \
  --header 'Authorization: Api-Token dt0c01.abc123.abcdefjhij1234567890' \
  --data '{
    "eventType": "CUSTOM_INFO",
    "title": "Loadtest start",
    "timeout": 30,
    "entitySelector": "type(SERVICE),entityName.equals(BookingService)",
    "properties": {
        "Tool": "MyLoadTool",
        "Load per minute": "100",
        "Load pattern": "production"
    }
}'""",
    "error": r"""curl --request POST \
  --url https://mySampleEnv.live.ruscomtech.ru/api/v2/events/ingest \
  --header 'Authorization: Api-Token dt0c01.abc123.abcdefjhij1234567890' \
  --data '{
    "eventType": "ERROR_EVENT",
    "title": "Product catalog update failed",
    "timeout": 30,
    "entitySelector": "type(SERVICE),entityName.equals(BookingService)",
    "properties": {
        "allowDavisMerge": "false",
        "Catalog": "APAC travels",
        "Batch processor": "travel-catalog"
    }
}'""",
}


def constraint_violations(answer: requests.Response) -> list[tuple[str, str]]:
    assert error(answer) == (400, "Constraints violated.")
    found = answer.json()["error"]["constraintViolations"]
    return [(violation["path"], violation["parameterLocation"]) for violation in found]


def logged(server: ServerProcess) -> dict[str, Any]:
    """The latest event of keyastrom in the log."""
    answer = requests.get(
        f"{server.url}/gateway/v1/events?api=keyastrom&limit=1",
        headers={"Authorization": "Bearer dev-gateway-key"},
        timeout=10,
    )
    [event] = answer.json()["events"]
    assert isinstance(event, dict)
    return event


@pytest.mark.skipif(not shutil.which("curl"), reason="this machine has no curl")
@pytest.mark.parametrize(
    ("example", "count"), [("marked for termination", 2), ("custom info", 1), ("error", 1)]
)
def test_the_page_s_examples_work(server: ServerProcess, example: str, count: int) -> None:
    line = EXAMPLES[example].replace(HOST, server.url) + r" -s -w '\n%{http_code}'"
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=True)
    body, _, status = done.stdout.rpartition("\n")
    assert status == "201"
    answer = json.loads(body)
    assert answer["reportCount"] == count
    assert [result["status"] for result in answer["eventIngestResults"]] == ["OK"] * count


@pytest.mark.parametrize("path", PATHS)
def test_every_path_ingests(server: ServerProcess, path: str) -> None:
    assert statuses(post(server, EVENT, path=path)) == ["OK"]


@pytest.mark.parametrize(
    ("path", "source"),
    [(PATHS[0], "/keyastrom/default"), (PATHS[1], "/keyastrom/mySampleEnv")],
)
def test_an_ingest_is_an_event_in_the_log(server: ServerProcess, path: str, source: str) -> None:
    answer = post(server, {**EVENT, "title": source}, path=path)
    event = logged(server)
    assert event["source"] == source
    assert event["type"] == "CUSTOM_INFO"
    assert event["data"] == {**EVENT, "title": source}
    [result] = answer.json()["eventIngestResults"]
    assert event["correlationids"] == result["correlationId"]


def test_an_ingest_that_matches_nothing_is_an_event_too(server: ServerProcess) -> None:
    selector = "type(HOST),entityName(nobody)"
    answer = post(server, {**EVENT, "entitySelector": selector})
    assert answer.status_code == 201
    assert answer.json() == {"reportCount": 0, "eventIngestResults": []}
    assert logged(server)["subject"] == selector


def test_an_ingest_on_thousands_of_hosts_is_one_event_in_the_log(server: ServerProcess) -> None:
    hosts = [entity(f"many-{number}", tags=["many"]) for number in range(2_500)]
    headers = {"Authorization": "Bearer dev-gateway-key"}
    for start in (0, 1_250):
        body = {"entities": hosts[start : start + 1_250]}
        requests.put(
            f"{server.url}/gateway/v1/entities", json=body, headers=headers, timeout=60
        ).raise_for_status()
    problem = {"eventType": "ERROR_EVENT", "title": "All", "entitySelector": "type(HOST),tag(many)"}
    first = post(server, problem).json()
    assert first["reportCount"] == 2_500
    results = first["eventIngestResults"]
    assert {result["status"] for result in results} == {"OK"}
    assert len({result["correlationId"] for result in results}) == 2_500
    assert logged(server)["reportcount"] == 2_500
    assert post(server, problem).json() == first


def test_a_setting_binds_what_matches_nothing_to_the_environment(
    start_server: StartServer,
) -> None:
    server = start_server(TALLYSTICK_KEYASTROM_UNMATCHED="environment")
    selector = "type(HOST),entityName(nobody)"
    assert statuses(post(server, {**EVENT, "entitySelector": selector})) == ["OK"]


def test_a_refreshed_problem_keeps_its_correlation_id_over_a_restart(
    start_server: StartServer,
) -> None:
    server = start_server()
    problem = {"eventType": "ERROR_EVENT", "title": "Down"}
    first = post(server, problem).json()
    server.kill()
    server.start()
    assert post(server, problem).json() == first


def test_the_same_payload_a_hundred_times_at_once_is_one_open_event(server: ServerProcess) -> None:
    problem = {"eventType": "ERROR_EVENT", "title": "Down a hundred times"}
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: post(server, problem), range(100)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1


@pytest.mark.parametrize(
    ("members", "status"),
    [
        ({"eventType": "MARKED_FOR_TERMINATION"}, "INVALID_ENTITY_TYPE"),
        ({"properties": {"dt.other": "x"}}, "INVALID_METADATA"),
        ({"startTime": 1}, "INVALID_TIMESTAMPS"),
    ],
)
def test_an_event_that_an_entity_can_t_have_has_no_correlation_id(
    server: ServerProcess, members: dict[str, object], status: str
) -> None:
    answer = post(server, {**EVENT, **members})
    assert answer.status_code == 201
    assert answer.json() == {
        "reportCount": 1,
        "eventIngestResults": [{"correlationId": None, "status": status}],
    }


def test_a_missing_body_names_both_members_that_must_be(server: ServerProcess) -> None:
    assert constraint_violations(post(server)) == [
        ("eventType", "PAYLOAD_BODY"),
        ("title", "PAYLOAD_BODY"),
    ]


@pytest.mark.parametrize(
    ("members", "path"),
    [
        ({"eventType": "UNKNOWN"}, "eventType"),
        ({"eventType": None}, "eventType"),
        ({"title": ""}, "title"),
        ({"title": "x" * 501}, "title"),
        ({"startTime": "now"}, "startTime"),
        ({"startTime": 2**63}, "startTime"),
        ({"endTime": 1.5}, "endTime"),
        ({"timeout": -1}, "timeout"),
        ({"timeout": "soon"}, "timeout"),
        ({"entitySelector": "type(HOST"}, "entitySelector"),
        ({"entitySelector": "x" * 10_001}, "entitySelector"),
        ({"properties": {str(n): "x" for n in range(101)}}, "properties"),
        ({"properties": {"x" * 101: "x"}}, f"properties.{'x' * 101}"),
        ({"properties": {"x": "x" * 4097}}, "properties.x"),
        ({"properties": {"x": []}}, "properties.x"),
        ({"properties": {"\ud800": None}}, "properties.\\ud800"),
    ],
)
def test_a_broken_rule_names_the_member(
    server: ServerProcess, members: dict[str, object], path: str
) -> None:
    assert constraint_violations(post(server, {**EVENT, **members})) == [(path, "PAYLOAD_BODY")]


@pytest.mark.parametrize("body", [b"{", b"[]", b'"text"', b"null", b"\xff", b'{"title":NaN}'])
def test_a_body_that_is_no_event_is_refused(server: ServerProcess, body: bytes) -> None:
    headers = {"Authorization": f"Api-Token {TOKEN}"}
    answer = requests.post(server.url + PATHS[0], data=body, headers=headers, timeout=10)
    assert error(answer) == (400, "Constraints violated.")


def test_an_environment_must_look_like_one(server: ServerProcess) -> None:
    answer = post(server, EVENT, path="/e/%00/api/v2/events/ingest")
    assert constraint_violations(answer) == [("environment", "PATH")]


def test_a_body_over_the_limit_is_a_413(server: ServerProcess) -> None:
    answer = post(server, {**EVENT, "title": "x" * 2_000_000})
    assert error(answer) == (413, "Content Too Large")


def test_a_wrong_method_is_a_405_in_the_envelope(server: ServerProcess) -> None:
    answer = requests.get(server.url + PATHS[0], timeout=10)
    assert error(answer) == (405, "Method Not Allowed")
    assert answer.headers["Allow"] == "POST"


def test_an_unknown_path_is_a_404_in_the_envelope(server: ServerProcess) -> None:
    assert error(requests.get(f"{server.url}/api/v2/nothing", timeout=10)) == (404, "Not Found")


def test_a_limit_is_told_in_the_vendor_s_headers(start_server: StartServer) -> None:
    server = start_server(TALLYSTICK_RATE_LIMIT="1")
    assert statuses(post(server, EVENT)) == ["OK"]
    # A minute of the clock may end between two calls, but not between each two of three.
    [answer, *_] = [a for a in (post(server, EVENT) for _ in range(2)) if a.status_code == 429]
    assert error(answer) == (429, "Too Many Requests")
    assert answer.headers["X-RateLimit-Limit"] == "1"
    assert answer.headers["X-RateLimit-Remaining"] == "0"
    assert int(answer.headers["X-RateLimit-Reset"]) > 1_764_064_800_000_000
    assert 1 <= int(answer.headers["Retry-After"]) <= 60


def test_a_failing_store_is_a_500(start_server: StartServer) -> None:
    server = start_server(TALLYSTICK_FAULT="store")
    assert error(post(server, EVENT)) == (500, "Internal Server Error")


def test_a_full_queue_is_a_503(start_server: StartServer) -> None:
    server = start_server(TALLYSTICK_QUEUE="0")
    answer = post(server, EVENT)
    assert error(answer) == (503, "Service Unavailable")
    assert int(answer.headers["Retry-After"]) >= 1
