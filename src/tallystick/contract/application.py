"""The contract as an ASGI application: Connexion loads, resolves and wires it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import connexion
from connexion.middleware import ConnexionMiddleware
from connexion.middleware.main import API
from connexion.options import SwaggerUIOptions
from connexion.resolver import Resolver

from tallystick.contract import binding
from tallystick.contract.body import Receive
from tallystick.contract.compiled import App, CompiledOperations, Observer, Party, Scope, Send
from tallystick.contract.intercepted import InterceptedOperations, Interceptor
from tallystick.contract.problem import Renderer
from tallystick.contract.security import Credential
from tallystick.contract.specification import JudgedSpecification
from tallystick.contract.stock import ReadyJson, StockOperations


def application(
    joined: Mapping[str, Any],
    parties: Sequence[Party],
    credentials: Mapping[str, Credential],
    *,
    fallback: Renderer,
    body_limit: int,
    observe: Observer,
    stock: bool = False,
    interceptor: Interceptor | None = None,
) -> App:
    """What answers every request; a `ContractError` says what can't be served.

    `fallback` renders problems at paths that no API owns; `body_limit` is in bytes; `stock` sends
    requests through Connexion's own stack; an `interceptor` answers them in the plan's place.
    """
    bound = binding.bind(joined, credentials)
    ours = {
        "parties": parties,
        "fallback": fallback,
        "body_limit": body_limit,
        "observe": observe,
    }
    if stock:
        return _stock(bound, parties, ours)
    operations = InterceptedOperations if interceptor else CompiledOperations
    # They answer everything: what Connexion would put behind them would never run.
    stack = ConnexionMiddleware(_nothing, middlewares=[operations])
    stack.apis.append(
        API(JudgedSpecification(bound), base_path="", interceptor=interceptor, **ours)
    )
    return _built(stack).app  # type: ignore[no-any-return]  # Connexion is untyped


def _stock(bound: Mapping[str, Any], parties: Sequence[Party], ours: Mapping[str, Any]) -> App:
    app = connexion.AsyncApp(
        "tallystick",
        middlewares=[StockOperations, *ConnexionMiddleware.default_middlewares],
        security_map=binding.SECURITY_MAP,
        swagger_ui_options=SwaggerUIOptions(serve_spec=False, swagger_ui=False),
    )
    app.add_api(
        bound,
        base_path="",
        resolver=Resolver(binding.function_of([party.document for party in parties])),
        pythonic_params=True,
        jsonifier=ReadyJson(),
        **ours,
    )
    StockOperations.handle_errors(app)
    return _built(app.middleware)  # type: ignore[no-any-return]  # likewise


def _built(stack: ConnexionMiddleware) -> Any:
    # Connexion would build it on the first request, and refuse a bad contract then.
    stack.app, stack.middleware_stack = stack._build_middleware_stack()
    return stack


async def _nothing(scope: Scope, _receive: Receive, _send: Send) -> None:
    raise NotImplementedError(f"only HTTP is served, not {scope['type']}")
