"""Serves every broken server and an unbroken one, each on its own port, and prints the ports."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import sys
from typing import Any

import uvicorn
import uvloop

from gate.breakages import BREAKAGES
from gate.breaking import App
from tallystick.runtime import ServerRuntime
from tallystick.settings import Settings
from tallystick.uvicorn_protocol import FastHttpProtocol


def _listener() -> socket.socket:
    return socket.create_server(("127.0.0.1", 0), backlog=256)


def _server(app: App) -> uvicorn.Server:
    config = uvicorn.Config(
        app,
        interface="asgi3",
        http=FastHttpProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
    )
    return uvicorn.Server(config)


async def _serve() -> None:
    service = ServerRuntime(Settings(dev=True, database="sqlite://", access_log=False))
    app: Any = service.app
    apps = {"": app, **{breakage.name: breakage.wrap(app) for breakage in BREAKAGES}}
    listeners = {name: _listener() for name in apps}
    async with service.opened():
        urls = {
            name: f"http://127.0.0.1:{each.getsockname()[1]}" for name, each in listeners.items()
        }
        print(json.dumps(urls), flush=True)
        servers = [_server(app).serve(sockets=[listeners[name]]) for name, app in apps.items()]
        await asyncio.gather(*servers)


if __name__ == "__main__":
    logging.basicConfig(level=logging.CRITICAL)
    sys.setrecursionlimit(4_000)
    uvloop.run(_serve())
