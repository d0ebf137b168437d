"""The scenarios in Rust."""

from __future__ import annotations

from collections.abc import Iterator

from client_programs.names import identifier, pascal, quoted, snake
from client_programs.scenario import Argument, Scenario, Step


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
    yield "#[allow(clippy::needless_update)] // whether a query is whole is not looked at"
    yield "pub fn run(h: &mut Harness) -> Result<(), Error> {"
    yield "    let here = Options { server: h.server.clone(), ..Options::default() };"
    yield "    let timeout = std::time::Duration::from_secs(1);"
    yield '    let away = Options { server: h.text("${away}"), timeout, ..Options::default() };'
    for step in scenario.steps:
        credential = f"&h.text({quoted(scenario.clients[step.client])})"
        options = "away" if step.is_away else "here"
        client = f"{pascal(scenario.api)}::with({credential}, {options}.clone())"
        call = f"{client}.{snake(step.operation)}({', '.join(_arguments(step))})"
        yield from _refused(step, call) if step.refused else _done(step, call)
    yield "    Ok(())\n}"


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
