"""Writes a program that calls an operation in each language, by its ``clients/*/sample.jinja``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tallystick.clients import languages, source
from tallystick.clients.member_names import ArgumentNames, MemberNames, name_method
from tallystick.clients.plain_contract import plain_contract
from tallystick.clients.sample_calls import SampleCall, SampleCalls
from tallystick.clients.sample_templates import (
    Pairs,
    WrittenObject,
    optional_form,
    read_template,
)
from tallystick.clients.sample_values import SampleMember, SampleValue
from tallystick.contract.document import Document

Programs = Mapping[str, str]
"""A program by its language."""


class FirstCall(NamedTuple):
    """The program of a README, and the environment variable with its key, if it needs one."""

    program: str
    key: str


def write_programs(contract: Document) -> Mapping[str, Programs]:
    """Return the programs of each operation that clients can call, by its id."""
    if contract.api == source.OWN:
        return {}
    return write_samples(plain_contract(contract).document if contract.is_foreign else contract)


def write_samples(contract: Document) -> Mapping[str, Programs]:
    """Return the programs of each operation, by its id in the contract.

    `contract`: one of those with clients, or one in the plain form.
    """
    calls = SampleCalls(contract)
    writers = {
        name: _ProgramWriter(contract.api, calls, name) for name in languages.list_languages()
    }
    return {
        call.operation_id: {name: writer.write_program(call) for name, writer in writers.items()}
        for call in calls.read_calls()
    }


def write_first_call(contract: Document, language: str, package: str) -> FirstCall:
    """Return the call of a contract's first operation; it imports a package by its name."""
    calls = SampleCalls(contract)
    call = next(calls.read_calls())
    program = _ProgramWriter(contract.api, calls, language, package).write_program(call)
    return FirstCall(program, call.key)


class _ProgramWriter:
    """Writes programs in one language; they import `package`, by default of the usual name."""

    def __init__(self, api: str, calls: SampleCalls, language: str, package: str = "") -> None:
        configuration = languages.read_configuration(language)
        names = languages.package_names(api)
        rules = configuration["memberNames"]
        self._calls = calls
        self._rules = rules
        self._member_names = MemberNames(calls.schemas, rules)
        self._argument_names = ArgumentNames(
            configuration.get("parameterNameMappings", {}), rules, calls.renamed
        )
        package = package or configuration["name"].format_map(names)
        self._forms = read_template(language, {**names, "package": package})

    def write_program(self, call: SampleCall) -> str:
        """Return the whole program of a call."""
        query = self._members(self._argument_names, call.query)
        body = "" if call.body is None else self._value(call.body)
        written = " ".join([body, *(value for _, value in query)])
        types = [name for name in call.type_names if re.search(rf"\b{name}\b", written)]
        method = name_method(call.method, self._rules)
        return self._forms.program(call, method, query, body, types).strip()

    def _members(
        self, names: MemberNames | ArgumentNames, members: Sequence[SampleMember]
    ) -> Pairs:
        return [(names[each.name], self._member(each)) for each in members]

    def _member(self, member: SampleMember) -> str:
        """Return a member's value, wrapped where the language tells it from an absent one."""
        text = self._value(member.value)
        write = optional_form(self._forms, "member")
        return write(member, text) if write else text

    def _value(self, value: SampleValue) -> str:
        text = self._unnamed(value)
        write = optional_form(self._forms, "alias")
        is_alias = value.type.form in ("list", "any") and value.type.name
        return write(value.type.name, text) if write and is_alias else text

    def _unnamed(self, value: SampleValue) -> str:
        forms, given, type_ = self._forms, value.given, value.type
        write = optional_form(forms, "any")
        if type_.form == "any" and write:
            return write(given)
        if type_.form == "object" and isinstance(given, Mapping):
            return forms.object(self._object(value))
        if isinstance(given, Mapping):
            return forms.map(type_, self._map(value.members))
        if isinstance(given, Sequence) and not isinstance(given, str):
            return forms.list(type_, [self._value(each) for each in value.items])
        return self._scalar(value)

    def _object(self, value: SampleValue) -> WrittenObject:
        members = self._members(self._member_names, value.members)
        plain = self._value(self._calls.values.read_plain(value.given))
        return WrittenObject(value, members, self._map(value.more), plain)

    def _map(self, members: Sequence[SampleMember]) -> Pairs:
        return [(self._forms.text(each.name), self._value(each.value)) for each in members]

    def _scalar(self, value: SampleValue) -> str:
        forms, given, type_ = self._forms, value.given, value.type
        if given is None:
            return forms.null()
        if isinstance(given, bool):
            return forms.flag(given)
        if not isinstance(given, str):
            return forms.number(type_, given)
        if type_.form == "choice":
            return forms.choice(type_.name, given)
        return forms.moment(given) if type_.form == "moment" else forms.text(given)
