"""The form of the service's own log lines, on standard error."""

from __future__ import annotations

import logging
from typing import Any, Literal

import orjson

from tallystick.call_context import CALL
from tallystick.failure_text import describe_failure
from tallystick.times import format_ms

LogFormat = Literal["short", "text", "json"]


def set_log_format(kind: LogFormat) -> None:
    """Write warnings and errors of the process in this form."""
    handler = logging.StreamHandler()
    handler.setFormatter(_FORMATTERS[kind]())
    logging.basicConfig(level=logging.WARNING, handlers=[handler])


class ShortLines(logging.Formatter):
    """A formatter of lines with level and message."""

    def __init__(self) -> None:
        super().__init__("%(levelname)s %(message)s")


class TextLines(logging.Formatter):
    """A formatter of lines with time, level, message and the ids of the call at hand."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        ids = "".join(f" {name}={value}" for name, value in _ids().items())
        return f"{_time(record)} {record.levelname} {_message(record)}{ids}"


class JsonLines(logging.Formatter):
    """A formatter of lines that are JSON objects."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        members: dict[str, Any] = {
            "time": _time(record),
            "level": record.levelname,
            "logger": record.name,
            "message": _message(record),
            **_ids(),
        }
        return orjson.dumps(members).decode()


_FORMATTERS = {"short": ShortLines, "text": TextLines, "json": JsonLines}


def _ids() -> dict[str, str]:
    call = CALL.get()
    return call.ids() if call else {}


def _message(record: logging.LogRecord) -> str:
    message = record.getMessage()
    if record.exc_info and (error := record.exc_info[1]):
        message = f"{message.rstrip()}: {describe_failure(error)}"
    # A half surrogate pair, such as of a file's name, is no text that a stream or JSON takes.
    return message.encode("utf-8", "backslashreplace").decode()


def _time(record: logging.LogRecord) -> str:
    return format_ms(int(record.created * 1000))
