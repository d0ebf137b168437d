"""A result in words."""

from __future__ import annotations

from tallystick.gate.outcome import CheckResult


def details(result: CheckResult) -> str:
    """All that is known of one result, in lines."""
    lines = [result.reason] if result.reason else []
    lines += result.objections
    if result.asked:
        lines.append(f"should have come: {result.asked}")
    if result.came:
        lines += ["came:", *(f"  {line}" for line in result.came.splitlines())]
    if result.sent:
        lines += ["sent:", f"  {result.sent}"]
    lines += [f"{place.says}: {place}" for place in result.places]
    return "\n".join(lines)
