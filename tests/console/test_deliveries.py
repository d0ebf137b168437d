"""The screen of the deliveries, in a real browser."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path

import requests
from playwright.sync_api import Browser, Page, expect

from console.conftest import (
    EVENT,
    EVENT_STORE,
    KEY,
    CheckPage,
    CreateEvent,
    RefuseEvents,
    Subscribe,
    open_screen,
    watched_tab,
)
from eventhos_endpoint import Endpoint
from server_process import StartServer
from tallystick.delivery.pages import SCANNED_ROWS
from tallystick.events import new_id

SEARCHED_PAGES = 5
"""The pages that the console reads until one has rows."""


def test_the_reason_of_a_failure_is_found_and_the_delivery_retried(
    console: Page, refuse_events: RefuseEvents, endpoint: Endpoint, check_page: CheckPage
) -> None:
    subscription = refuse_events("SHOP", 503, b'{"error": "out of stock"}')
    open_screen(console, f"deliveries?target={subscription}", "Deliveries")

    console.locator("tbody button").click()

    detail = console.get_by_role("region", name="The chosen row")
    expect(detail).to_contain_text("the receiver failed")
    expect(detail.get_by_role("link", name="shop", exact=True)).to_be_visible()
    expect(detail).to_contain_text("out of stock")
    expect(detail).to_contain_text("POST http://127.0.0.1")
    check_page()
    endpoint.answers.clear()
    detail.get_by_role("button", name="Retry").click()
    expect(detail).to_contain_text("arrived")
    expect(console.locator("tbody tr")).to_contain_text("delivered")


def test_all_that_match_are_retried_once_the_person_agreed(
    console: Page, refuse_events: RefuseEvents, check_page: CheckPage
) -> None:
    subscription = refuse_events("GONE", 410, count=2)
    open_screen(console, f"deliveries?target={subscription}&state=held", "Deliveries")
    rows = console.locator("tbody tr")
    expect(rows).to_have_count(2)
    console.get_by_label("Time").select_option("Last hour")
    expect(rows).to_have_count(2)

    console.get_by_role("button", name="Retry all that match").click()

    question = console.get_by_role("dialog")
    expect(question).to_contain_text("Retry 2 deliveries?")
    expect(question).to_contain_text("All that match the filters and are held")
    expect(question).to_contain_text("Turn gone on first, or what is held for it is held again.")
    check_page()
    question.get_by_role("button", name="Cancel").click()
    expect(rows).to_have_count(2)
    console.get_by_role("button", name="Retry all that match").click()
    question.get_by_role("button", name="Retry", exact=True).click()
    expect(console.get_by_text("2 deliveries tried again now.")).to_be_visible()


def test_the_deliveries_of_an_event_stand_beside_it(
    console: Page, create_event: CreateEvent, subscribe: Subscribe
) -> None:
    subscribe("BESIDE")
    event = create_event(ty="BESIDE")
    open_screen(console, f"events?type=BESIDE&id={event}", "Events")
    detail = console.get_by_role("region", name="The chosen row")
    expect(detail).to_contain_text("delivered")

    detail.locator(".lines a").click()

    expect(console.get_by_role("heading", level=1)).to_have_text("Deliveries")
    expect(console.get_by_role("region", name="The chosen row")).to_contain_text("arrived")


def test_an_empty_state_says_what_it_means(console: Page, check_page: CheckPage) -> None:
    open_screen(console, "deliveries?state=cancelled", "Deliveries")

    expect(console.get_by_text("None is in this state")).to_be_visible()
    check_page()


def test_the_counts_are_read_again_less_often_than_the_list(
    console: Page, create_event: CreateEvent, subscribe: Subscribe
) -> None:
    subscription = subscribe("COUNTED")
    asked: list[str] = []
    console.on("request", lambda request: asked.append(request.url.partition("?")[0]))
    open_screen(console, f"deliveries?target={subscription}", "Deliveries")
    for number in range(1, 4):
        create_event(ty="COUNTED")
        expect(console.locator("tbody tr")).to_have_count(number)

    counted = [url for url in asked if url.endswith("/deliveries/counts")]
    listed = [url for url in asked if url.endswith("/v1/deliveries")]

    assert 0 < len(counted) < len(listed)


def test_what_a_search_found_stays_as_more_comes(
    browser: Browser, start_server: StartServer, endpoint: Endpoint
) -> None:
    server = start_server()
    gateway = f"{server.url}/gateway/v1"
    body = {"sink": f"{endpoint.url}/hook", "filters": [{"exact": {"type": "RARE"}}]}
    made = requests.post(f"{gateway}/subscriptions", json=body, headers=KEY, timeout=20).json()

    def create_event() -> None:
        event = EVENT | {"ty": "RARE"}
        requests.post(f"{server.url}/create", json=event, headers=EVENT_STORE, timeout=20)

    create_event()
    add_many_deliveries(server.database)
    with watched_tab(browser, server.url) as tab:
        open_screen(tab, f"deliveries?target={made['id']}", "Deliveries")
        rows = tab.locator("tbody tr")
        tab.get_by_role("button", name="Search on").click()
        expect(rows).to_have_count(1)

        create_event()

        expect(rows).to_have_count(2)


def add_many_deliveries(database: Path) -> None:
    """Add more deliveries than the console looks at for its first rows, all of one later event."""
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.row_factory = sqlite3.Row
        one = dict(connection.execute("SELECT * FROM deliveries").fetchone())
        event = new_id(time.time_ns() // 1_000_000)
        rows = (
            one | {"id": f"{event}_gateway_{number}", "event_id": event, "target": "often"}
            for number in range(SEARCHED_PAGES * SCANNED_ROWS)
        )
        values = ", ".join(f":{name}" for name in one)
        connection.executemany(f"INSERT INTO deliveries VALUES ({values})", rows)
