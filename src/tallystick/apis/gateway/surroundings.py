from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What only the server has: the contracts as texts, its metrics, its pages."""

    documents: Mapping[str, bytes]
    """File name, such as ``event_store.yaml``, → the document as it was written."""
    joined: Callable[[], bytes]
    """All documents as one, in YAML."""
    metrics: Callable[[], bytes]
    """The metrics of now, in Prometheus' text format."""
    pages: Mapping[str, Callable[[], tuple[bytes, str]]]
    """``docs`` and ``landing`` → HTML and its Content-Security-Policy, made when first asked."""
