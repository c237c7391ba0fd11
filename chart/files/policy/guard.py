"""Refuses worker pods that take what belongs to the release. Airflow calls it in the scheduler, which launches them.

A DAG may change its worker pods (`pod_override`), and so ask for the Secret with the Fernet key, the account of the
scheduler, or labels that open doors. What the pod templates of the release have themselves is allowed.
"""

import functools
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from airflow.policies import hookimpl

FACTS = "AIRFLOW_KIT_GUARD"
"""JSON: {"secrets": [name], "accounts": [name], "claims": [name], "readOnlyClaims": [name], "labels": {key: value}}."""
TEMPLATES = Path("/opt/airflow/pod_templates")
HELM = "sh.helm.release."
"""How the names of the Secrets start in which Helm keeps the values of releases."""


class WorkerPodRefusedError(Exception):
    """A worker pod that asks for something of the release; the task fails, and the message says for what."""


# First of all hooks: what the DAG asks for is judged, not what the platform's own hook adds.
@hookimpl(tryfirst=True)
def pod_mutation_hook(pod: Any) -> None:
    """Judge a worker pod.

    Raises:
        WorkerPodRefusedError: It asks for a Secret, an account, a volume or labels of the release.
    """
    if FACTS not in os.environ or in_task():
        return
    found = list(problems(as_dict(pod), json.loads(os.environ[FACTS]), templates()))
    if found:
        raise WorkerPodRefusedError("airflow-kit refuses this worker pod (worker-pod-refused): " + "; ".join(found))


def in_task() -> bool:
    """Tell whether this process runs a task: with the LocalExecutor, its pods are made in the scheduler's container."""
    return hasattr(sys.modules.get("airflow.sdk.execution_time.task_runner"), "SUPERVISOR_COMMS")


def as_dict(pod: Any) -> dict[str, Any]:
    """Return a pod as the API server would get it."""
    from kubernetes.client import ApiClient

    made: dict[str, Any] = ApiClient().sanitize_for_serialization(pod)
    return made


@functools.cache
def templates() -> tuple[dict[str, Any], ...]:
    """Return the pod templates of the release; when they change, the scheduler starts anew."""
    import yaml

    return tuple(yaml.safe_load(path.read_text()) for path in sorted(TEMPLATES.glob("*.yaml")))


def problems(pod: dict[str, Any], facts: dict[str, Any], allowed: tuple[dict[str, Any], ...]) -> Iterator[str]:
    """Yield what a pod asks for and may not have.

    Args:
        pod: The pod that would be launched.
        facts: What belongs to the release; see FACTS.
        allowed: Pods whose own parts are fine.
    """
    ours = {name for template in allowed for name in secrets(template)}
    for name in sorted(secrets(pod) - ours):
        if name in facts["secrets"] or name.startswith(HELM):
            yield f"it takes the Secret {name}"
    for name in sorted(accounts(pod) - {account for template in allowed for account in accounts(template)}):
        if name in facts["accounts"]:
            yield f"it runs as the ServiceAccount {name}"
    written = writable_claims(pod)
    for name in sorted(written - {claim for template in allowed for claim in writable_claims(template)}):
        if name in facts["readOnlyClaims"]:
            yield f"it mounts the PersistentVolumeClaim {name} to write to it"
    for name in sorted(claims(pod) - {claim for template in allowed for claim in claims(template)}):
        if name in facts["claims"]:
            yield f"it mounts the PersistentVolumeClaim {name}"
    for key, value in facts["labels"].items():
        fine = {value, *(label(template, key) for template in allowed)}
        if (has := label(pod, key)) not in fine:
            yield f"its label {key} is {has!r} instead of {value!r}"


def label(pod: dict[str, Any], key: str) -> str | None:
    """Return a label of a pod, or None."""
    found: str | None = (pod["metadata"].get("labels") or {}).get(key)
    return found


def accounts(pod: dict[str, Any]) -> set[str]:
    """Return the accounts that a pod names, by the field of today and by that of early Kubernetes."""
    return {pod["spec"][key] for key in ("serviceAccountName", "serviceAccount") if pod["spec"].get(key)}


def secrets(part: Any) -> set[str]:
    """Return the Secrets that a pod, or a part of one, reads: in variables, volumes, and drivers of volumes.

    `imagePullSecrets` only pull: what they hold does not reach a container.
    """
    if isinstance(part, list):
        return {name for each in part for name in secrets(each)}
    if not isinstance(part, dict):
        return set()
    found = set()
    for key, value in part.items():
        if key == "imagePullSecrets":
            continue
        if "secret" in key.lower():
            named = value if isinstance(value, dict) else {"name": value}
            found |= {named[k] for k in ("name", "secretName") if isinstance(named.get(k), str)}
        found |= secrets(value)
    return found


def claims(pod: dict[str, Any]) -> set[str]:
    """Return the claims that a pod has as volumes."""
    return {name for _, name, _ in _claims(pod)}


def writable_claims(pod: dict[str, Any]) -> set[str]:
    """Return the claims that a pod could write to."""
    spec = pod["spec"]
    containers = [*(spec.get("containers") or []), *(spec.get("initContainers") or [])]
    written = {
        mount["name"]
        for container in containers
        for mount in container.get("volumeMounts") or []
        if not mount.get("readOnly")
    }
    return {name for volume, name, read_only in _claims(pod) if volume in written and not read_only}


def _claims(pod: dict[str, Any]) -> Iterator[tuple[str, str, bool]]:
    for volume in pod["spec"].get("volumes") or []:
        if claim := volume.get("persistentVolumeClaim"):
            yield volume["name"], claim["claimName"], bool(claim.get("readOnly"))
