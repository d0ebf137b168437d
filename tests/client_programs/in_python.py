"""The clients in Python: their scenarios, build and declarations."""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Iterator

from client_programs.language import Build, Language, run
from client_programs.names import identifier, pascal, quoted, snake
from client_programs.scenario import Argument, Scenario, Step


def program(scenario: Scenario) -> tuple[str, str]:
    """Return the name and content of the file with an API's scenario."""
    return f"scenario_{scenario.api}.py", "\n".join(_lines(scenario)) + "\n"


def _lines(scenario: Scenario) -> Iterator[str]:
    name = pascal(scenario.api)
    yield "from harness import Harness"
    yield f"from {scenario.api}_client import ApiError, Code, NetworkError, {name}, models\n\n"
    yield "def run(h: Harness) -> None:"
    for index, step in enumerate(scenario.steps):
        credential = f"h.text({quoted(scenario.clients[step.client])})"
        server = 'h.text("${away}"), timeout=1.0' if step.is_away else "h.server"
        yield f"    with {name}({credential}, server={server}) as client:"
        yield from _refused(step) if step.refused else _done(step, f"result{index}")


def _call(step: Step) -> str:
    arguments = [f"h.text({quoted(value)})" for value in step.path]
    if step.body is not None and step.body_type:
        body = f"h.body({quoted(step.body)})"
        arguments.append(f"models.{step.body_type}.model_validate_json({body})")
    elif step.body is not None:
        arguments.append(f"h.json({quoted(step.body)})")
    arguments += [f"{snake(each.name)}={_value(each)}" for each in step.query]
    if step.pages:
        return f"list(client.{snake(step.operation)}_all({', '.join(arguments)}))"
    return f"client.{snake(step.operation)}({', '.join(arguments)})"


def _value(argument: Argument) -> str:
    if argument.kind.startswith("int") and isinstance(argument.value, str):
        return f"int(h.text({quoted(argument.value)}))"
    if not isinstance(argument.value, str):
        return repr(argument.value)
    text = f"h.text({quoted(argument.value)})"
    return text if argument.kind == "text" else f"models.{argument.kind}({text})"


def _done(step: Step, result: str) -> Iterator[str]:
    if step.has_result:
        yield f"        {result} = {_call(step)}"
        yield f"        text = h.written({result})"
    else:
        yield f'        {_call(step)}\n        text = "null"'
    for name, where in step.keep.items():
        yield f"        h.keep({quoted(name)}, text, {quoted(where)})"
    for where, wanted in step.expect.items():
        yield f"        h.expect({quoted(where)}, text, {quoted(wanted)})"
    yield f"        h.done({quoted(step.operation)}, text)"


def _refused(step: Step) -> Iterator[str]:
    assert step.refused
    status, code = step.refused
    yield "        try:"
    yield f"            {_call(step)}"
    yield f"            h.refused({quoted(step.operation)}, False)"
    if not status:
        yield "        except NetworkError as e:"
        yield f"            h.refused({quoted(step.operation)}, e.is_timeout)"
        return
    yield "        except ApiError as e:"
    expected = f"e.status == {status}"
    if code:
        expected += f" and e.code is Code.{identifier(code)} and bool(e.body)"
    yield f"            h.refused({quoted(step.operation)}, {expected})"


def _compile(build: Build) -> None:
    packages = [word for each in build.packages() for word in ("-p", f"{each.name}_client")]
    run([*_mypy(build), *packages], build.work, MYPYPATH=_python_path(build))
    run([*_mypy(build), "."], build.work, MYPYPATH=_python_path(build))


def _mypy(build: Build) -> list[str]:
    """Return the type check that a user has who knows of no plugin."""
    strict = [sys.executable, "-m", "mypy", "--strict", "--config-file="]
    return [*strict, f"--cache-dir={build.work / 'cache'}"]


def _python_path(build: Build) -> str:
    return os.pathsep.join(map(str, build.packages()))


def _first_call(build: Build, api: str, program: str) -> str:
    file = build.work / f"first_{api}.py"
    file.write_text(program, encoding="utf-8")
    run([*_mypy(build), file], build.work, MYPYPATH=_python_path(build))
    command = [sys.executable, "-W", "error", str(file)]
    return run(command, build.work, PYTHONPATH=_python_path(build))


def _sample(api: str, operation: str, program: str) -> tuple[str, str]:
    return f"samples/{api}_{operation}.py", program


def _declarations(text: str) -> Iterator[str]:
    for node in ast.parse(text).body:
        yield from _node(node, "")


def _node(node: ast.stmt, indent: str) -> Iterator[str]:
    if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
        yield f"class {node.name}({', '.join(map(ast.unparse, node.bases))})"
        for member in node.body:
            yield from _node(member, "    ")
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (
        node.name == "__init__" or node.name[0] != "_"
    ):
        word = "def" if isinstance(node, ast.FunctionDef) else "async def"
        returns = ast.unparse(node.returns) if node.returns else "None"
        yield f"{indent}{word} {node.name}({ast.unparse(node.args)}) -> {returns}"
    elif isinstance(node, ast.AnnAssign):
        default = " = …" if node.value else ""
        yield f"{indent}{ast.unparse(node.target)}: {ast.unparse(node.annotation)}{default}"
    elif isinstance(node, ast.Assign) and not ast.unparse(node.targets[0]).startswith("_"):
        yield f"{indent}{ast.unparse(node)}"


LANGUAGE = Language(
    "python",
    (),
    program,
    _compile,
    lambda _: [sys.executable, "harness.py"],
    _first_call,
    _sample,
    ".py",
    _declarations,
    environment=lambda build: {"PYTHONPATH": _python_path(build)},
    published=("acme-events", "pyproject.toml", 'name = "acme-events"'),
    behaviour=(
        *("page 1 [345]", "page 2 [345, 345]", "circle True 2", "circle True"),
        "crowd {'404': 350}",
        "step 0",
        *("async 503", "typed Service indisponible.", "typed True"),
    ),
)
