"""The screen of the crons, in a real browser."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from contextlib import closing
from typing import Any
from uuid import uuid4

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from console.conftest import KEY, CheckPage, open_screen
from server_process import ServerProcess, StartServer

CHARON = {"X-API-KEY": "dev-charon-key"}


@pytest.fixture
def cron(server: ServerProcess) -> str:
    """Return the slug of a new cron with two runs, of which the last one failed."""
    slug = f"backup-{uuid4().hex[:12]}"
    made = {"slug": slug, "name": "Nightly backup", "schedule": "30 2 * * *"}
    call(server, "POST", "/gateway/v1/crons", KEY, made)
    for success in (True, False):
        allowed = call(server, "GET", f"/api/{slug}/can-start", CHARON)
        id_ = call(server, "GET", f"/api/{allowed['id']}/start", CHARON)["id"]
        message = {"type": "info", "message": "64 of 128 files"}
        call(server, "POST", f"/api/{id_}/message", CHARON, message)
        call(server, "POST", f"/api/{id_}/end", CHARON, {"type": "info", "success": success})
    return slug


def call(
    server: ServerProcess, method: str, path: str, headers: dict[str, str], body: Any = None
) -> Any:
    answer = requests.request(method, server.url + path, headers=headers, json=body, timeout=20)
    assert answer.ok, answer.text
    return answer.json() if answer.content else None


def test_a_bad_cron_comes_first_with_its_runs_and_their_messages(
    console: Page, cron: str, check_page: CheckPage
) -> None:
    open_screen(console, "crons", "Crons")
    expect(console.locator("tbody tr").first).to_contain_text("failed")

    open_screen(console, f"crons?id={cron}", "Crons")

    detail = console.get_by_role("region", name="The chosen row")
    expect(detail).to_contain_text("at 02:30 every day")
    expect(detail.locator(".runs li")).to_have_count(2)
    expect(detail).to_contain_text("64 of 128 files")
    expect(detail).to_contain_text(f"tallystick charon exec {cron}")
    check_page()


def test_all_bad_crons_come_before_the_others_however_many_there_are(
    browser: Browser, start_server: StartServer
) -> None:
    server = start_server()
    call(server, "POST", "/gateway/v1/crons", KEY, {"slug": "good", "name": "good"})
    call(server, "POST", "/gateway/v1/crons", KEY, {"slug": "bad", "name": "bad"})
    server.stop()
    with closing(sqlite3.connect(server.database)) as connection, connection:
        connection.row_factory = sqlite3.Row
        bad = "SELECT * FROM charon_crons WHERE slug = 'bad'"
        one = dict(connection.execute(bad).fetchone()) | {"state": "failed"}
        more = [one | {"id": 1000 + i, "slug": f"bad-{i}"} for i in range(230)]
        values = ", ".join(f":{name}" for name in one)
        connection.executemany(f"INSERT INTO charon_crons VALUES ({values})", more)
    server.start()
    tab = browser.new_page(base_url=server.url)

    open_screen(tab, "crons", "Crons")

    rows, more_rows = tab.locator("tbody tr"), tab.get_by_role("button", name="Show more")
    expect(rows).to_have_count(100)
    more_rows.click()
    expect(rows).to_have_count(200)
    more_rows.click()
    expect(more_rows).to_have_count(0)
    states = [text.split("\n")[0] for text in rows.locator("td:nth-child(2)").all_inner_texts()]
    assert states[:230] == ["failed"] * 230
    assert len(states) > 230
    assert "failed" not in states[230:]
    tab.close()


def test_a_paused_cron_is_watched_again_by_undo(
    console: Page, server: ServerProcess, cron: str
) -> None:
    open_screen(console, f"crons?id={cron}", "Crons")

    console.get_by_role("button", name="Pause").click()
    console.get_by_role("button", name="Undo").click()

    expect(console.get_by_role("button", name="Undo")).to_have_count(0)
    expect(console.get_by_role("button", name="Pause")).to_be_visible()
    assert call(server, "GET", f"/gateway/v1/crons/{cron}", KEY)["active"] is True


def test_a_cron_is_deleted_only_after_a_question(
    console: Page, server: ServerProcess, cron: str
) -> None:
    open_screen(console, f"crons?id={cron}", "Crons")
    console.get_by_role("button", name="Delete").click()
    console.get_by_role("button", name="Cancel").click()
    call(server, "GET", f"/gateway/v1/crons/{cron}", KEY)

    console.get_by_role("button", name="Delete").click()
    console.get_by_role("dialog").get_by_role("button", name="Delete").click()

    expect(console.get_by_text("The cron is deleted.")).to_be_visible()
    gone = requests.get(f"{server.url}/gateway/v1/crons/{cron}", headers=KEY, timeout=20)
    assert gone.status_code == 404


def test_twenty_runs_stand_beside_each_other_on_a_phone(
    console: Page, server: ServerProcess, cron: str
) -> None:
    for _ in range(18):
        allowed = call(server, "GET", f"/api/{cron}/can-start", CHARON)
        id_ = call(server, "GET", f"/api/{allowed['id']}/start", CHARON)["id"]
        call(server, "POST", f"/api/{id_}/end", CHARON, {"type": "info", "success": True})
    console.set_viewport_size({"width": 390, "height": 844})

    open_screen(console, f"crons?id={cron}", "Crons")

    expect(console.locator(".run")).to_have_count(20)
    expect(console.locator(".run").last).to_be_in_viewport(ratio=1)
    assert console.evaluate("document.documentElement.scrollWidth") == 390


def test_the_line_for_a_shell_tells_start_and_end(
    console: Page, server: ServerProcess, cron: str
) -> None:
    open_screen(console, f"crons?id={cron}", "Crons")
    line = console.get_by_role("region", name="Without a program of ours").inner_text()
    environment = {"KEY": CHARON["X-API-KEY"], "PATH": os.environ["PATH"]}
    for command, state in (("true", "succeeded"), ("false", "failed")):
        shell = ["sh", "-c", line.replace("your-command", command)]
        subprocess.run(shell, check=True, capture_output=True, env=environment, timeout=20)
        runs = call(server, "GET", f"/gateway/v1/crons/{cron}/executions?limit=1", KEY)
        assert runs["executions"][0]["state"] == state
