"""Whether an external broker can be used, asked by Celery's own client from where the scheduler and workers will be.

A short-lived pod asks, before the release changes: with the image, the settings and the Secret of the scheduler. Only
the broker's own "no", or its silence, stops a deploy; where the pod cannot run, that is told.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from kitctl.model.queues import DEFAULT_QUEUE
from kitctl.model.versions import data_dir
from kitctl.release import job_pod
from kitctl.release.handle import setting
from kitctl.release.preflight.asked import Asked
from kitctl.release.preflight.broker_answer import address_of
from kitctl.release.preflight.broker_refusal import of_release, refusal
from kitctl.release.preflight.source import Source
from kitctl.tools.deadline import Deadline
from kitctl.tools.kube.client import Kube

_PATIENCE_SECONDS = 150.0
_LIFE_SECONDS = 300
_CALLER = "scheduler"
"""The component whose way to the broker is tried; Celery workers have the same."""
_OURS = ("AIRFLOW__CELERY", "KIT_BROKER_")
_MARK = "AIRFLOW__CELERY__BROKER_URL_CMD"
"""A variable of each component that calls the broker."""
_SECRETS = "secrets"
"""Name of the volume with the Secrets of a component."""
_FOLDER = "/opt/airflow/secrets"
"""Where it is mounted."""


def check(
    kube: Kube,
    namespace: str,
    config: Mapping[str, Any],
    objects: list[dict[str, Any]],
    note: Callable[[str], None],
    deadline: Deadline,
    *,
    own: bool = False,
) -> Asked:
    """Log in to the broker, and do there what the scheduler and workers will do.

    Args:
        kube: The cluster.
        namespace: Namespace of the release; it must exist.
        config: The values as Helm merged them, without the chart's defaults.
        objects: The rendered objects; the scheduler has the variables and files, the dag-processor is the pattern.
        note: Takes one line about what is looked at, or why it could not be.
        deadline: How long to wait.
        own: Also ask the broker of the release, which must run then.

    Returns:
        Whether there was something to ask, and an answer.

    Raises:
        KitError: of `broker_refusal.refusal` (code PREFLIGHT).
    """
    components = job_pod.deployments(objects)
    processor, scheduler = components.get(job_pod.PATTERN), components.get(_CALLER)
    external = setting(config, "broker", "kind") == "external"
    if not (external or own) or processor is None or scheduler is None:
        return Asked.NOTHING
    container = job_pod.main_container(scheduler, _CALLER)
    if not any(entry["name"] == _MARK for entry in container.get("env") or ()):
        return Asked.NOTHING
    files = sources(scheduler)
    pod = _pod(processor, scheduler, files, config, queues(objects, container))
    report, why = job_pod.report(kube, namespace, pod, _PATIENCE_SECONDS, deadline)
    if report is None:
        note(f"the broker was not asked: {why}")
        return Asked.UNKNOWN
    if problem := refusal(report, files, namespace):
        raise problem if external else of_release(problem, namespace)
    note(f"the broker {address_of(report)} can be used")
    return Asked.FINE


def sources(scheduler: Mapping[str, Any]) -> dict[str, Source]:
    """Return the files by which the scheduler finds the broker, and what each comes from."""
    found = {}
    for kind, source in _sources(scheduler):
        for item in source["items"]:
            found[str(item["path"])] = Source(kind, str(source["name"]), str(item["key"]))
    return found


def queues(objects: list[dict[str, Any]], container: Mapping[str, Any]) -> list[str]:
    """Return the queues that the Celery workers of rendered objects serve.

    Args:
        objects: The rendered objects.
        container: A container of Airflow, whose variables name the default queue.
    """
    named = [str(e.get("value") or "") for e in container["env"] if e["name"] == DEFAULT_QUEUE]
    default = named[-1] if named else "default"
    found: dict[str, None] = {}
    for obj in objects:
        labels = obj["metadata"].get("labels") or {}
        if obj["kind"] != "StatefulSet" or labels.get("app.kubernetes.io/component") != "celery":
            continue
        args = next(c for c in obj["spec"]["template"]["spec"]["containers"] if c["name"] == "celery")["args"]
        served = args[args.index("--queues") + 1].split(",") if "--queues" in args else [default]
        found |= dict.fromkeys(served)
    return list(found)


def _sources(scheduler: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield kind and text of the projected sources that are about the broker."""
    for volume in scheduler["spec"]["template"]["spec"].get("volumes") or []:
        for projected in (volume.get("projected") or {}).get("sources") or [] if volume["name"] == _SECRETS else []:
            for kind, source in projected.items():
                if any(item["path"].startswith("broker-") for item in source.get("items") or []):
                    yield kind, source


def _pod(
    processor: Mapping[str, Any],
    scheduler: Mapping[str, Any],
    files: Mapping[str, Source],
    config: Mapping[str, Any],
    queues: list[str],
) -> dict[str, Any]:
    container = job_pod.main_container(scheduler, _CALLER)
    script = (data_dir("docker") / "broker" / "ask.py").read_text(encoding="utf-8")
    spec = {
        "broker_url": (data_dir("chart") / "files" / "broker_url.py").read_text(encoding="utf-8"),
        "secrets": _FOLDER,
        "files": sorted(files),
        "queues": queues,
        "seconds": 10,
        # A name server of a cluster goes on denying a new name for 5 s to those who asked too early.
        "pauses": [1, 6],
    }
    own = (str(entry["name"]) for entry in setting(config, "env") or ())
    volumes, more = _files_of_the_user(scheduler, container, config)
    look = {
        "name": "look",
        "command": ["python3", "-c", script, json.dumps(spec)],
        "env": [
            *job_pod.variables(container, _OURS, (DEFAULT_QUEUE, *own)),
            {"name": "AIRFLOW_HOME", "value": "/tmp/home"},  # noqa: S108 - inside the pod
        ],
        "envFrom": container.get("envFrom") or [],
        "resources": {"requests": {"cpu": "50m", "memory": "192Mi"}},
        "volumeMounts": [
            {"name": "tmp", "mountPath": "/tmp"},  # noqa: S108 - inside the pod
            {"name": _SECRETS, "mountPath": _FOLDER, "readOnly": True},
            *more,
        ],
    }
    projected = [{kind: {**source, "optional": True}} for kind, source in _sources(scheduler)]
    return job_pod.manifest(
        processor,
        "broker-check",
        look,
        activeDeadlineSeconds=_LIFE_SECONDS,
        volumes=[
            {"name": "tmp", "emptyDir": {}},
            {"name": _SECRETS, "projected": {"defaultMode": 0o440, "sources": projected}},
            *volumes,
        ],
    )


def _files_of_the_user(
    scheduler: Mapping[str, Any], container: Mapping[str, Any], config: Mapping[str, Any]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the user's own volumes from Secrets and ConfigMaps, and their mounts: CAs and keys for TLS are there."""
    named = {
        str(volume["name"])
        for section in ("pods", _CALLER)
        for volume in setting(config, section, "extraVolumes") or ()
    }
    volumes = []
    for volume in scheduler["spec"]["template"]["spec"].get("volumes") or []:
        for kind in ("secret", "configMap"):
            if volume["name"] in named and kind in volume:
                volumes.append({"name": volume["name"], kind: {**volume[kind], "optional": True}})
    taken = {volume["name"] for volume in volumes}
    return volumes, [mount for mount in container.get("volumeMounts") or [] if mount["name"] in taken]
