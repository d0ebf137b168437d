"""The shell of the console: its files, sign-in and navigation."""

from __future__ import annotations

import gzip
import re
import shlex
import time
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from command_line import tallystick
from console.conftest import KEY, CheckPage, open_screen, sign_in_anew
from server_process import ServerProcess
from tallystick.mock.process import MockProcess

WEB = Path(__file__).parents[2] / "src/tallystick/web"
SCRIPTS = [*WEB.glob("console/*/*.js"), *WEB.glob("vendor/*.js")]
CRM = Path(__file__).parents[2] / "examples/crm/crm.yaml"
MOST_SCRIPT = 60 * 1024
PATIENCE_S = 30.0


def test_the_whole_script_stays_small() -> None:
    assert sum(len(gzip.compress(script.read_bytes())) for script in SCRIPTS) <= MOST_SCRIPT


def test_a_file_is_asked_for_again_only_when_it_changed(server: ServerProcess) -> None:
    url = f"{server.url}/console/assets/shell/console.js"
    first = requests.get(url, timeout=10)
    assert first.headers["Content-Encoding"] == "gzip"
    assert first.headers["Cache-Control"] == "no-cache"
    assert first.content == (WEB / "console/shell/console.js").read_bytes()

    etag = {"If-None-Match": first.headers["ETag"]}
    again = requests.get(url, headers=etag, timeout=10)

    assert (again.status_code, again.content) == (304, b"")
    plain = requests.get(url, headers={"Accept-Encoding": "identity"}, timeout=10)
    assert "Content-Encoding" not in plain.headers


@pytest.mark.parametrize("name", ["parts/console.py", "shell/no.js", "..%2Fweb/pages.js"])
def test_no_other_file_is_served(server: ServerProcess, name: str) -> None:
    answer = requests.get(f"{server.url}/console/assets/{name}", timeout=10)

    assert answer.status_code in {400, 404}


def test_every_import_names_a_file_that_is_there() -> None:
    for script in WEB.glob("console/*/*.js"):
        for name in re.findall(r'from "(\.[^"]+)"', script.read_text(encoding="utf-8")):
            # In the addresses, `vendor` stands beside the console's own folders.
            folder, file = (script.parent / name).resolve().parts[-2:]
            assert WEB / ("" if folder == "vendor" else "console") / folder / file in SCRIPTS


def test_every_name_that_a_part_exports_is_imported() -> None:
    texts = {script: script.read_text(encoding="utf-8") for script in WEB.glob("console/*/*.js")}
    exported = r"^export (?:async )?(?:const|function|class) (\w+)"
    named = [text for script, text in texts.items() if script.parent.name == "parts"]
    names = {name for text in named for name in re.findall(exported, text, re.MULTILINE)}
    lists = re.findall(r"import \{([^}]+)\} from", "".join(texts.values()))

    # An import may give another name: `call as callGateway`.
    imported = {each.split()[0] for each in ",".join(lists).split(",") if each.strip()}

    assert names - imported == set()


def test_the_dev_world_says_so_and_signs_in_by_itself(console: Page, check_page: CheckPage) -> None:
    open_screen(console, "", "Overview")

    expect(console.get_by_text("The dev world: its keys are public")).to_be_visible()
    check_page()


def test_a_browser_that_remembers_nothing_has_the_console_too(console: Page) -> None:
    refuse = "{ get() { throw new DOMException('denied', 'SecurityError'); } }"
    console.add_init_script(f"Object.defineProperty(window, 'localStorage', {refuse})")
    open_screen(console, "events", "Events")

    console.get_by_role("button", name="Theme: as the system").click()

    expect(console.get_by_role("button", name="Theme: light")).to_be_visible()


def test_a_phone_has_the_screens_behind_a_button(console: Page, check_page: CheckPage) -> None:
    console.set_viewport_size({"width": 390, "height": 844})
    open_screen(console, "events", "Events")
    link = console.get_by_role("link", name="Events", exact=True)
    expect(link).to_be_hidden()

    console.get_by_role("button", name="Menu").click()

    expect(link).to_be_visible()
    check_page()
    console.set_viewport_size({"width": 390, "height": 844})
    link.click()
    expect(link).to_be_hidden()


def test_an_unknown_screen_leads_to_a_known_one(console: Page, check_page: CheckPage) -> None:
    open_screen(console, "nothing", "There is no such screen")
    check_page()

    console.get_by_role("main").get_by_role("link").click()

    expect(console.get_by_role("heading", level=1)).not_to_have_text("There is no such screen")


def test_one_signs_out_and_in_again(console: Page, check_page: CheckPage) -> None:
    open_screen(console, "events", "Events")

    console.get_by_role("button", name="Sign out").click()

    expect(console.get_by_role("heading", level=1)).to_have_text("Sign in to Tallystick")
    check_page()
    console.get_by_label("A key of the gateway").fill("wrong")
    console.get_by_role("button", name="Sign in", exact=True).click()
    expect(console.get_by_role("alert")).to_have_text("No key of the gateway is like this.")
    console.get_by_label("A key of the gateway").fill("dev-gateway-key")
    console.get_by_role("button", name="Sign in", exact=True).click()
    expect(console.get_by_role("heading", level=1)).to_have_text("Events")


def test_a_failed_sign_out_is_told_and_the_person_stays_signed_in(console: Page) -> None:
    open_screen(console, "events", "Events")
    console.route("**/gateway/v1/session", lambda route: route.abort())

    console.get_by_role("button", name="Sign out").click()

    expect(console.get_by_text("The server does not answer.")).to_be_visible()
    expect(console.get_by_role("heading", level=1)).to_have_text("Events")


def test_a_failed_sign_in_to_the_dev_world_is_told(console: Page) -> None:
    open_screen(console, "events", "Events")
    console.get_by_role("button", name="Sign out").click()
    console.route("**/gateway/v1/session", lambda route: route.abort())

    console.get_by_role("button", name="Use the public key of the dev world").click()

    expect(console.get_by_role("alert")).to_contain_text("The server does not answer.")


def test_a_secret_that_is_shown_is_gone_with_the_session(console: Page) -> None:
    open_screen(console, "keys", "Keys")
    console.get_by_label("Name").fill("left open")
    console.get_by_label("Scopes").fill("events:read")
    console.get_by_role("button", name="Make a key").click()
    expect(console.get_by_role("dialog")).to_be_visible()

    console.context.clear_cookies()
    console.evaluate("document.querySelector('nav a[href$=deliveries]').click()")
    expect(console.get_by_role("heading", level=1)).to_have_text("Sign in to Tallystick")
    console.get_by_label("A key of the gateway").fill("dev-gateway-read-key")
    console.get_by_role("button", name="Sign in", exact=True).click()

    expect(console.get_by_role("heading", level=1)).to_have_text("Deliveries")
    expect(console.locator("dialog")).to_have_count(0)


def test_a_server_without_a_dev_world_takes_a_key_and_tells_none(
    browser: Browser, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'tallystick.db'}"
    made = tallystick("keys", "create", "gateway", "--admin", "--database", url)
    assert made.returncode == 0, made.stderr
    server = ServerProcess(folder=tmp_path, dev=False).start()
    try:
        tab = browser.new_page(base_url=server.url)
        tab.goto("/console/events")
        expect(tab.get_by_role("heading", level=1)).to_have_text("Sign in to Tallystick")
        assert "dev-gateway-key" not in tab.content()
        tab.get_by_label("A key of the gateway").fill(made.stdout.strip())
        tab.get_by_role("button", name="Sign in").click()
        expect(tab.get_by_role("heading", level=1)).to_have_text("Events")
        tab.close()
    finally:
        server.stop()


def test_a_key_that_only_reads_is_offered_no_change(console: Page) -> None:
    open_screen(console, "events", "Events")
    console.get_by_role("button", name="Sign out").click()
    console.get_by_label("A key of the gateway").fill("dev-gateway-read-key")
    console.get_by_role("button", name="Sign in", exact=True).click()

    console.get_by_role("link", name="Deliveries").click()

    expect(console.get_by_role("heading", level=1)).to_have_text("Deliveries")
    expect(console.get_by_role("button", name="Retry all that match")).to_have_count(0)


def test_a_key_that_may_not_read_events_is_told_that_nothing_is_live(
    console: Page, server: ServerProcess
) -> None:
    open_screen(console, "keys", "Keys")
    sign_in_anew(console, server, "keys:read")

    expect(console.get_by_text("not live")).to_be_visible()
    quiet = console.locator(".foot .quiet").first.evaluate("p => getComputedStyle(p).color")
    expect(console.get_by_text("not live")).to_have_css("color", quiet)


def test_a_session_that_ended_leads_to_the_sign_in(console: Page) -> None:
    open_screen(console, "events", "Events")
    console.context.clear_cookies()

    # The next call, of the screen or of the live updates, is told that the session has ended.
    console.evaluate("document.querySelector('nav a[href$=deliveries]')?.click()")

    expect(console.get_by_role("heading", level=1)).to_have_text("Sign in to Tallystick")


def test_a_mock_has_the_console_too(browser: Browser) -> None:
    mock = MockProcess()
    try:
        tab = browser.new_page(base_url=mock.url)
        open_screen(tab, "events", "Events")
        expect(tab.get_by_text("A mock: its keys are public")).to_be_visible()
        example = tab.get_by_role("region", name="Paste this")
        expect(example).to_contain_text("x-api-key: XXX1XX12XxxxXXxxXXx0xXxx")
        tab.close()
    finally:
        mock.stop()


def test_a_mock_of_your_own_contract_has_no_screens_of_other_apis(browser: Browser) -> None:
    mock = MockProcess("--contract", str(CRM))
    try:
        tab = browser.new_page(base_url=mock.url)
        open_screen(tab, "mock", "Mock")
        names = tab.get_by_role("navigation").get_by_role("link").all_inner_texts()
        assert names == ["Overview", "Events", "Deliveries", "Endpoints", "Mock", "Keys"]
        tab.close()
    finally:
        mock.stop()


def test_each_line_to_paste_calls_the_gateway_where_it_is(browser: Browser) -> None:
    moved = ("--contract", str(CRM), "--with", "charon", "--gateway-prefix", "/_tallystick")
    mock = MockProcess(*moved)
    try:
        crons = f"{mock.url}/_tallystick/crons"
        for cron in requests.get(crons, headers=KEY, timeout=20).json()["crons"]:
            requests.delete(f"{crons}/{cron['slug']}", headers=KEY, timeout=20)
        tab = browser.new_page(base_url=mock.url)
        open_screen(tab, "crons", "Crons")
        expect(tab.get_by_text(f"curl -X POST {crons}")).to_be_visible()
        tab.goto("/")
        assert "/gateway/v1" not in tab.content()
        tab.close()
    finally:
        mock.stop()


def test_a_server_in_trouble_asks_nobody_to_sign_in(console: Page) -> None:
    trouble = {"status": 503, "json": {"title": "Service Unavailable", "detail": "No database."}}
    console.route("**/gateway/v1/session", lambda route: route.fulfill(**trouble))
    console.goto("/console/events")
    expect(console.get_by_role("alert")).to_contain_text("No database.")

    console.unroute("**/gateway/v1/session")
    console.get_by_role("button", name="Try again").click()

    expect(console.get_by_role("heading", level=1)).to_have_text("Events")


def test_no_browser_checks_the_spelling_of_what_is_no_prose(console: Page) -> None:
    open_screen(console, "endpoints?form=new", "Endpoints")
    for label in ("Address (URL)", "Filters, as JSON; empty for every event"):
        expect(console.get_by_label(label)).to_have_attribute("spellcheck", "false")

    console.get_by_role("button", name="Sign out").click()

    expect(console.get_by_label("A key of the gateway")).to_have_attribute("spellcheck", "false")


def wait_for_key(server: ServerProcess, secret: str) -> None:
    """Wait until the server knows a key of the command line, which takes it a second."""
    url, headers = f"{server.url}/gateway/v1/keys", {"Authorization": f"Bearer {secret}"}
    end = time.monotonic() + PATIENCE_S
    while not requests.get(url, headers=headers, timeout=20).ok:
        assert time.monotonic() < end
        time.sleep(0.05)


def test_the_line_that_makes_a_key_makes_one(browser: Browser, tmp_path: Path) -> None:
    server = ServerProcess(folder=tmp_path, dev=False).start()
    try:
        tab = browser.new_page(base_url=server.url)
        tab.goto("/console/keys")
        line = shlex.split(tab.get_by_role("region", name="Make a key").inner_text())
        assert line[0] == "tallystick"
        made = tallystick(*line[1:], "--database", f"sqlite:///{server.database}")
        assert made.returncode == 0, made.stderr
        wait_for_key(server, made.stdout.strip())

        tab.get_by_label("A key of the gateway").fill(made.stdout.strip())
        tab.get_by_role("button", name="Sign in").click()

        expect(tab.get_by_role("region", name="Keys")).to_contain_text("me")
        tab.get_by_role("link", name="Events", exact=True).click()
        example = tab.get_by_role("region", name="Paste this")
        expect(example).to_contain_text("x-api-key: YOUR-KEY")
        tab.close()
    finally:
        server.stop()
