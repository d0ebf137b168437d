"""The screen of the keys and of the audit log, in a real browser."""

from __future__ import annotations

import requests
from playwright.sync_api import Page, expect

from console.conftest import CheckPage, open_screen
from server_process import ServerProcess


def make_key(console: Page, name: str) -> str:
    """Make a key on the page, and return its secret."""
    console.get_by_label("Name").fill(name)
    console.get_by_label("Scopes").fill("events:read")
    console.get_by_role("button", name="Make a key").click()
    dialog = console.get_by_role("dialog")
    expect(dialog).to_contain_text("You see it this once")
    secret = dialog.locator("code").inner_text()
    dialog.get_by_role("button", name="Close").click()
    return secret


def status_of(server: ServerProcess, secret: str) -> int:
    headers = {"Authorization": f"Bearer {secret}"}
    return requests.get(f"{server.url}/gateway/v1/events", headers=headers, timeout=20).status_code


def test_a_key_is_made_and_revoked(
    console: Page, server: ServerProcess, check_page: CheckPage
) -> None:
    open_screen(console, "keys", "Keys")
    secret = make_key(console, "shop")
    assert status_of(server, secret) == 200
    check_page()

    console.get_by_role("button", name="Revoke shop").click()
    console.get_by_role("dialog").get_by_role("button", name="Revoke").click()

    expect(console.get_by_text("The key is revoked.")).to_be_visible()
    assert status_of(server, secret) == 401


def test_a_new_secret_is_valid_beside_the_old_one(console: Page, server: ServerProcess) -> None:
    open_screen(console, "keys", "Keys")
    old = make_key(console, "mill")

    console.get_by_role("button", name="New secret for mill").click()
    dialog = console.get_by_role("dialog")
    dialog.get_by_role("button", name="Make a new secret").click()
    expect(dialog).to_contain_text("You see it this once")

    new = dialog.locator("code").inner_text()
    assert (status_of(server, new), status_of(server, old)) == (200, 200)


def test_a_key_has_limits_and_its_use_is_shown(
    console: Page, server: ServerProcess, check_page: CheckPage
) -> None:
    open_screen(console, "keys", "Keys")
    console.get_by_text("Limits", exact=True).first.click()
    console.get_by_label("Sources").fill("/event_store/EDF")
    console.get_by_label("Requests a minute").fill("600")
    secret = make_key(console, "lathe")
    assert status_of(server, secret) == 200
    console.reload()

    row = console.get_by_role("row").filter(has_text="lathe")
    expect(row).to_contain_text("/event_store/EDF")
    expect(row).to_contain_text("Requests a minute: 1 of 600")
    console.get_by_text("Limits", exact=True).first.click()
    check_page()


def test_each_change_stands_in_the_audit_log(console: Page, check_page: CheckPage) -> None:
    open_screen(console, "keys", "Keys")
    make_key(console, "forge")

    console.get_by_role("button", name="Audit log").click()

    expect(console.locator("tbody tr").first).to_contain_text("createKey")
    check_page()
