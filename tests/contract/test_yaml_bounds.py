"""A YAML text that would take the process down is refused where it begins to."""

from __future__ import annotations

from pathlib import Path

import pytest

from command_line import tallystick
from tallystick.contract.document import ContractError, parse_yaml
from tallystick.contract.yaml_bounds import (
    MAX_BYTES,
    MAX_DEPTH,
    YamlOutOfBounds,
    read_bounded_file,
    refuse_out_of_bounds,
)

LAUGHS = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9)
)
DEEP = {"flow": "a: " + "[" * 100_000, "block": "- " * 50_000}


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP)
def test_a_text_that_would_overflow_the_stack_is_refused_with_its_line(text: str) -> None:
    with pytest.raises(YamlOutOfBounds, match=f"line 1: is nested deeper than {MAX_DEPTH}"):
        refuse_out_of_bounds(text)


def test_aliases_that_multiply_are_refused_where_they_pass_the_bound() -> None:
    with pytest.raises(YamlOutOfBounds, match="line 6: its aliases make over 1,000,000"):
        refuse_out_of_bounds(LAUGHS)


def test_an_alias_within_what_it_names_is_refused() -> None:
    with pytest.raises(YamlOutOfBounds):
        refuse_out_of_bounds("a: &a [*a]")


def test_aliases_that_stand_for_little_are_taken() -> None:
    refuse_out_of_bounds("a: &a {b: [1, 2]}\nc: *a\nd: [*a, *a]")
    assert parse_yaml(b"a: &a [1]\nb: *a") == {"a": [1], "b": [1]}


@pytest.mark.parametrize("text", [*DEEP.values(), LAUGHS], ids=[*DEEP, "aliases"])
def test_a_contract_out_of_bounds_is_a_contract_error(text: str) -> None:
    with pytest.raises(ContractError, match=r"shop\.yaml: line \d+: "):
        parse_yaml(text.encode(), "shop.yaml")


def test_a_file_is_read_up_to_the_bound(tmp_path: Path) -> None:
    file = tmp_path / "shop.json"
    file.write_bytes(b"[" + b" " * (MAX_BYTES - 2) + b"]")
    assert len(read_bounded_file(file)) == MAX_BYTES
    with file.open("ab") as more:
        more.write(b" ")
    with pytest.raises(YamlOutOfBounds, match="is larger than 67,108,864 bytes"):
        read_bounded_file(file)


def test_a_file_without_an_end_is_out_of_bounds() -> None:
    with pytest.raises(YamlOutOfBounds):
        read_bounded_file(Path("/dev/zero"))


@pytest.mark.parametrize("text", ["? [a]\n: 1", "a: " + "1" * 5_000], ids=["key", "number"])
def test_what_python_can_t_hold_is_a_contract_error(text: str) -> None:
    with pytest.raises(ContractError, match=r"shop\.yaml: "):
        parse_yaml(text.encode(), "shop.yaml")


@pytest.mark.parametrize("text", [*DEEP.values(), LAUGHS], ids=[*DEEP, "aliases"])
def test_the_commands_that_read_yaml_say_so_and_end_with_2(text: str, tmp_path: Path) -> None:
    file = tmp_path / "shop.yaml"
    file.write_text(text, encoding="utf-8")
    assert_refused(file)


@pytest.mark.parametrize("name", ["shop.yaml", "shop.json"])
def test_the_commands_refuse_a_file_that_is_too_large(name: str, tmp_path: Path) -> None:
    file = tmp_path / name
    with file.open("wb") as opened:
        opened.write(b'{"entities": [')
        opened.truncate(MAX_BYTES + 1)
    assert_refused(file, "is larger than 67,108,864 bytes")


def assert_refused(file: Path, words: str = "") -> None:
    """Give the file to each command that reads YAML."""
    for command in (
        ("diff", str(file), str(file)),
        ("mock", "--port", "0", "--world", str(file)),
        ("entities", "import", str(file), "--database", "sqlite://"),
    ):
        ran = tallystick(*command)
        assert ran.returncode == 2, (command, ran)
        assert words in ran.stderr
        assert "Traceback" not in ran.stderr + ran.stdout
