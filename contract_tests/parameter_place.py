"""The place of a parameter in a request: in its query, a header, a cookie, or its path."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode

from .vectors import VectorRequest

_OF_HTTP = {"accept", "content-type", "authorization"}
"""Headers with rules of HTTP's own, which a contract does not describe as parameters."""

_PLAIN = re.compile(r"[\w.~-]+", re.ASCII)
"""A text that stands in a cookie as it is: to some servers "%20" is three letters there."""


class ParameterPlace:
    """Reads and replaces the value of one parameter."""

    def __init__(self, parameter: Mapping[str, Any], path: str) -> None:
        self._name: str = parameter["name"]
        self._kind: str = parameter["in"]
        self._parts = path.split("/")

    def read_value(self, request: VectorRequest) -> str | None:
        """Return the text of the value; None if the request lacks it."""
        if self._kind == "query":
            return self._read_query(request).get(self._name)
        if self._kind == "path":
            part = self._find_part()
            return None if part is None else unquote(_split_path(request)[part])
        if self._kind == "header" and self._name.lower() not in _OF_HTTP:
            return next((value for name, value in request.headers if self._is_named(name)), None)
        if self._kind == "cookie":
            text = read_cookies(request).get(self._name, "%")
            return None if "%" in text else text
        return None

    def replace_value(self, request: VectorRequest, text: str | None) -> VectorRequest:
        """Return the request with another value; without any for None."""
        if self._kind == "header":
            others = tuple(pair for pair in request.headers if not self._is_named(pair[0]))
            own = () if text is None else ((self._name, text),)
            return replace(request, headers=(*others, *own))
        if self._kind == "cookie":
            return with_cookies(request, {**read_cookies(request), self._name: text})
        path, _, query = request.target.partition("?")
        if self._kind == "path":
            parts = _split_path(request)
            parts[self._find_part() or 0] = quote(text or "", safe="")
            path = "/".join(parts)
        else:
            fields = {**self._read_query(request), self._name: text}
            kept = {name: value for name, value in fields.items() if value is not None}
            query = urlencode(kept, quote_via=quote)
        return replace(request, target=f"{path}?{query}" if query else path)

    def filter(self, texts: Iterable[str | None]) -> list[str | None]:
        """Return the texts that reach a server at this place as they are."""
        if self._kind == "path":
            return [each for each in texts if each and not set(each) & set("/\\.")]
        if self._kind == "header":
            return [each for each in texts if each is None or _is_header(each)]
        if self._kind == "cookie":
            return [each for each in texts if each is None or _PLAIN.fullmatch(each)]
        return list(texts)

    def _is_named(self, name: str) -> bool:
        return name.lower() == self._name.lower()

    def _find_part(self) -> int | None:
        """Return the number of the path's part that is this parameter and nothing beside it."""
        part = f"{{{self._name}}}"
        return self._parts.index(part) if part in self._parts else None

    def _read_query(self, request: VectorRequest) -> dict[str, str]:
        return dict(parse_qsl(request.target.partition("?")[2], keep_blank_values=True))


def read_cookies(request: VectorRequest) -> dict[str, str]:
    """Return the cookies of a request by name."""
    texts = (value for name, value in request.headers if name.lower() == "cookie")
    pairs = (pair.strip().partition("=") for text in texts for pair in text.split(";"))
    return {name: value for name, _, value in pairs if name}


def with_cookies(request: VectorRequest, cookies: Mapping[str, str | None]) -> VectorRequest:
    """Return the request with these cookies alone, without those that are None."""
    text = "; ".join(f"{name}={value}" for name, value in cookies.items() if value is not None)
    others = tuple(pair for pair in request.headers if pair[0].lower() != "cookie")
    return replace(request, headers=(*others, *((("Cookie", text),) if text else ())))


def _split_path(request: VectorRequest) -> list[str]:
    return request.target.partition("?")[0].split("/")


def _is_header(text: str) -> bool:
    """Return whether a text is one that HTTP takes, with no spaces around it to cut off."""
    return bool(text) and text.isascii() and text.isprintable() and text == text.strip()
