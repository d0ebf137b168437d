"""Who may call a contract's operations: keys of the database, keys that were given, or anybody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from hmac import compare_digest
from typing import Any

from tallystick.apis.keys import refuse_without_scope
from tallystick.apis.service_context import CredentialFunction, Sample, ServiceContext
from tallystick.contract.document import Document
from tallystick.contract.exceptions import Unauthenticated
from tallystick.contract.security_schemes import http_word


class ContractCredentials:
    """The functions of one contract's security schemes."""

    def __init__(self, context: ServiceContext, document: Document) -> None:
        self._context = context
        self._document = document
        self.functions: Mapping[str, CredentialFunction] = {
            name: self._function(name) for name in document.schemes
        }

    def samples(self, base_url: str) -> list[Sample]:
        """Return a line to paste for the first operation that needs no value in its path."""
        base = self._document.content.get("x-base-path", "")
        for path, method, operation in self._document.operations():
            if method == "get" and "{" not in path:
                title = operation.get("summary") or operation["operationId"]
                options = self._options(operation)
                return [Sample(title, " ".join(["curl", *options, f"{base_url}{base}{path}"]))]
        return []

    def _options(self, operation: Mapping[str, Any]) -> list[str]:
        """The options of curl that send the operation's first credential."""
        schemes = self._document.components.get("securitySchemes", {})
        for requirement in operation["security"]:
            return [_option(schemes[n], "KEY" if self._given(n) else "any") for n in requirement]
        return []

    def _function(self, scheme: str) -> CredentialFunction:
        given = [(each.encode(), _caller(scheme, each)) for each in self._given(scheme)]

        def authenticate(secret: str, scopes: Sequence[str]) -> Mapping[str, object]:
            sent = secret.encode()
            for each, caller in given:
                if compare_digest(each, sent):
                    return caller
            if self._context.settings.dev and not given and secret:
                return _caller(scheme, secret)
            return {"sub": self._key_id(secret, scopes)}

        return authenticate

    def _key_id(self, secret: str, scopes: Sequence[str]) -> str:
        keys = self._context.keys
        key = keys.get_key(self._document.api, secret)
        if key is None:
            raise Unauthenticated
        # OpenAPI asks for all of the scopes that a requirement names.
        keys.admit_key(key, [])
        for scope in scopes:
            refuse_without_scope(key, [scope])
        return key.id

    def _given(self, scheme: str) -> Sequence[str]:
        """The values that ``--key SCHEME=VALUE`` gave, with or without the contract's name."""
        names = (scheme, scheme.removeprefix(f"{self._document.api}."))
        pairs = (key.partition("=") for key in self._context.settings.contract_keys)
        return [value for name, _, value in pairs if name in names]


def _caller(scheme: str, secret: str) -> Mapping[str, str]:
    """Who has a secret that is no key of the database: those with another one are others."""
    return {"sub": scheme, "secret_digest": sha256(secret.encode()).hexdigest()}


def _option(scheme: Mapping[str, Any], secret: str) -> str:
    """The option of curl that sends a credential of a scheme."""
    word = http_word(scheme)
    if word == "basic":
        return f"-u '{secret}:{secret}'"
    if word:
        return f"-H 'Authorization: {word.capitalize()} {secret}'"
    name = scheme.get("name", "")
    options = {
        "header": f"-H '{name}: {secret}'",
        "query": f"-G -d '{name}={secret}'",
        "cookie": f"-b '{name}={secret}'",
    }
    return options.get(scheme.get("in", ""), "")
