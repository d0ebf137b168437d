"""What a Connexion handler returns, as an answer: by Connexion's rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from connexion.datastructures import NoContent

from tallystick.contract.answer import Answer, as_answer
from tallystick.contract.json_text import write_json
from tallystick.contract.media_types import is_json

_JSON = "application/json"
_TYPE = "Content-Type"
_FITTING: Mapping[type, str] = {str: "text/plain", bytes: "application/octet-stream"}


def produced_types(operation: Mapping[str, Any]) -> list[str]:
    """Return the media types of an operation's answers, without ranges."""
    return [name for name in dict.fromkeys(_types(operation)) if "*" not in name]


def _types(operation: Mapping[str, Any]) -> Iterator[str]:
    for response in operation.get("responses", {}).values():
        yield from response.get("content", {})


def read_result(result: Any, produced: Sequence[str]) -> Answer:
    """Return a handler's result as an answer with its body in bytes.

    It is a body, or a tuple of body and status, of body and headers, or of all three. None and
    Connexion's ``NoContent`` are no body, with a 204 where no status is given. A body is written in
    the media type of its headers, or in the one of `produced` that fits it.
    """
    body, status, headers = _unpacked(result)
    if body is None or body is NoContent:
        return Answer(b"", status or HTTPStatus.NO_CONTENT, headers)
    media_type = headers.get(_TYPE) or _fitting(body, produced)
    return Answer(_written(body, media_type), status or 200, {**headers, _TYPE: media_type})


def _unpacked(result: Any) -> tuple[Any, int, Mapping[str, str]]:
    if not isinstance(result, tuple):
        return result, 0, {}
    if len(result) == 2 and isinstance(result[1], Mapping):
        return result[0], 0, _spelled(result[1])
    body, status, headers = as_answer(result)
    return body, int(status), _spelled(headers)


def _spelled(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers with one spelling of Content-Type."""
    return {_TYPE if n.lower() == "content-type" else n: value for n, value in headers.items()}


def _fitting(body: Any, produced: Sequence[str]) -> str:
    if len(produced) < 2:
        return produced[0] if produced else _JSON
    wanted = _FITTING.get(type(body), _JSON)
    of_json = (each for each in produced if is_json(each))
    return wanted if wanted in produced else next(of_json, produced[0])


def _written(body: Any, media_type: str) -> bytes:
    if isinstance(body, bytes):
        return body
    if isinstance(body, str) and not is_json(media_type):
        return body.encode()
    return write_json(body)
