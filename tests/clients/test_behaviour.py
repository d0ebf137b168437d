"""A client of each language that is refused, misdirected, ended or looked at."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from client_programs.away import DATED_BY_C as PATH_BY_C
from client_programs.away import Away
from client_programs.builds import LANGUAGES
from client_programs.language import Build

PROGRAMS = Path(__file__).parents[1] / "client_programs/programs"
SECRET = "top-secret"  # the programs' own word
EVERYWHERE = [
    "refused 503 503 0 3",  # status, code, a header, and the calls that a hook has counted
    "dated 4",  # its `Retry-After` is a date two hours away
    "never 5",  # its `Retry-After` is a number beyond all others
    "answer {",
    "nothing null",
    "empty ",
    "stalled true",  # the time is that of the whole answer
    "moved 307",
    "network false",
    *("server true", "server true"),  # a user and a password in its URL, then a query
]
WORDS = {
    line.split(" ")[0]
    for lines in (EVERYWHERE, *(each.behaviour for each in LANGUAGES.values()))
    for line in lines
}

Built = Callable[[str], Build]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_client_tells_what_failed_but_not_its_credential(language: str, built: Built) -> None:
    build = built(language)
    (program,) = PROGRAMS.glob(f"{language}.*")
    with Away.running() as away:
        text = program.read_text(encoding="utf-8").replace("${away}", away.url)
        said = LANGUAGES[language].first_call(build, "charon", text)
    assert SECRET not in said
    assert f"503, code 503: {'x' * 200}…" in said
    assert "307, code 307: a redirect, which is not followed, to http://localhost" in said
    told = [line for line in said.splitlines() if line.split(" ")[0] in WORDS]
    assert sorted(told) == sorted([*EVERYWHERE, *LANGUAGES[language].behaviour])


DATED_BY_C = {
    "python": """
from charon_client import ApiError, Charon
try:
    Charon("top-secret", server="${away}").get_cron("dated-by-c")
except ApiError:
    print("refused")
""",
    "typescript": """
import { Charon } from "charon-client";
const client = new Charon("top-secret", { server: "${away}" });
await client.getCron("dated-by-c").catch(() => console.log("refused"));
""",
}
"""A call of what is refused until a date without a zone, where a library takes it for local."""


@pytest.mark.parametrize("language", DATED_BY_C)
def test_a_date_without_a_zone_is_utc_wherever_the_client_is(
    language: str, built: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")  # where the date was fourteen hours ago
    build = built(language)
    with Away.running() as away:
        text = DATED_BY_C[language].replace("${away}", away.url)
        assert "refused" in LANGUAGES[language].first_call(build, "charon", text)
        assert away.asked[f"GET {PATH_BY_C}"] == 1
