"""Has each successful change of an operation recorded, by the operation's declaration."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, NamedTuple, Protocol

from tallystick.contract.answer import Answer, as_answer
from tallystick.contract.document import Document
from tallystick.contract.request import Request
from tallystick.contract.scopes import required_scopes

WRITE = ":write"
"""The end of the scopes by which a caller changes something."""

_FIRST_REFUSAL = 400
_ADDED = ("token_info", "request", "caller_address")


class Recording(NamedTuple):
    """What an operation declares about the entries of its changes."""

    dry_run: str | None
    """The member of its body that asks for a dry run (``x-dry-run``)."""
    made: str | None
    """The member of its answer that names what the call made (``x-made``)."""


class Change(NamedTuple):
    """A successful change: the operation, its target and the caller's address.

    The target is the path called, followed by the name of what the call made.
    """

    operation: str
    target: str
    address: str


class ChangeRecord(Protocol):
    """The record of one change."""

    async def finish(self, target: str) -> None:
        """Store it as that of a success, unless it was stored with the change itself."""

    async def withdraw(self) -> None:
        """Remove it, as the change was refused."""


class ChangeRecorder(Protocol):
    """A recorder of the changes by callers of one security scheme."""

    scheme: str

    def name_caller(self, caller: Mapping[str, Any]) -> tuple[str, str]:
        """Return the id and the name of a caller's key."""
        ...

    def recording(
        self, key: tuple[str, str], change: Change
    ) -> AbstractAsyncContextManager[ChangeRecord]:
        """Store a change by a key, given by id and name, with what the block writes first.

        A refusal leaves no record.
        """
        ...


def changes(documents: Sequence[Document], scheme: str) -> dict[str, Recording]:
    """Return the operations that take the scheme's credential and need a scope for writing.

    The scopes in a document's ``x-unrecorded-scopes`` are left out.
    """
    return {
        operation["operationId"]: Recording(operation.get("x-dry-run"), operation.get("x-made"))
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
    recording: Recording,
) -> Callable[..., Any]:
    """Return a handler that does the same, and has its success recorded before it answers.

    A change in the database is recorded in the same transaction. A dry run changes nothing, and is
    left out.
    """
    signature = inspect.signature(handler)

    async def change(
        *, token_info: Mapping[str, Any], request: Request, caller_address: str, **given: Any
    ) -> Any:
        context = {"token_info": token_info, "request": request, "caller_address": caller_address}
        given |= {name: context[name] for name in _ADDED if name in signature.parameters}
        if recording.dry_run is not None and given["body"].get(recording.dry_run):
            return await _call(handler, given)
        # Named before the change: a key may revoke itself.
        key = recorder.name_caller(token_info)
        made = Change(operation_id, request.path, caller_address)
        async with recorder.recording(key, made) as record:
            result = await _call(handler, given)
        answer = as_answer(result)
        if answer.status < _FIRST_REFUSAL:
            await record.finish(_target(request.path, recording.made, answer))
        else:
            await record.withdraw()
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


async def _call(handler: Callable[..., Any], given: Mapping[str, Any]) -> Any:
    result = handler(**given)
    return await result if inspect.isawaitable(result) else result


def _target(path: str, made: str | None, answer: Answer) -> str:
    return path if made is None else f"{path}/{answer.body[made]}"
