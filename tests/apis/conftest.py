"""The databases and the log that the tests of the store have."""

from __future__ import annotations

from store.conftest import anyio_backend, clock, database, lasting_url, log, url

__all__ = ["anyio_backend", "clock", "database", "lasting_url", "log", "url"]
