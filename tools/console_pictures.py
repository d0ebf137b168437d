"""Takes pictures of all screens of the console, with something on each: `make screenshots`."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import requests
from playwright.sync_api import Browser, Page

from browser import list_screens, running_browser
from eventhos_endpoint import Endpoint
from server_process import ServerProcess

Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")
SIZES = ((1280, 420), (390, 844))
KEY = {"Authorization": "Bearer dev-gateway-key"}
EVENT_STORE = {"x-api-key": "XXX1XX12XxxxXXxxXXx0xXxx"}
KEYASTROM = {"Authorization": "Api-Token dt0c01.abc123.abcdefjhij1234567890"}
EVENT = {"cl": "EDF", "hs": "AWS", "re": "eu-west-3", "st": "OK", "me": "Operation successful"}
KINDS = ("START_EC2", "STOP_EC2", "START_RDS", "SCALE_OUT", "START_EC2")
IN_DOCS = (
    "overview-1280-light",
    "events-1280-dark",
    "deliveries-1280-light",
    "deliveries-390-dark",
)
"""The pictures that the pages show."""


def main(folder: Path, docs: Path) -> None:
    """Write `SCREEN-WIDTH-THEME.png` for each screen, and those of the pages into `docs` too."""
    folder.mkdir(parents=True, exist_ok=True)
    with seeded_server() as url, running_browser() as browser:
        for path in list_screens(browser, url):
            for width, height in SIZES:
                for theme in THEMES:
                    name = f"{path}-{width}-{theme}"
                    picture = take_picture(browser, f"{url}/console/{path}", width, height, theme)
                    (folder / f"{name}.png").write_bytes(picture)
                    if name in IN_DOCS:
                        (docs / f"console-{name}.png").write_bytes(picture)


@contextmanager
def seeded_server() -> Iterator[str]:
    """Run a dev server with events, a receiver that is well and one that is not."""
    with tempfile.TemporaryDirectory() as folder:
        endpoint = Endpoint()
        endpoint.answers["/shop"] = (410, b'{"error": "this shop is closed"}')
        server = ServerProcess(folder=Path(folder)).start()
        try:
            seed(server.url, endpoint.url)
            yield server.url
        finally:
            server.stop()
            endpoint.stop()


def seed(url: str, endpoint: str) -> None:
    """Make two subscriptions and some events."""
    for name, event_type in (("warehouse", "STOP_EC2"), ("shop", "START_EC2")):
        filters = [{"exact": {"type": event_type}}]
        body = {"name": name, "sink": f"{endpoint}/{name}", "filters": filters}
        subscriptions = f"{url}/gateway/v1/subscriptions"
        requests.post(subscriptions, json=body, headers=KEY, timeout=20).raise_for_status()
    for number in range(25):
        event = {**EVENT, "ty": KINDS[number % len(KINDS)], "ac": f"5250608313{number:02}"}
        requests.post(f"{url}/create", json=event, headers=EVENT_STORE, timeout=20)
        if number % 4 == 0:
            event = {"eventType": "CUSTOM_INFO", "title": f"Deployment {number} has begun"}
            ingest = f"{url}/api/v2/events/ingest"
            requests.post(ingest, json=event, headers=KEYASTROM, timeout=20)


def take_picture(browser: Browser, address: str, width: int, height: int, theme: Theme) -> bytes:
    """Open a screen and its first row, and return what a person sees then."""
    size = {"width": width, "height": height}
    with browser.new_context(color_scheme=theme, viewport=size) as context:  # type: ignore[arg-type] # a TypedDict
        page = context.new_page()
        page.goto(address)
        page.get_by_role("heading", level=1).wait_for()
        page.locator("main .loading").first.wait_for(state="detached")
        _open_row(page)
        return page.screenshot()


def _open_row(page: Page) -> None:
    # On a phone the list itself is what is looked at; the first row that has failed tells most.
    rows = page.locator("tbody tr.choosable")
    if page.viewport_size and page.viewport_size["width"] > 1000 and rows.count():
        failed = rows.filter(has_text="410")
        (failed if failed.count() else rows).first.locator("button.open").click()
        page.locator(".detail h3, .detail figure").first.wait_for()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
