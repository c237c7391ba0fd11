"""What Airflow has in the end, as `airflow config get-value` says: the environment of each pod above airflow.cfg."""

from __future__ import annotations

import subprocess
from configparser import ConfigParser
from pathlib import Path

import pytest

from kitctl.render.airflow_cfg import render_cfg
from tests.airflow.environment import ask, interpreter
from tests.chart.release import Release, render, story

ROLES = ("api-server", "scheduler", "dag-processor", "triggerer", "migrate", "worker")

WANTED = {
    "kubernetes_executor.delete_worker_pods": "True",
    # A pod that waits for its image holds a place on the node until somebody deletes it.
    "kubernetes_executor.delete_worker_pods_on_failure": "True",
    "kubernetes_executor.worker_pods_creation_batch_size": "16",
    "kubernetes_executor.pod_template_file": "/opt/airflow/pod_templates/default.yaml",
    "core.executor": "KubernetesExecutor",
    "core.load_examples": "False",
    "logging.logging_level": "INFO",
}


def environment(release: Release, role: str) -> dict[str, str]:
    """Return the options that a role's main container sets in its environment; commands would need the pod's files."""
    env = {e.name: e.value for e in release.pod(role).spec.containers[0].env if e.value is not None}
    return {k: v for k, v in env.items() if k.startswith("AIRFLOW__") and not k.endswith("_CMD")}


def in_file() -> dict[str, str]:
    parser = ConfigParser()
    parser.read_string(render_cfg())
    return {f"{section}.{key}": value for section in parser.sections() for key, value in parser[section].items()}


@pytest.fixture(scope="module")
def effective() -> dict[str, dict[str, str]]:
    roles = {role: environment(story("defaults"), role) for role in ROLES}
    options = [name.split(".", 1) for name in {**in_file(), **WANTED}]
    request = {"pods": {}, "cfg": render_cfg(), "env": {}, "roles": roles, "options": options}
    answer: dict[str, dict[str, str]] = ask(request)["effective"]
    return answer


@pytest.mark.parametrize("role", ROLES)
def test_what_the_file_says_holds_in_every_pod(effective: dict[str, dict[str, str]], role: str) -> None:
    assert {name: effective[role][name] for name in in_file()} == in_file()


def test_the_scheduler_has_what_the_values_say(effective: dict[str, dict[str, str]]) -> None:
    assert {name: effective["scheduler"][name] for name in WANTED} == WANTED


@pytest.mark.parametrize(("sets", "answer"), [((), "True"), (("workers.deletePodsOnFailure=false",), "False")])
def test_airflows_own_command_tells_whether_failed_pods_go(sets: tuple[str, ...], answer: str, tmp_path: Path) -> None:
    (tmp_path / "airflow.cfg").write_text(render_cfg())
    command = [str(interpreter().with_name("airflow")), "config", "get-value"]
    env = {**environment(render(sets=sets), "scheduler"), "AIRFLOW_HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    words = [*command, "kubernetes_executor", "delete_worker_pods_on_failure"]
    done = subprocess.run(words, env=env, capture_output=True, text=True, check=False, timeout=120)
    assert done.stdout.split()[-1:] == [answer], done.stderr[-2000:]
