"""The screen that tells whether all is well, in a real browser."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from uuid import uuid4

import requests
from playwright.sync_api import Browser, Page, Route, expect

from console.conftest import KEY, CheckPage, CreateEvent, RefuseEvents, open_screen, sign_in_anew
from console.test_crons import CHARON, call
from server_process import ServerProcess, StartServer


def test_a_server_without_a_fault_is_well(browser: Browser, start_server: StartServer) -> None:
    tab = browser.new_page(base_url=start_server().url)

    open_screen(tab, "overview", "Overview")

    expect(tab.get_by_text("All is well")).to_be_visible()
    tab.close()


def test_a_fresh_install_says_that_nobody_is_told_until_somebody_is(
    browser: Browser, start_server: StartServer
) -> None:
    server = start_server()
    tab = browser.new_page(base_url=server.url)
    open_screen(tab, "overview", "Overview")
    expect(tab.get_by_text("Nobody is told when something goes wrong")).to_be_visible()

    alarms = {
        "name": "alarms",
        "destination": {"kind": "webhook", "url": "tallystick:sink", "body": {}},
        "filters": [{"prefix": {"type": "tallystick."}}],
    }
    url = f"{server.url}/gateway/v1/subscriptions"
    requests.post(url, json=alarms, headers=KEY, timeout=20).raise_for_status()
    open_screen(tab, "overview", "Overview")

    expect(tab.get_by_text("All is well")).to_be_visible()
    expect(tab.get_by_text("Nobody is told")).to_have_count(0)
    tab.close()


def test_what_is_not_well_is_named_and_leads_to_its_cause(
    console: Page, refuse_events: RefuseEvents, check_page: CheckPage
) -> None:
    refuse_events("CLOSED", 410)
    open_screen(console, "overview", "Overview")

    expect(console.get_by_role("row").filter(has_text="event_store")).to_be_visible()
    check_page()
    # The screen looks again after a change.
    console.get_by_role("link", name="the subscription closed is turned off").click(timeout=20_000)

    detail = console.get_by_role("region", name="The chosen row")
    expect(detail).to_contain_text("The service turned it off")


def test_a_key_that_expires_soon_is_named_and_leads_to_it(
    browser: Browser, start_server: StartServer
) -> None:
    server = start_server()
    for name, days in (("agent", "13d"), ("later", "15d")):
        terms = {"api": "charon", "name": name, "scopes": ["executions:write"], "expires": days}
        url = f"{server.url}/gateway/v1/keys"
        requests.post(url, json=terms, headers=KEY, timeout=20).raise_for_status()
    tab = browser.new_page(base_url=server.url)
    open_screen(tab, "overview", "Overview")

    expect(tab.locator(".verdict li")).to_have_count(1)
    tab.get_by_role("link", name="the key agent of charon expires in 13d").click()

    expect(tab.get_by_role("row").filter(has_text="agent")).to_be_visible()
    expect(tab.get_by_role("row").filter(has_text="later")).to_have_count(0)
    tab.get_by_role("link", name="Show all keys").click()
    expect(tab.get_by_role("row").filter(has_text="later")).to_be_visible()
    tab.close()


def test_more_than_are_named_are_told_by_a_line_that_leads_to_all(
    browser: Browser, start_server: StartServer
) -> None:
    server = start_server()
    key = {"api": "charon", "scopes": ["executions:write"], "expires": "13d"}
    for number in range(21):
        call(server, "POST", "/gateway/v1/keys", KEY, key | {"name": f"agent {number}"})
        slug = f"slow-{number}"
        made = {"slug": slug, "name": slug, "schedule": "30 2 * * *"}
        call(server, "POST", "/gateway/v1/crons", KEY, made)
        run = call(server, "GET", f"/api/{slug}/can-start", CHARON)["id"]
        run = call(server, "GET", f"/api/{run}/start", CHARON)["id"]
        call(server, "POST", f"/api/{run}/end", CHARON, {"type": "info", "success": False})
    tab = browser.new_page(base_url=server.url)
    open_screen(tab, "overview", "Overview")
    tab.get_by_role("link", name="more keys expire soon").click()
    expect(tab.get_by_role("row").filter(has_text="agent")).to_have_count(21)

    tab.go_back()
    tab.get_by_role("link", name="more crons: the last run failed").click()

    expect(tab.get_by_role("row").filter(has_text="slow")).to_have_count(21)
    tab.close()


def test_each_subscription_is_looked_at_in_a_database_with_more_than_may_be(
    browser: Browser, start_server: StartServer
) -> None:
    server = start_server()
    filters = [{"prefix": {"type": "tallystick."}}]
    alarms = {"sink": "tallystick:sink", "name": "alarms", "filters": filters}
    call(server, "POST", "/gateway/v1/subscriptions", KEY, alarms)
    server.stop()
    with closing(sqlite3.connect(server.database)) as connection, connection:
        connection.row_factory = sqlite3.Row
        one = dict(
            connection.execute("SELECT * FROM subscriptions WHERE name = 'alarms'").fetchone()
        )
        one |= {"active": False, "created": one["created"] + 1}
        newer = [one | {"id": str(uuid4())} for _ in range(1_000)]
        values = ", ".join(f":{name}" for name in one)
        connection.executemany(f"INSERT INTO subscriptions VALUES ({values})", newer)
    server.start()
    tab = browser.new_page(base_url=server.url)

    open_screen(tab, "overview", "Overview")

    expect(tab.get_by_text("All is well")).to_be_visible()
    expect(tab.get_by_text("Nobody is told")).to_have_count(0)
    tab.close()


def test_the_page_keeps_its_order_when_its_verdict_comes_last(
    console: Page, create_event: CreateEvent
) -> None:
    create_event()
    held: list[Route] = []
    console.route("**/readyz", lambda route: held.append(route))  # noqa: PLW0108  # it takes no builtin
    open_screen(console, "overview", "Overview")
    expect(console.get_by_role("heading", name="Events a minute")).to_be_visible()

    held[0].continue_()

    expect(console.locator("main > .verdict")).to_be_visible()
    parts = console.locator("main > *").evaluate_all("all => all.map(part => part.className)")
    assert [parts[0], parts[1].split()[0]] == ["head", "verdict"]


def test_a_key_of_few_scopes_is_told_what_is_not_known(
    console: Page, server: ServerProcess
) -> None:
    open_screen(console, "", "Overview")
    sign_in_anew(console, server, "audit:read")

    verdict = console.locator(".verdict")
    expect(verdict).to_contain_text("may not read deliveries, subscriptions, crons, or keys")
    expect(console.get_by_text("All is well:")).to_have_count(0)


def test_a_server_that_is_away_is_told_and_its_screens_come_back_with_it(
    browser: Browser, start_server: StartServer
) -> None:
    free = start_server()
    free.stop()
    server = start_server("--port", free.url.rpartition(":")[2])
    tab = browser.new_page(base_url=server.url)
    open_screen(tab, "events", "Events")
    server.stop()

    tab.get_by_role("link", name="Overview").click()
    expect(tab.get_by_role("alert").first).to_contain_text("The server does not answer.")
    expect(tab.get_by_text("Failed to fetch")).to_have_count(0)
    tab.get_by_role("link", name="Crons").click()
    expect(tab.get_by_role("alert")).to_contain_text("The server does not answer.")

    server.start()

    expect(tab.get_by_role("button", name="Nightly report")).to_be_visible(timeout=20_000)
    tab.close()
