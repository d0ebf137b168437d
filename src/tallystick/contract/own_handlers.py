"""Handlers of one's own: Connexion handlers in a package, bound by operationId."""

from __future__ import annotations

import asyncio
import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from importlib import import_module
from typing import Any

from connexion.exceptions import ProblemException
from connexion.lifecycle import ConnexionResponse

from tallystick.contract.answer import Answer
from tallystick.contract.binding import snake_case
from tallystick.contract.document import ContractError
from tallystick.contract.json_text import write_json
from tallystick.contract.operation import as_answer

Handler = Callable[..., Any]

_CONTROLLER = "x-openapi-router-controller"


def load_package(name: str) -> None:
    """Import a package of handlers, also from the current folder; raise `ContractError`."""
    if "" not in sys.path:
        sys.path.insert(0, "")
    try:
        import_module(name)
    except ImportError as error:
        raise ContractError(f"the handlers in {name} can't be loaded: {error}") from error


def find_handler(package: str, operation: Mapping[str, Any]) -> Handler | None:
    """Return the package's function of an operation, or None without one.

    ``createCustomer`` is that name or ``create_customer``, in the package or in the module that
    ``x-openapi-router-controller`` or the operationId's own dots name.
    """
    for place in _places(package, operation):
        module, _, name = place.rpartition(".")
        function = getattr(_module(module), name, None)
        if callable(function):
            return adapted(function)
    return None


def adapted(function: Handler) -> Handler:
    """Return a coroutine function that answers as the function does.

    A plain function runs in a thread, where it may wait. Connexion's responses and problems are
    answers as well.
    """
    is_async = inspect.iscoroutinefunction(function)

    @wraps(function)
    async def run(*args: Any, **kwargs: Any) -> Any:
        try:
            if is_async:
                result = await function(*args, **kwargs)
            else:
                result = await asyncio.to_thread(function, *args, **kwargs)
        except ProblemException as problem:
            result = problem.to_problem()
        answer = _answer(result) if isinstance(result, ConnexionResponse) else as_answer(result)
        # What is no JSON is the handler's failure, and is found here, where it can be told.
        is_ready = isinstance(answer.body, bytes)
        return answer if is_ready else answer._replace(body=write_json(answer.body))

    return run


def _answer(response: ConnexionResponse) -> Answer:
    body = response.body
    raw = body.encode() if isinstance(body, str) else body
    headers = dict(response.headers)
    if response.mimetype:
        headers.setdefault("Content-Type", response.mimetype)
    return Answer(b"" if raw is None else raw, response.status_code, headers)


def _places(package: str, operation: Mapping[str, Any]) -> Iterator[str]:
    modules, _, name = str(operation["operationId"]).rpartition(".")
    controller = str(operation.get(_CONTROLLER, ""))
    inner = ".".join(filter(None, (controller.removeprefix(f"{package}."), modules)))
    for each in dict.fromkeys((name, snake_case(name))):
        yield ".".join(filter(None, (package, inner, each)))


def _module(name: str) -> Any:
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name and (name == error.name or name.startswith(f"{error.name}.")):
            return None
        raise ContractError(f"the handlers in {name} can't be loaded: {error}") from error
    except ImportError as error:
        raise ContractError(f"the handlers in {name} can't be loaded: {error}") from error
