"""The clients of each language: generated once a run, built, and run against a dev server."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from client_programs.away import Away
from client_programs.builds import LANGUAGES
from client_programs.language import Build
from client_programs.ran import Ran, Run
from client_programs.recorder import Recorder
from client_programs.small_contracts import SMALL, UNUSUAL, read_small_contract
from server_process import ServerProcess
from tallystick.clients import (
    ClientPackage,
    generate_packages,
    list_apis,
    read_contract,
    read_document,
)
from toolchain import need


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of all clients, with those of small contracts: `<language>/made/<api>`."""
    need("java")
    folder = tmp_path_factory.mktemp("clients")
    contracts = tmp_path_factory.mktemp("contracts")
    documents = [read_document(api) for api in list_apis()]
    documents += [read_small_contract(name, contracts) for name in SMALL]
    documents.append(read_contract(str(UNUSUAL)).document)
    generate_packages(
        [
            ClientPackage(language, document, folder / language / "made" / document.api)
            for language in LANGUAGES
            for document in documents
        ]
    )
    return folder


@pytest.fixture(scope="session")
def built(made: Path) -> Callable[[str], Build]:
    """Build the clients of a language and the programs with them, once."""

    @cache
    def build(language: str) -> Build:
        need(*LANGUAGES[language].tools)
        found = Build(made / language / "made", made / language / "work")
        LANGUAGES[language].build(found)
        return found

    return build


@pytest.fixture(scope="session")
def ran(built: Callable[[str], Build], tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Run a language's scenarios against a dev server, once."""

    @cache
    def run(language: str) -> Ran:
        build = built(language)
        server = ServerProcess(folder=tmp_path_factory.mktemp("server")).start()
        try:
            with Away.running() as away, Recorder.running(server.url) as recorder:
                lines = LANGUAGES[language].run(build, recorder.url, away.url)
        finally:
            server.stop()
        said = [line.split(" ", 2) for line in lines]
        return Ran(
            tuple((words[1], json.loads(words[2])) for words in said if words[0] == "done"),
            frozenset(words[1] for words in said if words[0] == "refused"),
            tuple(recorder.exchanges),
            dict(away.asked),
            frozenset(away.user_agents),
        )

    return run
