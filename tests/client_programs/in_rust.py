"""The clients in Rust: their scenarios, build and declarations."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from client_programs.declarations import BracedDeclarations
from client_programs.language import Build, Language, run
from client_programs.names import identifier, kebab, pascal, quoted, snake
from client_programs.scenario import Argument, Scenario, Step
from tallystick.clients import list_apis

_TARGET = Path(__file__).parents[2] / "build/clients/cargo"
"""Kept between runs, so that the clients' dependencies are compiled once."""

_FEATURES = 'default-features = false, features = ["async-http"]'
"""The programs have both clients; those of the small contracts are built without the other one."""


def program(scenario: Scenario) -> tuple[str, str]:
    """Return the name and content of the file with an API's scenario."""
    return f"src/{scenario.api}.rs", "\n".join(_lines(scenario)) + "\n"


def index(apis: list[str]) -> tuple[str, str]:
    """Return the name and content of the index of scenarios."""
    modules = "".join(f'#[path = "{api}.rs"]\nmod {api};\n' for api in apis)
    arms = "".join(f"        {quoted(api)} => {api}::run(h)?,\n" for api in apis)
    return "src/scenarios.rs", (
        f"use crate::harness::Harness;\n\n{modules}\n"
        "pub fn run(api: &str, h: &mut Harness) -> Result<(), Box<dyn std::error::Error>> {\n"
        f"    match api {{\n{arms}        other => return Err(other.into()),\n    }}\n"
        "    Ok(())\n}\n"
    )


def _lines(scenario: Scenario) -> Iterator[str]:
    yield "use crate::harness::Harness;"
    yield f"use {scenario.api}_client::*;\n"
    yield "#[allow(unused_variables)] // most have nothing to ask of a server that is away"
    yield "#[allow(clippy::match_single_binding)]"
    yield "#[allow(clippy::needless_update)] // whether a query is whole is not looked at"
    yield "pub fn run(h: &mut Harness) -> Result<(), Error> {"
    yield "    let here = Options { server: h.server.clone(), ..Options::default() };"
    yield "    let timeout = std::time::Duration::from_secs(1);"
    yield '    let away = Options { server: h.text("${away}"), timeout, ..Options::default() };'
    for index, step in enumerate(scenario.steps):
        credential = f"&h.text({quoted(scenario.clients[step.client])})"
        options = "away" if step.is_away else "here"
        is_async = index % 2  # by both clients in turn, which come from one template
        name = ("Async" if is_async else "") + pascal(scenario.api)
        client = f"{name}::with({credential}, {options}.clone())"
        call = f"{client}.{snake(step.operation)}({', '.join(_arguments(step))})"
        if step.pages:
            items = f"{client}.{snake(step.operation)}_all({', '.join(_arguments(step))})"
            call = (
                _all_without_blocking(items)
                if is_async
                else f"{items}.collect::<Result<Vec<_>, _>>()"
            )
        call = f"h.wait({call})" if is_async else call
        yield from _refused(step, call) if step.refused else _done(step, call)
    yield "    Ok(())\n}"


def _all_without_blocking(items: str) -> str:
    """Return a future of all items; `match` keeps what they are read with."""
    return (
        "async {\nlet mut found = Vec::new();\n"
        f"match {items} {{\nmut all => while let Some(item) = all.next().await {{\n"
        "found.push(item?);\n}\n}\nOk::<_, Error>(found)\n}"
    )


def _done(step: Step, call: str) -> Iterator[str]:
    yield f"    let result = serde_json::to_value({call}?)?;"
    for name, where in step.keep.items():
        yield f"    h.keep({quoted(name)}, &result, {quoted(where)});"
    for where, wanted in step.expect.items():
        yield f"    h.expect({quoted(where)}, &result, {quoted(wanted)});"
    yield f"    h.done({quoted(step.operation)}, &result);"


def _refused(step: Step, call: str) -> Iterator[str]:
    assert step.refused
    status, code = step.refused
    error = "Err(Error::Network(e)) if e.is_timeout"
    if status:
        error = f"Err(Error::Api(e)) if e.status == {status}"
    if code:
        error += f" && e.code == Code::{identifier(code)} && !e.body.is_empty()"
    yield f"    let refused = matches!({call}, {error});"
    yield f"    h.refused({quoted(step.operation)}, refused);"


def _arguments(step: Step) -> Iterator[str]:
    for value in step.path:
        yield f"&h.text({quoted(value)})"
    if step.body is not None:
        of = f"models::{step.body_type}" if step.body_type else "serde_json::Value"
        yield f"&h.body::<{of}>({quoted(step.body)})"
    if step.takes_query:
        members = "".join(f"{snake(each.name)}: {_value(each)}, " for each in step.query)
        yield f"&{pascal(step.operation)}Query {{ {members}..Default::default() }}"


def _value(argument: Argument) -> str:
    if argument.kind == "map":
        members = (f"({quoted(k)}.into(), {quoted(v)}.into())" for k, v in argument.value.items())
        value = f"[{', '.join(members)}].into()"
    elif isinstance(argument.value, bool):
        value = quoted(argument.value)
    else:
        value = f"h.text({quoted(str(argument.value))})"
        if argument.kind.startswith("int"):
            value += '.parse().expect("a number")'
        elif argument.kind != "text":
            value += ".into()"
    return value if argument.required else f"Some({value})"


def _compile(build: Build) -> None:
    dependencies = [
        f'{kebab(api)}-client = {{ path = "{build.client(api)}", {_FEATURES} }}'
        for api in list_apis()
    ]
    manifest = build.work / "Cargo.toml"
    text = manifest.read_text(encoding="utf-8").replace("# clients", "\n".join(dependencies))
    manifest.write_text(text, encoding="utf-8")
    members = json.dumps([str(build.work), *map(str, build.packages())])
    workspace = Path(os.path.commonpath([build.made, build.work]))
    text = f'[workspace]\nresolver = "2"\nmembers = {members}\n'
    (workspace / "Cargo.toml").write_text(text, encoding="utf-8")
    run(["cargo", "build", "-q", "--workspace", "--no-default-features"], workspace, **_cargo())


def _cargo() -> dict[str, str]:
    # What is only of use to a debugger or to the next compilation would fill the disk.
    small = {"CARGO_INCREMENTAL": "0", "CARGO_PROFILE_DEV_DEBUG": "0"}
    # One pass lints and builds. Debian's Rust comes without clippy; then the compiler's own
    # warnings must do.
    lint = {"RUSTC_WORKSPACE_WRAPPER": "clippy-driver"} if shutil.which("clippy-driver") else {}
    return {"CARGO_TARGET_DIR": str(_TARGET), "RUSTFLAGS": "-D warnings", **small, **lint}


def _first_call(build: Build, api: str, program: str) -> str:
    folder = build.work / "src/bin"
    folder.mkdir(exist_ok=True)
    # A test puts another server in the place of one that the program imports.
    text = f"#![allow(unused_imports)]\n{program}"
    (folder / f"first_{api}.rs").write_text(text, encoding="utf-8")
    return run(["cargo", "run", "-q", "--bin", f"first_{api}"], build.work, **_cargo())


def _sample(api: str, operation: str, program: str) -> tuple[str, str]:
    return f"src/samples/{snake(f'{api}_{operation}')}.rs", program


def _sample_index(files: list[str]) -> tuple[str, str]:
    names = [Path(file).stem for file in files]
    modules = "".join(f'#[path = "../samples/{name}.rs"]\nmod {name};\n' for name in names)
    return "src/bin/samples.rs", f"#![allow(dead_code)]\n\n{modules}\nfn main() {{}}\n"


LANGUAGE = Language(
    "rust",
    ("cargo",),
    program,
    _compile,
    lambda _: [str(_TARGET / "debug/scenario")],
    _first_call,
    _sample,
    ".rs",
    BracedDeclarations(
        r"pub (?!\(crate\))|impl [A-Z]\w* \{|open_enum! \{",
        r"    pub |    \w+ \{$|        \w+ = \".*\",$|    [A-Z]\w+\([\w:<>]+\),",
    ),
    index=index,
    sample_index=_sample_index,
    published=("acme-events", "Cargo.toml", 'name = "acme-events"'),
    forms=frozenset({"any", "member"}),
    behaviour=(
        "typed Service indisponible.",
        "typed true",
        *("page 1 345", "page 2 345", "circle 2", "page 3"),
        "async 503 503 3",  # status, code, and the calls that a service of one's own has counted
        "async {",
        *("async page 6 345", "async page 7 345", "async circle 7"),
        "async 307",
        "async false",  # not in time: nobody listens
        "async true",  # not in time: no answer comes
    ),
)
