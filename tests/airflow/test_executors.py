"""Entries of `executors` as Airflow's own loader reads them, and classes by path in the image."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kitctl.model.executors import selectable
from tests.airflow import local
from tests.airflow.environment import run_python
from tests.airflow.test_dags_check import judged

NAMES = """
import json
from airflow.executors.executor_loader import ExecutorLoader as loader
from airflow.executors import executor_loader as kept

loader.get_executor_names()
tables = (kept._alias_to_executors_per_team, kept._module_to_executors_per_team, kept._classname_to_executors_per_team)
print(json.dumps(sorted({name for table in tables for name in table[None]})))
"""
LISTS = (
    ["KubernetesExecutor"],
    ["CeleryExecutor", "KubernetesExecutor"],
    ["fast:LocalExecutor", "k8s:KubernetesExecutor", "my_company.executors.EksExecutor"],
    ["airflow.providers.celery.executors.celery_executor.CeleryExecutor", "batch:my_company.Batch"],
)


@pytest.mark.parametrize("entries", LISTS, ids=str)
def test_tasks_may_name_what_airflow_knows_an_executor_by(entries: list[str], tmp_path: Path) -> None:
    env = {"AIRFLOW__CORE__EXECUTOR": ",".join(entries), "AIRFLOW_HOME": str(tmp_path)}
    done = run_python(["-c", NAMES], env=env)
    assert done.ok, done.stderr[-2000:]
    # An entry with a core executor behind an alias is not known by the plain name as an alias, but as its class.
    assert set(json.loads(done.stdout.splitlines()[-1])) == selectable(entries)


DAG = """
from airflow.sdk import DAG, task

with DAG("chosen", schedule=None):
    task(task_id="a", executor="fast")(lambda: None)()
    task(task_id="b", executor="LocalExecutor")(lambda: None)()
    task(task_id="c", executor="KubernetesExecutor")(lambda: None)()
"""


def test_a_class_that_the_image_lacks_is_found_and_aliases_are_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    local.use(monkeypatch)
    (tmp_path / "chosen.py").write_text(DAG)
    sound = "KubernetesExecutor", "fast:LocalExecutor", "json.decoder.JSONDecoder"
    assert judged(tmp_path, f"executors={{{','.join(sound)}}}") == []
    found = judged(tmp_path, f"executors={{{','.join(sound)},eks:my_company.executors.EksExecutor}}")
    assert [(level, rule) for level, rule, _ in found] == [("error", "executor-not-importable")]
    assert "my_company.executors.EksExecutor" in found[0][2]
    assert "No module named 'my_company'" in found[0][2]
