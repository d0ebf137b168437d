"""What the tests of the console share: a tab that complains of nothing, and a look at a page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from eventhos_endpoint import Endpoint
from server_process import ServerProcess

AXE = Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js"
WIDTHS = (1280, 390)
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
KEY = {"Authorization": "Bearer dev-gateway-key"}
EVENT_STORE = {"x-api-key": "XXX1XX12XxxxXXxxXXx0xXxx"}
EVENT = {"cl": "EDF", "ty": "START_EC2", "hs": "AWS", "ac": "525060831330", "re": "eu-west-3"}
EVENT |= {"st": "OK", "me": "Operation successful"}

CheckPage = Callable[[], None]
CreateEvent = Callable[..., str]
Subscribe = Callable[[str], str]
RefuseEvents = Callable[..., str]


@pytest.fixture
def console(browser: Browser, server: ServerProcess) -> Iterator[Page]:
    """Return a tab for the console of a dev server."""
    with watched_tab(browser, server.url) as tab:
        yield tab


@contextmanager
def watched_tab(browser: Browser, url: str) -> Iterator[Page]:
    """Open a tab for a server, which may complain of nothing and ask nobody else."""
    context = browser.new_context(base_url=url)
    tab = context.new_page()
    complaints: list[str] = []
    tab.on("console", lambda message: complaints.append(message.text))
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    yield tab
    context.close()
    # The browser itself notes each answer that is an error; the page says it in words.
    assert [text for text in complaints if "Failed to load resource" not in text] == []
    assert [address for address in asked if not address.startswith(url)] == []


@pytest.fixture
def check_page(console: Page) -> CheckPage:
    """Return a function that looks at the page as it is: `check_page()`.

    At the width of a desk and of a phone, in both themes, axe-core finds nothing and the page does
    not scroll sideways.
    """

    def check_page() -> None:
        for width in WIDTHS:
            console.set_viewport_size({"width": width, "height": 844})
            for theme in THEMES:
                console.emulate_media(color_scheme=theme)
                assert console.evaluate("document.documentElement.scrollWidth") <= width
                assert _findings(console) == []

    return check_page


def sign_in_anew(console: Page, server: ServerProcess, scope: str) -> None:
    """Sign out, and in by a new key of one scope."""
    made = requests.post(
        f"{server.url}/gateway/v1/keys",
        json={"api": "gateway", "name": "of one scope", "scopes": [scope]},
        headers=KEY,
        timeout=20,
    )
    console.get_by_role("button", name="Sign out").click()
    console.get_by_label("A key of the gateway").fill(made.json()["secret"])
    console.get_by_role("button", name="Sign in", exact=True).click()


def _findings(page: Page) -> list[str]:
    if not AXE.exists():
        pytest.skip("the pages are NOT judged by axe-core: this needs `make packages`")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: dict[str, Any] = page.evaluate("axe.run()")
    return [
        f"{violation['id']}: {node['html']} {node['failureSummary']}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


@pytest.fixture
def create_event(server: ServerProcess) -> CreateEvent:
    """Return a function that sends an event, and returns its id: `create_event(cl="ENI")`."""

    def create_event(**members: str) -> str:
        body = {**EVENT, **members}
        url = f"{server.url}/create"
        requests.post(url, json=body, headers=EVENT_STORE, timeout=20).raise_for_status()
        source = f"/event_store/{body['cl']}"
        found = requests.get(
            f"{server.url}/gateway/v1/events",
            params={"type": body["ty"], "source": source, "limit": "1"},
            headers=KEY,
            timeout=20,
        )
        return str(found.json()["events"][0]["id"])

    return create_event


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    """Return an endpoint that records its calls."""
    running = Endpoint()
    yield running
    running.stop()


@pytest.fixture
def subscribe(server: ServerProcess, endpoint: Endpoint) -> Iterator[Subscribe]:
    """Return a function that has events of a type sent to the endpoint, and returns the id.

    Call it as `subscribe("TYPE")`; the subscriptions end with the test.
    """
    url = f"{server.url}/gateway/v1/subscriptions"
    made: list[str] = []

    def subscribe(event_type: str) -> str:
        body = {
            "name": event_type.lower(),
            "sink": f"{endpoint.url}/hook",
            "filters": [{"exact": {"type": event_type}}],
        }
        answer = requests.post(url, json=body, headers=KEY, timeout=20)
        answer.raise_for_status()
        made.append(answer.json()["id"])
        return made[-1]

    yield subscribe
    for id_ in made:
        requests.delete(f"{url}/{id_}", headers=KEY, timeout=20)


@pytest.fixture
def refuse_events(
    create_event: CreateEvent, subscribe: Subscribe, endpoint: Endpoint
) -> RefuseEvents:
    """Return a function that has the endpoint refuse events, and returns their subscription's id.

    Call it as `refuse_events("TYPE", 503, b"why", count=2)`.
    """

    def refuse_events(event_type: str, status: int, body: bytes = b"", count: int = 1) -> str:
        endpoint.answers["/hook"] = (status, body)
        subscription = subscribe(event_type)
        for _ in range(count):
            create_event(ty=event_type)
        return subscription

    return refuse_events


def open_screen(tab: Page, address: str, heading: str) -> None:
    """Open an address below `/console/`, and wait until its screen is there."""
    tab.goto(f"/console/{address}".rstrip("/"))
    expect(tab.get_by_role("heading", level=1)).to_have_text(heading)
