"""The types of events, and which of them open a problem."""

from __future__ import annotations

INFO_TYPES = frozenset(
    {
        "CUSTOM_ANNOTATION",
        "CUSTOM_CONFIGURATION",
        "CUSTOM_DEPLOYMENT",
        "CUSTOM_INFO",
        "MARKED_FOR_TERMINATION",
    }
)
"""Types of events that inform."""

PROBLEM_TYPES = frozenset(
    {
        "AVAILABILITY_EVENT",
        "CUSTOM_ALERT",
        "ERROR_EVENT",
        "PERFORMANCE_EVENT",
        "RESOURCE_CONTENTION_EVENT",
    }
)
"""Types of events that open a problem, which the same payload refreshes."""
