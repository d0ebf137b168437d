"""Handlers of one's own: Connexion handlers in a package, bound by operationId."""

from __future__ import annotations

import asyncio
import inspect
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import wraps
from importlib import import_module
from typing import Any

from connexion.decorators.parameter import pythonic
from connexion.exceptions import ProblemException
from connexion.lifecycle import ConnexionResponse

from tallystick.contract.answer import Answer
from tallystick.contract.binding import snake_case
from tallystick.contract.document import ContractError
from tallystick.contract.handler_results import produced_types, read_result
from tallystick.contract.operation import CONTEXT

Handler = Callable[..., Any]

_ANY_NUMBER = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)

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
            _refuse_unknown_arguments(place, function, operation)
            return adapted(function, produced_types(operation))
    return None


def _refuse_unknown_arguments(place: str, function: Handler, operation: Mapping[str, Any]) -> None:
    """Raise `ContractError` for a function that wants what its operation can't give."""
    named = [p["name"] for p in operation.get("parameters", ()) if p["in"] in ("path", "query")]
    known = {*named, *map(pythonic, named), *CONTEXT}
    for name, parameter in inspect.signature(function).parameters.items():
        is_wanted = parameter.default is parameter.empty and parameter.kind not in _ANY_NUMBER
        if is_wanted and name not in known:
            raise ContractError(
                f"{place} wants {name}, which {operation['operationId']} does not have"
            )


def adapted(function: Handler, produced: Sequence[str]) -> Handler:
    """Return a coroutine function with the same answers as the function.

    A plain function runs in a thread, where it may wait. It gets the arguments it names, as the
    contract spells them or as Python does. Connexion's responses and problems are answers as well;
    other results are written in one of the `produced` media types.
    """
    is_async = inspect.iscoroutinefunction(function)
    parameters = inspect.signature(function).parameters
    own_names = {pythonic(name): name for name in parameters}
    takes_all = any(p.kind is p.VAR_KEYWORD for p in parameters.values())

    @wraps(function)
    async def run(**given: Any) -> Any:
        named = {own_names.get(name, name): value for name, value in given.items()}
        passed = named if takes_all else {n: v for n, v in named.items() if n in parameters}
        try:
            if is_async:
                result = await function(**passed)
            else:
                result = await asyncio.to_thread(function, **passed)
        except ProblemException as problem:
            result = problem.to_problem()
        if isinstance(result, ConnexionResponse):
            return _answer(result)
        # What is no JSON is the handler's failure, and is found here, where it can be told.
        return read_result(result, produced)

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
