"""The screen of a mock, in a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from console.conftest import EVENT, EVENT_STORE, CheckPage, open_screen, watched_tab
from mock.conftest import create, mock, process
from tallystick.mock.client import Tallystick
from tallystick.mock.process import MockProcess

__all__ = ["create", "mock", "process"]

Create = Callable[..., requests.Response]


@pytest.fixture
def console(browser: Browser, mock: Tallystick) -> Iterator[Page]:
    """Return a tab at the screen of the mock."""
    with watched_tab(browser, mock.url) as tab:
        open_screen(tab, "mock", "Mock")
        expect(tab.get_by_text("No requests yet")).to_be_visible()
        yield tab


def rows(console: Page, count: int) -> None:
    """Wait until so many requests are shown."""
    expect(console.get_by_role("region", name="Requests").locator("tbody tr")).to_have_count(count)


def test_a_request_is_shown_as_it_comes_and_its_mistake_is_named(
    console: Page, create: Create, check_page: CheckPage
) -> None:
    create(cl="x")

    rows(console, 1)
    row = console.locator("tbody tr").first
    expect(row).to_contain_text("createEvent")
    expect(row).to_contain_text("400")
    row.get_by_role("button").click()
    detail = console.get_by_role("region", name="The chosen row")
    expect(detail).to_contain_text("must have at least 3 characters")
    expect(detail).to_contain_text("C002")
    expect(detail).to_contain_text('"x-api-key": "***"')
    check_page()


def test_a_mock_of_another_contract_shows_no_call_that_it_does_not_serve(
    browser: Browser, start_tallystick: Callable[..., Tallystick]
) -> None:
    mock = start_tallystick("--contract", "examples/crm/crm.yaml")
    with watched_tab(browser, mock.url) as tab:
        open_screen(tab, "mock", "Mock")
        expect(tab.get_by_text("No requests yet")).to_be_visible()
        expect(tab.locator("main pre")).to_have_count(0)


def test_the_name_of_an_operation_stands_on_one_line(console: Page, mock: Tallystick) -> None:
    console.set_viewport_size({"width": 1000, "height": 700})
    requests.get(f"{mock.url}/create?cl=EDF&{'me=words&' * 20}", timeout=5)

    rows(console, 1)
    cell = console.get_by_role("cell", name="createEventFromQuery", exact=True)
    lines = """cell => {
      const text = document.createRange();
      text.selectNodeContents(cell);
      return text.getClientRects().length;
    }"""
    assert cell.evaluate(lines) == 1


def test_a_mock_has_its_screen_at_a_short_address(console: Page) -> None:
    console.goto("/mock")

    expect(console.get_by_role("heading", level=1)).to_have_text("Mock")


def test_what_a_caller_sent_is_shown_and_never_run(console: Page, create: Create) -> None:
    create(me="<img src=x onerror=alert(1)>")

    console.locator("tbody button").first.click()

    detail = console.get_by_role("region", name="The chosen row")
    expect(detail).to_contain_text("<img src=x onerror=alert(1)>")
    assert detail.locator("img").count() == 0


def test_a_preference_is_told_apart_from_a_mistake(console: Page, mock: Tallystick) -> None:
    wish = {**EVENT_STORE, "Prefer": "code=429"}
    requests.post(f"{mock.url}/create", json=EVENT, headers=wish, timeout=20)

    expect(console.locator("tbody tr").first).to_contain_text("asked for: ")
    expect(console.locator("tbody tr .bad")).to_have_count(0)


def test_requests_are_filtered_and_forgotten(console: Page, create: Create) -> None:
    create(cl="ENI")
    create(cl="EDF")
    rows(console, 2)
    console.get_by_label("Text in a request").fill("ENI")
    rows(console, 1)
    console.get_by_label("Text in a request").fill("")

    console.get_by_role("button", name="Forget the requests").click()

    expect(console.get_by_text("No requests yet")).to_be_visible()


def test_a_rule_made_of_a_request_answers_the_next_one(console: Page, create: Create) -> None:
    first = create(cl="x")
    assert first.status_code == 400
    console.locator("tbody button").first.click()

    console.get_by_role("button", name="Make a rule of this request").click()
    console.get_by_role("button", name="Make the rule").click()

    expect(console.get_by_text("The rule is made.")).to_be_visible()
    expect(console.locator(".below li")).to_contain_text("createEvent")
    assert create(cl="x").content == first.content
    console.locator(".below li").get_by_role("button", name="Delete").click()
    expect(console.locator(".below li")).to_have_count(0)


def test_a_mock_is_reset_only_after_a_question(
    console: Page, mock: Tallystick, create: Create
) -> None:
    create(cl="EDF")
    console.get_by_role("button", name="Reset").click()
    console.get_by_role("button", name="Cancel").click()
    rows(console, 1)

    console.get_by_role("button", name="Reset").click()
    console.get_by_role("dialog").get_by_role("button", name="Reset").click()

    expect(console.get_by_text("No requests yet")).to_be_visible()
    assert mock.requests == []


def test_the_clock_and_a_snapshot_are_set_on_the_page(console: Page) -> None:
    console.get_by_role("button", name="Stop it").click()
    expect(console.get_by_text("it stands still")).to_be_visible()
    console.get_by_label("Name").fill("before")
    console.get_by_role("button", name="Take a snapshot").click()
    expect(console.locator(".below li")).to_contain_text("before")

    console.get_by_role("button", name="Delete").click()

    expect(console.locator(".below li")).to_have_count(0)


@pytest.mark.parametrize("language", ["Python", "Node", "Java", "Go"])
def test_a_request_is_copied_as_a_test(console: Page, create: Create, language: str) -> None:
    create(cl="EDF")
    console.locator("tbody button").first.click()

    console.get_by_role("button", name=language, exact=True).click()

    written = console.get_by_role("region", name=f"A test in {language}")
    expect(written).to_contain_text("/create")
    expect(written).to_contain_text("200")


def test_requests_stay_shown_while_the_mock_is_away(browser: Browser) -> None:
    process = MockProcess()
    tab = browser.new_page(base_url=process.url)
    open_screen(tab, "mock", "Mock")
    requests.get(f"{process.url}/create", timeout=20)
    rows(tab, 1)

    process.stop()

    expect(tab.get_by_text("no connection")).to_be_visible()
    rows(tab, 1)
    tab.close()
