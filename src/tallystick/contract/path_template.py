"""The templates in a path of the contract: their names, and what a segment says for them."""

from __future__ import annotations

import re
from collections.abc import Sequence

_TEMPLATE = re.compile(r"\{([^{}]*)\}")


def template_names(path: str) -> list[str]:
    """Return the names of the templates in a path, in their order."""
    return _TEMPLATE.findall(path)


class SegmentPattern:
    """A segment with more than one template, or other text around it: ``{id}:cancel``.

    `literals` are the texts around its templates, one more than there are templates.
    """

    def __init__(self, step: str) -> None:
        self.literals = tuple(part.encode() for part in _TEMPLATE.sub("{}", step).split("{}"))
        self.length = sum(map(len, self.literals))
        """How much of a segment it fixes: the pattern that fixes more goes first."""
        self.is_plain = self.literals == (b"", b"")
        """It is one template and nothing else."""

    def read_values(self, segment: bytes) -> Sequence[bytes] | None:
        """Return the value of each template, none of them empty; None if the segment is another.

        Each text is looked for once, from left to right, so a template takes as little as it can.
        """
        first, *inner, last = self.literals
        end = len(segment) - len(last)
        if not segment.startswith(first) or not segment.endswith(last):
            return None
        start = len(first)
        values = []
        for literal in inner:
            found = segment.find(literal, start + 1, end)
            if found < 0:
                return None
            values.append(segment[start:found])
            start = found + len(literal)
        return [*values, segment[start:end]] if start < end else None
