"""What a sequence asks of a list in an answer: its elements, and how many there are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .equal_forms import with_equal_forms
from .json_text import member
from .matching import differences


def contains(rule: Mapping[str, Any], answer: Any) -> Iterator[str]:
    """Object to an element that is there too often, is missing, or shows other values.

    A list with `below` elements or more may go on, so that nothing is missing in it.
    """
    elements = member(answer, rule["in"])
    wanted, times = rule["element"], rule.get("times", 1)
    found = [each for each in elements if not list(differences(wanted, each, exact=False))]
    goes_on = len(elements) >= rule.get("below", len(elements) + 1)
    if len(found) > times or (len(found) < times and not goes_on):
        yield f"{place(rule)} has {len(found)} elements like {wanted!r}, not {times}"
        return
    for each in found:
        # A list may show less of an element than the element itself.
        shown = {name: value for name, value in rule.get("shown", {}).items() if name in each}
        wrong = list(differences(with_equal_forms(shown), each, exact=False))[:1]
        yield from (f"the element in {place(rule)}: {objection}" for objection in wrong)


def keeps_bounds(rule: Mapping[str, Any], answer: Any) -> Iterator[str]:
    """Object to more elements than the `most`, and to one that was not asked for.

    Each must have the members of `elements`, and may have those of `like` in longer texts.
    """
    elements = member(answer, rule["in"])
    if len(elements) > rule.get("most", len(elements)):
        yield f"{place(rule)} has {len(elements)} elements, more than {rule['most']}"
    if len(elements) < rule.get("fewest", 0):
        yield f"{place(rule)} has {len(elements)} elements, fewer than {rule['fewest']}"
    for number, each in enumerate(elements):
        found = [*differences(rule.get("elements", {}), each, exact=False)]
        found += _unlike(rule.get("like", {}), each)
        if found:
            yield f"{place(rule)}[{number}]: {found[0]}"
            return


def _unlike(wanted: Mapping[str, Any], element: Any) -> Iterator[str]:
    """Object to members of an element that a search for some values does not mean."""
    for name, value in wanted.items():
        shown = element.get(name) if isinstance(element, dict) else None
        if not _is_like(value, shown):
            yield f"{name} is {shown!r}, which is not like {value!r}"


def _is_like(value: Any, shown: Any) -> bool:
    """Return whether a value is that of a search; to a search a part of a text may be enough."""
    if isinstance(value, str) and isinstance(shown, str):
        return value.casefold() in shown.casefold()
    return isinstance(value, bool) == isinstance(shown, bool) and bool(value == shown)


def place(rule: Mapping[str, Any]) -> str:
    """Return the place of the list, as objections name it."""
    return f"body.{rule['in']}" if rule["in"] else "body"
