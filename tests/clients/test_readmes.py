"""The first call of each README, copied from it, against a dev server."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from client_programs.builds import LANGUAGES
from client_programs.language import Build
from server_process import ServerProcess
from tallystick.clients import list_apis, read_document
from tallystick.clients.samples import write_first_call

PROGRAM = re.compile(rf"^```(?:{'|'.join(LANGUAGES)})\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LOCALHOST = re.compile(
    r"Server\.LOCALHOST\b|\w+\.ServerLocalhost\b|Options(?:\.|::)LOCALHOST\b|\bLOCALHOST(?=\.)"
)
"""The server that `make run` starts, by its name in each language; here it has another port."""

KEYS = {
    "CHARON_KEY": "dev-charon-key",
    "EVENTGRID_KEY": "dev-token",
    "EVENT_STORE_KEY": "XXX1XX12XxxxXXxxXXx0xXxx",
    "KEYASTROM_KEY": "dt0c01.abc123.abcdefjhij1234567890",
}
"""The keys of the dev world, by the variables that the programs read."""

PAGE = Path(__file__).parents[2] / "docs/clients.md"

UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

Built = Callable[[str], Build]


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, key in KEYS.items():
        monkeypatch.setenv(name, key)


each_language = pytest.mark.parametrize("language", LANGUAGES)


def first_call(language: str, api: str, built: Built, server: ServerProcess) -> str:
    """What the program of a client's README prints."""
    build = built(language)
    readme = (build.client(api) / "README.md").read_text(encoding="utf-8")
    program = PROGRAM.findall(readme)[0]
    here, found = LOCALHOST.subn(f'"{server.url}"', program)
    assert found
    return LANGUAGES[language].first_call(build, api, here).strip()


def test_the_page_shows_what_the_python_readme_has() -> None:
    first = write_first_call(read_document("event_store"), "python", "event-store-client")
    assert f"```py\n{first.program}\n```" in PAGE.read_text("utf-8")


@each_language
def test_the_readme_of_event_store_creates_an_event(
    language: str, built: Built, server: ServerProcess
) -> None:
    (event,) = set(UUID.findall(first_call(language, "event_store", built, server)))
    url = f"{server.url}/gateway/v1/events/{event}"
    key = {"Authorization": "Bearer dev-gateway-key"}
    assert requests.get(url, headers=key, timeout=10).json()["source"] == "/event_store/EDF"


@each_language
@pytest.mark.parametrize("api", [api for api in list_apis() if api != "event_store"])
def test_a_readmes_first_call_succeeds(
    api: str, language: str, built: Built, server: ServerProcess
) -> None:
    assert first_call(language, api, built, server)
