"""A client of each language that is refused, misdirected, ended or looked at."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from client_programs.away import OLD_DATES, Away
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


CALLS_OF_OLD_DATES = {
    "go": """package main

import (
	"context"
	"errors"
	"fmt"
	"tallystick/charon"
)

func main() {
	client := charon.New("top-secret", charon.WithServer("${away}"))
	for _, cron := range []string{"dated-by-c", "dated-by-850"} {
		var refused *charon.APIError
		if _, err := client.GetCron(context.Background(), cron); errors.As(err, &refused) {
			fmt.Println("refused")
		}
	}
}
""",
    "java": """
import tallystick.charon.*;
public class FirstCall {
    public static void main(String[] arguments) {
        Charon client = new Charon("top-secret", Options.server("${away}"));
        for (String cron : new String[] {"dated-by-c", "dated-by-850"}) {
            try {
                client.getCron(cron);
            } catch (ApiException refused) {
                System.out.println("refused");
            }
        }
    }
}
""",
    "kotlin": """
import tallystick.charon.*
suspend fun main() {
    val client = Charon("top-secret", Options("${away}"))
    for (cron in listOf("dated-by-c", "dated-by-850")) {
        try {
            client.getCron(cron)
        } catch (refused: ApiException) {
            println("refused")
        }
    }
}
""",
    "php": """<?php
require 'vendor/autoload.php';
use Tallystick\\Charon\\{ApiException, Charon, Options};
$client = new Charon('top-secret', new Options('${away}'));
foreach (['dated-by-c', 'dated-by-850'] as $cron) {
    try {
        $client->getCron($cron);
    } catch (ApiException $refused) {
        echo "refused\\n";
    }
}
""",
    "python": """
from charon_client import ApiError, Charon
client = Charon("top-secret", server="${away}")
for cron in ("dated-by-c", "dated-by-850"):
    try:
        client.get_cron(cron)
    except ApiError:
        print("refused")
""",
    "rust": """
use charon_client::{Charon, Error, Options};
fn main() {
    let options = Options { server: "${away}".to_owned(), ..Options::default() };
    let client = Charon::with("top-secret", options);
    for cron in ["dated-by-c", "dated-by-850"] {
        if let Err(Error::Api(_)) = client.get_cron(cron) {
            println!("refused");
        }
    }
}
""",
    "typescript": """
import { Charon } from "charon-client";
const client = new Charon("top-secret", { server: "${away}" });
for (const cron of ["dated-by-c", "dated-by-850"]) {
  await client.getCron(cron).catch(() => console.log("refused"));
}
""",
}
"""Calls of what is refused until a date in an older form, which a library takes for local."""


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_date_of_each_form_is_utc_wherever_the_client_is(
    language: str, built: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")  # where the date was fourteen hours ago
    build = built(language)
    with Away.running() as away:
        text = CALLS_OF_OLD_DATES[language].replace("${away}", away.url)
        assert LANGUAGES[language].first_call(build, "charon", text).count("refused") == 2
        assert away.asked == dict.fromkeys((f"GET {path}" for path in OLD_DATES), 1)
