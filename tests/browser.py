"""Debian's headless browser: for the tests of pages, and for pictures of them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium")
# A browser of the tests talks to nobody of its own accord.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def running_browser() -> Iterator[Browser]:
    """Start the browser, and close it in the end."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


def list_screens(browser: Browser, url: str) -> list[str]:
    """Return the names of all screens, as the navigation lists them."""
    page = browser.new_page()
    page.goto(f"{url}/console")
    links = page.locator("nav a")
    links.first.wait_for()
    addresses: list[str] = links.evaluate_all("all => all.map(a => a.getAttribute('href'))")
    page.close()
    return [address.removeprefix("/console/") for address in addresses]
