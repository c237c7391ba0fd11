"""What Helm keeps in the record of a release gives the same objects again, but for the number that is set."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from kitctl.release.scaling.numbers import Place
from kitctl.tools.helm.client import documents
from kitctl.tools.helm.sources import Sources
from kitctl.tools.helm.stored_chart import unpack
from kitctl.tools.toolbox import tool
from tests.chart.release import CHART

VALUES: dict[str, Any] = {
    "executors": ["CeleryExecutor", "KubernetesExecutor"],
    "apiServer": {"replicas": None},
    "config": {"core": {"parallelism": 64}},
    "env": [{"name": "LONG", "value": "a, b=c ünïcode {{ braces }}"}],
    "templates": {"airflowCfg": "[core]\nparallelism = 7\n"},
    "workers": {"celery": {"replicas": 2, "groups": [{"name": "big", "queues": ["big"], "concurrency": 1}]}},
}


def installed(chart: Path, values: Path, *sets: str) -> dict[str, Any]:
    """Return the record that Helm would write."""
    sources = Sources(files=(values,), sets=sets)
    argv = [str(tool("helm")), "install", "airflow", str(chart), "-n", "airflow", "--dry-run=client", "-o", "json"]
    done = subprocess.run([*argv, *sources.argv()], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


@pytest.mark.parametrize("place", [Place("celery"), Place("celery", "big"), Place("scheduler")])
def test_only_the_number_differs(tmp_path: Path, place: Place) -> None:
    first = tmp_path / "values.json"
    first.write_text(json.dumps(VALUES), encoding="utf-8")
    record = installed(CHART, first)
    stored = unpack(record["chart"], tmp_path / "chart")
    remembered = tmp_path / "remembered.json"
    remembered.write_text(json.dumps(record["config"]), encoding="utf-8")
    again = installed(stored, remembered, f"{place.key(record['config'])}=7")
    before, after = (
        [o for o in documents(one["manifest"]) if o["kind"] != "PodDisruptionBudget"] for one in (record, again)
    )
    ((old, new),) = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    assert new == {**old, "spec": {**old["spec"], "replicas": 7}}
    assert place.said(again["config"]) == 7
    if place.group:
        assert again["config"]["workers"]["celery"]["groups"][0]["concurrency"] == 1
