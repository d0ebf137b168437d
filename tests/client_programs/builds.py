"""Strict builds of the clients with each language's own tools, and programs that use them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from client_programs import in_go, in_java, in_php, in_python, in_rust, in_typescript
from client_programs.names import kebab
from client_programs.scenario import Scenario, scenarios
from tallystick.clients import list_apis

ROOT = Path(__file__).parents[2]
HARNESSES = Path(__file__).parent / "harnesses"
TSC = ROOT / "node_modules/.bin/tsc"
CARGO_TARGET = ROOT / "build/clients/cargo"
"""Kept between runs, so that the clients' dependencies are compiled once."""

PHP = ("php", "-d", "error_reporting=-1", "-d", "display_errors=stderr")

NICE = ("nice", "-n", "10")


class BuildFailed(AssertionError):
    """A tool of a language reports an error or a warning."""


@dataclass(frozen=True)
class Build:
    """The generated clients of a language, and a folder for their build."""

    made: Path
    work: Path

    def client(self, api: str) -> Path:
        """Return the package of an API."""
        return self.made / api


@dataclass(frozen=True)
class Language:
    """The way to build and run the clients of a language."""

    name: str
    tools: tuple[str, ...]
    """Programs that must be installed."""
    program: Callable[[Scenario], tuple[str, str]]
    compile: Callable[[Build], None]
    """Compiles clients and scenarios; raises `BuildFailed` for a warning."""
    command: Callable[[Build], list[str]]
    """Returns the command that runs the scenarios, without their arguments."""
    first_call: Callable[[Build, str, str], str]
    """Runs the program in an API's README unchanged; returns its output."""
    environment: Callable[[Build], Mapping[str, str]] = lambda _: {}
    index: Callable[[list[str]], tuple[str, str]] | None = None
    """Returns the file that maps an API to its scenario, where the language needs one."""

    def build(self, build: Build) -> None:
        """Write the scenarios beside the clients and compile all of it."""
        shutil.copytree(HARNESSES / self.name, build.work, dirs_exist_ok=True)
        programs = [self.program(scenario) for scenario in scenarios(self.name)]
        if self.index:
            programs.append(self.index(list_apis()))
        for name, text in programs:
            (build.work / name).write_text(text, encoding="utf-8")
        self.compile(build)

    def run(self, build: Build, server: str, away: str) -> list[str]:
        """Run every scenario against a server; return a line `done` or `refused` for each call.

        Calls of the client `away` go to the server at that URL.
        """
        values = {"away": away}
        for scenario in scenarios(self.name):
            values |= scenario.values
        arguments = [server, json.dumps(values), *list_apis()]
        environment = self.environment(build)
        return run([*self.command(build), *arguments], build.work, **environment).splitlines()


def run(command: Iterable[str | Path], folder: Path, **env: str) -> str:
    """Return a command's output; raise `BuildFailed` with all of it if the command fails."""
    argv = [*NICE, *map(str, command)]
    done = subprocess.run(
        argv, cwd=folder, env={**os.environ, **env}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise BuildFailed(f"{' '.join(argv)}\n{done.stdout}{done.stderr}")
    return done.stdout


def _compile_python(build: Build) -> None:
    packages = [word for api in list_apis() for word in ("-p", f"{api}_client")]
    run([*_mypy(build), *packages], build.work, MYPYPATH=_python_path(build))
    run([*_mypy(build), "."], build.work, MYPYPATH=_python_path(build))


def _mypy(build: Build) -> list[str]:
    """Return the type check that a user has who knows of no plugin."""
    strict = [sys.executable, "-m", "mypy", "--strict", "--config-file="]
    return [*strict, f"--cache-dir={build.work / 'cache'}"]


def _python_path(build: Build) -> str:
    return os.pathsep.join(str(build.client(api)) for api in list_apis())


def _compile_typescript(build: Build) -> None:
    modules = build.work / "node_modules"
    modules.mkdir(exist_ok=True)
    for api in list_apis():
        run([TSC, "-p", build.client(api)], build.work)
        link = modules / f"{kebab(api)}-client"
        if not link.exists():
            link.symlink_to(build.client(api))
    run([TSC], build.work)


def _compile_php(build: Build) -> None:
    packages = build.work / "packages"
    if not packages.exists():
        packages.symlink_to(build.made)
    files = [*build.made.rglob("*.php"), *build.work.glob("*.php")]
    for file in files:
        run([*PHP, "-l", file], build.work)


def _compile_go(build: Build) -> None:
    module = "module scenario\n\ngo 1.19\n"
    for api in list_apis():
        run(["go", "vet", "./..."], build.client(api))
        if unformatted := run(["gofmt", "-l", "."], build.client(api)):
            raise BuildFailed(f"gofmt would change {unformatted}")
        name = f"tallystick/{api.replace('_', '')}"
        module += f"\nrequire {name} v0.0.0\n\nreplace {name} => {build.client(api)}\n"
    (build.work / "go.mod").write_text(module, encoding="utf-8")
    run(["go", "vet", "./..."], build.work)
    run(["go", "build", "-o", "scenario", "."], build.work)


def _compile_java(build: Build) -> None:
    classes = build.work / "classes"
    strict = ["javac", "-Xlint:all", "-Werror", "-proc:none", "-encoding", "UTF-8"]
    strict += ["--release", "17", "-d", str(classes)]
    for api in list_apis():
        run([*strict, "-cp", jackson(), *build.client(api).rglob("*.java")], build.work)
    here = f"{classes}{os.pathsep}{jackson()}"
    run([*strict, "-cp", here, *build.work.glob("*.java")], build.work)


def jackson() -> str:
    """Return the path of a jar with Jackson: the generator's own."""
    package = find_spec("openapi_generator_cli")
    assert package
    assert package.origin
    return str(Path(package.origin).with_name("openapi-generator.jar"))


def _compile_rust(build: Build) -> None:
    dependencies = [
        f'{kebab(api)}-client = {{ path = "{build.client(api)}", default-features = false }}'
        for api in list_apis()
    ]
    manifest = build.work / "Cargo.toml"
    text = manifest.read_text(encoding="utf-8").replace("# clients", "\n".join(dependencies))
    manifest.write_text(text, encoding="utf-8")
    members = json.dumps([str(build.work), *(str(build.client(api)) for api in list_apis())])
    workspace = Path(os.path.commonpath([build.made, build.work]))
    text = f'[workspace]\nresolver = "2"\nmembers = {members}\n'
    (workspace / "Cargo.toml").write_text(text, encoding="utf-8")
    # Debian's Rust comes without clippy; then the compiler's own warnings must do.
    lint = "clippy" if shutil.which("cargo-clippy") else "check"
    strict = {**_cargo(), "RUSTFLAGS": "-D warnings"}
    run(["cargo", lint, "-q", "--workspace", "--no-default-features"], workspace, **strict)
    run(["cargo", "build", "-q"], build.work, **_cargo())


def _cargo() -> dict[str, str]:
    # What is only of use to a debugger or to the next compilation would fill the disk.
    small = {"CARGO_INCREMENTAL": "0", "CARGO_PROFILE_DEV_DEBUG": "0"}
    return {"CARGO_TARGET_DIR": str(CARGO_TARGET), **small}


def _java_command(build: Build) -> list[str]:
    path = f"{build.work / 'classes'}{os.pathsep}{jackson()}"
    return ["java", "-XX:TieredStopAtLevel=1", "-cp", path, "Harness"]


def _first_python(build: Build, api: str, program: str) -> str:
    file = build.work / f"first_{api}.py"
    file.write_text(program, encoding="utf-8")
    run([*_mypy(build), file], build.work, MYPYPATH=_python_path(build))
    command = [sys.executable, "-W", "error", str(file)]
    return run(command, build.work, PYTHONPATH=_python_path(build))


def _first_typescript(build: Build, api: str, program: str) -> str:
    (build.work / f"first_{api}.ts").write_text(program, encoding="utf-8")
    run([TSC], build.work)
    return run(["node", f"dist/first_{api}.js"], build.work)


def _first_php(build: Build, api: str, program: str) -> str:
    file = build.work / f"first_{api}.php"
    autoload = f"require '{build.client(api)}/autoload.php';"
    text = program.replace("require 'vendor/autoload.php';", autoload)
    file.write_text(text, encoding="utf-8")
    return run([*PHP, file], build.work)


def _first_go(build: Build, api: str, program: str) -> str:
    folder = build.work / f"first_{api}"
    folder.mkdir(exist_ok=True)
    (folder / "main.go").write_text(program, encoding="utf-8")
    if unformatted := run(["gofmt", "-l", folder], build.work):
        raise BuildFailed(f"gofmt would change {unformatted}")
    return run(["go", "run", f"./first_{api}"], build.work)


def _first_java(build: Build, _: str, program: str) -> str:
    file = build.work / "FirstCall.java"
    file.write_text(program, encoding="utf-8")
    return run([*_java_command(build)[:-1], file], build.work)


def _first_rust(build: Build, api: str, program: str) -> str:
    folder = build.work / "src/bin"
    folder.mkdir(exist_ok=True)
    (folder / f"first_{api}.rs").write_text(program, encoding="utf-8")
    return run(["cargo", "run", "-q", "--bin", f"first_{api}"], build.work, **_cargo())


LANGUAGES = {
    language.name: language
    for language in (
        Language(
            "python",
            (),
            in_python.program,
            _compile_python,
            lambda _: [sys.executable, "harness.py"],
            _first_python,
            lambda build: {"PYTHONPATH": _python_path(build)},
        ),
        Language(
            "typescript",
            ("node", str(TSC)),
            in_typescript.program,
            _compile_typescript,
            lambda _: ["node", "dist/harness.js"],
            _first_typescript,
        ),
        Language(
            "go",
            ("go",),
            in_go.program,
            _compile_go,
            lambda _: ["./scenario"],
            _first_go,
            index=in_go.index,
        ),
        Language(
            "php",
            ("php",),
            in_php.program,
            _compile_php,
            lambda _: [*PHP, "harness.php"],
            _first_php,
        ),
        Language(
            "java",
            ("java", "javac"),
            in_java.program,
            _compile_java,
            _java_command,
            _first_java,
            index=in_java.index,
        ),
        Language(
            "rust",
            ("cargo",),
            in_rust.program,
            _compile_rust,
            lambda _: [str(CARGO_TARGET / "debug/scenario")],
            _first_rust,
            index=in_rust.index,
        ),
    )
}
