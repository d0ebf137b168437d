"""Fuzzing of a server that limits the calls in a time."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import requests
import schemathesis
from schemathesis.schemas import BaseSchema

from .waits import Waits
from .wire import TIMEOUT_S


def call_again_as_asked(schema: BaseSchema, waits: Waits) -> None:
    """Replace an answer that asks for a wait by the one after it; no check sees the first."""

    # Schemathesis lets this hook change an answer in place, before all else that looks at it.
    @schema.hook
    def after_call(
        context: schemathesis.HookContext,  # noqa: ARG001 - Schemathesis passes it
        case: schemathesis.Case[Any],  # noqa: ARG001
        response: schemathesis.Response,
    ) -> None:
        while waits.wait(response.status_code, _retry_after(response)):
            with suppress(requests.RequestException), requests.Session() as session:
                _replace(response, session)


def _retry_after(response: schemathesis.Response) -> str | None:
    return next(iter(response.headers.get("retry-after") or ()), None)


def _replace(response: schemathesis.Response, session: requests.Session) -> None:
    sent, verify = response.request, response.verify
    answer = session.send(sent, timeout=TIMEOUT_S, verify=verify, allow_redirects=False)
    fresh = schemathesis.Response.from_requests(answer, verify=verify, _override=response._override)
    for name in fresh.__slots__:
        setattr(response, name, getattr(fresh, name))
