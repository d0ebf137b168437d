"""The words of a message about an event, for a person who reads it at night."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from tallystick.delivery.destinations.event_template import Attributes, fill_text, to_text
from tallystick.secret_names import MASK, is_secret_name, mask_text
from tallystick.storable_text import replace_unstorable

TITLE_LIMIT = 200
TEXT_LIMIT = 4_000
"""The limits of a message in characters."""

VALUES = 40
"""The number of values that a message lists."""

VALUE_LIMIT = 500
"""The longest value in characters."""

_DEPTH = 6
_FIRST = ("source", "subject", "time")


class Message(NamedTuple):
    """A title of one line, and a text."""

    title: str
    text: str


def write_message(attributes: Attributes, options: Any) -> Message:
    """Return the message about an event, by the templates `title` and `text` where they are given.

    Secrets in it are masked by their names.
    """
    title = _by_template("title", attributes, options) or _title(attributes)
    text = _by_template("text", attributes, options) or _text(attributes)
    title, text = replace_unstorable(title), replace_unstorable(text)
    return Message(" ".join(title.split())[:TITLE_LIMIT], text[:TEXT_LIMIT])


def _by_template(option: str, attributes: Attributes, options: Any) -> str:
    return mask_text(fill_text(options[option], attributes)) if option in options else ""


def _title(attributes: Attributes) -> str:
    subject = attributes.get("subject")
    return f"{attributes['type']}: {subject}" if subject else attributes["type"]


def _text(attributes: Attributes) -> str:
    data = attributes.get("data")
    said = data.get("message") if isinstance(data, dict) else data
    lines = [said, ""] if isinstance(said, str) else []
    lines += [f"{name}: {attributes[name]}" for name in _FIRST if name in attributes]
    rest = {n: v for n, v in data.items() if n != "message"} if isinstance(data, dict) else {}
    for number, (name, value) in enumerate(_values(rest, "", 0)):
        if number == VALUES:
            lines.append("…")
            break
        lines.append(f"{name}: {value}")
    return "\n".join(mask_text(line) for line in lines)


def _values(value: Any, name: str, depth: int) -> Iterator[tuple[str, str]]:
    if name and is_secret_name(name):
        yield name, MASK
    elif isinstance(value, dict) and depth < _DEPTH:
        for member, inner in value.items():
            yield from _values(inner, f"{name}.{member}" if name else member, depth + 1)
    elif value not in (None, "", [], {}):
        text = to_text(value)
        yield name, text if len(text) <= VALUE_LIMIT else f"{text[:VALUE_LIMIT]}…"
