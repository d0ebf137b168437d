"""The screen of subscriptions and endpoints, in a real browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from console.conftest import CheckPage, CreateEvent, Subscribe, open_screen
from eventhos_endpoint import Endpoint

OpenSubscription = Callable[[str], Locator]


@pytest.fixture
def open_subscription(console: Page, subscribe: Subscribe) -> OpenSubscription:
    """Return a function that makes a subscription, opens it, and returns its detail."""

    def open_subscription(event_type: str) -> Locator:
        open_screen(console, f"endpoints?id={subscribe(event_type)}", "Endpoints")
        detail = console.get_by_role("region", name="The chosen row")
        expect(detail).to_contain_text("every event" if not event_type else f"type is {event_type}")
        return detail

    return open_subscription


def test_a_test_event_shows_what_the_receiver_answered(
    open_subscription: OpenSubscription, endpoint: Endpoint, check_page: CheckPage
) -> None:
    endpoint.answers["/hook"] = (404, b"no such hook")
    detail = open_subscription("TESTED")

    detail.get_by_role("button", name="Send a test event").click()

    expect(detail).to_contain_text("was refused")
    expect(detail).to_contain_text("no such hook")
    assert b"tallystick.test" in endpoint.calls[0].body
    check_page()


def test_turning_off_is_undone(console: Page, open_subscription: OpenSubscription) -> None:
    detail = open_subscription("SWITCHED")

    detail.get_by_role("button", name="Turn off").click()

    expect(detail.locator(".state")).to_have_text("off")
    console.get_by_role("button", name="Undo").click()
    expect(detail.locator(".state")).to_have_text("on")


def test_a_new_secret_is_asked_for_first_and_shown_once(
    console: Page, open_subscription: OpenSubscription, check_page: CheckPage
) -> None:
    detail = open_subscription("SECRET")
    dialog = console.get_by_role("dialog")

    detail.get_by_role("button", name="New secret").click()
    dialog.get_by_role("button", name="Make a new secret").click()

    expect(dialog).to_contain_text("whsec_")
    check_page()
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_have_count(0)


def test_a_subscription_is_made_changed_and_deleted(
    console: Page, endpoint: Endpoint, check_page: CheckPage
) -> None:
    open_screen(console, "endpoints", "Endpoints")
    console.get_by_role("button", name="New subscription").click()
    form = console.locator("form.fields")
    form.get_by_label("Name").fill("made here")
    form.get_by_label("Address").fill(f"{endpoint.url}/wrong")
    form.get_by_label("Filters").fill("[{")
    form.get_by_role("button", name="Make it").click()
    expect(form.get_by_role("alert")).to_contain_text("The filters are no JSON")
    check_page()
    form.get_by_label("Filters").fill('[{"exact": {"type": "MADE"}}]')
    form.get_by_role("button", name="Make it").click()
    dialog = console.get_by_role("dialog")
    expect(dialog).to_contain_text("whsec_")
    dialog.get_by_role("button", name="Close").click()
    detail = console.get_by_role("region", name="The chosen row")
    expect(detail).to_contain_text("type is MADE")

    detail.get_by_role("button", name="Change").click()
    form.get_by_label("Address").fill(f"{endpoint.url}/right")
    form.get_by_role("button", name="Save").click()
    expect(detail).to_contain_text(f"{endpoint.url}/right")

    detail.get_by_role("button", name="Delete").click()
    dialog.get_by_role("button", name="Delete").click()
    expect(console.get_by_text("It is deleted.")).to_be_visible()
    expect(console.get_by_role("button", name="made here")).to_have_count(0)


def test_an_address_tells_how_many_of_its_deliveries_arrived(
    console: Page,
    subscribe: Subscribe,
    create_event: CreateEvent,
    endpoint: Endpoint,
    check_page: CheckPage,
) -> None:
    subscribe("ADDRESS")
    create_event(ty="ADDRESS")
    open_screen(console, "endpoints", "Endpoints")

    row = console.get_by_role("row").filter(has=console.get_by_role("link", name=endpoint.url))
    # The screen looks again after a change.
    expect(row).to_contain_text("100 % of 1", timeout=20_000)
    check_page()


def test_what_was_held_goes_on_once_a_subscription_is_turned_on_and_the_person_agrees(
    console: Page, create_event: CreateEvent, subscribe: Subscribe, endpoint: Endpoint
) -> None:
    endpoint.answers["/hook"] = (410, b"")
    subscription = subscribe("HELD")
    create_event(ty="HELD")
    open_screen(console, f"deliveries?target={subscription}&state=held", "Deliveries")
    expect(console.locator("tbody tr")).to_have_count(1)
    endpoint.answers.clear()
    open_screen(console, f"endpoints?id={subscription}", "Endpoints")

    console.get_by_role("button", name="Turn on").click()
    console.get_by_role("dialog").get_by_role("button", name="Retry").click()

    open_screen(console, f"deliveries?target={subscription}&state=done", "Deliveries")
    expect(console.locator("tbody tr")).to_have_count(1)


def test_a_long_name_leaves_room_for_what_stands_beside_it(
    console: Page, subscribe: Subscribe, check_page: CheckPage
) -> None:
    subscribe("N" * 200)
    open_screen(console, "endpoints", "Endpoints")
    name = console.get_by_role("button", name="n" * 200)

    for width in (1280, 390):
        console.set_viewport_size({"width": width, "height": 844})
        table = console.get_by_role("region", name="Subscriptions")
        assert table.evaluate("t => t.scrollWidth - t.clientWidth") == 0
        expect(name).to_be_visible()
    check_page()
