"""Where the texts of a contract are: in a folder, or at the origin of a URL, and nowhere else."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Protocol
from urllib.parse import unquote, urljoin, urlsplit

from tallystick.contract.yaml_bounds import MAX_BYTES, YamlOutOfBounds, read_bounded_file

if TYPE_CHECKING:
    import aiohttp

MAX_FILES = 10_000
"""Files that one contract may be made of."""

MAX_SECONDS = 30
"""Time in which a file must have come from its URL."""

MAX_ALL_SECONDS = 300
"""Time in which all files of a contract must have come."""

MAX_REDIRECTS = 5

SUFFIXES = (".yaml", ".yml", ".json")


class UnreadablePlace(Exception):
    """The place can't be read; the message says why."""


class Place(Protocol):
    """Where a contract's texts are, each known by its location: a path or a URL."""

    def locate(self, base: str, reference: str) -> str:
        """Return the location meant by a text's reference; raise `UnreadablePlace`."""

    def read(self, location: str) -> bytes:
        """Return a text; raise `UnreadablePlace`."""

    def close(self) -> None:
        """End what is open."""


class Folder:
    """A folder; no reference leads out of it."""

    def __init__(self, folder: Path) -> None:
        self._real = folder.resolve()

    def locate(self, base: str, reference: str) -> str:
        """Return the path meant by a reference in the file `base`."""
        if urlsplit(reference).scheme or reference.startswith("//"):
            raise UnreadablePlace(f"{reference} is a URL: keep a copy beside the document")
        found = os.path.normpath(Path(base).parent / unquote(reference))
        try:
            is_ours = Path(found).resolve().is_relative_to(self._real)
        except (OSError, RuntimeError, ValueError):  # too long, a circle of links, a null byte
            raise UnreadablePlace("there is no such file") from None
        if not is_ours:
            raise UnreadablePlace(
                f"{reference} leads out of the document's folder: give a folder that has both"
            )
        return found

    def read(self, location: str) -> bytes:
        """Return the bytes of a file in the folder."""
        file = Path(location)
        try:
            if file.exists() and not file.is_file():
                raise UnreadablePlace("is no file")
        except OSError as error:
            raise UnreadablePlace(f"can't be read: {error.strerror}") from None
        return read_file(file)

    def close(self) -> None:
        """Do nothing: no file stays open."""


def read_file(file: Path) -> bytes:
    """Return the bytes of a file; raise `UnreadablePlace`."""
    try:
        return read_bounded_file(file)
    except YamlOutOfBounds as error:
        raise UnreadablePlace(str(error)) from None
    except FileNotFoundError:
        raise UnreadablePlace("there is no such file") from None
    except OSError as error:
        raise UnreadablePlace(f"can't be read: {error.strerror}") from None


class Origin:
    """The origin of a URL: its scheme, host and port; neither reference nor redirect leaves it.

    All texts come from the addresses that the host's name had at first, so that a name which is
    pointed elsewhere meanwhile leads to nothing private.
    """

    def __init__(self, url: str) -> None:
        self._origin = _origin(url)
        self._runner = asyncio.Runner()
        self._ends = monotonic() + MAX_ALL_SECONDS
        self._moved: dict[str, str] = {}
        """Where redirects led to, by what was asked for."""
        self._session: aiohttp.ClientSession | None = None

    def locate(self, base: str, reference: str) -> str:
        """Return the URL meant by a reference in the text at `base`."""
        try:
            found = urljoin(self._moved.get(base, base), reference)
            is_ours = _origin(found) == self._origin
        except ValueError:
            raise UnreadablePlace(f"{reference} is no URL") from None
        if not is_ours:
            raise UnreadablePlace(f"{reference} leads away from the document's origin")
        return found

    def read(self, location: str) -> bytes:
        """Return the body of a URL at the origin."""
        if monotonic() > self._ends:
            raise UnreadablePlace(f"all texts took longer than {MAX_ALL_SECONDS} seconds")
        return self._runner.run(self._read(location))

    def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            self._runner.run(self._session.close())
        self._runner.close()

    async def _read(self, url: str) -> bytes:
        import aiohttp

        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ttl_dns_cache=None),
                timeout=aiohttp.ClientTimeout(total=MAX_SECONDS),
                headers={"Accept": "application/yaml, application/json, */*;q=0.5"},
            )
        try:
            return await self._follow(self._session, url)
        except TimeoutError:
            raise UnreadablePlace(f"took longer than {MAX_SECONDS} seconds") from None
        except (aiohttp.InvalidURL, ValueError):
            raise UnreadablePlace("is no URL that can be called") from None
        except aiohttp.ClientError as error:
            raise UnreadablePlace(f"can't be read: {error}") from None

    async def _follow(self, session: aiohttp.ClientSession, asked: str) -> bytes:
        url = asked
        for _ in range(MAX_REDIRECTS + 1):
            async with session.get(url, allow_redirects=False) as response:
                if response.status in {301, 302, 303, 307, 308}:
                    url = self._redirected(url, response.headers.get("Location", ""))
                    continue
                if response.status != 200:
                    raise UnreadablePlace(f"was answered with {response.status}")
                self._moved[asked] = url
                return await _read_bounded(response.content)
        raise UnreadablePlace(f"redirects more than {MAX_REDIRECTS} times")

    def _redirected(self, url: str, location: str) -> str:
        with suppress(UnreadablePlace):
            return self.locate(url, location)
        raise UnreadablePlace(f"redirects to another origin: {without_secrets(location)}")


async def _read_bounded(stream: aiohttp.StreamReader) -> bytes:
    text = bytearray()
    async for chunk in stream.iter_any():
        text += chunk
        if len(text) > MAX_BYTES:
            raise UnreadablePlace(f"is larger than {MAX_BYTES:,} bytes")
    return bytes(text)


def _origin(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, parts.hostname or "", port


def is_url(place: str) -> bool:
    """Return whether a place is a URL."""
    return place.startswith(("http://", "https://"))


def without_secrets(location: str) -> str:
    """Return a location as it may be shown: a URL without user, password and query."""
    if not is_url(location):
        return location
    with suppress(ValueError):
        parts = urlsplit(location)
        return parts._replace(
            netloc=parts.netloc.rpartition("@")[2], query="", fragment=""
        ).geturl()
    return "the URL"


def list_files(folder: Path) -> list[Path]:
    """Return the YAML and JSON files of a folder and of those in it that are not hidden."""
    found: list[Path] = []
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        raise UnreadablePlace(f"can't be read: {error.strerror}") from None
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.is_dir() and not entry.is_symlink():
            found += list_files(entry)
        elif entry.suffix in SUFFIXES and entry.is_file():
            found.append(entry)
    return found
