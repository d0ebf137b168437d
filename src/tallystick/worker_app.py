"""What a worker serves by HTTP: its health and its metrics."""

from __future__ import annotations

from tallystick.apis.gateway.error_format import render
from tallystick.contract.body import Receive
from tallystick.contract.compiled import App, Scope, Send, send_answer
from tallystick.contract.exceptions import NotFound

PATHS = frozenset({b"/healthz", b"/readyz", b"/metrics"})


class WorkerApp:
    """The application of a server, cut down to the paths of `PATHS`."""

    def __init__(self, app: App) -> None:
        """`app` answers on these paths."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; a 404 for any other path."""
        if scope["raw_path"] in PATHS:
            await self._app(scope, receive, send)
        else:
            await send_answer(render(NotFound(), {}), scope["method"] == "HEAD", send)
