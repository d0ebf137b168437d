"""Pydantic's plugins, left out where our own models are made."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

_SETTING = "PYDANTIC_DISABLE_PLUGINS"


@contextmanager
def without_plugins() -> Iterator[None]:
    """Keep pydantic from looking through all installed packages for plugins, in the block.

    Models that others make find them as always.
    """
    before = os.environ.get(_SETTING)
    os.environ[_SETTING] = "__all__"
    try:
        yield
    finally:
        if before is None:
            del os.environ[_SETTING]
        else:
            os.environ[_SETTING] = before
