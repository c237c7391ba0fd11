# ruff: noqa: PLC0415 - Airflow reads its configuration while it is imported, so that comes after it is written
"""Runs inside an environment that holds Airflow (see environment.py): reads what the kit made as Airflow itself would.

JSON on stdin: {"pods": {name: text}, "cfg": text, "env": {NAME: value}, "roles": {role: {NAME: value}}, "options":
[[section, key]]}; JSON on stdout: what each reader said.
"""

from __future__ import annotations

import inspect
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

FATAL = "worker_pod_pending_fatal_container_state_reasons"


def read_pod(text: str, folder: Path) -> dict[str, Any]:
    """Read a pod template with the executor's reader, and let the executor complete it as for a task."""
    from airflow.providers.cncf.kubernetes.pod_generator import PodGenerator
    from kubernetes.client import ApiClient

    file = folder / "pod.yaml"
    file.write_text(text, encoding="utf-8")
    base = PodGenerator.deserialize_model_file(str(file))
    pod = PodGenerator.construct_pod(
        dag_id="dag",
        task_id="task",
        pod_id="dag-task-1",
        try_number=1,
        kube_image="",
        date=None,
        args=["python", "-m", "x"],
        pod_override_object=None,
        base_worker_pod=base,
        namespace="tasks",
        scheduler_job_id="1",
        run_id="run",
    )
    return dict(ApiClient().sanitize_for_serialization(pod))


def read_bundles(env: dict[str, str]) -> list[dict[str, Any]]:
    """Read the bundle list and its connections, and hold the arguments against the bundle's own."""
    from airflow.dag_processing.bundles.base import BaseDagBundle
    from airflow.models.connection import Connection
    from airflow.providers.git.bundles.git import GitDagBundle

    known = set(inspect.signature(GitDagBundle.__init__).parameters)
    known |= set(inspect.signature(BaseDagBundle.__init__).parameters)
    found = []
    for entry in json.loads(env.get("AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST", "[]")):
        kwargs = entry["kwargs"]
        connection = Connection.from_json(env[f"AIRFLOW_CONN_{kwargs['git_conn_id'].upper()}"])
        found.append(
            {
                "name": entry["name"],
                "class_fits": entry["classpath"] == f"{GitDagBundle.__module__}.{GitDagBundle.__name__}",
                "unknown_arguments": sorted(set(kwargs) - known),
                "connection_type": connection.conn_type,
                "password": connection.password,
                "extra": connection.extra_dejson,
            }
        )
    return found


def read_cfg() -> dict[str, Any]:
    """Read the file that AIRFLOW_CONFIG names, with the rules of `airflow config lint`."""
    from airflow.cli.commands.config_command import CONFIGS_CHANGES
    from airflow.configuration import conf
    from airflow.providers.cncf.kubernetes.kube_config import KubeConfig

    conf.validate()
    written = {s: set(dict(conf.items(s, raw=True))) for s in conf.sections()}
    lint = [c.message for c in CONFIGS_CHANGES if c.config.option in written.get(c.config.section, ()) and c.message]
    retries = conf.getint("workers", "execution_api_retries")
    described = {s: sorted(body["options"]) for s, body in conf.configuration_description.items()}
    sensitive = [
        f"{s}.{o}"
        for s, body in conf.configuration_description.items()
        for o, words in body["options"].items()
        if words.get("sensitive")
    ]
    known = conf.configuration_description["kubernetes_executor"]["options"][FATAL]["default"].split(",")
    fatal = {"default": known, "set": getattr(KubeConfig(), FATAL)}
    manager = conf.get("core", "auth_manager")
    return {
        "described": described,
        "sensitive": sensitive,
        "lint": lint,
        "auth_manager": manager,
        "retries": retries,
        "fatal": fatal,
    }


def read_effective(env: dict[str, str], options: list[list[str]]) -> dict[str, str]:
    """Return what Airflow has for each option with this environment, as `airflow config get-value` prints it."""
    from airflow.configuration import conf

    before = dict(os.environ)
    os.environ |= env
    try:
        return {f"{section}.{key}": conf.get(section, key) for section, key in options}
    finally:
        os.environ.clear()
        os.environ |= before


def main() -> None:
    """Answer one request."""
    request = json.load(sys.stdin)
    # Airflow prints to stdout while it starts; the answer must be alone there.
    out, sys.stdout = sys.stdout, sys.stderr
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cfg = folder / "airflow.cfg"
        cfg.write_text(request["cfg"], encoding="utf-8")
        os.environ |= {"AIRFLOW_HOME": name, "AIRFLOW_CONFIG": str(cfg)}
        answer = {
            "pods": {pod: read_pod(text, folder) for pod, text in request["pods"].items()},
            "bundles": read_bundles(request["env"]),
            "cfg": read_cfg(),
            "effective": {
                role: read_effective(env, request["options"]) for role, env in request.get("roles", {}).items()
            },
        }
    json.dump(answer, out)


if __name__ == "__main__":
    main()
