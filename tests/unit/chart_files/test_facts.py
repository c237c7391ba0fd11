"""Facts that a template cannot read from their home, and therefore holds a second time."""

from __future__ import annotations

import json
import re

from kitctl.model.values import Executor
from kitctl.model.versions import data_dir, pin

RULES = (data_dir("chart") / "templates" / "_validate.tpl").read_text(encoding="utf-8")


def defined(name: str) -> str:
    found = re.search(rf'{{{{- define "{name}" -}}}}(.*?){{{{- end -}}}}', RULES)
    assert found
    return found[1]


def test_the_chart_deploys_the_executors_of_the_model() -> None:
    assert json.loads(defined("kit.executors")) == [str(e) for e in Executor]


def test_the_oldest_airflow_is_the_one_of_versions_toml() -> None:
    assert defined("kit.minimumAirflow") == pin("airflow.minimum")


def test_the_charts_version_is_the_pinned_one() -> None:
    chart = (data_dir("chart") / "Chart.yaml").read_text(encoding="utf-8")
    assert f"appVersion: {pin('airflow.version')}\n" in chart
    assert f"version: {pin('kit.version')}\n" in chart
    assert f'kubeVersion: ">={pin("kubernetes.minimum")}.0-0"' in chart
