"""The screen of keyastrom, in a real browser."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import requests
from playwright.sync_api import Browser, Page, expect

from console.conftest import CheckPage, open_screen
from server_process import ServerProcess

TOKEN = {"Authorization": "Api-Token dt0c01.abc123.abcdefjhij1234567890"}


def open_problem(server: ServerProcess, title: str) -> None:
    event = {"eventType": "ERROR_EVENT", "title": title, "entitySelector": "type(SERVICE)"}
    requests.post(
        f"{server.url}/api/v2/events/ingest", json=event, headers=TOKEN, timeout=20
    ).raise_for_status()


def test_an_open_problem_is_commented_and_closed(
    console: Page, server: ServerProcess, check_page: CheckPage
) -> None:
    open_problem(server, "Checkout is down")
    open_screen(console, "keyastrom", "keyastrom")
    console.get_by_role("button", name="Checkout is down").click()
    detail = console.get_by_role("region", name="The chosen row")
    detail.get_by_label("Comment").fill("The database was full.")
    detail.get_by_role("button", name="Add").click()
    expect(detail.locator("li")).to_contain_text("The database was full.")
    check_page()

    detail.get_by_role("button", name="Close the problem").click()
    console.get_by_role("dialog").get_by_role("button", name="Close the problem").click()

    expect(console.get_by_text("The problem is closed.")).to_be_visible()
    expect(console.get_by_role("button", name="Checkout is down")).to_have_count(0)


def test_a_selector_shows_its_entities_or_what_is_wrong_with_it(console: Page) -> None:
    open_screen(console, "keyastrom?selector=type(SERVICE)", "keyastrom")
    expect(console.get_by_role("region", name="Entities")).to_contain_text("BookingService")

    console.get_by_label("Entity selector").fill("type(SERVICE")
    console.get_by_role("button", name="Try it").click()

    expect(console.get_by_role("alert")).to_contain_text("entitySelector")


def test_a_typed_token_is_gone_after_the_sign_out(browser: Browser, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'tallystick.db'}"
    create = [sys.executable, "-m", "tallystick", "keys", "create", "--scope", "*"]
    key, token = (
        subprocess.check_output([*create, "--database", url, api], text=True).strip()
        for api in ("gateway", "keyastrom")
    )
    server = ServerProcess(folder=tmp_path, dev=False).start()
    try:
        tab = browser.new_page(base_url=server.url)
        tab.goto("/console/keyastrom")
        for _ in range(2):
            tab.get_by_label("A key of the gateway").fill(key)
            tab.get_by_role("button", name="Sign in", exact=True).click()
            tab.get_by_label("API token").fill(token)
            tab.get_by_role("button", name="Go on").click()
            expect(tab.get_by_text("No open problem")).to_be_visible()
            tab.get_by_role("button", name="Sign out").click()
        tab.close()
    finally:
        server.stop()
