"""The least that an ASGI application can do: the base that a request's cost is compared with."""

from __future__ import annotations

import sys
from typing import Any

import uvicorn

ANSWER = b'{"statusCode":200,"message":"Event created successfully"}'
HEADERS = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(ANSWER))]


async def app(_scope: Any, receive: Any, send: Any) -> None:
    """Read the body and answer the same to everything."""
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": ANSWER})


class Server(uvicorn.Server):
    """Says that it listens, as `tallystick serve` does."""

    async def startup(self, sockets: Any = None) -> None:
        """Start, then print the address."""
        await super().startup(sockets)
        port = self.servers[0].sockets[0].getsockname()[1]
        print(f"listening on http://127.0.0.1:{port}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    Server(
        uvicorn.Config(
            app,
            port=0,
            loop="uvloop",
            http="httptools",
            ws="none",
            lifespan="off",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            log_level="warning",
        )
    ).run()
