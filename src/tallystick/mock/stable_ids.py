"""Ids made by a server, replaced by ones common to every recording."""

from __future__ import annotations

import re
from typing import Any

_UUID = re.compile(
    r"(?<![0-9a-fA-F-])[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
    r"(?![0-9a-fA-F-])"
)


class StableIds:
    """UUIDs numbered in the order of their first appearance in answers.

    One sent first by a caller is the caller's own, to be sent again: it stays.
    """

    def __init__(self) -> None:
        self._stable: dict[str, str] = {}
        self._made = 0

    def keep_sent(self, value: Any) -> Any:
        """Return a JSON value of a request, with the ids of earlier answers replaced."""
        return _replace(value, self._keep)

    def replace_answered(self, value: Any) -> Any:
        """Return a JSON value of an answer, with new ids replaced as well."""
        return _replace(value, self._number)

    def _keep(self, found: re.Match[str]) -> str:
        return self._stable.setdefault(found[0].lower(), found[0])

    def _number(self, found: re.Match[str]) -> str:
        id_ = found[0].lower()
        if id_ not in self._stable:
            self._made += 1
            # A contract may ask for a version, and this variant is that of all versions.
            self._stable[id_] = f"00000000-0000-{id_[14]}000-8000-{self._made:012x}"
        return self._stable[id_]


def _replace(value: Any, by: Any) -> Any:
    if isinstance(value, str):
        return _UUID.sub(by, value)
    if isinstance(value, list):
        return [_replace(item, by) for item in value]
    if isinstance(value, dict):
        return {_UUID.sub(by, name): _replace(member, by) for name, member in value.items()}
    return value
