"""The screen of eventgrid, in a real browser."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from console.conftest import CheckPage, open_screen


def test_channels_sources_and_subscriptions_are_listed(
    console: Page, check_page: CheckPage
) -> None:
    open_screen(console, "eventgrid", "eventgrid")
    expect(console.locator("tbody")).to_contain_text("dev-channel")
    check_page()

    console.get_by_role("button", name="Sources").click()

    expect(console.locator("tbody")).to_contain_text("HC.OBS")


def test_a_filter_says_why_it_does_not_take_an_event(console: Page) -> None:
    open_screen(console, "eventgrid", "eventgrid")
    console.get_by_role("button", name="Try it").click()
    expect(console.get_by_text("the filter takes the event")).to_be_visible()

    console.get_by_label("Event").fill('{"source": "other", "type": "t", "data": {}}')
    console.get_by_role("button", name="Try it").click()

    expect(console.get_by_text("the filter does not take it. source")).to_be_visible()
