"""Settings of the environment, and words for a wrong or a misspelt one."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import Field, fields
from typing import Any, TypeVar

from click import BadParameter

from tallystick.cli.settings_file import UnreadableFile, read_settings_file
from tallystick.settings import Settings

Kind = TypeVar("Kind", bound=Settings)

PREFIX = "TALLYSTICK_"

_OF_COMMANDS = ("CHARON_KEY", "INGEST_FROM", "URL")
"""Variables of single commands, which are no settings of the service."""

_OF_VERIFY = re.compile(r"(?:KNOWN|CONTRACT)_.+")
# A service named `tallystick` has these in each pod of Kubernetes.
_OF_KUBERNETES = re.compile(r"(?:.*_)?(?:SERVICE_(?:HOST|PORT)(?:_.+)?|PORT_[0-9]+_.+)")
_SIMILAR = 0.75
_OPTIONS = {
    "apis": "--with",
    "contract_keys": "--key",
    "contracts": "--contract",
    "cors_origins": "--cors-origin",
}


class WrongSettings(ValueError):
    """Some settings can't be used; each of `lines` says one, and why."""

    def __init__(self, *lines: str) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


def read_environment(
    kind: type[Kind], options: Mapping[str, object], *, with_file: bool = True
) -> Kind:
    """Return settings of the class `kind`; raise `WrongSettings`.

    An option goes before a variable of the environment, and that before a line of the file.
    """
    try:
        lines = read_settings_file() if with_file else {}
    except UnreadableFile as error:
        raise WrongSettings(str(error)) from None
    known = {_variable(name) for name in _names(kind)}
    wrong = [_no_setting(variable) for variable in lines if variable not in known]
    texts, values = {**lines, **os.environ}, dict[str, Any]()
    for setting in fields(kind):
        try:
            values |= _read(setting, texts, options)
        except WrongSettings as error:
            wrong += error.lines
    if wrong:
        raise WrongSettings(*wrong)
    try:
        return kind(**values)
    except ValueError as error:
        raise WrongSettings(str(error)) from None


def _read(
    setting: Field[Any], texts: Mapping[str, str], options: Mapping[str, object]
) -> dict[str, Any]:
    """Return the value of a setting by its name, and nothing if none was given."""
    name, kind = setting.name, setting.metadata["kind"]
    place = _option(name) if name in options else _variable(name)
    given = options.get(name, texts.get(_variable(name)))
    if isinstance(given, str):
        _refuse_unreadable(place, given)
    try:
        return {} if given is None else {name: kind.convert(given, None, None)}
    except BadParameter as error:
        raise WrongSettings(f"{place}: {error.message.removesuffix('.')}") from None


def _refuse_unreadable(place: str, text: str) -> None:
    # Python has half a surrogate pair for each byte that it could not read.
    if any("\ud800" <= each <= "\udfff" for each in text):
        raise WrongSettings(f"{place}: that is not UTF-8")
    if "\0" in text:  # no file and no host has one in its name
        raise WrongSettings(f"{place}: that has a null character")


def _names(kind: type[Settings]) -> list[str]:
    return [each.name for each in fields(kind)]


def _variable(name: str) -> str:
    return f"{PREFIX}{name.upper()}"


def _option(name: str) -> str:
    return _OPTIONS.get(name, f"--{name.replace('_', '-')}")


def find_misspelt(environment: Mapping[str, str]) -> Iterator[str]:
    """Yield a sentence for each variable that looks like a setting and is none."""
    for variable in sorted(environment):
        name = variable.removeprefix(PREFIX)
        is_ours = variable.upper().startswith(PREFIX) and not _OF_KUBERNETES.fullmatch(name)
        if is_ours and not _OF_VERIFY.fullmatch(name) and not _is_known(variable):
            yield _no_setting(variable)


def _is_known(variable: str) -> bool:
    # Most are the service's; only for others the mock's are looked at.
    return variable in map(_variable, _names(Settings)) or variable in _known_variables()


def _known_variables() -> set[str]:
    # The mock has every setting of the service, and its own.
    from tallystick.mock.settings import MockSettings

    return {*map(_variable, _names(MockSettings)), *map(_variable, _OF_COMMANDS)}


def _no_setting(variable: str) -> str:
    from difflib import get_close_matches

    known = _known_variables()
    if variable in known:
        return f"{variable} is no setting of the service: set it in the environment"
    names = [each.removeprefix(PREFIX) for each in known]
    nearest = get_close_matches(variable.upper().removeprefix(PREFIX), names, 1, _SIMILAR)
    hint = f"; did you mean {PREFIX}{nearest[0]}?" if nearest else ""
    return f"{variable} is no setting{hint}"
