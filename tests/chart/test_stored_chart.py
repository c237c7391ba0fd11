"""What Helm keeps in the record of a release gives the same objects again, but for the number that is set."""

from __future__ import annotations

import base64
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

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


def recorded(chart: Path) -> dict[str, Any]:
    """Return a chart in the form of Helm's record; that Helm writes it so is seen on a cluster (tests/e2e)."""

    def encoded(folder: str, pattern: str) -> list[dict[str, str]]:
        paths = sorted(p for p in (chart / folder).rglob(pattern) if p.is_file())
        return [
            {"name": p.relative_to(chart).as_posix(), "data": base64.b64encode(p.read_bytes()).decode()} for p in paths
        ]

    return {
        "metadata": yaml.safe_load((chart / "Chart.yaml").read_text(encoding="utf-8")),
        "values": yaml.safe_load((chart / "values.yaml").read_text(encoding="utf-8")),
        "schema": base64.b64encode((chart / "values.schema.json").read_bytes()).decode(),
        "templates": encoded("templates", "*"),
        "files": encoded("files", "*"),
    }


def rendered(chart: Path, values: Path, *sets: str) -> list[dict[str, Any]]:
    """Return what Helm renders, but for the disruption budgets, which follow the number."""
    sources = Sources(files=(values,), sets=sets)
    argv = [str(tool("helm")), "template", "airflow", str(chart), "-n", "airflow", *sources.argv()]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return [o for o in documents(done.stdout) if o["kind"] != "PodDisruptionBudget"]


@pytest.mark.parametrize("place", [Place("celery"), Place("celery", "big"), Place("scheduler")])
def test_only_the_number_differs(tmp_path: Path, place: Place) -> None:
    values = tmp_path / "values.json"
    values.write_text(json.dumps(VALUES), encoding="utf-8")
    stored = unpack(recorded(CHART), tmp_path / "chart")
    number = f"{place.key(VALUES)}=7"
    before, after = rendered(CHART, values), rendered(stored, values, number)
    ((old, new),) = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    assert new == {**old, "spec": {**old["spec"], "replicas": 7}}
    if place.group:
        # One element of a list is set, and the rest of it stays.
        assert "--concurrency" in new["spec"]["template"]["spec"]["containers"][0]["args"]
        assert number.startswith("workers.celery.groups[0]")
