"""The screen of eventhos, in a real browser."""

from __future__ import annotations

import pytest
import requests
from playwright.sync_api import Page, expect

from console.conftest import CheckPage, open_screen
from server_process import ServerProcess

PERSON = {"username": "admin", "password": "dev-admin"}


@pytest.fixture
def received(server: ServerProcess) -> str:
    """Return the identifier of an event that a client has sent."""
    login = requests.post(f"{server.url}/auth/login", json=PERSON, timeout=20).json()
    token = {"Authorization": f"Bearer {login['content']['access_token']}"}
    events = requests.get(f"{server.url}/event", headers=token, timeout=20).json()
    identifier = next(e["identifier"] for e in events["content"]["items"] if e["id"] == 1000001)
    client = {"grant_type": "client_credentials", "client_id": "dev-client"}
    asked = requests.post(
        f"{server.url}/auth/token", json={**client, "client_secret": "dev-secret"}, timeout=20
    )
    requests.post(
        f"{server.url}/event/send?event-identifier={identifier}",
        json={"id": 7, "name": "Morpheush"},
        headers={"access-key": asked.json()["content"]["access_token"]},
        timeout=20,
    ).raise_for_status()
    return str(identifier)


def test_the_log_shows_an_event_with_its_contracts_and_their_attempts(
    console: Page, received: str, check_page: CheckPage
) -> None:
    open_screen(console, f"eventhos?eventIdentifierSearch={received}", "eventhos")

    console.locator("tbody button").first.click()

    detail = console.get_by_role("region", name="The chosen row")
    expect(detail).to_contain_text("dev-contract")
    detail.get_by_role("button", name="Attempts").first.click()
    expect(detail).to_contain_text("Attempt 1")
    check_page()


def test_a_template_is_tried_with_the_event_at_hand(console: Page, received: str) -> None:
    open_screen(console, f"eventhos?eventIdentifierSearch={received}", "eventhos")
    console.locator("tbody button").first.click()

    console.get_by_role("button", name="Try it").click()

    expect(console.get_by_role("region", name="It would send")).to_contain_text("/orders/7")


def test_a_template_that_can_not_be_read_is_told_with_its_place(console: Page) -> None:
    open_screen(console, "eventhos?show=actions", "eventhos")
    console.get_by_label("What the action sends").fill('{"url": "${.body", "method": "POST"}')

    console.get_by_role("button", name="Try it").click()

    expect(console.locator("main .wrong")).to_contain_text("url")


@pytest.mark.parametrize(
    ("list_", "listed"),
    [
        ("Systems", "dev-consumer"),
        ("Events", "new-bomb"),
        ("Actions", "dev-action"),
        ("Contracts", "dev-contract"),
    ],
)
def test_what_the_service_manages_is_listed(
    console: Page, list_: str, listed: str, check_page: CheckPage
) -> None:
    open_screen(console, "eventhos", "eventhos")

    console.get_by_role("group", name="What to show").get_by_role(
        "button", name=list_, exact=True
    ).click()

    expect(console.locator("tbody")).to_contain_text(listed)
    check_page()


def test_a_sign_in_that_failed_is_tried_again(console: Page) -> None:
    console.route("**/auth/login", lambda route: route.abort(), times=1)
    open_screen(console, "eventhos?show=systems", "eventhos")

    console.get_by_role("button", name="Try again").click()

    expect(console.locator("tbody")).to_contain_text("dev-consumer")
