"""The list of generated files: where each stands and what makes its text. Pure; `__main__` writes and compares."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from kitctl.generate import airflow_options, chart_readme, job_code, migrating, reference, schema, values_yaml
from kitctl.model.values import DagMode
from kitctl.render.airflow_cfg import render_cfg
from kitctl.render.pod_template import render_pod

Render = Callable[[], str]


def targets() -> dict[str, Render]:
    """Return each generated file's path, from the checkout's root, with the function that makes its text."""
    return {
        "chart/README.md": chart_readme.render,
        "chart/values.yaml": values_yaml.render,
        "chart/values.schema.json": schema.render,
        "docs/migrating-from-other-charts.md": migrating.render,
        "docs/reference/values.md": reference.render,
        "chart/files/airflow.cfg": render_cfg,
        "chart/files/airflow_options.yaml": airflow_options.render,
        **{f"chart/files/objects/{path}": partial(job_code.render, path) for path in job_code.MODULES},
        **{f"chart/files/pod_templates/{mode.value}.yaml": partial(render_pod, mode) for mode in DagMode},
    }
