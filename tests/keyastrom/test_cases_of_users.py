"""What public programs send beside the vendor's own examples, on a real server."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
import requests

from keyastrom_calls import EVENT, PATHS, TOKEN, entity, found, post, statuses
from server_process import ServerProcess

HEADERS = {"Authorization": f"Api-Token {TOKEN}"}
PLATFORM = "/platform/classic/environment-api/v2"


def get(server: ServerProcess, path: str, **query: str) -> dict[str, Any]:
    answer = requests.get(server.url + path, query, headers=HEADERS, timeout=10)
    assert answer.status_code == 200, answer.text
    read: dict[str, Any] = answer.json()
    return read


def import_entities(server: ServerProcess, *entities: dict[str, Any]) -> requests.Response:
    headers = {"Authorization": "Bearer dev-gateway-key"}
    url = f"{server.url}/gateway/v1/entities"
    return requests.put(url, json={"entities": entities}, headers=headers, timeout=10)


def make_device(server: ServerProcess, **members: Any) -> tuple[int, dict[str, Any]]:
    url = f"{server.url}/api/v2/entities/custom"
    device = {"customDeviceId": f"device-{uuid4()}", "displayName": "x", **members}
    made = requests.post(url, json=device, headers=HEADERS, timeout=10)
    selector = f'type(CUSTOM_DEVICE),detectedName("{device["customDeviceId"]}")'
    [shown] = get(server, "/api/v2/entities", entitySelector=selector, fields="properties,icon")[
        "entities"
    ]
    return made.status_code, shown


ATTRIBUTES = {
    "bitness": "64",
    "physicalMemory": 16766754816,
    "load": 0.5,
    "standalone": False,
    "zeta": "last in the alphabet, here in the middle",
    "ipAddress": ["10.0.1.4"],
    "macAddresses": ["b", "a"],
    "customHostMetadata": [
        {"value": "appsec", "key": {"source": "ENVIRONMENT", "key": "dt.cost.product"}}
    ],
    "additionalSystemInfo": [{"value": "Virtual Machine", "key": "system.model"}],
    "lbPortMultimap": {"80": "8080"},
    "nothing": None,
}


def test_attributes_keep_their_types_and_their_order(server: ServerProcess) -> None:
    name = uuid4().hex
    assert import_entities(server, entity(name, attributes=ATTRIBUTES)).status_code == 200
    [shown] = found(server, f"type(HOST),entityName.equals({name})")
    assert shown["properties"] == ATTRIBUTES
    assert list(shown["properties"]) == list(ATTRIBUTES)


@pytest.mark.parametrize(
    "criterion",
    [
        "physicalMemory(16766754816)",
        "load(0.5)",
        "standalone(false)",
        "ipAddress(10.0.1.4)",
        "macAddresses(a)",
        'additionalSystemInfo("system.model:Virtual Machine")',
        'additionalSystemInfo.exists("system.model")',
        'lbPortMultimap("80:8080")',
        "not(nothing.exists())",
        'not(additionalSystemInfo.exists("system.vendor"))',
    ],
)
def test_attributes_of_every_type_are_selected(server: ServerProcess, criterion: str) -> None:
    name = uuid4().hex
    import_entities(server, entity(name, attributes=ATTRIBUTES))
    assert len(found(server, f"type(HOST),entityName.equals({name}),{criterion}")) == 1


def test_types_of_entities_tell_the_types_of_attributes(server: ServerProcess) -> None:
    import_entities(server, {"id": "TYPED-1", "type": "TYPED", "attributes": ATTRIBUTES})
    typed = get(server, "/api/v2/entityTypes/dt.entity.typed")
    assert (typed["type"], typed["dimensionKey"]) == ("TYPED", "dt.entity.typed")
    kinds = {each["id"]: each["type"] for each in typed["properties"]}
    assert kinds["bitness"] == "String"
    assert kinds["load"] == "Number"
    assert kinds["standalone"] == "Boolean"
    assert kinds["ipAddress"] == "List"
    assert kinds["lbPortMultimap"] == "Map"


def test_a_custom_device_is_read_back_as_its_caller_made_it(server: ServerProcess) -> None:
    status, shown = make_device(
        server,
        ipAddresses=["10.0.0.1"],
        listenPorts=[443, "80", 443],
        dnsNames=["b.example.com", "a.example.com"],
        faviconUrl="https://example.com/cup.png",
        configUrl="https://10.0.0.1/",
        properties={"coffee": "caffeinated", "a:b": "c"},
    )
    assert status == 201
    properties = shown["properties"]
    assert properties["ipAddress"] == ["10.0.0.1"]
    assert properties["listenPorts"] == [443, 80]
    assert properties["dnsNames"] == ["b.example.com", "a.example.com"]
    assert properties["customFavicon"] == "https://example.com/cup.png"
    assert properties["customProperties"] == [
        {"key": "coffee", "value": "caffeinated"},
        {"key": "a:b", "value": "c"},
    ]
    assert shown["icon"]["customIconPath"] == "https://example.com/cup.png"
    for criterion in ('customProperties("coffee:caffeinated")', 'customProperties.exists("a:b")'):
        selector = f"type(CUSTOM_DEVICE),entityId({shown['entityId']}),{criterion}"
        assert len(found(server, selector)) == 1
    assert found(server, f'entityId({shown["entityId"]}),customProperties.exists("a")') == []


def test_an_empty_value_changes_what_the_vendor_says(server: ServerProcess) -> None:
    id_ = f"device-{uuid4()}"
    given = {"ipAddresses": ["10.0.0.1"], "listenPorts": [80], "dnsNames": ["a"], "type": "router"}
    make_device(server, customDeviceId=id_, **given)
    empty = {"ipAddresses": [], "listenPorts": [], "dnsNames": [], "type": "", "group": ""}
    status, shown = make_device(server, customDeviceId=id_, **empty)
    assert status == 204
    assert shown["properties"] == {
        "detectedName": id_,
        "ipAddress": [],
        "listenPorts": [80],
        "softwareTechnologies": "router",
        "dnsNames": ["a"],
    }


@pytest.fixture(params=["sqlite", "postgresql"])
def any_server(request: pytest.FixtureRequest) -> ServerProcess:
    """A server on SQLite, then on PostgreSQL, whose indexes hold less."""
    if request.param == "sqlite":
        started: ServerProcess = request.getfixturevalue("server")
        return started
    url = request.getfixturevalue("postgres_url")
    on_postgresql: ServerProcess = request.getfixturevalue("start_server")(
        TALLYSTICK_DATABASE_URL=url
    )
    return on_postgresql


def test_a_custom_device_has_the_vendor_s_bounds(any_server: ServerProcess) -> None:
    url = f"https://example.com/{'ж' * 2028}"
    status, shown = make_device(
        any_server,
        customDeviceId=uuid4().hex + "ж" * 480,
        displayName="ж" * 1024,
        group="ж" * 512,
        configUrl=url,
        faviconUrl=url,
        properties={"k" * 500: "ж" * 5000},
    )
    assert status == 201
    assert shown["displayName"] == "ж" * 1024
    for criterion in (f'entityName.equals("{"Ж" * 1024}")', f'configUrl("{url}")'):
        selector = f"entityId({shown['entityId']}),{criterion}"
        assert len(found(any_server, selector)) == 1
    assert found(any_server, f'entityId({shown["entityId"]}),configUrl("{url}x")') == []


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("customDeviceId", "x" * 513),
        ("displayName", "x" * 1025),
        ("group", "x" * 513),
        ("configUrl", "x" * 2049),
        ("faviconUrl", "x" * 2049),
        ("listenPorts", ["x"]),
        ("listenPorts", [1.5]),
        ("listenPorts", [True]),
        ("listenPorts", ["9999999999"]),
        ("customDeviceId", "\ud800"),
        ("ipAddresses", ["\ud800"]),
        ("properties", {"\ud800": "x"}),
    ],
)
def test_a_custom_device_beyond_the_bounds_is_refused(
    server: ServerProcess, member: str, value: object
) -> None:
    device = {"customDeviceId": "a", "displayName": "b", member: value}
    url = f"{server.url}/api/v2/entities/custom"
    answer = requests.post(url, json=device, headers=HEADERS, timeout=10)
    assert answer.status_code == 400
    [violation] = answer.json()["error"]["constraintViolations"]
    assert violation["path"].partition(".")[0] == member


def test_a_device_made_by_hand_stays_in_sight(server: ServerProcess) -> None:
    device = {"customDeviceId": uuid4().hex, "displayName": "x"}
    url = f"{server.url}/api/v2/entities/custom?uiBased=true"
    made = requests.post(url, json=device, headers=HEADERS, timeout=10).json()
    shown = get(server, f"/api/v2/entities/{made['entityId']}", fields="+lastSeenTms")
    later = get(server, f"/api/v2/entities/{made['entityId']}", fields="+lastSeenTms")
    assert later["lastSeenTms"] >= shown["lastSeenTms"]


@pytest.mark.parametrize("timeout", ["30", "7200", 0, "0"])
def test_a_timeout_may_be_digits_in_a_text_or_zero(server: ServerProcess, timeout: object) -> None:
    assert statuses(post(server, {**EVENT, "timeout": timeout})) == ["OK"]


def test_a_timeout_of_zero_is_fifteen_minutes(server: ServerProcess) -> None:
    title = uuid4().hex
    post(server, {**EVENT, "title": title, "timeout": 0, "properties": {"run": title}})
    [event] = get(server, "/api/v2/events", eventSelector=f"property.run({title}),status(open)")[
        "events"
    ]
    assert event["endTime"] == -1


@pytest.mark.parametrize("written", ["[Environment]a:b", "[ENVIRONMENT]a:b", "[environment]a:b"])
def test_a_context_of_a_tag_has_any_letter_case(server: ServerProcess, written: str) -> None:
    name = uuid4().hex
    assert import_entities(server, entity(name, tags=[written])).status_code == 200
    for tag in ("[Environment]a:b", "[ENVIRONMENT]a:b", "[environment]a:b"):
        [shown] = found(server, f'type(HOST),entityName.equals({name}),tag("{tag}")')
        assert shown["tags"] == [
            {
                "context": "ENVIRONMENT",
                "key": "a",
                "value": "b",
                "stringRepresentation": "[Environment]a:b",
            }
        ]


@pytest.mark.parametrize("name", ["api-token", "Api-Token", "API-TOKEN"])
def test_the_token_in_the_query_has_any_letter_case(server: ServerProcess, name: str) -> None:
    url = f"{server.url}{PATHS[0]}?{name}={TOKEN}"
    assert statuses(requests.post(url, json=EVENT, timeout=10)) == ["OK"]


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "Api-Token"])
def test_the_platform_s_path_takes_both_schemes(server: ServerProcess, scheme: str) -> None:
    headers = {"Authorization": f"{scheme} {TOKEN}"}
    url = f"{server.url}{PLATFORM}/events/ingest"
    assert statuses(requests.post(url, json=EVENT, headers=headers, timeout=10)) == ["OK"]
    listed = requests.get(f"{server.url}{PLATFORM}/events", headers=headers, timeout=10)
    assert listed.status_code == 200


def test_an_event_is_found_by_its_correlation_id_in_any_spelling(server: ServerProcess) -> None:
    [result] = post(server, EVENT).json()["eventIngestResults"]
    id_ = result["correlationId"]
    for spelling in (id_, id_.upper(), id_.lstrip("0")):
        listed = get(server, "/api/v2/events", eventSelector=f"correlationId({spelling})")
        assert listed["totalCount"] == 1


def test_events_are_selected_by_what_suppresses_problems(server: ServerProcess) -> None:
    run = uuid4().hex
    for suppressed in ("true", "false"):
        properties = {"run": run, "dt.event.suppress_problem": suppressed}
        post(server, {**EVENT, "title": suppressed, "properties": properties})
    for wanted in ("true", "false"):
        selector = f"property.run({run}),suppressProblem({wanted})"
        [event] = get(server, "/api/v2/events", eventSelector=selector)["events"]
        assert (event["title"], event["suppressProblem"]) == (wanted, wanted == "true")
    both = f"property.run({run}),suppressProblem(true,false)"
    assert get(server, "/api/v2/events", eventSelector=both)["totalCount"] == 2


@pytest.mark.parametrize("sent", ["-5m", "now-5m", "-1w/d", "-7d"])
def test_a_time_may_leave_out_now(server: ServerProcess, sent: str) -> None:
    assert get(server, "/api/v2/events", **{"from": sent})["pageSize"] == 100


@pytest.mark.parametrize(
    "fields", ["+icon,+lastSeenTms", "displayName,properties", "nothing,-tags"]
)
def test_unknown_fields_are_ignored(server: ServerProcess, fields: str) -> None:
    shown = get(server, "/api/v2/entities", entitySelector="type(SERVICE)", fields=fields)
    assert shown["totalCount"] >= 1


def test_half_a_surrogate_pair_is_read_back_as_it_was_sent(server: ServerProcess) -> None:
    run = uuid4().hex
    event = {"title": f"{run} \ud800", "properties": {"run": run, "\udfff": "\ud800"}}
    assert statuses(post(server, {**EVENT, "eventType": "ERROR_EVENT", **event})) == ["OK"]
    listed = get(server, "/api/v2/events", eventSelector=f"property.run({run})")
    assert listed["events"][0]["title"] == event["title"]
    [problem] = get(server, "/api/v2/problems", problemSelector=f"text({run})")["problems"]
    path = f"/api/v2/problems/{problem['problemId']}/comments"
    comment = {"message": "\ud800", "context": "\udfff"}
    made = requests.post(server.url + path, json=comment, headers=HEADERS, timeout=10)
    assert (made.status_code, made.json()["content"]) == (201, "\ud800")
    assert get(server, path)["comments"] == [made.json()]


def test_a_page_of_comments_is_one_of_the_same_problem(server: ServerProcess) -> None:
    run, paths = uuid4().hex, []
    for title in ("first", "second"):
        event = {**EVENT, "eventType": "ERROR_EVENT", "title": f"{run} {title}"}
        post(server, event)
    for problem in get(server, "/api/v2/problems", problemSelector=f"text({run})")["problems"]:
        paths.append(f"/api/v2/problems/{problem['problemId']}/comments")
        for _ in range(2):
            url = server.url + paths[-1]
            requests.post(url, json={"message": "Known."}, headers=HEADERS, timeout=10)
    key = get(server, paths[0], pageSize="1")["nextPageKey"]
    assert len(get(server, paths[0], nextPageKey=key)["comments"]) == 1
    url = server.url + paths[1]
    refused = requests.get(url, {"nextPageKey": key}, headers=HEADERS, timeout=10)
    assert refused.status_code == 400
