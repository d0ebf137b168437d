"""Takes the README's picture: the console's screen of a mock with the requests of some programs.

Run it by `make picture`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal, NamedTuple

import requests
from playwright.sync_api import Browser

from browser import running_browser
from tallystick.mock.process import MockProcess

EVENT = {
    "cl": "EDF",
    "hs": "AWS",
    "ty": "START_EC2",
    "ac": "525060831330",
    "re": "eu-west-3",
    "st": "OK",
    "me": "Operation successful",
}
EVENT_STORE = {"x-api-key": "XXX1XX12XxxxXXxxXXx0xXxx"}
KEYASTROM = {"Authorization": "Api-Token dt0c01.abc123.abcdefjhij1234567890"}
CHARON = {"X-API-KEY": "dev-charon-key"}
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


class Call(NamedTuple):
    """A request of a program that runs against the mock."""

    method: str
    path: str
    headers: dict[str, str]
    body: object = None


CALLS = (
    Call("GET", "/api/1/start", CHARON),
    Call("POST", "/create", EVENT_STORE, EVENT),
    Call("POST", "/event/send?event-identifier=new-bomb-k736k3hiW7", {}, {"id": "199"}),
    Call("POST", "/api/v2/events/ingest", KEYASTROM, {"eventType": "CUSTOM_INFO", "title": "Go"}),
    Call("POST", "/create", {**EVENT_STORE, "Prefer": "code=503"}, EVENT),
    Call("POST", "/create", EVENT_STORE, {**EVENT, "cl": "ED", "hs": "OVH"}),
)


def main(folder: Path) -> None:
    """Write `mock-light.png` and `mock-dark.png` into the folder."""
    mock = MockProcess()
    try:
        for call in CALLS:
            url = f"{mock.url}{call.path}"
            requests.request(call.method, url, headers=call.headers, json=call.body, timeout=10)
        with running_browser() as browser:
            for theme in THEMES:
                take_picture(browser, mock.url, theme, folder / f"mock-{theme}.png")
    finally:
        mock.stop()


def take_picture(browser: Browser, url: str, theme: Literal["light", "dark"], file: Path) -> None:
    """Choose the newest request on the page, and write what a person sees then."""
    size = {"width": 1200, "height": 560}
    with browser.new_context(color_scheme=theme, viewport=size) as context:  # type: ignore[arg-type] # a TypedDict
        page = context.new_page()
        page.goto(f"{url}/mock")
        page.click("tbody button >> nth=0")
        page.wait_for_selector(".detail pre")
        page.screenshot(path=file)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
