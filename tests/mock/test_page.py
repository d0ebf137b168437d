"""The page of the requests, in a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import requests
from playwright.sync_api import Page, expect

from browser import CHROMIUM, running_browser
from tallystick.mock.client import Tallystick

Create = Callable[..., requests.Response]


@pytest.fixture
def page(mock: Tallystick) -> Iterator[Page]:
    """A tab at the page; what it complains of fails the test."""
    if CHROMIUM is None:
        pytest.skip("the page is NOT tested in a browser: this needs `make browser`")
    complaints: list[str] = []
    with running_browser() as chromium:
        tab = chromium.new_page(base_url=mock.url)
        tab.on("console", lambda message: complaints.append(message.text))
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.goto("/mock")
        expect(tab.locator("#state")).to_have_text("live")
        yield tab
    assert complaints == []


def test_a_request_is_shown_as_it_comes(page: Page, create: Create) -> None:
    create(cl="x")

    row = page.locator("#requests tbody tr")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("createEvent")
    expect(row).to_contain_text("400")
    row.get_by_role("button").click()
    expect(page.locator("#detail")).to_contain_text("must have at least 3 characters (C002)")
    expect(page.locator("#detail")).to_contain_text('"x-api-key": "***"')


def test_what_a_caller_sent_is_shown_and_never_run(page: Page, create: Create) -> None:
    create(me="<img src=x onerror=alert(1)>")

    page.locator("#requests tbody button").click()

    expect(page.locator("#detail")).to_contain_text("<img src=x onerror=alert(1)>")
    assert page.locator("#detail img").count() == 0


def test_requests_are_filtered_forgotten_and_put_back(
    page: Page, mock: Tallystick, create: Create
) -> None:
    create(cl="ENI")
    create(cl="EDF")
    rows = page.locator("#requests tbody tr:visible")
    expect(rows).to_have_count(2)

    page.fill("#filter", "eni")
    expect(rows).to_have_count(1)
    page.fill("#filter", "")
    page.click("#reset")
    expect(rows).to_have_count(0)
    assert mock.requests == []
    create()
    expect(rows).to_have_count(1)
    page.click("#forget")
    expect(rows).to_have_count(0)


def test_the_page_fits_a_phone(page: Page, create: Create) -> None:
    create()
    page.set_viewport_size({"width": 360, "height": 740})

    assert page.evaluate("document.documentElement.scrollWidth") == 360
