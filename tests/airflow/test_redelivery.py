"""A message that the broker sends again changes no result: Celery traces the task, with the policy of the kit."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from kitctl.model.versions import data_dir
from tests.airflow.environment import celery, run_python
from tests.chart.release import render

TRACE = """
import importlib, json, sys
folder, status, redelivered, config, *argv = sys.argv[1:]
sys.path.insert(0, folder)
sys.argv = ["airflow", *argv]
import redelivery
from types import SimpleNamespace
from celery import Celery, signals
from celery.app.trace import build_tracer

class Refused(Exception):
    response = SimpleNamespace(status_code=int(status))

app = Celery(backend="cache+memory://")
app.conf.update(task_track_started=True, task_acks_late=True, **json.loads(config))

@app.task(name="execute_workload")
def execute_workload(text):
    ran.append(text)
    if text == "refused":
        raise Refused
    return text

ran = []
signals.worker_init.send(sender=type("Worker", (), {"app": app})())
request = {"delivery_info": {"redelivered": redelivered == "again"}, "hostname": "w"}
states = {}
for text, before in {"refused": "STARTED", "fine": "STARTED", "done": "SUCCESS"}.items():
    app.backend.store_result(text, None, before)
    build_tracer(execute_workload.name, execute_workload, app=app)(text, (text,), {}, {"id": text, **request})
    states[text] = app.AsyncResult(text).state
print(json.dumps({"states": states, "ran": ran}))
"""
WORKER = ("celery", "worker", "--concurrency", "4")


def trace(folder: Path, status: int, *, again: bool, argv: tuple[str, ...] = WORKER) -> dict[str, dict[str, str]]:
    """Let Celery run three tasks, the first of which Airflow refuses; return their states and which ones ran."""
    release = render(sets=("executors={CeleryExecutor}",))
    env = {e.name: e.value for e in release.pod("celery").spec.containers[0].env if e.name.startswith("AIRFLOW_KIT_")}
    cfg = next(c for c in release.all("ConfigMap") if c.metadata.name.endswith("-config")).data["airflow.cfg"]
    config = json.dumps(json.loads(cfg.partition("extra_celery_config = ")[2].partition("\n\n")[0]))
    script = folder / "trace.py"
    script.write_text(TRACE)
    words = [str(script), str(data_dir("chart") / "files" / "policy"), str(status), "again" if again else "first"]
    done = run_python([*words, config, *argv], env={**os.environ, **env}, python=celery())
    assert done.ok, done.stderr[-3000:]
    found: dict[str, dict[str, str]] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize("status", [401, 403, 404, 409, 410])
def test_a_second_message_leaves_the_result_to_the_first(tmp_path: Path, status: int) -> None:
    found = trace(tmp_path, status, again=True)
    assert found["states"] == {"refused": "STARTED", "fine": "SUCCESS", "done": "SUCCESS"}
    assert found["ran"] == ["refused", "fine"], "a task that has succeeded is not run again"


def test_a_first_message_that_is_refused_is_a_failure(tmp_path: Path) -> None:
    assert trace(tmp_path, 403, again=False)["states"]["refused"] == "FAILURE"


def test_so_is_any_other_error_of_a_second_message(tmp_path: Path) -> None:
    assert trace(tmp_path, 500, again=True)["states"]["refused"] == "FAILURE"


def test_other_commands_of_airflow_are_left_alone(tmp_path: Path) -> None:
    assert trace(tmp_path, 403, again=True, argv=("tasks", "test"))["states"]["refused"] == "FAILURE"
