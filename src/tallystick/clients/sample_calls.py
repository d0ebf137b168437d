"""Reads one call of each operation from a contract, with all that it requires."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tallystick.clients import argument_names, source
from tallystick.clients.sample_values import (
    SampleMember,
    SampleValue,
    SampleValues,
    Schema,
    list_names,
)
from tallystick.contract.document import Document
from tallystick.contract.sample_request import SampleRequests
from tallystick.contract.security_schemes import key_variable
from tallystick.contract.styled_writer import as_text


@dataclass(frozen=True, slots=True)
class SampleCall:
    """A call of one operation with the values of the contract's examples."""

    operation_id: str
    """Its id in the contract."""
    method: str
    """The name of the client's method, in the spelling of most languages."""
    key: str
    """The environment variable with the credential; empty if there is none."""
    path: tuple[str, ...]
    query: tuple[SampleMember, ...]
    takes_query: bool
    leaves_out: bool
    """Whether the query has optional parameters: the call has none."""
    body: SampleValue | None
    has_result: bool

    @property
    def type_names(self) -> list[str]:
        """Return the names of the types in its values, sorted."""
        values = [member.value for member in self.query] + ([self.body] if self.body else [])
        return sorted({name for value in values for name in list_names(value)})


class SampleCalls:
    """The calls of a contract: one of those with clients, or one in the plain form."""

    def __init__(self, contract: Document) -> None:
        self._contract = contract
        self._shaped = source.shape_document(contract)
        self.values = SampleValues(self.schemas)
        self._samples = SampleRequests(contract)

    @property
    def schemas(self) -> Mapping[str, Schema]:
        """Return the schemas in the generator's form."""
        schemas: Mapping[str, Schema] = self._shaped["components"]["schemas"]
        return schemas

    @property
    def renamed(self) -> Mapping[str, str]:
        """Return the parameters' other names as arguments."""
        return argument_names.list_renamed(source.list_parameters(self._shaped))

    def read_calls(self) -> Iterator[SampleCall]:
        """Yield a call of each operation, in the contract's order."""
        for _, _, operation in self._contract.operations():
            yield self._call(operation)

    def _call(self, operation: Schema) -> SampleCall:
        given = self._samples.make_values(operation)
        parameters = [self._contract.resolve(each) for each in operation.get("parameters", ())]
        query = [each for each in parameters if each["in"] == "query"]
        values = {
            each["name"]: self.values.read_value(given.parameters[each["name"]], each["schema"])
            for each in parameters
            if each.get("required")
        }
        return SampleCall(
            operation_id=operation.get("x-operation-id", operation["operationId"]),
            method=operation["operationId"],
            key=self._key(operation),
            path=tuple(as_text(values[e["name"]].given) for e in parameters if e["in"] == "path"),
            query=tuple(
                SampleMember(each["name"], values[each["name"]], {})
                for each in query
                if each["name"] in values
            ),
            takes_query=bool(query),
            leaves_out=any(each["name"] not in values for each in query),
            body=self._body(operation, given.body),
            has_result=bool({"200", "201", "202"} & operation["responses"].keys()),
        )

    def _key(self, operation: Schema) -> str:
        needs = operation.get("security", self._contract.content.get("security", []))
        return next((key_variable(self._contract.api, name) for each in needs for name in each), "")

    def _body(self, operation: Schema, given: Any) -> SampleValue | None:
        body = self._contract.resolve(operation.get("requestBody", {}))
        if not body:
            return None
        return self.values.read_value(given, body["content"]["application/json"]["schema"])
