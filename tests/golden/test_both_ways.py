"""With kitctl or with plain Helm: every example renders to the same bytes.

The chart falls back to its committed files; kitctl compiles the same texts and hands them over with --set-file. Were
the two to differ, `kitctl up` and `helm install` would deploy different releases.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from kitctl.model.values import DagMode
from kitctl.tools.helm.client import Helm
from kitctl.usecases.render.show import compile_templates
from tests.chart.release import CHART, EXAMPLES


def mode_of(example: Path) -> DagMode:
    values = yaml.safe_load(example.read_text(encoding="utf-8")) or {}
    return DagMode((values.get("dags") or {}).get("mode", DagMode.IMAGE))


@pytest.mark.parametrize("example", EXAMPLES, ids=[path.stem for path in EXAMPLES])
def test_committed_and_compiled_texts_render_the_same(example: Path, tmp_path: Path) -> None:
    files = compile_templates(tmp_path, mode_of(example)).set_files
    committed = Helm().template(CHART, "airflow", "airflow", values=[example])
    compiled = Helm().template(CHART, "airflow", "airflow", values=[example], set_files=files)
    assert committed == compiled


def test_a_users_template_does_change_the_render(tmp_path: Path) -> None:
    folder = tmp_path / "mine" / "pod_template"
    folder.mkdir(parents=True)
    text = '{% extends "kit/pod_template/image.yaml.j2" %}{% block affinity %}\n  hostname: mine\n{% endblock %}'
    (folder / "image.yaml.j2").write_text(text, encoding="utf-8")
    files = compile_templates(tmp_path / "out", DagMode.IMAGE, tmp_path / "mine").set_files
    assert "hostname: mine" in Helm().template(CHART, "airflow", "airflow", set_files=files)
