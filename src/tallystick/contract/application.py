"""The whole contract as one ASGI application, hosted by Connexion."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import connexion
from connexion.middleware import ConnexionMiddleware
from connexion.middleware.main import API
from connexion.options import SwaggerUIOptions

from tallystick.contract import binding
from tallystick.contract.answer import StrangerRenderer
from tallystick.contract.body import Receive
from tallystick.contract.compiled import ApiBinding, App, CompiledOperations, Observer, Scope, Send
from tallystick.contract.connexion_oracle import ConnexionOperations, ReadyJson
from tallystick.contract.intercepted import InterceptedOperations, Interceptor
from tallystick.contract.recorded_changes import ChangeRecorder
from tallystick.contract.security import Credential
from tallystick.contract.specification import ContractSpecification, refuse_invalid


def application(
    joined: Mapping[str, Any],
    bindings: Sequence[ApiBinding],
    credentials: Mapping[str, Credential],
    *,
    fallback: StrangerRenderer,
    body_limit: int,
    observe: Observer,
    by_connexion: bool = False,
    interceptor: Interceptor | None = None,
    handlers: Mapping[str, Callable[..., Any]] = {},
    recorder: ChangeRecorder | None = None,
    judged: bool = False,
) -> App:
    """Return the ASGI application for all APIs; raise `ContractError` for a faulty contract.

    `joined` is the document from `join_documents`; `credentials` maps the name of a security
    scheme to its function. `fallback` renders problems at paths outside every API, and for
    browsers at paths without an operation; `body_limit` is in bytes; `observe` is called after each
    answer. With `by_connexion`, requests go through Connexion's own stack; an `interceptor`, if
    given, decides each answer. `handlers` answer the operations of foreign contracts, by
    operationId. The `recorder`, if given, gets each successful change by the callers of its scheme.
    With `judged`, our own documents are known to be without fault.
    """
    for document in (each.document for each in bindings):
        if not judged and not document.is_foreign:  # the reader of others refuses what is invalid
            refuse_invalid(document)
    bound = binding.bind(joined, credentials)
    ours = {
        "bindings": bindings,
        "fallback": fallback,
        "body_limit": body_limit,
        "observe": observe,
        "judged": judged,
        "resolver": binding.resolver([b.document for b in bindings], handlers, recorder),
    }
    if by_connexion:
        return _connexion_stack(bound, ours)
    operations = InterceptedOperations if interceptor else CompiledOperations
    # They answer everything: what Connexion would put behind them would never run.
    stack = ConnexionMiddleware(_nothing, middlewares=[operations])
    specification = ContractSpecification(bound)
    stack.apis.append(API(specification, base_path="", interceptor=interceptor, **ours))
    return _built(stack).app  # type: ignore[no-any-return]  # Connexion is untyped


def _connexion_stack(bound: Mapping[str, Any], ours: Mapping[str, Any]) -> App:
    app = connexion.AsyncApp(
        "tallystick",
        middlewares=[ConnexionOperations, *ConnexionMiddleware.default_middlewares],
        security_map=binding.SECURITY_MAP,
        swagger_ui_options=SwaggerUIOptions(serve_spec=False, swagger_ui=False),
    )
    app.add_api(
        bound,
        base_path="",
        pythonic_params=True,
        jsonifier=ReadyJson(),
        **ours,
    )
    ConnexionOperations.handle_errors(app)
    return _built(app.middleware)  # type: ignore[no-any-return]  # likewise


def _built(stack: ConnexionMiddleware) -> Any:
    # Connexion would build it on the first request, and refuse a bad contract then.
    stack.app, stack.middleware_stack = stack._build_middleware_stack()
    return stack


async def _nothing(scope: Scope, _receive: Receive, _send: Send) -> None:
    raise NotImplementedError(f"only HTTP is served, not {scope['type']}")
