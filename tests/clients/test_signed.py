"""A client of each language that signs its calls by an access key, against a dev server."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from client_programs.builds import LANGUAGES
from client_programs.language import Build
from server_process import ServerProcess

PROGRAMS = Path(__file__).parents[1] / "client_programs/signed"
SIGNING = sorted(path.stem for path in PROGRAMS.iterdir())
SECRET = "top-secret"  # the programs' wrong secret key

Built = Callable[[str], Build]


@pytest.mark.parametrize("language", SIGNING)
def test_a_signed_call_is_accepted_and_one_by_a_wrong_key_refused(
    language: str, built: Built, server: ServerProcess
) -> None:
    build = built(language)
    (program,) = PROGRAMS.glob(f"{language}.*")
    text = program.read_text(encoding="utf-8").replace("${server}", server.url)
    said = LANGUAGES[language].first_call(build, "eventgrid", text)
    told = [
        line for line in said.splitlines() if line.split(" ")[0] in ("made", "listed", "refused")
    ]
    assert told == [f"made signed-by-{language}", "listed 0", "refused 401"]
    assert SECRET not in said
