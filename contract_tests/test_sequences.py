"""What takes more than one request to see."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from . import contract
from .json_text import loads
from .sequences import CallSequence, list_sequences, run_sequence
from .servers import Server
from .vectors import VectorRequest
from .wire import WireReply

_FIELDS = "ty=START_EC2&hs=AWS&ac=PRODUCTION&re=eu-west-3&st=OK&im=MINOR&me=Operation+successful"


def _gateway(server: Server, rest: str) -> bytes:
    key = server.world.credential("gateway", "key")
    reply = server.client.get(f"/gateway/v1/events{rest}", **{key.name: key.secret})
    assert reply.status == 200, reply
    return reply.body


def _newest(server: Server) -> Any:
    return loads(_gateway(server, "?limit=1"))["events"]


def _create(server: Server, client: str) -> str:
    key = server.world.credential("event_store", "key")
    target = f"/create?cl={client}&{_FIELDS}"
    reply = server.client.send(VectorRequest("GET", target, ((key.name, key.secret),)))
    return str(loads(reply.body)["id"])


def _send(server: Server, body: bytes) -> WireReply:
    key = server.world.credential("eventhos", "token")
    target = "/event/send?event-identifier=quiet-bomb-0000000000"
    return server.client.send(VectorRequest("POST", target, ((key.name, key.secret),), body))


def _ingest(server: Server, **members: Any) -> Any:
    key = server.world.credential("keyastrom", "token")
    event = {"eventType": "ERROR_EVENT", "title": "A problem", **members}
    reply = server.client.post("/api/v2/events/ingest", event, (key.name, key.secret))
    return loads(reply.body)["eventIngestResults"]


def test_the_id_in_the_answer_is_the_event_s_in_the_log(server: Server) -> None:
    event = loads(_gateway(server, "/" + _create(server, "EDF")))
    assert event["specversion"] == "1.0"
    assert event["source"] == "/event_store/EDF"
    assert event["type"] == "START_EC2"
    assert event["data"]["me"] == "Operation successful"


@pytest.mark.parametrize(
    "body",
    [b"9" * 5_000, b'{"a":1,"a":2}', rb'"\ud800"', b"1e400", b'[ 1.0 ,\n "\xc3\xa9" ]'],
    ids=["5,000 digits", "a key given twice", "a lone surrogate", "1e400", "spaces and UTF-8"],
)
def test_valid_json_is_kept_as_it_was_sent(body: bytes, server: Server, connexion: bool) -> None:
    if connexion:
        pytest.skip("unmodified Connexion hands on what it has parsed")
    assert _send(server, body).status == 200
    assert b'"data":' + body in _gateway(server, "?limit=1").replace(b'"data": ', b'"data":')


def test_a_refused_request_leaves_no_event(server: Server) -> None:
    before = _newest(server)
    key = server.world.credential("event_store", "key")
    server.client.send(
        VectorRequest("HEAD", f"/create?cl=EDF&{_FIELDS}", ((key.name, key.secret),))
    )
    server.client.send(VectorRequest("GET", f"/create?cl=E&{_FIELDS}", ((key.name, key.secret),)))
    server.client.send(VectorRequest("GET", f"/create?cl=EDF&{_FIELDS}"))
    assert _send(server, b"{").status == 400
    assert _newest(server) == before


def test_events_are_read_page_by_page_newest_first(server: Server) -> None:
    client = "".join(chr(ord("a") + int(digit, 16)) for digit in uuid.uuid4().hex[:10])
    ids = [_create(server, client) for _ in range(3)]
    found, cursor = [], ""
    for _ in range(10):
        page = loads(_gateway(server, f"?limit=2&source=/event_store/{client}{cursor}"))
        found += [event["id"] for event in page["events"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert found == ids[::-1]


def test_a_problem_that_is_sent_again_keeps_its_correlation(server: Server) -> None:
    title = f"A problem {uuid.uuid4()}"
    first, again = _ingest(server, title=title), _ingest(server, title=title)
    assert again == first
    assert _ingest(server, title=title, properties={"k": "v"}) != first


@pytest.mark.parametrize(
    "prefix", ["/api/v2", "/e/mySampleEnv/api/v2", "/platform/classic/environment-api/v2"]
)
def test_what_was_ingested_is_listed_and_found(server: Server, prefix: str) -> None:
    key = server.world.credential("keyastrom", "token")
    [result] = _ingest(server, title=f"A problem {uuid.uuid4()}")
    selector = f"eventSelector=correlationId({result['correlationId']})"
    listed = server.client.get(f"{prefix}/events?{selector}", **{key.name: key.secret})
    [event] = loads(listed.body)["events"]
    found = server.client.get(f"{prefix}/events/{event['eventId']}", **{key.name: key.secret})
    assert loads(found.body) == event
    assert (event["status"], event["endTime"]) == ("OPEN", -1)


@pytest.mark.parametrize("api", contract.apis())
def test_the_served_document_is_the_one_that_is_tested(api: str, server: Server) -> None:
    reply = server.client.get(f"/openapi/{api}.yaml")
    assert reply.body == (contract.FOLDER / f"{api}.yaml").read_bytes()


def test_the_joined_document_has_every_operation(server: Server) -> None:
    joined = server.client.get("/openapi.yaml").body.decode()
    assert all(operation.id in joined for operation in contract.operations())


@pytest.mark.parametrize(
    "sequence",
    [each for api in contract.apis() for each in list_sequences(api)],
    ids=lambda each: f"{each.api}: {each.name}",
)
def test_a_later_answer_fits_the_earlier_ones(
    sequence: CallSequence, server: Server, connexion: bool
) -> None:
    if connexion:
        pytest.skip("unmodified Connexion words its refusals differently")
    run = run_sequence(sequence, server)
    assert run.objections == [], run.sent[-1]
