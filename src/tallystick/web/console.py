"""The console: one HTML shell, and the files that it loads."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from markupsafe import Markup

from tallystick.web.pages import WebPage, templates

_HERE = Path(__file__).parent
_FOLDERS = {
    "shell": _HERE / "console/shell",
    "parts": _HERE / "console/parts",
    "screens": _HERE / "console/screens",
    "vendor": _HERE / "vendor",
}
# UTF-8 is what a browser reads a module in, and a style of a page in UTF-8.
_TYPES = {".js": "text/javascript", ".css": "text/css"}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class WebAsset(NamedTuple):
    """A file of the console as it goes to a browser."""

    content_type: str
    body: bytes


def console_page(
    prefix: str, apis: Sequence[str], *, is_mock: bool, dev: Mapping[str, Mapping[str, str]] | None
) -> WebPage:
    """Return the shell of the console.

    `prefix` is where the gateway's calls are; `dev` has the public credentials by API, and is None
    on a server without a dev world.
    """
    setup = json.dumps({"prefix": prefix, "apis": list(apis), "mock": is_mock, "dev": dev})
    # Within a script element `<` alone could end the data.
    text = Markup(setup.replace("<", r"\u003c"))  # it is JSON of our own
    return WebPage(templates().get_template("console.html").render(setup=text).encode(), _POLICY)


def console_asset(folder: str, name: str) -> WebAsset | None:
    """Return the file of this name, or None."""
    return _assets().get((folder, name))


@cache
def _assets() -> Mapping[tuple[str, str], WebAsset]:
    return {
        (folder, file.name): WebAsset(_TYPES[file.suffix], file.read_bytes())
        for folder, path in _FOLDERS.items()
        for file in path.iterdir()
        if file.suffix in _TYPES
    }
