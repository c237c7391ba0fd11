"""With kitctl or with plain Helm: every example renders to the same bytes.

The chart falls back to its committed files; kitctl compiles the same texts and hands them over with --set-file. Were
the two to differ, `kitctl up` and `helm install` would deploy different releases.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from kitctl.model.settings import Settings
from kitctl.model.user_values import UserValues
from kitctl.release import templates, values
from kitctl.tools.helm.client import Helm
from kitctl.tools.helm.sources import Sources
from tests.chart.release import CHART, EXAMPLES


@pytest.mark.parametrize("example", EXAMPLES, ids=[path.stem for path in EXAMPLES])
def test_committed_and_compiled_texts_render_the_same(example: Path, tmp_path: Path) -> None:
    files = templates.compiled(values.read(Settings(values=(example,)))).write(tmp_path)
    sources = Sources((example,))
    assert Helm().template(CHART, "airflow", "airflow", sources) == Helm().template(
        CHART, "airflow", "airflow", sources.with_texts(files)
    )


def test_a_users_template_does_change_the_render(tmp_path: Path) -> None:
    folder = tmp_path / "mine" / "pod_template"
    folder.mkdir(parents=True)
    text = '{% extends "kit/pod_template/image.yaml.j2" %}{% block affinity %}\n  hostname: mine\n{% endblock %}'
    (folder / "image.yaml.j2").write_text(text, encoding="utf-8")
    files = templates.compiled(UserValues(), tmp_path / "mine").write(tmp_path)
    assert "hostname: mine" in Helm().template(CHART, "airflow", "airflow", Sources().with_texts(files))
