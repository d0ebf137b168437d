"""The alert rules and the dashboard of `deploy/` ask for metrics and labels that there are."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from project import ROOT
from tallystick.apis.charon.states import CronState
from tallystick.delivery import AttemptOutcome, DeliveryState
from tallystick.metric_family import MetricFamily
from tallystick.runtime import ServerRuntime
from tallystick.settings import Settings

PROMETHEUS = ROOT / "deploy/prometheus"
PROMTOOL = ROOT / "build/promtool"
[GROUP] = yaml.safe_load((PROMETHEUS / "alerts.yaml").read_text("utf-8"))["groups"]
ALERTS: list[dict[str, Any]] = GROUP["rules"]
DASHBOARD = json.loads((ROOT / "deploy/grafana/tallystick.json").read_text("utf-8"))
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
EXPRESSIONS = [alert["expr"] for alert in ALERTS]
EXPRESSIONS += [target["expr"] for panel in PANELS for target in panel["targets"]]

WORDS = set("sum max min by rate increase delta changes histogram_quantile time".split())
"""What these expressions use of Prometheus' language."""

OWN_LABELS = {"job", "instance", "le"}
"""Labels that Prometheus or a histogram adds."""

STATES = {*DeliveryState, *CronState, "failing", "off"}
VALUES = {"state": STATES, "outcome": set(AttemptOutcome)}
METRIC = re.compile(r"\b((?:tallystick|process)_[a-z_]+|up)(?:\{([^}]*)\})?")
MATCHER = re.compile(r'([a-z_]+)(=~|!=|=)"([^"]*)"')


def metrics_of(written: str) -> set[str]:
    """Return the names of the samples in Prometheus' text format, `up` among them."""
    names = {"up"}
    for name, kind in re.findall(r"^# TYPE (\S+) (\S+)$", written, re.MULTILINE):
        ends = ("_bucket", "_sum", "_count") if kind == "histogram" else ("",)
        names |= {name + end for end in ends}
    return names


@pytest.fixture(scope="module")
def known() -> Mapping[str, set[str]]:
    """Return the labels of each metric of a server."""
    import asyncio

    async def read() -> tuple[list[MetricFamily], str]:
        runtime = ServerRuntime(Settings(database="sqlite://", dev=True, access_log=False))
        async with runtime.opened():
            return await runtime.metrics.families(), (await runtime.metrics.write()).decode()

    families, written = asyncio.run(read())
    labels = {family.name: set(family.labels) for family in families}
    return {
        name: labels.get(re.sub("_bucket$", "", name), set()) | OWN_LABELS
        for name in metrics_of(written)
    }


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_an_expression_asks_for_what_there_is(
    expression: str, known: Mapping[str, set[str]]
) -> None:
    used = METRIC.findall(expression)
    assert used
    for name, matchers in used:
        assert name in known
        for label, _, value in MATCHER.findall(matchers):
            assert label in known[name]
            wanted = set(value.split("|")) if label in VALUES else set()
            assert wanted <= VALUES.get(label, set())
    groups = {
        label for each in re.findall(r"by \(([^)]*)\)", expression) for label in each.split(", ")
    }
    assert groups <= set.union(*(known[name] for name, _ in used))


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_an_expression_is_complete_and_in_prometheus_language(expression: str) -> None:
    bare = re.sub(r"\{[^}]*\}|\[[^]]*\]|by \([^)]*\)", "", expression)
    for opening, closing in ("()", "{}", "[]"):
        assert expression.count(opening) == expression.count(closing)
    words = set(re.findall(r"[A-Za-z_]+", METRIC.sub("", bare)))
    assert words <= WORDS


def test_every_rate_is_of_a_counter() -> None:
    for expression in EXPRESSIONS:
        for name in re.findall(r"\b(?:rate|increase)\(([a-z_]+)", expression):
            assert name.endswith(("_total", "_bucket")), expression
        for name in re.findall(r"\bdelta\(([a-z_]+)", expression):
            assert not name.endswith(("_total", "_bucket")), expression


def test_every_alert_says_how_bad_it_is_and_what_to_do() -> None:
    names = [alert["alert"] for alert in ALERTS]
    assert len(set(names)) == len(names)
    for alert in ALERTS:
        assert set(alert) <= {"alert", "expr", "for", "labels", "annotations"}
        assert alert["labels"]["severity"] in {"critical", "warning"}
        assert alert["annotations"].keys() == {"summary", "description"}
        assert re.fullmatch(r"\d+m", alert.get("for", "1m"))
        placeholders = re.findall(r"\$labels\.(\w+)", json.dumps(alert["annotations"]))
        groups = re.findall(r"by \(([^)]*)\)", alert["expr"])
        kept = set(groups[-1].split(", ")) if groups else {"instance", "job"}
        assert set(placeholders) <= kept | ({"instance"} if not groups else set())


def test_the_page_has_every_alert() -> None:
    page = (ROOT / "docs/metrics.md").read_text("utf-8")
    rows = re.findall(r"^\| `(Tallystick\w+)` \| (\w+) \|", page, re.MULTILINE)
    assert rows == [(alert["alert"], alert["labels"]["severity"]) for alert in ALERTS]


def test_the_panels_lie_beside_each_other() -> None:
    cells: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        at = panel["gridPos"]
        own = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert at["x"] + at["w"] <= 24
        assert not own & cells, panel["title"]
        cells |= own
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(set(ids)) == len(ids)
    for panel in PANELS:
        assert all(t["datasource"]["uid"] == "${datasource}" for t in panel["targets"])


def test_the_scrape_job_has_the_name_that_the_alerts_ask_for() -> None:
    settings = yaml.safe_load((PROMETHEUS / "prometheus.yaml").read_text("utf-8"))
    [job] = settings["scrape_configs"]
    asked = {value for e in EXPRESSIONS for value in re.findall(r'job="([^"]+)"', e)}
    assert asked == {job["job_name"]}
    assert all((PROMETHEUS / name).is_file() for name in settings["rule_files"])


def test_promtool_finds_nothing(tmp_path: Path) -> None:
    promtool = shutil.which("promtool") or shutil.which(PROMTOOL)
    if promtool is None:
        pytest.skip("promtool is missing: the rules are NOT judged by it; run `make tools`")
    shutil.copytree(PROMETHEUS, tmp_path, dirs_exist_ok=True)
    ran = subprocess.run(
        [promtool, "check", "config", "prometheus.yaml"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
