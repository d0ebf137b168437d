"""Reads the file of settings in a command's folder."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from tallystick.settings import FILE

if TYPE_CHECKING:
    from dotenv.parser import Original


class UnreadableFile(ValueError):
    """The file of settings can't be read."""


def read_settings_file() -> dict[str, str]:
    """Return the variables of the file, none if there is no file; raise `UnreadableFile`."""
    try:
        return _read(Path(FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except UnicodeDecodeError:
        raise UnreadableFile(f"can't read {FILE}: it is not UTF-8") from None
    except OSError as error:
        raise UnreadableFile(f"can't read {FILE}: {error.strerror}") from None


def _read(text: str) -> dict[str, str]:
    # Not `dotenv_values`: it leaves out a line that can't be read, and puts another variable, or
    # nothing, in the place of a `${…}`, as a password may have it.
    from dotenv.parser import parse_stream

    values = {}
    for line in parse_stream(StringIO(text)):
        if line.error or (line.key is not None and line.value is None):
            raise UnreadableFile(
                f"can't read {FILE}: line {_number(line.original)} is no NAME=VALUE"
            )
        if line.key is not None:
            values[line.key] = line.value or ""
    return values


def _number(read: Original) -> int:
    # What was read begins with the empty lines before it.
    text = read.string
    return read.line + text[: len(text) - len(text.lstrip())].count("\n")
