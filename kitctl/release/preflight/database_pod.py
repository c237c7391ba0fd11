"""A pod that calls the database as the migrate Job does: with its image, volumes, variables and network policies."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from kitctl.model.versions import data_dir
from kitctl.release.preflight.source import Source
from kitctl.tools.kube.objects import KEPT_BY_ARGO

JOB = "migrate"
_COMPONENT = "app.kubernetes.io/component"
_WAITS = "wait-for-database"
_LIFE_SECONDS = 300
_SECRETS = "secrets"
"""Name of the volume with the Secrets of a component."""
FOLDER = "/opt/airflow/secrets"
"""Where it is mounted."""
_FILES = ("database-", "postgres-password")
_REFERENCES = ("secretKeyRef", "configMapKeyRef")


def of(objects: list[dict[str, Any]], kind: str, component: str) -> dict[str, Any] | None:
    """Return the object of a kind that belongs to a component, or None."""
    labels = ((obj, obj["metadata"].get("labels") or {}) for obj in objects if obj["kind"] == kind)
    return next((obj for obj, found in labels if found.get(_COMPONENT) == component), None)


def scripts(*names: str) -> dict[str, str]:
    """Return scripts of the chart as texts; the release that runs may have those of another version."""
    return {name: (data_dir("chart") / "files" / name).read_text(encoding="utf-8") for name in names}


def sources(job: Mapping[str, Any]) -> dict[str, Source]:
    """Return the files by which the Job finds the database, and what each comes from."""
    found = {}
    for projected in _projected(job["spec"]["template"]["spec"]):
        for kind, source in projected.items():
            for item in source.get("items") or []:
                if str(item["path"]).startswith(_FILES):
                    found[str(item["path"])] = Source(kind, str(source["name"]), str(item["key"]))
    return found


def pod(job: Mapping[str, Any], name: str, program: str, spec: object) -> dict[str, Any]:
    """Make the pod `<fullname>-<name>`: the Job's, but with another program.

    Args:
        job: The rendered migrate Job, whose labels it has, or network policies would keep it from the database.
        name: End of its name.
        program: Python file below docker/.
        spec: What the program gets as its argument, as JSON.
    """
    template = job["spec"]["template"]
    text = (data_dir("docker") / program).read_text(encoding="utf-8")
    main = next(container for container in template["spec"]["containers"] if container["name"] == JOB)
    command = ["python3", "-I", "-c", text, json.dumps(spec)]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            **template["metadata"],
            "name": job["metadata"]["name"].rpartition(f"-{JOB}")[0] + f"-{name}",
            "annotations": {**(template["metadata"].get("annotations") or {}), **KEPT_BY_ARGO},
            "labels": {**template["metadata"]["labels"], "app.kubernetes.io/managed-by": "kitctl"},
        },
        "spec": {
            **template["spec"],
            "restartPolicy": "Never",
            "activeDeadlineSeconds": _LIFE_SECONDS,
            # Sidecars beside the program would keep the pod running; those among the init containers end with it.
            "containers": [{**{k: v for k, v in main.items() if k != "args"}, "command": command}],
            "initContainers": [c for c in template["spec"].get("initContainers") or [] if c["name"] != _WAITS],
        },
    }


def starting_anyway(made: dict[str, Any]) -> dict[str, Any]:
    """Return the pod so that it starts although Secrets may be missing; its program tells which."""
    spec = made["spec"]
    volumes = [_optional(volume) for volume in spec.get("volumes") or []]
    containers = [{**c, "env": [_optional_variable(e) for e in c.get("env") or []]} for c in spec["containers"]]
    # Service accounts of a release that is not there yet would refuse the pod.
    kept = {key: value for key, value in spec.items() if key not in {"serviceAccountName", "serviceAccount"}}
    return {**made, "spec": {**kept, "volumes": volumes, "containers": containers}}


def _projected(spec: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for volume in spec.get("volumes") or []:
        if volume["name"] == _SECRETS:
            yield from (volume.get("projected") or {}).get("sources") or []


def _optional(volume: dict[str, Any]) -> dict[str, Any]:
    for kind in ("secret", "configMap"):
        if kind in volume:
            return {**volume, kind: {**volume[kind], "optional": True}}
    if "projected" not in volume:
        return volume
    whole = volume["projected"]
    eased = [
        {kind: {**one, "optional": True} if kind in {"secret", "configMap"} else one for kind, one in source.items()}
        for source in whole.get("sources") or []
    ]
    return {**volume, "projected": {**whole, "sources": eased}}


def _optional_variable(entry: dict[str, Any]) -> dict[str, Any]:
    origin = entry.get("valueFrom") or {}
    if not any(kind in origin for kind in _REFERENCES):
        return entry
    return {**entry, "valueFrom": {kind: {**one, "optional": True} for kind, one in origin.items()}}
