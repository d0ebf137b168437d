"""Security schemes and requirements in the normal form."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tallystick.contract.reader.findings import Findings
from tallystick.contract.reader.members import keep_members
from tallystick.contract.reader.misplaced import find_components
from tallystick.contract.reader.references import Node, References, Unresolved

_MEMBERS: Mapping[str, Mapping[str, type]] = {
    "apiKey": {"name": str, "in": str},
    "http": {"scheme": str},
    "oauth2": {"flows": dict},
    "openIdConnect": {"openIdConnectUrl": str},
    "mutualTLS": {},
}
"""The types of schemes, and which members each must have."""

_READ = ("type", "name", "in", "scheme", "flows", "openIdConnectUrl")
_KEY_PLACES = ("query", "header", "cookie")
_WORD = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""RFC 9110, section 11.1: a scheme is a token."""


class SecurityReader:
    """Reads the schemes of one document, and the requirements that name them."""

    def __init__(self, references: References, findings: Findings, root: Node, api: str) -> None:
        self._references = references
        self._findings = findings
        self._root = root
        self._api = api
        self.schemes = self._read_schemes(root)
        """The schemes by their names with the API before them."""

    def _read_schemes(self, root: Node) -> dict[str, Any]:
        declared = find_components(root, "securitySchemes", self._references, self._findings)
        read = {name: self._read_scheme(node) for name, node in declared.members()}
        return {self._named(name): scheme for name, scheme in read.items() if scheme}

    def _named(self, name: str) -> str:
        return f"{self._api}.{name}"

    def _read_scheme(self, node: Node) -> Any:
        try:
            node = self._references.follow(node)
        except Unresolved as error:
            self._findings.warn(node, error.rule, f"{error}: the scheme is unknown")
            return None
        fault = _scheme_fault(node.value)
        if fault is None:
            own = ("type", *_MEMBERS[node.value["type"]])
            read = {name: node.value[name] for name in own}
            return read | keep_members(node, self._findings, _READ)
        self._findings.warn(node, "security-invalid", f"{fault}: the scheme is unknown")
        return None

    def read_security(self, operation: Node) -> list[dict[str, Any]]:
        """Return the requirements of an operation, or the document's; an empty list is open."""
        holder = operation if "security" in operation.value else self._root
        if "security" not in holder.value:
            return []
        node = holder.child("security")
        if not isinstance(node.value, list):
            self._findings.refuse(node, "security-invalid", "must be a list of requirements")
            return []
        unknown = {name for item in node.items() for name in self._list_unknown(item)}
        known = [self._rename(item) for item in node.items() if not self._list_unknown(item)]
        if not unknown:
            return known
        message = f"{', '.join(sorted(unknown))}: no such scheme, or no list of scopes, is known"
        if known:
            self._findings.warn(node, "security-unknown", f"{message}: the others are asked for")
        else:
            self._findings.refuse(node, "security-unknown", message)
        return known

    def _list_unknown(self, requirement: Node) -> list[str]:
        if not isinstance(requirement.value, dict):
            return [str(requirement.value)]
        return [
            name
            for name, scopes in requirement.value.items()
            if self._named(name) not in self.schemes or not is_scopes(scopes)
        ]

    def _rename(self, requirement: Node) -> dict[str, Any]:
        return {self._named(name): scopes or [] for name, scopes in requirement.value.items()}


def is_scopes(scopes: Any) -> bool:
    """Return whether a value is the list of scopes of a requirement, which may be empty."""
    listed = [] if scopes is None else scopes
    return isinstance(listed, list) and all(isinstance(scope, str) for scope in listed)


def _scheme_fault(scheme: Any) -> str | None:
    """Return what keeps a scheme from use."""
    kind = scheme.get("type") if isinstance(scheme, dict) else None
    if not isinstance(kind, str) or kind not in _MEMBERS:
        return f"type must be one of {', '.join(_MEMBERS)}"
    for member, form in _MEMBERS[kind].items():
        if not isinstance(scheme.get(member), form) or not scheme[member]:
            return f"has no {member}"
    if kind == "http" and not _WORD.fullmatch(scheme["scheme"]):
        return "scheme must be a word of HTTP"
    if kind == "apiKey" and scheme["in"] not in _KEY_PLACES:
        return f"in must be one of {', '.join(_KEY_PLACES)}"
    return None
