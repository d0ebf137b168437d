"""The focus of a keyboard, which goes back to where it was."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from console.conftest import CreateEvent, open_screen


def test_a_closed_detail_gives_the_focus_back_to_its_row(
    console: Page, create_event: CreateEvent
) -> None:
    create_event(ty="FOCUSED")
    open_screen(console, "events?type=FOCUSED", "Events")
    row = console.get_by_role("button", name="FOCUSED")
    row.press("Enter")
    expect(console.get_by_role("heading", name="FOCUSED")).to_be_focused()

    console.keyboard.press("Escape")

    expect(row).to_be_focused()


def test_a_closed_question_gives_the_focus_back_to_its_button(console: Page) -> None:
    open_screen(console, "crons?id=nightly-report", "Crons")
    button = console.get_by_role("button", name="Delete")
    for close in ("Escape", "Enter"):  # the second one is the button `Cancel`
        button.press("Enter")
        expect(console.get_by_role("button", name="Cancel")).to_be_focused()

        console.keyboard.press(close)

        expect(button).to_be_focused()
        expect(console.get_by_role("dialog")).to_have_count(0)


def test_the_focus_leaves_the_menu_with_it(console: Page) -> None:
    console.set_viewport_size({"width": 390, "height": 844})
    open_screen(console, "events", "Events")
    menu = console.get_by_role("button", name="Menu")
    menu.press("Enter")
    console.keyboard.press("Tab")
    console.keyboard.press("Escape")
    expect(menu).to_be_focused()

    menu.press("Enter")
    console.get_by_role("link", name="Deliveries").press("Enter")

    expect(console.get_by_role("heading", level=1)).to_have_text("Deliveries")
    expect(console.get_by_role("main")).to_be_focused()
