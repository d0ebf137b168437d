"""Has each successful change of an operation recorded, by the operation's declaration."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from tallystick.contract.answer import as_answer
from tallystick.contract.document import Document
from tallystick.contract.request import Request
from tallystick.contract.scopes import required_scopes

WRITE = ":write"
"""The end of the scopes by which a caller changes something."""

_FIRST_REFUSAL = 400
_ADDED = ("token_info", "request", "caller_address")


class Change(NamedTuple):
    """A successful change: the operation, the path called and the caller's address."""

    operation: str
    target: str
    address: str


class ChangeRecorder(Protocol):
    """A recorder of the changes by callers of one security scheme."""

    scheme: str

    def name_caller(self, caller: Mapping[str, Any]) -> tuple[str, str]:
        """Return the id and the name of a caller's key."""
        ...

    async def record_change(self, key: tuple[str, str], change: Change) -> None:
        """Store a change by a key, given by id and name."""


def changes(documents: Sequence[Document], scheme: str) -> dict[str, str | None]:
    """Return the operations that take the scheme's credential and need a scope for writing.

    Each operationId comes with the member of its body that asks for a dry run (``x-dry-run``), or
    None. The scopes in a document's ``x-unrecorded-scopes`` are left out.
    """
    return {
        operation["operationId"]: operation.get("x-dry-run")
        for document in documents
        for _, _, operation in document.operations()
        if any(scheme in n for n in operation.get("security", document.content.get("security", [])))
        and _writes(document, operation)
    }


def _writes(document: Document, operation: Mapping[str, Any]) -> bool:
    unrecorded = document.content.get("x-unrecorded-scopes", ())
    scopes = set(required_scopes(operation)).difference(unrecorded)
    return any(scope.endswith(WRITE) for scope in scopes)


def recorded(
    handler: Callable[..., Any],
    operation_id: str,
    recorder: ChangeRecorder,
    dry_run: str | None = None,
) -> Callable[..., Any]:
    """Return a handler that does the same, and has its success recorded before it answers.

    A call whose body sets the member `dry_run` changes nothing, and is left out.
    """
    signature = inspect.signature(handler)

    async def change(
        *, token_info: Mapping[str, Any], request: Request, caller_address: str, **given: Any
    ) -> Any:
        context = {"token_info": token_info, "request": request, "caller_address": caller_address}
        given |= {name: context[name] for name in _ADDED if name in signature.parameters}
        # Named before the change: a key may revoke itself.
        key = recorder.name_caller(token_info)
        result = handler(**given)
        if inspect.isawaitable(result):
            result = await result
        is_dry = dry_run is not None and given["body"].get(dry_run)
        if as_answer(result).status < _FIRST_REFUSAL and not is_dry:
            await recorder.record_change(key, Change(operation_id, request.path, caller_address))
        return result

    added = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY)
        for name in _ADDED
        if name not in signature.parameters
    ]
    # Connexion and our plan read from it which arguments to hand over.
    change.__signature__ = signature.replace(  # type: ignore[attr-defined]  # functions take any
        parameters=[*signature.parameters.values(), *added]
    )
    return change
