"""The program builds the command that is asked for, and nothing slows it down meanwhile."""

from __future__ import annotations

import gc

from tallystick.cli import build_app
from tallystick.collector import without_collector


def test_a_command_collects_garbage_though_its_imports_do_not() -> None:
    app = build_app(())
    collects = []

    @app.command()
    def probe() -> None:
        collects.append(gc.isenabled())

    with without_collector():
        app(["probe"], standalone_mode=False)
    assert collects == [True]
