"""Contracts that a test writes down, and reads."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from contract_reading import Read, Refused
from tallystick.contract.reader.contracts import ReadContract, read_contracts
from tallystick.contract.reader.faults import UnreadableContract

TOP = """\
openapi: {version}
info: {{title: T, version: '1'}}
"""


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Read:
    """Reads a document, given without its top; further files by their names."""
    monkeypatch.chdir(tmp_path)

    def read_document(text: str, version: str = "3.0.3", **others: str) -> ReadContract:
        Path("crm.yaml").write_text(TOP.format(version=version) + dedent(text))
        for name, other in others.items():
            Path(f"{name}.yaml").write_text(dedent(other))
        [contract] = read_contracts(["crm.yaml"])
        return contract

    return read_document


@pytest.fixture
def refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Refused:
    """Reads a text of which nothing can be served, and returns why."""
    monkeypatch.chdir(tmp_path)

    def read_faults(text: str) -> list[str]:
        Path("crm.yaml").write_text(dedent(text))
        with pytest.raises(UnreadableContract) as raised:
            read_contracts(["crm.yaml"])
        return list(map(str, raised.value.faults))

    return read_faults
