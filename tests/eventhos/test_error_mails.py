"""Somebody is mailed when a contract's call fails, by a real SMTP server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from eventhos_endpoint import Endpoint
from eventhos_world import World, short_live
from mail_server import MailServer, mail_server
from server_process import ServerProcess
from tallystick.delivery import DeliverySelection
from tallystick.delivery.schedule import SCHEDULE_MS

SECRET = "hunter2hunter2"


@pytest.fixture
def mails() -> Iterator[MailServer]:
    with mail_server() as made:
        yield made


def open_world(world: World, mails: MailServer, **settings: Any) -> None:
    given = {"smtp_host": "127.0.0.1", "smtp_port": mails.port, "smtp_tls": "none"}
    world.open(**given, smtp_from="eventhos@example.com", **settings)


def tie(world: World, url: str, recipients: str) -> int:
    id_ = world.tie("bomb", url)
    change = {"mailRecipientsOnError": recipients}
    world.run(world.service.contracts.update_resource(id_, change))
    return id_


def send(world: World) -> None:
    world.send("bomb", short_live(), b'{"password": "hunter2hunter2", "name": "<b>Bob</b>"}')
    world.deliver()


def test_a_failed_call_is_mailed_to_the_contracts_recipients(
    world: World, endpoint: Endpoint, mails: MailServer
) -> None:
    endpoint.answers["/"] = (500, b'{"error": "<no bomb>", "token": "hunter2hunter2"}')
    open_world(world, mails, smtp_alias="PROD", smtp_default_recipient="default@example.com")
    tie(world, f"{endpoint.url}/", "ops@example.com, chief@example.com")
    send(world)
    [mail] = mails.mails
    assert mail.recipients == ["ops@example.com", "chief@example.com"]
    assert mail.sender == "eventhos@example.com"
    assert mail.message["Subject"].startswith("Eventhos [PROD] error notification 20")
    for told in (mail.text, mail.html):
        assert SECRET not in told
        assert world.runs()[0]["receivedEventId"] in told
        for word in ("Contract", "Received request", "Answer of the action", "bomb", "500", "***"):
            assert word in told
    assert "<no bomb>" in mail.text
    assert "&lt;b&gt;Bob&lt;/b&gt;" in mail.html
    assert "<b>" not in mail.html


def test_the_url_that_was_called_has_the_scheme_of_the_public_address(
    world: World, endpoint: Endpoint, mails: MailServer
) -> None:
    endpoint.answers["/"] = (500, b"")
    open_world(world, mails, public_url="https://tally.example")
    body = [{"key": "url", "value": "${.url}"}]
    id_ = world.tie("bomb", f"{endpoint.url}/", body=body)
    change = {"mailRecipientsOnError": "ops@example.com"}
    world.run(world.service.contracts.update_resource(id_, change))
    send(world)
    url = "https://localhost/event/send?event-identifier=bomb"
    assert json.loads(endpoint.calls[0].body) == {"url": url}
    assert f"  url: {url}" in mails.mails[0].text
    id_ = world.runs()[0]["receivedEventId"]
    found = world.run(world.service.received.get_received_event(id_))
    assert found["receivedEvent"]["received_request"]["url"] == url


def test_a_run_is_mailed_once_and_again_when_it_has_failed_for_good(
    world: World, endpoint: Endpoint, mails: MailServer
) -> None:
    endpoint.answers["/"] = (500, b"")
    open_world(world, mails)
    tie(world, f"{endpoint.url}/", "ops@example.com")
    send(world)
    world.deliver(6)
    assert (len(endpoint.calls), len(mails.mails)) == (2, 1)
    for delay_ms in SCHEDULE_MS[2:]:
        world.deliver(delay_ms // 1000 + 1)
    assert world.runs()[0]["state"] == "dead"
    first, last = mails.mails
    assert first.message["Message-ID"] != last.message["Message-ID"]


def test_a_run_that_is_tried_anew_is_mailed_anew(
    world: World, endpoint: Endpoint, mails: MailServer
) -> None:
    endpoint.answers["/"] = (400, b"")
    open_world(world, mails)
    tie(world, f"{endpoint.url}/", "ops@example.com")
    send(world)
    world.run(world.service.received.retry_contract(world.runs()[0]["detailId"]))
    world.deliver()
    assert len(mails.mails) == 2


def test_without_recipients_the_default_ones_are_told(world: World, mails: MailServer) -> None:
    open_world(world, mails, smtp_default_recipient="a@example.com, b@example.com")
    tie(world, "http://127.0.0.1:1/", "")
    send(world)
    assert [mail.recipients for mail in mails.mails] == [["a@example.com", "b@example.com"]]
    assert "can't connect" in mails.mails[0].text
    assert "Subject: Eventhos error notification" in mails.mails[0].message.as_string()


def test_nobody_is_told_of_a_success_or_without_anybody_to_tell(
    world: World, endpoint: Endpoint, mails: MailServer
) -> None:
    open_world(world, mails)
    tie(world, endpoint.url, "ops@example.com")
    tie(world, "http://127.0.0.1:1/", "")
    send(world)
    assert {run["state"] for run in world.runs()} == {"done", "pending"}
    assert mails.mails == []


def test_without_a_mail_server_nothing_is_stored(world: World) -> None:
    world.open()
    tie(world, "http://127.0.0.1:1/", "ops@example.com")
    send(world)
    selection = DeliverySelection(kind="eventhosmail")
    assert world.run(world.outbox.list_deliveries(selection)) == []


def test_a_mail_server_that_is_away_gets_the_mail_when_it_is_back(
    world: World, endpoint: Endpoint, mails: MailServer
) -> None:
    mails.close()
    endpoint.answers["/"] = (500, b"")
    open_world(world, mails)
    tie(world, f"{endpoint.url}/", "ops@example.com")
    send(world)
    with mail_server(port=mails.port) as back:
        world.deliver(6)
        assert len(back.mails) == 1


@pytest.mark.parametrize(
    ("recipients", "status"),
    [
        ("", 201),
        ("ops@example.com", 201),
        ("a@example.com, b@example.com,c@example.com", 201),
        ("a@b.c, d@e.f;not a mail", 400),
        ("not a mail", 400),
        ("a@example.com\r\nBcc: b@example.com", 400),
        ("a@example.com,", 400),
        ("\ud800@example.com", 400),
        ("a@example.com, " * 2_000 + "!", 400),
    ],
)
def test_recipients_are_checked_when_they_are_saved(
    server: ServerProcess, recipients: str, status: int
) -> None:
    login = {"username": "admin", "password": "dev-admin"}
    token = requests.post(f"{server.url}/auth/login", json=login, timeout=10).json()["content"]
    headers = {"Authorization": f"Bearer {token['jwt_token']}"}
    listed = requests.get(f"{server.url}/contract", headers=headers, timeout=10).json()
    known = listed["content"]["items"][0]
    body = {"eventId": known["eventId"], "actionId": known["actionId"], "identifier": "m"}
    body |= {"name": "m", "order": 0, "active": False, "mailRecipientsOnError": recipients}
    answer = requests.post(f"{server.url}/contract", json=body, headers=headers, timeout=10)
    assert answer.status_code == status, answer.text
    if status == 400:
        assert "mailRecipientsOnError" in answer.text
