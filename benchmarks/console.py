"""Measure how soon each screen of the console shows its first rows, with a large log behind it.

A browser opens each screen of a server with many events and deliveries, and then follows the events
while more of them come than a person reads.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import requests
from playwright.sync_api import Browser, Page

from browser import list_screens, running_browser
from eventhos_endpoint import Endpoint
from server_process import ServerProcess
from tallystick.events.ids import Ids

EVENTS, DELIVERIES = 1_000_000, 100_000
EVERY_MS = 100
"""The time between two events, so that a million are of 28 hours."""

STATES = ("done",) * 96 + ("dead",) * 2 + ("held",) * 2
ROUNDS = 5
RATE = 500
BATCH = 20
FOLLOWED_S = 20

KEY = {"Authorization": "Bearer dev-gateway-key"}
EVENT_STORE = {"x-api-key": "XXX1XX12XxxxXXxxXXx0xXxx"}
EVENT = {"cl": "EDF", "ty": "START_EC2", "hs": "AWS", "ac": "525060831330", "re": "eu-west-3"}
EVENT |= {"st": "OK", "me": "Operation successful"}
PROJECT = "0123456789abcdef0123456789abcdef"
EVENTGRID = {"X-Auth-Token": "dev-token"}

# The first thing that a screen has read, as a row, a tile or a sentence.
WATCH = """
const rows = 'main tbody tr, main .tiles li, main .verdict, main .empty';
const ask = window.fetch;
window.fetch = (...call) => {
  if (!String(call[0]).endsWith('/session')) window.askedAt ??= performance.now();
  return ask(...call);
};
window.shown = new Promise((show, fail) => {
  setTimeout(() => fail(new Error('nothing is shown')), 20_000);
  new MutationObserver((_, observer) => {
    if (!document.querySelector(rows)) return;
    observer.disconnect();
    requestAnimationFrame(() => setTimeout(() => show(performance.now() - window.askedAt)));
  }).observe(document, { childList: true, subtree: true });
});
window.worst = 0;
window.blocked = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.blocked = Math.max(window.blocked, entry.duration);
}).observe({ type: 'longtask', buffered: true });
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.worst = Math.max(window.worst, entry.duration);
}).observe({ type: 'event', durationThreshold: 16, buffered: true });
"""


def main() -> None:
    """Print a line for each screen, and one for events that are followed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.console", description=__doc__)
    parser.add_argument("--events", type=int, default=EVENTS)
    parser.add_argument("--deliveries", type=int, default=DELIVERIES)
    options = parser.parse_args()
    with large_server(options.events, options.deliveries) as url, running_browser() as browser:
        print(f"{'screen':12} {'first rows: median ms':>22} {'worst':>6}   after the request")
        for screen in list_screens(browser, url):
            times = [measure_screen(browser, f"{url}/console/{screen}") for _ in range(ROUNDS)]
            print(f"{screen:12} {statistics.median(times):22.0f} {max(times):6.0f}", flush=True)
        print(follow_events(browser, url))


@contextmanager
def large_server(events: int, deliveries: int) -> Iterator[str]:
    """Run a dev server whose log and outbox are filled by copies of a true event and delivery."""
    with tempfile.TemporaryDirectory() as folder:
        server = ServerProcess(folder=Path(folder)).start()
        endpoint = Endpoint()
        try:
            deliver_one(server.url, endpoint.url)
            server.stop()
            fill(server.database, events, deliveries)
            server.start()
            yield server.url
        finally:
            endpoint.stop()
            if server.running:
                server.stop()


def deliver_one(url: str, endpoint: str) -> None:
    """Have one event delivered."""
    body = {"name": "all", "sink": f"{endpoint}/hook"}
    subscriptions = f"{url}/gateway/v1/subscriptions"
    made = requests.post(subscriptions, json=body, headers=KEY, timeout=20).json()
    requests.post(f"{url}/create", json=EVENT, headers=EVENT_STORE, timeout=20).raise_for_status()
    while not is_delivered(url):
        time.sleep(0.05)
    # What is measured are the screens, with no deliveries beside them.
    change = {"active": False}
    requests.patch(f"{subscriptions}/{made['id']}", json=change, headers=KEY, timeout=20)


def is_delivered(url: str) -> bool:
    """Return whether there is a delivery that is done."""
    query = {"state": "done"}
    found = requests.get(f"{url}/gateway/v1/deliveries", query, headers=KEY, timeout=20)
    return bool(found.json()["deliveries"])


def fill(database: Path, events: int, deliveries: int) -> None:
    """Copy the newest event and delivery into the time before now."""
    ids, now = Ids(), int(time.time() * 1_000)
    with closing(sqlite3.connect(database)) as connection, connection:
        event = newest(connection, "events")
        delivery, attempt = newest(connection, "deliveries"), newest(connection, "attempts")
        target = delivery["id"].removeprefix(delivery["event_id"])
        insert = partial(copy_row, connection)
        for number in range(events):
            at = now - (events - number) * EVERY_MS
            id_ = ids.new(at)
            insert("events", event | {"id": id_, "time": at, "type": f"TYPE_{number % 50}"})
            if number >= events - deliveries:
                state = STATES[number % len(STATES)]
                own = {"id": id_ + target, "event_id": id_, "state": state, "due": at}
                insert("deliveries", delivery | own)
                insert("attempts", attempt | {"delivery_id": own["id"], "started": at, "ended": at})


def newest(connection: sqlite3.Connection, table: str) -> dict[str, Any]:
    """Return the last row of a table."""
    connection.row_factory = sqlite3.Row
    row = connection.execute(f"SELECT * FROM {table} ORDER BY 1 DESC LIMIT 1").fetchone()
    return dict(row)


def copy_row(connection: sqlite3.Connection, table: str, row: dict[str, Any]) -> None:
    """Insert a row."""
    places = ", ".join("?" * len(row))
    connection.execute(f"INSERT INTO {table} VALUES ({places})", tuple(row.values()))


def measure_screen(browser: Browser, address: str) -> float:
    """Return how many ms after its first request a screen has shown its first rows."""
    page = watched_page(browser, address)
    took: float = page.evaluate("window.shown")
    page.context.close()
    return took


def watched_page(browser: Browser, address: str) -> Page:
    """Open an address in a browser that remembers nothing."""
    page = browser.new_context().new_page()
    page.add_init_script(WATCH)
    page.goto(address)
    return page


def follow_events(browser: Browser, url: str) -> str:
    """Return how a page fares that follows events while `RATE` of them come each second."""
    stopped, sent = threading.Event(), [0]
    sender = threading.Thread(target=send_events, args=(url, stopped, sent))
    sender.start()
    page = watched_page(browser, f"{url}/console/events")
    page.get_by_role("button", name="Pause").wait_for()
    begun, before = time.monotonic(), sent[0]
    while time.monotonic() < begun + FOLLOWED_S:
        page.wait_for_timeout(1_000)
        page.get_by_role("button", name="Pause").click()
        page.get_by_role("button", name="Follow").click()
    rate = (sent[0] - before) / (time.monotonic() - begun)
    told = page.get_by_role("status").filter(has_text="you see a sample").count() > 0
    worst, blocked = page.evaluate("window.worst"), page.evaluate("window.blocked")
    stopped.set()
    sender.join(timeout=30)
    return (
        f"{rate:.0f} events a second for {FOLLOWED_S} s: a click is painted within {worst:.0f} ms, "
        f"the longest task takes {blocked:.0f} ms, a sample is {'told' if told else 'NOT TOLD'}"
    )


def send_events(url: str, stopped: threading.Event, sent: list[int]) -> None:
    """Send `RATE` events a second, some in each call, until told to stop."""
    with requests.Session() as session:
        session.headers.update(EVENTGRID)
        channels = f"{url}/v1/{PROJECT}/channels"
        channel = session.post(channels, json={"name": "console-benchmark"}, timeout=20).json()[
            "id"
        ]
        source = {"name": "console-benchmark", "channel_id": channel}
        session.post(f"{url}/v1/{PROJECT}/sources", json=source, timeout=20).raise_for_status()
        begun, ids = time.monotonic(), Ids()
        while not stopped.is_set():
            events = [event_of(ids) for _ in range(BATCH)]
            address = f"{channels}/{channel}/events"
            session.post(address, json={"events": events}, timeout=20).raise_for_status()
            sent[0] += BATCH
            stopped.wait(max(0, begun + sent[0] / RATE - time.monotonic()))


def event_of(ids: Ids) -> dict[str, str]:
    """Return a CloudEvent."""
    return {
        "id": ids.new(int(time.time() * 1_000)),
        "source": "console-benchmark",
        "specversion": "1.0",
        "type": "object:put",
        "datacontenttype": "application/json",
        "data": json.dumps({"size": 1}),
    }


if __name__ == "__main__":
    main()
