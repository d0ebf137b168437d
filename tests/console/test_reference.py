"""The reference shows programs in the language that the reader chooses."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from console.conftest import CheckPage

PROGRAM = "#canStart .programs pre"


def test_a_language_is_chosen_for_every_operation_and_remembered(console: Page) -> None:
    console.goto("/docs/charon#canStart")

    console.click("#canStart .programs [data-language=rust]")
    expect(console.locator(PROGRAM)).to_contain_text("use charon_client")
    expect(console.locator("#createCron .programs pre")).to_contain_text("CharonNewCron")
    console.reload()
    expect(console.locator(PROGRAM)).to_contain_text("use charon_client")

    console.click("#canStart .programs [data-language=python]")
    expect(console.locator(PROGRAM)).to_contain_text("from charon_client import")
    console.click("#canStart .programs [data-language=python]")
    expect(console.locator(".programs pre")).to_have_count(0)


def test_the_operation_stays_where_it_is_when_programs_come_and_go(console: Page) -> None:
    console.goto("/docs/keyastrom#getProblem")
    link = console.locator("#getProblem .programs [data-language=java]")
    before = link.bounding_box()

    link.click()

    assert before is not None
    assert link.bounding_box() == before


def test_programs_are_read_on_any_screen(console: Page, check_page: CheckPage) -> None:
    console.goto("/docs/event_store")

    console.click("#createEvent .programs [data-language=go]")

    check_page()
