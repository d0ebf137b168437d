"""A client of the mock's control API for tests that are coroutines of asyncio."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial, wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from .client import Tallystick

_Given = ParamSpec("_Given")
_Result = TypeVar("_Result")


def _in_thread(
    method: Callable[Concatenate[Tallystick, _Given], _Result],
) -> Callable[Concatenate[AsyncTallystick, _Given], Coroutine[Any, Any, _Result]]:
    """Return a coroutine function that calls a method of `Tallystick` in a thread."""

    @wraps(method)
    async def call(
        self: AsyncTallystick, /, *given: _Given.args, **named: _Given.kwargs
    ) -> _Result:
        import asyncio  # every run of pytest imports this module, and few need it

        return await asyncio.to_thread(partial(method, self.mock, *given, **named))

    return call


class AsyncTallystick:
    """A running mock; its methods are those of `Tallystick`, each to be awaited."""

    def __init__(self, mock: Tallystick) -> None:
        self.mock = mock
        """The same mock, for calls that block."""

    @property
    def url(self) -> str:
        """Return the base URL."""
        return self.mock.url

    requests = search = _in_thread(Tallystick.search)
    rule = _in_thread(Tallystick.rule)
    fail_next = _in_thread(Tallystick.fail_next)
    list_rules = _in_thread(Tallystick.list_rules)
    remove_rule = _in_thread(Tallystick.remove_rule)
    clear_rules = _in_thread(Tallystick.clear_rules)
    verify = _in_thread(Tallystick.verify)
    advance = _in_thread(Tallystick.advance)
    freeze = _in_thread(Tallystick.freeze)
    unfreeze = _in_thread(Tallystick.unfreeze)
    snapshot = _in_thread(Tallystick.snapshot)
    restore = _in_thread(Tallystick.restore)
    reset = _in_thread(Tallystick.reset)
