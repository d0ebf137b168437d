"""How the languages write the names of a contract."""

from __future__ import annotations

import json
import re

from tallystick.clients.codes import identifier

__all__ = ["camel", "identifier", "kebab", "pascal", "quoted", "snake", "words"]


def words(name: str) -> list[str]:
    """The words of a name in any spelling."""
    return [word.lower() for word in re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+", name)]


def snake(name: str) -> str:
    """`list_crons`."""
    return "_".join(words(name))


def camel(name: str) -> str:
    """`listCrons`."""
    first, *others = words(name)
    return first + "".join(word.title() for word in others)


def pascal(name: str) -> str:
    """`ListCrons`."""
    return "".join(word.title() for word in words(name))


def kebab(name: str) -> str:
    """`list-crons`."""
    return "-".join(words(name))


def quoted(value: object) -> str:
    """A text, a number or a truth value as all these languages write it."""
    return json.dumps(value, ensure_ascii=False)
