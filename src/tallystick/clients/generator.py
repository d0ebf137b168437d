"""Runs OpenAPI Generator to make clients from contracts and templates."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from importlib.metadata import distribution, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from tallystick.clients import (
    argument_names,
    codes,
    languages,
    member_names,
    pages,
    samples,
    source,
)
from tallystick.clients.java_source import tidy_java
from tallystick.clients.member_names import Rules
from tallystick.contract.document import Document

_JAVA_OPTIONS = (
    # Otherwise the jar prints what the machine's locale makes of the contracts.
    "-Dfile.encoding=UTF-8",
    # A run is too short for what a longer one gains by better code and parallel collection.
    *("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"),
)

_MODELS = "modelFiles"
"""The key with a pattern of model files, for a language with one file for each model."""

_WITHOUT = dict.fromkeys(("apiDocs", "modelDocs", "apiTests", "modelTests"), "false")


LICENSE = "Apache-2.0"
"""The licence of a package if you name no other: that of the templates."""

_NAME = re.compile(r"[A-Za-z0-9@._/:-]+")
_VERSION = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+[0-9A-Za-z.+-]*")
_SIGNATURES = re.compile(r"\nSignatures.*:\n\n(?:- .*\n)+")
_SPDX = re.compile(r"[A-Za-z0-9.+-]+")


class CannotGenerate(Exception):
    """The client can't be made; the message says why."""


class ClientPackage(NamedTuple):
    """A client package to make."""

    language: str
    contract: Document
    """A contract of the five, or one in the plain form."""
    out: Path
    """The folder of the package; your other files in it stay."""
    name: str = ""
    """The name to publish it by, as its language has it; empty for one made of the API's name."""
    version: str = ""
    """The version of the package; empty for Tallystick's own."""
    license: str = ""
    """An identifier of SPDX's list; empty for `LICENSE`, which alone comes with its text."""


def generate_packages(wanted: Sequence[ClientPackage]) -> None:
    """Write the packages; the same contract gives the same bytes. Raise `CannotGenerate`."""
    for each in wanted:
        _refuse_unusable(each)
    command = [*_java(), "batch", "--fail-fast"]
    with tempfile.TemporaryDirectory() as name:
        work = [(each, Path(name) / f"{each.language}-{each.contract.api}") for each in wanted]
        configurations = [str(_prepare(each, folder)) for each, folder in work]
        done = subprocess.run(
            [*command, *configurations], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise CannotGenerate(f"OpenAPI Generator failed:\n{done.stdout}{done.stderr}")
        for each, folder in work:
            _move_package(folder / "out", each)


def _refuse_unusable(wanted: ClientPackage) -> None:
    if wanted.name and not _NAME.fullmatch(wanted.name):
        raise CannotGenerate(f"{wanted.name} is no name of a package")
    if wanted.version and not _VERSION.fullmatch(wanted.version):
        raise CannotGenerate(f"{wanted.version} is no version such as 1.0.0")
    if wanted.license and not _SPDX.fullmatch(wanted.license):
        raise CannotGenerate(f"{wanted.license} is no licence of SPDX's list, such as MIT")


def _java() -> list[str]:
    package = find_spec("openapi_generator_cli")
    if package is None or package.origin is None:
        raise CannotGenerate(
            "OpenAPI Generator is missing: pip install 'tallystick[clients]' brings it"
        )
    java = shutil.which("java")
    if java is None:
        raise CannotGenerate("OpenAPI Generator runs on Java 11 or later, and there is no `java`")
    jar = Path(package.origin).with_name("openapi-generator.jar")
    return [java, *_JAVA_OPTIONS, "-jar", str(jar)]


def _prepare(wanted: ClientPackage, folder: Path) -> Path:
    """Write the contract and the generator's configuration; return the latter's path."""
    folder.mkdir()
    document = folder / "openapi.yaml"
    shaped = source.shape_document(wanted.contract)
    configuration = _configuration(wanted)
    schemas = shaped["components"]["schemas"]
    rules = configuration.pop("memberNames")
    names = member_names.name_members(schemas, rules)
    source.mark_renamed(schemas, names)
    plain_items = configuration.pop("plainItems", {})
    if wanted.contract.is_foreign:
        source.mark_plain_items(schemas, plain_items)
    pages.write_members(shaped, member_names.MemberNames(schemas, rules))
    parameters = list(source.list_parameters(shaped))
    for parameter in parameters:
        name: str = parameter.get("x-argument") or parameter["name"]
        parameter["x-member"] = member_names.write_field(name, rules)
    document.write_text(_yaml(shaped), encoding="utf-8")
    told = configuration | {
        "nameMappings": names,
        "operationIdNameMappings": {
            each["operationId"]: member_names.name_method(each["operationId"], rules)
            for _, _, each in wanted.contract.operations()
        },
        "parameterNameMappings": _name_arguments(parameters, configuration, rules),
        "inputSpec": str(document),
        "outputDir": str(folder / "out"),
        "templateDir": str(languages.templates_folder() / wanted.language),
    }
    files = ",".join(file["destinationFilename"] for file in told["files"].values())
    # Its examples grow beyond all memory where objects refer to each other in a long row.
    told["skipOperationExample"] = True
    told["generateAliasAsModel"] = wanted.contract.is_foreign
    told["globalProperties"] = {"apis": "", "models": "", "supportingFiles": files} | _WITHOUT
    facts = {**languages.package_names(wanted.contract.api), **_facts(wanted)}
    # An empty text counts as there in a template's section.
    facts = {name: value for name, value in facts.items() if value != ""}
    told["additionalProperties"] = {**told.get("additionalProperties", {}), **facts}
    path = folder / "generator.yaml"
    path.write_text(_yaml(told), encoding="utf-8")
    return path


def _name_arguments(
    parameters: Sequence[Mapping[str, Any]], configuration: Mapping[str, Any], rules: Rules
) -> dict[str, str]:
    """Return the name of each argument that the generator would write another way."""
    given: dict[str, str] = configuration.get("parameterNameMappings", {})
    renamed = argument_names.list_renamed(parameters)
    written = member_names.ArgumentNames(given, rules, renamed)
    usual = member_names.name_parameters((each["name"] for each in parameters), rules)
    return usual | given | {name: written[name] for name in renamed}


def _configuration(wanted: ClientPackage) -> dict[str, Any]:
    """Return the language's configuration with this client's names filled in."""
    names = languages.package_names(wanted.contract.api)
    found: dict[str, Any] = _named(languages.read_configuration(wanted.language), names)
    del found["name"]
    found.pop("takenModels", None)
    signing, paging = found.pop("signingFiles", {}), found.pop("pagesFiles", {})
    if source.signature_algorithm(wanted.contract):
        found["files"] |= signing
    if pages.find_pages(wanted.contract):
        found["files"] |= paging
    found["files"] = {
        template: {"destinationFilename": name, "templateType": "SupportingFiles"}
        for template, name in found["files"].items()
    }
    return found


def _named(value: Any, names: Mapping[str, str]) -> Any:
    """Return a configuration with each ``{name}`` in its texts filled in."""
    if isinstance(value, dict):
        return {key: _named(item, names) for key, item in value.items()}
    return value.format_map(names) if isinstance(value, str) else value


def _facts(wanted: ClientPackage) -> dict[str, Any]:
    """Return the values of the templates beside operations, models and names."""
    contract = wanted.contract
    servers = contract.content["servers"]
    constants = codes.list_constants(contract)
    usual = languages.read_configuration(wanted.language)["name"]
    name = wanted.name or _named(usual, languages.package_names(contract.api))
    first = samples.write_first_call(contract, wanted.language, name)
    return {
        "packageVersion": wanted.version or version("tallystick"),
        "license": wanted.license or LICENSE,
        "name": name,
        "group": name.rpartition(":")[0],
        "artifact": name.rpartition(":")[2],
        "codes": constants,
        "hasCodes": bool(constants),
        "codeAt": codes.pointers(contract, ("code", "error_code")),
        "messageAt": codes.pointers(contract, ("message", "error_msg", "detail")),
        "detailAt": codes.pointers(contract, ("error_details", "constraintViolations", "errors")),
        "requestIdHeader": source.request_id_header(contract),
        "keepsMore": source.keeps_more(contract),
        **source.list_uses(contract),
        "signs": source.signature_algorithm(contract),
        "credentialTold": source.tell_credential(contract),
        "apiTitle": contract.content["info"]["title"],  # as it is: `appName` has quotes escaped
        "vendorUrl": servers[0]["url"],
        "localUrl": servers[-1]["url"],
        "firstCall": first.program,
        "keyVariable": first.key,
    }


def _move_package(made: Path, wanted: ClientPackage) -> None:
    """Copy the files named by the language's configuration into the package."""
    configuration = _configuration(wanted)
    names = [file["destinationFilename"] for file in configuration["files"].values()]
    if _MODELS in configuration:
        names += [str(file.relative_to(made)) for file in made.glob(configuration[_MODELS])]
    for name in names:
        target = wanted.out / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(made / name, target)
        if target.suffix == ".java":
            target.write_text(tidy_java(target.read_text(encoding="utf-8")), encoding="utf-8")
    if wanted.license in ("", LICENSE):
        text = distribution("tallystick").read_text("licenses/LICENSE") or ""
        (wanted.out / "LICENSE").write_text(text, encoding="utf-8")
    is_our_version = wanted.version in ("", version("tallystick"))
    if is_our_version and not wanted.contract.is_foreign:
        (wanted.out / "CHANGELOG.md").write_text(_changelog(), encoding="utf-8")


def _changelog() -> str:
    """Return what changed in the clients, version by version, without the digests for us."""
    text = (languages.templates_folder() / "CHANGELOG.md").read_text(encoding="utf-8")
    return _SIGNATURES.sub("", text)


def _yaml(content: Mapping[str, Any]) -> str:
    return yaml.dump(content, Dumper=_SourceDumper, allow_unicode=True, sort_keys=False)


class _SourceDumper(yaml.CSafeDumper):
    """A YAML writer without aliases, since the generator limits their number."""

    def ignore_aliases(self, _data: object) -> bool:
        return True
