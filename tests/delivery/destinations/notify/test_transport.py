"""Messages by Apprise to stand-ins that keep the documented rules of Slack and PagerDuty."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import pytest

from tallystick.delivery import Addresses, AttemptOutcome, DeliveryFailure, EndpointResponse
from tallystick.delivery.addresses import LOOPBACK
from tallystick.delivery.destinations.destination_kind import DestinationRefused
from tallystick.delivery.destinations.notify import transport
from tallystick.delivery.destinations.notify.destination import NotifyDestination
from tallystick.events import Event
from tallystick.settings import Settings

pytestmark = pytest.mark.anyio

SLACK = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"
PAGERDUTY = "pagerduty://A1BRTD4JDTIiajkd@apikeyapikey"
EVENT = Event(
    "1", "charon", "/charon", "cron.failed", "nightly", 0, b'{"message": "it hung"}', "{}"
)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def slack(endpoint: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a place where Slack's incoming webhooks seem to be."""
    from apprise.plugins.slack import NotifySlack

    monkeypatch.setattr(NotifySlack, "webhook_url", f"{endpoint.url}/services")
    path = SLACK.replace("slack://", "/services/")
    endpoint.answers[path] = endpoint.answers["/ok"]
    endpoint.path = path
    return endpoint


def destination(addresses: Addresses | None = None) -> NotifyDestination:
    return NotifyDestination(addresses or Addresses(LOOPBACK), Settings())


async def send(url: str, addresses: Addresses | None = None) -> EndpointResponse:
    kind = destination(addresses)
    kind.check_options({"url": url})
    request = kind.build_request({"url": url}, "1", EVENT)
    assert request.transport
    return await request.transport.send_request(request, request.headers)


async def test_slack_gets_the_message(slack: Any) -> None:
    assert (await send(SLACK)).status == 200
    [request] = slack.requests
    sent = json.loads(request.body)
    assert request.headers["content-type"].startswith("application/json")
    assert "it hung" in json.dumps(sent)
    assert "cron.failed: nightly" in json.dumps(sent)


# https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks, "Handling errors"
@pytest.mark.parametrize(
    ("answer", "outcome"),
    [("/400", 400), ("/410", 410), ("/429", 429), ("/500", 500), ("/302", 302)],
)
async def test_the_status_that_slack_answers_is_told(slack: Any, answer: str, outcome: int) -> None:
    slack.answers[slack.path] = slack.answers[answer]
    response = await send(SLACK)
    assert response.status == outcome
    assert b"TIiajkdnlazkcOXrIdevi7FQ" not in response.body
    assert len(slack.requests) == 1  # no redirect is followed


async def test_pagerduty_gets_an_event_of_its_second_version(
    endpoint: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from apprise.plugins import pagerduty

    places = dict.fromkeys(pagerduty.PAGERDUTY_API_LOOKUP, f"{endpoint.url}/ok")
    monkeypatch.setattr(pagerduty, "PAGERDUTY_API_LOOKUP", places)
    assert (await send(PAGERDUTY)).status == 200
    sent = json.loads(endpoint.requests[0].body)
    # https://developer.pagerduty.com/docs/send-alert-event: what a trigger event must have.
    assert len(sent["routing_key"]) == 16
    assert sent["event_action"] == "trigger"
    assert {"summary", "source", "severity"} <= sent["payload"].keys()
    assert len(sent["payload"]["summary"]) <= 1024
    assert sent["payload"]["severity"] in {"critical", "warning", "error", "info"}


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
async def test_a_private_address_waits_for_a_process_that_may_call_it(host: str) -> None:
    with pytest.raises(DeliveryFailure, match="nothing may be sent to") as refused:
        await send(f"json://{host}:9/x", Addresses())
    assert refused.value.outcome is AttemptOutcome.FORBIDDEN


@pytest.mark.parametrize("query", ["pgp=yes&pgpkey=/etc/passwd", "wkd=/etc/passwd"])
async def test_a_url_that_names_a_file_sends_nothing_of_it(query: str) -> None:
    with pytest.raises((DestinationRefused, DeliveryFailure)):
        await send(f"mailto://user:password@127.0.0.1:9?{query}", Addresses(LOOPBACK))


async def test_a_service_that_hangs_ends_in_a_time_out(
    slack: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "TOTAL_S", 0.2)
    slack.answers[slack.path] = slack.answers["/hang"]
    with pytest.raises(DeliveryFailure) as failed:
        await send(SLACK)
    assert failed.value.outcome is AttemptOutcome.TIMEOUT


async def test_without_the_extra_a_person_reads_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kind = destination()
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(DestinationRefused, match=r"install `tallystick\[notify\]`") as refused:
        kind.check_options({"url": SLACK})
    assert refused.value.option == "kind"
    request = kind.build_request({"url": SLACK}, "1", EVENT)
    assert request.transport
    with pytest.raises(DeliveryFailure, match="notify") as failed:
        await request.transport.send_request(request, request.headers)
    assert failed.value.outcome is AttemptOutcome.LOCAL


async def test_messages_of_several_threads_keep_their_own_reasons(slack: Any) -> None:
    slack.answers[slack.path] = slack.answers["/400"]
    first, second = await asyncio.gather(
        send(SLACK), send("json://127.0.0.1:1/x"), return_exceptions=True
    )
    assert isinstance(first, EndpointResponse)
    assert isinstance(second, DeliveryFailure)
    assert "Slack" in first.body.decode()
    assert "JSON" in str(second)
    assert "Slack" not in str(second)
