"""The spelling of a contract's names in each language."""

from __future__ import annotations

import json
import re

from tallystick.clients.codes import identifier

__all__ = ["camel", "identifier", "kebab", "pascal", "quoted", "snake", "words"]


def words(name: str) -> list[str]:
    """Return the words of a name in any spelling."""
    return [word.lower() for word in re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+", name)]


def snake(name: str) -> str:
    """Return a name as `list_crons`."""
    return "_".join(words(name))


def camel(name: str) -> str:
    """Return a name as `listCrons`."""
    first, *others = words(name)
    return first + "".join(word.title() for word in others)


def pascal(name: str) -> str:
    """Return a name as `ListCrons`."""
    return "".join(word.title() for word in words(name))


def kebab(name: str) -> str:
    """Return a name as `list-crons`."""
    return "-".join(words(name))


def quoted(value: object) -> str:
    """Return a text, number or truth value in the spelling of all these languages."""
    return json.dumps(value, ensure_ascii=False)
