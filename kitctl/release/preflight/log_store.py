"""Whether task logs can be kept in their store, asked by Airflow's own reader and writer from where they will be.

A short-lived pod asks, before the release changes: with the image and the credentials of the pods that write logs.
Only the store's own "no" stops a deploy; where the pod cannot run, that is told, and the log of the first task shows
the reason.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from kitctl.model.versions import data_dir
from kitctl.release import job_pod
from kitctl.release.handle import setting
from kitctl.release.preflight.asked import Asked
from kitctl.release.preflight.log_store_refusal import refusal
from kitctl.tools.deadline import Deadline
from kitctl.tools.kube.client import Kube

_PATIENCE_SECONDS = 120.0
_LIFE_SECONDS = 300
_OURS = (
    "AIRFLOW__LOGGING__",
    "AIRFLOW__AZURE_REMOTE_LOGGING__",
    "AIRFLOW__ELASTICSEARCH__",
    "AIRFLOW__OPENSEARCH__",
    "AIRFLOW_CONN_",
    "KIT_LOGS_",
)
"""Variables of the API server that are about the store; the user's own come along as well."""


def check(
    kube: Kube,
    namespace: str,
    config: Mapping[str, Any],
    objects: list[dict[str, Any]],
    note: Callable[[str], None],
    deadline: Deadline,
) -> Asked:
    """Write a small log to the store and read it back.

    Args:
        kube: The cluster.
        namespace: Namespace of the release; it must exist.
        config: The values as Helm merged them, without the chart's defaults.
        objects: The rendered objects; the API server has the variables, the dag-processor is the pattern of the pod.
        note: Takes one line about what is looked at, or why it could not be.
        deadline: How long to wait.

    Returns:
        Whether there was something to ask, and an answer.

    Raises:
        KitError: of `log_store_refusal.refusal` (code PREFLIGHT).
    """
    components = job_pod.deployments(objects)
    processor, server = components.get(job_pod.PATTERN), components.get("api-server")
    if not setting(config, "logs", "remote", "enabled") or processor is None or server is None:
        return Asked.NOTHING
    container = job_pod.main_container(server, "api-server")
    env = job_pod.variables(container, _OURS, (str(e["name"]) for e in setting(config, "env") or ()))
    if reason := _unknown(env):
        note(f"the store of the task logs was not looked at: {reason}")
        return Asked.UNKNOWN
    report, why = job_pod.report(kube, namespace, _pod(processor, container, env, config), _PATIENCE_SECONDS, deadline)
    if report is None:
        note(f"the store of the task logs was not looked at: {why}")
        return Asked.UNKNOWN
    if problem := refusal(report, _address(env), namespace):
        raise problem
    note(f"task logs can be kept in {_address(env)}")
    return Asked.FINE


def _unknown(env: list[dict[str, Any]]) -> str:
    """Return why the check could not say anything: what it would need is in the database, or comes with an identity."""
    names = {entry["name"]: entry.get("value", "") for entry in env}
    connection = names.get("AIRFLOW__LOGGING__REMOTE_LOG_CONN_ID", "")
    if not _address(env) or any(n in names for n in ("AIRFLOW__ELASTICSEARCH__HOST", "AIRFLOW__OPENSEARCH__HOST")):
        return ""
    if not connection:
        return "pods log in to it with their cloud identity, which the check does not have"
    if f"AIRFLOW_CONN_{connection.upper()}" not in names:
        return f"the connection {connection} is in the database, or in a secrets backend"
    return ""


def _address(env: list[dict[str, Any]]) -> str:
    """Return the store in words: its folder, or the host of OpenSearch, or its kind."""
    names = {entry["name"]: str(entry.get("value", "")) for entry in env}
    folder = names.get("AIRFLOW__LOGGING__REMOTE_BASE_LOG_FOLDER", "")
    return folder or names.get("AIRFLOW__OPENSEARCH__HOST", "") or "Elasticsearch"


def _pod(
    processor: Mapping[str, Any], container: Mapping[str, Any], env: list[dict[str, Any]], config: Mapping[str, Any]
) -> dict[str, Any]:
    script = (data_dir("docker") / "logs" / "write.py").read_text(encoding="utf-8")
    sources = {e["name"]: e["valueFrom"]["secretKeyRef"] for e in env if "secretKeyRef" in (e.get("valueFrom") or {})}
    spec = {
        "wanted": {name: [source["name"], source["key"]] for name, source in sources.items()},
        "endpoint": str(setting(config, "logs", "remote", "s3", "endpointUrl") or ""),
    }
    place = {"AIRFLOW_HOME": "/tmp/home", "AIRFLOW__LOGGING__BASE_LOG_FOLDER": "/tmp/logs"}  # noqa: S108 - in the pod
    look = {
        "name": "look",
        "command": ["python3", "-c", script, json.dumps(spec)],
        "env": [
            *(e for e in env if e["name"] not in place),
            *({"name": name, "value": value} for name, value in place.items()),
        ],
        "envFrom": container.get("envFrom") or [],
        "resources": {"requests": {"cpu": "50m", "memory": "192Mi"}},
        "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],  # noqa: S108 - inside the pod
    }
    return job_pod.manifest(
        processor,
        "log-check",
        look,
        activeDeadlineSeconds=_LIFE_SECONDS,
        volumes=[{"name": "tmp", "emptyDir": {}}],
    )
