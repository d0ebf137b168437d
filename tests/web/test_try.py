"""An operation is tried on its page, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from server_process import ServerProcess


@pytest.fixture
def page(browser: Browser, server: ServerProcess) -> Iterator[Page]:
    """Return a tab at a dev server, which asks nobody else."""
    context = browser.new_context(base_url=server.url)
    tab = context.new_page()
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    yield tab
    context.close()
    assert [url for url in asked if not url.startswith(server.url)] == []


def opened(page: Page, api: str, operation: str) -> Locator:
    """Return the form for trying an operation."""
    page.goto(f"/docs/{api}")
    page.locator(f"#{operation}").get_by_role("button", name="Try it").click()
    return page.locator(f"#{operation} form.try")


@pytest.mark.parametrize(
    ("api", "operation", "answer"),
    [
        ("charon", "canStart", "200 OK"),
        ("event_store", "createEvent", "Event created successfully"),
        ("eventgrid", "listEventChannels", "200 OK"),
        ("eventhos", "logIn", "201 Created"),
        ("gateway", "listStoredEvents", "200 OK"),
        ("keyastrom", "listEvents", "200 OK"),
    ],
)
def test_an_operation_of_each_api_is_tried_with_the_dev_world_s_key(
    page: Page, api: str, operation: str, answer: str
) -> None:
    form = opened(page, api, operation)

    form.locator("button").click()

    expect(form.get_by_role("status")).to_contain_text(answer)


def test_a_key_typed_in_is_used_and_stays_in_the_page(page: Page) -> None:
    form = opened(page, "gateway", "listStoredEvents")
    form.get_by_label("Key, in place of $GATEWAY_KEY").fill("wrong")

    form.get_by_role("button", name="Send GET").click()

    expect(form.get_by_role("status")).to_contain_text("401")
    assert page.evaluate("JSON.stringify([localStorage, sessionStorage])") == "[{},{}]"


def test_a_request_to_another_server_is_not_sent(page: Page) -> None:
    form = opened(page, "gateway", "getHealth")
    form.get_by_label("Path and query").fill("//127.0.0.2/healthz")

    form.get_by_role("button", name="Send GET").click()

    expect(form.get_by_role("status")).to_contain_text("calls its own server alone")
