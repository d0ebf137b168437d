"""The contract as an ASGI application: Connexion loads, resolves and wires it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import connexion
from connexion.middleware import ConnexionMiddleware
from connexion.options import SwaggerUIOptions
from connexion.resolver import Resolver

from tallystick.contract import binding
from tallystick.contract.compiled import App, CompiledOperations, Observer, Party
from tallystick.contract.intercepted import InterceptedOperations, Interceptor
from tallystick.contract.problem import Renderer
from tallystick.contract.security import Credential
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
    # The compiled operations answer everything: what would stand behind them would never run.
    middlewares = (
        [StockOperations, *ConnexionMiddleware.default_middlewares]
        if stock
        else [InterceptedOperations if interceptor else CompiledOperations]
    )
    app = connexion.AsyncApp(
        "tallystick",
        middlewares=middlewares,
        security_map=binding.SECURITY_MAP,
        swagger_ui_options=SwaggerUIOptions(serve_spec=False, swagger_ui=False),
    )
    app.add_api(
        binding.bind(joined, credentials),
        base_path="",
        resolver=Resolver(binding.function_of([party.document for party in parties])),
        pythonic_params=True,
        jsonifier=ReadyJson(),
        parties=parties,
        fallback=fallback,
        body_limit=body_limit,
        observe=observe,
        interceptor=interceptor,
    )
    if stock:
        StockOperations.handle_errors(app)
    # Connexion would build its stack on the first request, and refuse a bad contract then.
    built = app.middleware
    built.app, built.middleware_stack = built._build_middleware_stack()
    served: App = built if stock else built.app
    return served
