"""The store's database fixtures and an event log."""

from __future__ import annotations

from store.conftest import anyio_backend, clock, database, lasting_url, log, url

__all__ = ["anyio_backend", "clock", "database", "lasting_url", "log", "url"]
