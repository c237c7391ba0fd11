"""workers.templates: whole pods; a copy of the kit's own template gives the kit's own pod, in every DAG mode."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from kitctl.model.values import DagMode
from tests.chart.release import CHART, MODES, render


@pytest.mark.parametrize("mode", [mode.value for mode in DagMode])
def test_a_copy_of_the_kits_template_is_the_kits_pod(mode: str, tmp_path: Path) -> None:
    text = (CHART / "files" / "pod_templates" / f"{mode}.yaml").read_text(encoding="utf-8")
    values = tmp_path / "values.yaml"
    values.write_text(yaml.safe_dump({"workers": {"templates": {"copy": text}}}), encoding="utf-8")
    found = render((str(values),), MODES[mode]).worker_templates
    assert found["copy"] == found["default"]
