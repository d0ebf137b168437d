"""The screen of the events, in a real browser."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import requests
from playwright.sync_api import Browser, Page, expect

from console.conftest import EVENT, EVENT_STORE, CheckPage, CreateEvent, open_screen
from server_process import ServerProcess


def test_an_event_is_shown_as_it_comes(console: Page, create_event: CreateEvent) -> None:
    open_screen(console, "events?type=LIVE", "Events")
    expect(console.get_by_text("No event matches")).to_be_visible()

    create_event(ty="LIVE")

    expect(console.locator("tbody tr")).to_have_count(1)
    expect(console.locator("tbody tr")).to_contain_text("/event_store/EDF")


def test_a_chosen_event_is_shown_whole_and_stands_in_the_address(
    console: Page, create_event: CreateEvent, check_page: CheckPage
) -> None:
    event = create_event(ty="CHOSEN")
    open_screen(console, "events?type=CHOSEN", "Events")

    console.get_by_role("button", name="CHOSEN").click()

    detail = console.get_by_role("region", name="The chosen row")
    expect(detail).to_contain_text("It was delivered to nobody")
    expect(detail).to_contain_text('"ty": "CHOSEN"')
    assert f"id={event}" in console.url
    check_page()
    console.keyboard.press("Escape")
    expect(detail).to_have_count(0)


def test_text_of_an_event_is_shown_and_never_run(console: Page, server: ServerProcess) -> None:
    hostile = "<img src=x onerror=alert(1)>"
    requests.post(
        f"{server.url}/api/v2/events/ingest",
        json={"eventType": "CUSTOM_INFO", "title": hostile},
        headers={"Authorization": "Api-Token dt0c01.abc123.abcdefjhij1234567890"},
        timeout=10,
    ).raise_for_status()
    open_screen(console, "events?api=keyastrom&type=CUSTOM_INFO", "Events")

    console.locator("tbody button").first.click()

    expect(console.get_by_role("region", name="The chosen row")).to_contain_text(hostile)
    assert console.locator("main img").count() == 0


def test_filters_stand_in_the_address_and_the_way_back_undoes_them(
    console: Page, create_event: CreateEvent, check_page: CheckPage
) -> None:
    create_event(ty="FILTERED", cl="ENI")
    create_event(ty="FILTERED", cl="EDF")
    open_screen(console, "events?type=FILTERED", "Events")
    rows = console.locator("tbody tr")
    expect(rows).to_have_count(2)
    check_page()

    console.get_by_label("Source").fill("/event_store/ENI")
    console.keyboard.press("Enter")

    expect(rows).to_have_count(1)
    assert "source=%2Fevent_store%2FENI" in console.url
    console.go_back()
    expect(rows).to_have_count(2)


def test_what_is_being_typed_stays_while_events_come(
    console: Page, create_event: CreateEvent
) -> None:
    create_event(ty="TYPED")
    open_screen(console, "events?type=TYPED", "Events")
    console.get_by_label("Source").press_sequentially("/event_store/E")

    create_event(ty="TYPED")

    expect(console.locator("tbody tr")).to_have_count(2)
    expect(console.get_by_label("Source")).to_have_value("/event_store/E")


def test_a_long_list_is_read_page_by_page(console: Page, create_event: CreateEvent) -> None:
    for _ in range(60):
        create_event(ty="LONG")
    open_screen(console, "events?type=LONG", "Events")
    rows = console.locator("tbody tr")
    expect(rows).to_have_count(50)

    console.get_by_role("button", name="Show more").click()

    expect(rows).to_have_count(60)
    expect(console.get_by_role("button", name="Show more")).to_have_count(0)


def test_a_list_that_was_shortened_goes_on_where_it_ends(
    console: Page, server: ServerProcess, create_event: CreateEvent
) -> None:
    with requests.Session() as sender:
        for _ in range(1_060):
            sender.post(
                f"{server.url}/create", json=EVENT | {"ty": "MANY"}, headers=EVENT_STORE, timeout=20
            ).raise_for_status()
    open_screen(console, "events?type=MANY", "Events")
    rows = console.locator("tbody tr")
    for count in range(50, 1_050, 50):
        expect(rows).to_have_count(count)
        console.get_by_role("button", name="Show more").click()
    expect(rows).to_have_count(1_050)
    create_event(ty="MANY")
    expect(rows).not_to_have_count(1_050)
    shortened = rows.count()
    rows.last.get_by_role("button").click()
    last = parse_qs(urlsplit(console.url).query)["id"][0]

    with console.expect_request(lambda request: "cursor=" in request.url) as asked:
        console.get_by_role("button", name="Show more").click()

    assert f"cursor={last}" in asked.value.url
    expect(rows).to_have_count(shortened + 50)


def test_words_of_a_ticket_find_the_event_of_that_time(
    console: Page, create_event: CreateEvent, check_page: CheckPage
) -> None:
    create_event(ty="TICKET", me="The order never reached the shop")
    create_event(ty="TICKET", me="Another order")
    open_screen(console, "events?type=TICKET", "Events")
    rows = console.locator("tbody tr")

    console.get_by_label("Text").fill("ORDER shop")
    console.keyboard.press("Enter")

    expect(rows).to_have_count(1)
    console.get_by_label("Time").select_option("From … to …")
    console.get_by_label("From", exact=True).fill("2026-01-31T14:03")
    console.get_by_label("To", exact=True).fill("2026-01-31T14:04")
    console.keyboard.press("Enter")
    expect(console.get_by_text("No event matches")).to_be_visible()
    check_page()


def test_a_search_by_text_is_done_again_only_by_hand(
    console: Page, create_event: CreateEvent
) -> None:
    searches: list[str] = []
    console.on("request", lambda r: searches.append(r.url) if "text=" in r.url else None)
    create_event(ty="SOUGHT", me="needle")
    open_screen(console, "events?type=SOUGHT&text=needle", "Events")
    rows = console.locator("tbody tr")
    expect(rows).to_have_count(1)
    create_event(ty="SOUGHT", me="another needle")
    searches.clear()

    console.get_by_role("button", name="Search again").click()

    expect(rows).to_have_count(2)
    assert len([url for url in searches if "/gateway/" in url]) == 1


def test_more_than_a_person_reads_is_sampled_and_the_page_says_so(
    console: Page, create_event: CreateEvent, check_page: CheckPage
) -> None:
    create_event(ty="FLOOD")
    open_screen(console, "events?type=FLOOD", "Events")
    expect(console.locator("tbody tr")).to_have_count(1)
    console.get_by_role("button", name="Pause").click()
    expect(console.get_by_role("button", name="Follow")).to_be_visible()
    for _ in range(60):
        create_event(ty="FLOOD")
    expect(console.locator("tbody tr")).to_have_count(1)

    console.get_by_role("button", name="Follow").click()

    expect(console.get_by_text("you see a sample")).to_be_visible()
    expect(console.locator("tbody tr")).to_have_count(50)
    check_page()


def test_marks_that_turn_the_text_around_are_seen(console: Page, create_event: CreateEvent) -> None:
    event = create_event(ty="TURNED", me="paid \u202eton\u202c\u200b")
    open_screen(console, f"events?id={event}", "Events")

    data = console.get_by_role("region", name="Data, as it was accepted")

    expect(data).to_contain_text(r'"me": "paid \u202eton\u202c\u200b"')


def test_an_address_may_name_what_no_field_offers(browser: Browser, server: ServerProcess) -> None:
    tab = browser.new_page(base_url=server.url)

    open_screen(tab, "events?api=tallystick&span=own&from=nonsense&to=2001-01-01T00:00", "Events")
    expect(tab.get_by_text("No event matches")).to_be_visible()
    expect(tab.get_by_label("API")).to_have_value("tallystick")

    open_screen(tab, "deliveries?api=gone&span=own&from=nonsense", "Deliveries")
    expect(tab.get_by_text("No delivery matches")).to_be_visible()
    expect(tab.get_by_label("API")).to_have_value("gone")
    tab.close()
