"""Facts that Chart.yaml holds a second time."""

from __future__ import annotations

from kitctl.model.versions import data_dir, pin


def test_the_charts_version_is_the_pinned_one() -> None:
    chart = (data_dir("chart") / "Chart.yaml").read_text(encoding="utf-8")
    assert f"appVersion: {pin('airflow.version')}\n" in chart
    assert f"version: {pin('kit.version')}\n" in chart
    assert f'kubeVersion: ">={pin("kubernetes.minimum")}.0-0"' in chart
