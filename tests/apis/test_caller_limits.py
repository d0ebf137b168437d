"""A key stores the events that it is bound to, and as much as its quotas allow."""

from __future__ import annotations

import time
from typing import Any

import pytest
import requests

from server_process import ServerProcess, StartServer
from tallystick.apis.caller_limits import POSTPONED
from tallystick.apis.key_quotas import DAY_MS
from tallystick.times import parse_iso

KEY = {"Authorization": "Bearer dev-gateway-key"}
PROJECT = "0123456789abcdef0123456789abcdef"
CHANNEL = "11111111-1111-4111-8111-111111111111"
TOPOLOGY = {"entities": [{"id": f"HOST-{n:016X}", "type": "HOST"} for n in range(1, 1102)]}


def make_key(server: ServerProcess, api: str, **terms: Any) -> str:
    body = {"api": api, "name": "tenant", "scopes": ["*"], **terms}
    made = requests.post(f"{server.url}/gateway/v1/keys", json=body, headers=KEY, timeout=10)
    assert made.status_code == 201, made.text
    return str(made.json()["secret"])


def create(
    server: ServerProcess, key: str, cl: str = "EDF", session: Any = requests
) -> requests.Response:
    fields = {"cl": cl, "hs": "AWS", "ty": "START_EC2", "ac": "525060831330"}
    fields |= {"re": "eu-west-3", "st": "OK", "me": "hello"}
    headers = {"x-api-key": key}
    answer: requests.Response = session.get(
        f"{server.url}/create", params=fields, headers=headers, timeout=10
    )
    return answer


def ingest(server: ServerProcess, key: str, **fields: Any) -> requests.Response:
    url = f"{server.url}/api/v2/events/ingest"
    headers = {"Authorization": f"Api-Token {key}"}
    return requests.post(url, json={"title": "t", **fields}, headers=headers, timeout=20)


def publish(server: ServerProcess, key: str, *types: str) -> requests.Response:
    project = f"{server.url}/v1/{PROJECT}"
    events = [
        {"id": str(n), "source": "shop", "specversion": "1.0", "type": type_}
        for n, type_ in enumerate(types)
    ]
    url, headers = f"{project}/channels/{CHANNEL}/events", {"X-Auth-Token": key}
    return requests.post(url, json={"events": events}, headers=headers, timeout=10)


def stored(server: ServerProcess, **query: Any) -> list[dict[str, Any]]:
    url = f"{server.url}/gateway/v1/events"
    found: list[dict[str, Any]] = requests.get(url, query, headers=KEY, timeout=10).json()["events"]
    return found


def retry_after(answer: requests.Response) -> int:
    assert answer.status_code == 429, answer.text
    return int(answer.headers["Retry-After"])


def early_in_a_minute() -> None:
    """Wait for a minute with time for a few calls."""
    while time.time() % 60 > 50:
        time.sleep(0.5)


@pytest.mark.parametrize("options", [[], ["--connexion"]])
def test_a_bound_key_is_refused_in_each_api_s_own_shape(
    start_server: StartServer, options: list[str]
) -> None:
    server = start_server(*options)

    bound = make_key(server, "event_store", sources=["/event_store/EDF"])
    assert create(server, bound).status_code == 200
    refused = create(server, bound, "ENGIE")
    assert (refused.status_code, refused.json()) == (403, {"message": "Forbidden"})

    bound = make_key(server, "keyastrom", types=["CUSTOM_INFO"])
    assert ingest(server, bound, eventType="CUSTOM_INFO").status_code == 201
    refused = ingest(server, bound, eventType="ERROR_EVENT")
    words = "Token is bound to other sources or types."
    assert (refused.status_code, refused.json()["error"]) == (403, {"code": 403, "message": words})

    bound = make_key(server, "charon", sources=["/charon/nightly-report"])
    headers = {"X-API-KEY": bound}
    requests.post(f"{server.url}/gateway/v1/crons", json={"slug": "b"}, headers=KEY, timeout=10)
    [other] = [
        cron["id"]
        for cron in requests.get(f"{server.url}/gateway/v1/crons", headers=KEY, timeout=10).json()[
            "crons"
        ]
        if cron["slug"] == "b"
    ]
    started = [
        requests.get(f"{server.url}/api/{id_}/start", headers=headers, timeout=10)
        for id_ in (1, other)
    ]
    assert [answer.status_code for answer in started] == [200, 401]

    requests.post(
        f"{server.url}/v1/{PROJECT}/sources",
        json={"name": "shop", "channel_id": CHANNEL},
        headers={"X-Auth-Token": "dev-token"},
        timeout=10,
    )
    bound = make_key(server, "eventgrid", project=PROJECT, sources=["shop"], types=["paid"])
    assert publish(server, bound, "paid").status_code == 200
    refused = publish(server, bound, "paid", "lost")
    assert (refused.status_code, refused.json()["error_code"]) == (403, "EG.00014030")
    assert refused.json()["error_details"] == "The key may not store lost of shop."
    assert [event["type"] for event in stored(server, api="eventgrid")] == ["paid"]


def test_a_bound_key_of_the_gateway_reads_its_events_alone(start_server: StartServer) -> None:
    server = start_server()
    for cl in ("EDF", "ENGIE"):
        create(server, "XXX1XX12XxxxXXxxXXx0xXxx", cl)
    ids = {event["source"]: event["id"] for event in stored(server)}
    terms = {"scopes": ["events:read"], "sources": ["/event_store/EDF"]}
    reader = {"Authorization": f"Bearer {make_key(server, 'gateway', **terms)}"}

    def get(path: str) -> requests.Response:
        return requests.get(f"{server.url}/gateway/v1/events{path}", headers=reader, timeout=10)

    assert [event["source"] for event in get("").json()["events"]] == ["/event_store/EDF"]
    assert get("?source=/event_store/ENGIE").json()["events"] == []
    assert get(f"/{ids['/event_store/EDF']}").status_code == 200
    assert get(f"/{ids['/event_store/ENGIE']}").status_code == 404
    assert get("/counts?by=source").json()["counts"] == [{"value": "/event_store/EDF", "count": 1}]


@pytest.mark.parametrize(
    ("terms", "words"),
    [
        (
            {"api": "gateway", "scopes": ["events:read", "deliveries:read"], "types": ["t"]},
            "a key of gateway can't be bound to sources or types: give it events:read alone",
        ),
        (
            {"api": "eventhos", "scopes": ["*"], "sources": ["/eventhos/crm"]},
            "a key of eventhos can't be bound to sources or types: its keys send none",
        ),
        (
            {"api": "eventhos", "scopes": ["*"], "quotas": {"deliveries_per_day": 1}},
            "a key of eventhos can't have deliveries_per_day: it can have requests_per_minute",
        ),
        (
            {"api": "charon", "sources": ["a\0b"]},
            "a source or a type has a NUL or half a surrogate pair",
        ),
        (
            {"api": "charon", "types": ["\ud800"]},
            "a source or a type has a NUL or half a surrogate pair",
        ),
        ({"api": "charon", "sources": [""]}, "sources.0 "),
        ({"api": "charon", "sources": "all"}, "sources must be an array"),
        ({"api": "charon", "quotas": {"events": 1}}, "events"),
        ({"api": "charon", "quotas": {"events_per_minute": 0}}, "quotas.events_per_minute must be"),
        ({"api": "charon", "quotas": {"events_per_minute": 10**30}}, "quotas.events_per_minute "),
    ],
)
def test_unfit_limits_are_refused_in_words(
    server: ServerProcess, terms: dict[str, Any], words: str
) -> None:
    body = {"name": "x", "scopes": ["*"], **terms}
    url = f"{server.url}/gateway/v1/keys"
    answer = requests.post(url, json=body, headers=KEY, timeout=10)
    assert answer.status_code == 400
    assert words in answer.json()["detail"]


def test_a_rotated_key_keeps_its_limits(server: ServerProcess) -> None:
    url = f"{server.url}/gateway/v1/keys"
    limits = {"sources": ["/a"], "types": ["b"], "quotas": {"events_per_minute": 5}}
    body = {"api": "charon", "name": "x", "scopes": ["*"], **limits}
    made = requests.post(url, json=body, headers=KEY, timeout=10).json()
    rotated = requests.post(f"{url}/{made['id']}/rotate", json={}, headers=KEY, timeout=10).json()
    for shown in (made, rotated):
        assert {name: shown[name] for name in limits} == limits
        assert shown["used"] == {"events_per_minute": 0}


def test_a_key_over_its_quota_is_told_when_to_come_again(server: ServerProcess) -> None:
    for quota, allowed in (
        ({"requests_per_minute": 2}, 2),
        ({"events_per_minute": 3}, 3),
        ({"bytes_per_minute": 200}, 2),
    ):
        early_in_a_minute()
        key = make_key(server, "event_store", quotas=quota)
        answers = [create(server, key) for _ in range(allowed + 1)]
        assert [answer.status_code for answer in answers] == [200] * allowed + [429]
        assert 1 <= retry_after(answers[-1]) <= 60
        assert answers[-1].json() == {"message": "Too Many Requests"}
        keys = requests.get(f"{server.url}/gateway/v1/keys", headers=KEY, timeout=10).json()["keys"]
        [(measure, used)] = keys[0]["used"].items()
        assert (measure in quota, used >= allowed) == (True, True)


def test_the_calls_of_one_connection_have_each_the_limits_of_its_key(
    server: ServerProcess,
) -> None:
    session = requests.Session()
    bound = make_key(server, "event_store", sources=["/event_store/EDF"])
    free = "XXX1XX12XxxxXXxxXXx0xXxx"
    calls = ((bound, "EDF"), (free, "ENGIE"), (bound, "ENGIE"), (free, "ENGIE"))
    statuses = [create(server, key, cl, session).status_code for key, cl in calls]
    assert statuses == [200, 200, 403, 200]


def test_an_ingest_on_many_entities_is_refused_before_the_first(
    start_server: StartServer,
) -> None:
    server = start_server()
    url = f"{server.url}/gateway/v1/entities"
    assert requests.put(url, json=TOPOLOGY, headers=KEY, timeout=30).status_code == 200
    key = make_key(server, "keyastrom", types=["CUSTOM_INFO"], quotas={"events_per_minute": 5})
    for type_, status in (("ERROR_EVENT", 403), ("CUSTOM_INFO", 201)):
        answer = ingest(server, key, eventType=type_, entitySelector="type(HOST)")
        assert answer.status_code == status
    reader = {"Authorization": f"Api-Token {make_key(server, 'keyastrom')}"}
    found = requests.get(
        f"{server.url}/api/v2/events",
        {"eventSelector": 'eventType("ERROR_EVENT")'},
        headers=reader,
        timeout=10,
    ).json()
    assert found["totalCount"] == 0
    keys = requests.get(f"{server.url}/gateway/v1/keys", headers=KEY, timeout=10).json()["keys"]
    assert [key["used"] for key in keys if key["quotas"]] == [{"events_per_minute": 1}]


def test_deliveries_over_the_quota_wait_for_their_day_and_say_so(
    start_server: StartServer,
) -> None:
    server = start_server()
    sink = {"sink": "tallystick:sink"}
    url = f"{server.url}/gateway/v1"
    requests.post(f"{url}/subscriptions", json=sink, headers=KEY, timeout=10)
    key = make_key(server, "event_store", quotas={"deliveries_per_day": 1})
    assert [create(server, key).status_code for _ in range(2)] == [200, 200]

    def states() -> list[tuple[str, str]]:
        found = requests.get(f"{url}/deliveries", headers=KEY, timeout=10).json()["deliveries"]
        return [(delivery["state"], delivery["detail"]) for delivery in found]

    deadline = time.monotonic() + 10
    while states()[-1][0] != "done" and time.monotonic() < deadline:
        time.sleep(0.1)
    assert [state for state, _ in states()] == ["pending", "done"]
    assert states()[0][1] == POSTPONED
    waiting = requests.get(f"{url}/deliveries?state=pending", headers=KEY, timeout=10).json()
    assert parse_iso(waiting["deliveries"][0]["due"]) % DAY_MS == 0
