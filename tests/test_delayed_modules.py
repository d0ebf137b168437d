"""A delayed module loads when it is used, and everybody else finds the real one."""

from __future__ import annotations

import importlib
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from types import ModuleType

import pytest

from tallystick.delayed_modules import delayed_modules, delayed_package


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of modules: `outer.inner`, which is delayed, and `user`, which imports it."""
    (tmp_path / "outer").mkdir()
    (tmp_path / "outer/__init__.py").touch()
    (tmp_path / "outer/inner.py").write_text("answer = 42\n")
    (tmp_path / "user.py").write_text("import outer.inner\n\ndef ask():\n    return outer.inner")
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    for name in ("outer", "outer.inner", "outer.more", "user"):
        sys.modules.pop(name, None)


def import_delayed(name: str) -> ModuleType:
    with delayed_modules("outer.inner"):
        return importlib.import_module(name)


@pytest.mark.usefixtures("modules")
def test_a_delayed_module_loads_at_its_first_use() -> None:
    user = import_delayed("user")
    assert "outer.inner" not in sys.modules
    assert user.ask().answer == 42
    assert user.ask() is sys.modules["outer.inner"]


@pytest.mark.usefixtures("modules")
def test_everybody_else_imports_the_real_module() -> None:
    user = import_delayed("user")
    inner = importlib.import_module("outer.inner")
    vars(inner)["answer"] = 43
    assert user.ask().answer == 43


def test_a_name_taken_from_a_delayed_module_loads_it(modules: Path) -> None:
    (modules / "user.py").write_text("from outer.inner import answer\n")
    assert import_delayed("user").answer == 42


@pytest.mark.usefixtures("modules")
def test_a_delayed_module_has_the_attributes_of_the_real_one_alone() -> None:
    user = import_delayed("user")
    with pytest.raises(AttributeError, match=r"outer\.inner.*question"):
        _ = user.ask().question


@pytest.mark.usefixtures("modules")
def test_a_module_that_is_there_already_stays() -> None:
    inner = importlib.import_module("outer.inner")
    assert import_delayed("user").ask() is inner


def test_a_module_that_its_package_imports_stays(modules: Path) -> None:
    (modules / "outer/__init__.py").write_text("from outer import inner\n")
    user = import_delayed("user")
    assert user.ask() is sys.modules["outer.inner"]
    assert type(user.ask()) is ModuleType


def import_inner() -> ModuleType:
    """Import `outer.inner` without the code of `outer`."""
    with delayed_package("outer"):
        importlib.import_module("outer.inner")
    return importlib.import_module("outer")


def test_a_package_s_own_code_runs_when_a_name_of_it_is_asked_for(modules: Path) -> None:
    (modules / "outer/__init__.py").write_text(
        "from outer.inner import answer\ninner = 'own'\n__version__ = '1'\n"
    )
    outer = import_inner()
    assert importlib.import_module("outer.inner").answer == 42
    assert vars(outer).keys() & {"answer", "inner"} == set()
    assert (outer.__version__, outer.answer, outer.inner) == ("1", 42, "own")
    assert type(outer) is ModuleType
    assert sys.modules["outer"] is outer


def test_modules_of_a_delayed_package_are_found_in_it(modules: Path) -> None:
    (modules / "outer/more.py").touch()
    (modules / "outer/__init__.py").write_text("import outer.more\n")
    outer = import_inner()
    assert outer.inner is sys.modules["outer.inner"]
    assert outer.more is sys.modules["outer.more"]
    with pytest.raises(AttributeError):
        _ = outer.question


def test_all_names_of_a_delayed_package_are_found(modules: Path) -> None:
    (modules / "outer/__init__.py").write_text("name = 'own'\n")
    import_inner()
    found: dict[str, object] = {}
    exec("from outer import *", found)
    assert found["name"] == "own"


def test_a_name_taken_from_a_delayed_package_stands_for_the_real_one(modules: Path) -> None:
    (modules / "outer/__init__.py").write_text("def ask(n, *, to=0):\n    return n + to\n")
    (modules / "user.py").write_text("from outer import ask\nlooked = hasattr(ask, '__get__')\n")
    with delayed_package("outer", "ask"):
        user = importlib.import_module("user")
    assert not user.looked
    assert "ask" not in vars(sys.modules["outer"])
    assert user.ask(40, to=2) == 42
    assert importlib.import_module("outer").ask.__name__ == "ask"


def test_a_module_of_a_package_is_delayed_like_it(modules: Path) -> None:
    (modules / "outer/inner.py").write_text("class Answer:\n    value = 42\n")
    (modules / "user.py").write_text("from outer.inner import Answer\n")
    with delayed_package("outer.inner", "Answer"):
        user = importlib.import_module("user")
    outer = importlib.import_module("outer")
    assert "Answer" not in vars(outer.inner)
    assert user.Answer.value == 42
    assert outer.inner.Answer is sys.modules["outer.inner"].Answer


def test_a_package_that_fails_in_the_block_is_not_there(modules: Path) -> None:
    (modules / "outer/inner.py").write_text("1 / 0\n")
    with pytest.raises(ZeroDivisionError):
        import_inner()
    assert "outer" not in sys.modules


@pytest.mark.usefixtures("modules")
def test_a_package_that_is_there_already_stays() -> None:
    outer = importlib.import_module("outer")
    assert import_inner() is outer
    assert type(outer) is ModuleType


def test_two_threads_see_a_delayed_package_whole(modules: Path) -> None:
    (modules / "outer/__init__.py").write_text(
        "import threading\nhas_begun, may_end = threading.Event(), threading.Event()\n"
        "has_begun.set()\nmay_end.wait(30)\nanswer = 42\n"
    )
    outer = import_inner()
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(lambda: outer.answer)
        while "has_begun" not in vars(outer):
            time.sleep(0.001)
        vars(outer)["has_begun"].wait()
        second = threads.submit(lambda: outer.answer)
        wait([second], timeout=0.05)
        vars(outer)["may_end"].set()
        assert (first.result(), second.result()) == (42, 42)


def test_a_delayed_package_that_failed_is_tried_again(modules: Path) -> None:
    (modules / "outer/__init__.py").write_text("import found_later\nanswer = 42\n")
    outer = import_inner()
    with pytest.raises(ModuleNotFoundError, match="found_later"):
        _ = outer.answer
    (modules / "found_later.py").touch()
    importlib.invalidate_caches()
    assert outer.answer == 42
    del sys.modules["found_later"]


def test_the_code_of_a_delayed_package_finds_what_it_made(modules: Path) -> None:
    (modules / "outer/more.py").write_text("import outer\nanswer = outer.half * 2\n")
    (modules / "outer/__init__.py").write_text(
        "half = 21\nfrom outer.more import answer\ndef __getattr__(name):\n    return name\n"
    )
    outer = import_inner()
    assert (outer.answer, outer.other) == (42, "other")
