"""What is built from a clean clone is complete, and serves from where it is installed."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from collections.abc import Sequence
from email import message_from_bytes
from importlib.metadata import packages_distributions
from itertools import chain
from pathlib import Path

import pytest
import requests

from server_process import ServerProcess

ROOT = Path(__file__).parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SETUPTOOLS = PYPROJECT["tool"]["setuptools"]
PROJECT, GROUPS = PYPROJECT["project"], PYPROJECT["dependency-groups"]
EXTRAS = PROJECT["optional-dependencies"]
OPTIONAL = {"pytest", "tallystick"}
"""The plugin's host, which is there when it is loaded; and the package itself."""

SOURCES = {folder: package for package, folder in SETUPTOOLS["package-dir"].items()}
"""Each source folder and the package that it becomes."""


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clean clone of what is committed."""
    folder = tmp_path_factory.mktemp("clone") / "tallystick"
    _run("git", "clone", "--quiet", str(ROOT), str(folder))
    return folder


@pytest.fixture(scope="module")
def wheel(clone: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel that the clone's sdist gives: what is missing there is missing here."""
    folder = tmp_path_factory.mktemp("dist")
    here = ("--offline", "--no-build-isolation", "--python", sys.executable)
    _run(sys.executable, "-m", "uv", "build", *here, "--out-dir", str(folder), str(clone))
    return next(folder.glob("tallystick-*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs' folder of a new environment with the wheel in it.

    What the wheel depends on is borrowed from the environment of this run.
    """
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, symlinks=True)
    _pip(str(folder / "bin/python"), "install", "--no-index", "--no-deps", str(wheel))
    site = next(folder.glob("lib/python*/site-packages"))
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    return folder / "bin"


def test_every_package_on_disk_is_listed() -> None:
    assert _packages_on_disk() == set(SETUPTOOLS["packages"])


def test_the_wheel_has_every_committed_file_of_its_packages(clone: Path, wheel: Path) -> None:
    named = set(zipfile.ZipFile(wheel).namelist())
    assert {name for name in _committed_files(clone) if not _is_excluded(name)} <= named


def test_the_wheel_leaves_out_what_tests_alone_read(wheel: Path) -> None:
    assert not any(map(_is_excluded, zipfile.ZipFile(wheel).namelist()))


def test_the_wheel_carries_the_readme(clone: Path, wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as files:
        [name] = [name for name in files.namelist() if name.endswith(".dist-info/METADATA")]
        metadata = message_from_bytes(files.read(name))
    assert metadata["Description-Content-Type"] == "text/markdown"
    assert metadata.get_payload(decode=True) == (clone / "README.md").read_bytes()


def test_the_wheel_has_one_top_level_package(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"tallystick"}


def test_an_installed_wheel_imports_nothing_from_the_checkout(installed: Path) -> None:
    where = "import tallystick.handlers.event_store as m; print(m.__file__)"
    assert str(installed.parent) in _run(str(installed / "python"), "-c", where)


def test_the_plugins_own_wheel_has_the_plugin_and_needs_pytest_alone(
    clone: Path, tmp_path: Path
) -> None:
    here = ("--offline", "--no-build-isolation", "--python", sys.executable)
    plugin = str(clone / "pytest-tallystick")
    _run(sys.executable, "-m", "uv", "build", *here, "--out-dir", str(tmp_path), plugin)
    with zipfile.ZipFile(next(tmp_path.glob("pytest_tallystick-*.whl"))) as files:
        names = files.namelist()
        metadata = files.read("pytest_tallystick-0.1.0.dist-info/METADATA").decode()
    assert "pytest_tallystick/plugin.py" in names
    assert "pytest_tallystick/py.typed" in names
    assert [line for line in metadata.splitlines() if line.startswith("Requires-Dist")] == [
        "Requires-Dist: pytest>=7"
    ]


def test_an_installed_wheel_serves(installed: Path, tmp_path: Path) -> None:
    server = ServerProcess(folder=tmp_path, command=[str(installed / "tallystick")]).start()
    try:
        assert _create_event(server.url).json()["message"] == "Event created successfully"
        assert requests.get(f"{server.url}/openapi.yaml", timeout=10).status_code == 200
    finally:
        server.stop()


@pytest.mark.parametrize(("options", "scheme"), [([], "http"), (["--tls"], "https")])
def test_what_the_container_runs_is_healthy(
    installed: Path, options: list[str], scheme: str
) -> None:
    def here(words: Sequence[str]) -> list[str]:
        return [word.replace("/opt/tallystick/bin", str(installed)) for word in words]

    command = here([*_instruction("ENTRYPOINT"), *_instruction("CMD"), "--port", "0", *options])
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as mock:
        assert mock.stderr
        try:
            address = f"listening on {scheme}://0.0.0.0"
            listening = next(line for line in mock.stderr if address in line)
            port = listening.strip().rpartition(":")[2]
            _run(*(word.replace("8080", port) for word in here(_instruction("HEALTHCHECK"))))
        finally:
            mock.terminate()


def test_the_container_is_built_of_all_that_the_wheel_is_made_of() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    needed = {folder.partition("/")[0] for folder in SOURCES}
    assert {f"!{name}" for name in needed | {"README.md", "LICENSE"}} <= set(ignored)


@pytest.mark.parametrize(
    ("folder", "declared"),
    [
        (
            "src",
            [
                *PROJECT["dependencies"],
                *chain(*(v for k, v in EXTRAS.items() if k not in {"clients", "contract"})),
            ],
        ),
        ("handlers", PROJECT["dependencies"]),
        ("contract_tests", [*PROJECT["dependencies"], *EXTRAS["contract"]]),
        ("tests", [*PROJECT["dependencies"], *chain(*EXTRAS.values()), *GROUPS["dev"]]),
    ],
)
def test_whatever_is_imported_is_declared(folder: str, declared: Sequence[str]) -> None:
    providers = packages_distributions()
    names = {_normal(re.split(r"[^\w.-]", requirement)[0]) for requirement in declared}
    missing = {
        module
        for module in _imported(ROOT / folder) - sys.stdlib_module_names - OPTIONAL
        if module in providers and not names & set(map(_normal, providers[module]))
    }
    assert missing == set()


def test_the_locks_name_no_registry() -> None:
    for lock in ROOT.glob("requirements*.txt"):
        assert "://" not in lock.read_text(encoding="utf-8")


def _create_event(url: str) -> requests.Response:
    event = {"cl": "EDF", "ty": "START_EC2", "hs": "AWS", "ac": "PRODUCTION"}
    event |= {"re": "eu-west-3", "st": "OK", "me": "From the wheel"}
    key = {"x-api-key": "XXX1XX12XxxxXXxxXXx0xXxx"}
    return requests.post(f"{url}/create", json=event, headers=key, timeout=10)


def _instruction(name: str) -> list[str]:
    """The words of the Containerfile's last instruction of that name."""
    text = (ROOT / "Containerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.startswith(f"{name} ")]
    words: list[str] = json.loads(lines[-1][lines[-1].index("[") :])
    return words


def _imported(folder: Path) -> set[str]:
    """The top-level names that a folder's modules import."""
    found: set[str] = set()
    for file in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
    return found


def _normal(name: str) -> str:
    return name.lower().replace("_", "-")


def _packages_on_disk() -> set[str]:
    inits = [file for root in SOURCES for file in (ROOT / root).rglob("__init__.py")]
    return {_installed_path(file.parent.relative_to(ROOT)).replace("/", ".") for file in inits}


def _installed_path(path: Path) -> str:
    for root, package in SOURCES.items():
        if path.is_relative_to(root):
            return (Path(package.replace(".", "/")) / path.relative_to(root)).as_posix()
    raise AssertionError(f"{path} belongs to no package")


def _committed_files(clone: Path) -> set[str]:
    listed = _run("git", "-C", str(clone), "ls-files", *SOURCES)
    return {_installed_path(Path(line)) for line in listed.splitlines()}


def _is_excluded(name: str) -> bool:
    return any(
        Path(name).match(f"{package.replace('.', '/')}/{pattern}")
        for package, patterns in SETUPTOOLS["exclude-package-data"].items()
        for pattern in patterns
    )


def _pip(python: str, command: str, *options: str) -> None:
    _run(sys.executable, "-m", "pip", "--python", python, command, "--quiet", *options)


def _run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
