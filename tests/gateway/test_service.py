from __future__ import annotations

import uuid
from typing import Any

import pytest
import requests

from server_process import ServerProcess, StartServer

KEY = {"Authorization": "Bearer dev-gateway-key"}
EVENT_STORE_KEY = {"x-api-key": "XXX1XX12XxxxXXxxXXx0xXxx"}
UNKNOWN_ID = "019aa5b1-6d00-7c2e-8d1f-3b0a5f7c9e21"


@pytest.fixture
def kind() -> str:
    """An event type that no other test has."""
    return f"T{uuid.uuid4().hex[:12]}"


def create(server: ServerProcess, kind: str) -> str:
    """Have event_store accept an event; its id."""
    body = {"cl": "EDF", "ty": kind, "hs": "AWS", "ac": "525060831330", "re": "eu-west-3"}
    body |= {"st": "OK", "me": "Operation successful"}
    headers = EVENT_STORE_KEY
    answer = requests.post(f"{server.url}/create", json=body, headers=headers, timeout=10)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def send(server: ServerProcess, data: str) -> str:
    """Have eventhos accept any JSON; the event's id."""
    client = {"client_id": "dev-client", "client_secret": "dev-secret"}
    form = {"grant_type": "client_credentials", **client}
    answer = requests.post(f"{server.url}/auth/token", json=form, timeout=10)
    token = answer.json()["content"]["jwt_token"]
    headers = {"access-key": token, "Content-Type": "application/json"}
    url = f"{server.url}/event/send?event-identifier=quiet-bomb-0000000000"
    answer = requests.post(url, data, headers=headers, timeout=10)
    assert answer.status_code == 200, answer.text
    return ids(server, api="eventhos", limit=1)[0]


def get(server: ServerProcess, path: str, **query: Any) -> requests.Response:
    return requests.get(f"{server.url}{path}", query, headers=KEY, timeout=10)


def events(server: ServerProcess, **query: Any) -> list[dict[str, Any]]:
    answer = get(server, "/gateway/v1/events", **query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["events"]
    return found


def ids(server: ServerProcess, **query: Any) -> list[str]:
    return [event["id"] for event in events(server, **query)]


def test_an_accepted_event_is_read_back_as_a_cloud_event(server: ServerProcess, kind: str) -> None:
    event_id = create(server, kind)

    [event] = events(server, type=kind)

    assert event["specversion"] == "1.0"
    assert event["id"] == event_id
    assert event["source"] == "/event_store/EDF"
    assert event["type"] == kind
    assert event["datacontenttype"] == "application/json"
    assert event["data"]["me"] == "Operation successful"
    assert "data_base64" not in event
    assert get(server, f"/gateway/v1/events/{event_id}").json() == event


def test_data_is_given_back_as_it_was_sent(server: ServerProcess) -> None:
    data = f'{{ "n" : {"9" * 400}, "x":1e400, "s":"\\ud800", "n" : null }}'
    event_id = send(server, data)

    assert f'"data":{data}' in get(server, f"/gateway/v1/events/{event_id}").text
    assert f'"data":{data}' in get(server, "/gateway/v1/events", api="eventhos").text


def test_the_newest_event_comes_first(server: ServerProcess, kind: str) -> None:
    created = [create(server, kind) for _ in range(3)]

    assert ids(server, type=kind) == created[::-1]


def test_pages_follow_each_other_without_gap_or_repetition(
    server: ServerProcess, kind: str
) -> None:
    created = [create(server, kind) for _ in range(5)]
    seen: list[str] = []
    pages = 0

    cursor = None
    while pages == 0 or cursor:
        page = get(server, "/gateway/v1/events", type=kind, limit=2, cursor=cursor).json()
        # What comes meanwhile is newer than any page that follows.
        create(server, kind)
        seen += [event["id"] for event in page["events"]]
        cursor = page["next"]
        pages += 1

    assert seen == created[::-1]
    assert pages == 3


def test_a_full_last_page_says_that_nothing_follows(server: ServerProcess, kind: str) -> None:
    create(server, kind)
    create(server, kind)

    assert get(server, "/gateway/v1/events", type=kind, limit=2).json()["next"] is None


def test_every_filter_that_is_given_must_match(server: ServerProcess, kind: str) -> None:
    event_id = create(server, kind)
    matching = {"api": "event_store", "type": kind, "source": "/event_store/EDF"}

    assert ids(server, **matching) == [event_id]
    for name, other in (("api", "eventhos"), ("type", "OTHER"), ("source", "/event_store/SFR")):
        assert ids(server, **{**matching, name: other, "limit": 1}) != [event_id]


def test_events_are_counted_by_type_and_minute(server: ServerProcess, kind: str) -> None:
    create(server, kind)
    create(server, kind)
    by_type = get(server, "/gateway/v1/events/counts", by="type", type=kind)
    assert by_type.json()["counts"] == [{"value": kind, "count": 2}]
    by_hour = get(server, "/gateway/v1/events/counts", by="hour", type=kind).json()["counts"]
    assert sum(count["count"] for count in by_hour) == 2
    assert all(count["value"].endswith(":00:00.000Z") for count in by_hour)


def test_from_is_within_the_span_and_to_is_not(server: ServerProcess, kind: str) -> None:
    event_id = create(server, kind)
    time = events(server, type=kind)[0]["time"]

    assert ids(server, **{"type": kind, "from": time}) == [event_id]
    assert ids(server, **{"type": kind, "from": time, "to": time}) == []
    assert ids(server, **{"type": kind, "to": "1970-01-01"}) == []
    assert ids(server, **{"type": kind, "from": "2026-01-01 00:00", "to": "2099-12-31"}) == [
        event_id
    ]


@pytest.mark.parametrize(
    ("query", "name", "message"),
    [
        ("limit=0", "limit", "must be at least 1"),
        ("limit=1001", "limit", "must be at most 1000"),
        ("limit=ten", "limit", "must be an integer"),
        ("limit=1&limit=2", "limit", "is given twice"),
        ("cursor=next", "cursor", "must be the `next` of another page"),
        ("from=yesterday", "from", "must be an RFC 3339 time"),
        ("to=2026-02-30", "to", "must be an RFC 3339 time"),
        ("type=%ff", "type", "is not UTF-8"),
    ],
)
def test_a_bad_query_is_told_what_is_wrong(
    server: ServerProcess, query: str, name: str, message: str
) -> None:
    answer = get(server, f"/gateway/v1/events?{query}")

    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    [violation] = answer.json()["violations"]
    assert violation["where"] == "query"
    assert violation["name"] == name
    assert violation["message"].startswith(message)
    assert answer.json()["detail"] == f"{name} {violation['message']}"


@pytest.mark.parametrize("path", ["/gateway/v1/events/%ff", "/openapi/%ff"])
def test_a_name_that_is_not_utf_8_is_refused(server: ServerProcess, path: str) -> None:
    assert get(server, path).status_code == 400


@pytest.mark.parametrize("path", ["/gateway/v1/events", f"/gateway/v1/events/{UNKNOWN_ID}"])
@pytest.mark.parametrize(
    "credential", [{}, {"Authorization": "Bearer no-such-key"}, EVENT_STORE_KEY]
)
def test_stored_events_need_a_key(
    server: ServerProcess, path: str, credential: dict[str, str]
) -> None:
    answer = requests.get(server.url + path, headers=credential, timeout=10)

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="gateway"'
    assert answer.json()["title"] == "Unauthorized"


@pytest.mark.parametrize(
    "path", [f"/gateway/v1/events/{UNKNOWN_ID}", "/gateway/v1/events/x", "/openapi/none.yaml"]
)
def test_what_is_not_there_is_a_404(server: ServerProcess, path: str) -> None:
    answer = get(server, path)

    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["title"] == "Not Found"


def test_a_path_that_nobody_owns_is_a_problem_too(server: ServerProcess) -> None:
    answer = get(server, "/nowhere")

    assert answer.status_code == 404
    assert answer.json()["title"] == "Not Found"


def test_a_failing_store_is_a_500_and_not_ready(start_server: StartServer) -> None:
    server = start_server(TALLYSTICK_FAULT="store")

    listed = get(server, "/gateway/v1/events")
    single = get(server, f"/gateway/v1/events/{UNKNOWN_ID}")
    ready = get(server, "/readyz")

    for answer in (listed, single):
        assert answer.status_code == 500
        assert answer.json()["detail"] == "An internal error."
    assert ready.status_code == 503
    assert ready.json()["detail"] == "The database does not answer."
    assert int(ready.headers["Retry-After"]) >= 1
    assert get(server, "/healthz").status_code == 200


def test_a_key_that_calls_too_often_is_told_to_wait(start_server: StartServer) -> None:
    server = start_server(TALLYSTICK_RATE_LIMIT="1")

    # A minute of the clock may end between two calls, but not between each two of four.
    answers = [get(server, "/gateway/v1/events") for _ in range(4)]

    [throttled, *_] = [answer for answer in answers if answer.status_code == 429]
    assert throttled.json()["title"] == "Too Many Requests"
    assert int(throttled.headers["Retry-After"]) >= 1


@pytest.mark.parametrize("mode", [(), ("--connexion",)], ids=["compiled", "connexion"])
def test_every_kind_of_answer_is_the_same_in_both_modes(
    start_server: StartServer, mode: tuple[str, ...], kind: str
) -> None:
    server = start_server(*mode)
    event_id = create(server, kind)

    assert get(server, f"/gateway/v1/events/{event_id}").json()["type"] == kind
    assert ids(server, type=kind) == [event_id]
    assert get(server, "/gateway/v1/events", limit=0).status_code == 400
    assert get(server, f"/gateway/v1/events/{UNKNOWN_ID}").status_code == 404
    for path in ("/healthz", "/readyz", "/metrics", "/openapi.yaml", "/docs", "/"):
        assert get(server, path).status_code == 200, path
