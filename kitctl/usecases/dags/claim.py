"""Copying a DAG folder into the claim of mode pvc.

The pods of the release mount the claim read-only, so a pod of our own writes: made from the dag-processor's (image,
rights, place), for this one copy, removed afterwards. The folder travels as an archive over `kubectl exec`, and Python
in that pod unpacks it: no shell is needed there.
"""

from __future__ import annotations

import base64
import io
import json
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kitctl.errors import ExitCode, KitError
from kitctl.images.dag_import import REPORT
from kitctl.model.image_ref import files
from kitctl.model.versions import data_dir
from kitctl.release import job_pod
from kitctl.release.handle import Release, setting
from kitctl.tools.deadline import Deadline
from kitctl.tools.kube.client import Kube
from kitctl.tools.kube.contexts import kubectl_argv
from kitctl.tools.process import run

_TARGET = "/var/kitctl/dags"
_LIFE_SECONDS = 900
"""A pod that nobody removed (kitctl was killed) ends by itself; the next push removes it."""


@dataclass(frozen=True)
class Copied:
    """What a copy into the claim changed.

    Attributes:
        changed: Names of the files that were written.
        removed: How many files were removed.
        files: How many files the folder has.
        foreign: How many files of others the claim holds, which were left alone.
        time: When all was in place, in seconds since 1970 by the cluster's clock.
    """

    changed: tuple[str, ...]
    removed: int
    files: int
    foreign: int
    time: float


def push(
    release: Release, folder: Path, note: Callable[[str], None], deadline: Deadline, *, prune: bool = False
) -> Copied:
    """Bring the files of a folder into the claim, and remove what an earlier push brought and is gone now.

    Args:
        release: A release in mode pvc.
        folder: The DAG folder.
        note: Takes one line per step.
        deadline: How long it may take.
        prune: Remove files that others put there, too.

    Raises:
        KitError: `claim-read-only`, `push-pod-not-started` (code TIMEOUT), `push-failed`.
    """
    if setting(release.values, "dags", "pvc", "accessMode") == "ReadOnlyMany":
        raise KitError(
            "claim-read-only",
            "The claim of the DAGs is mounted ReadOnlyMany, so kitctl cannot write to it",
            fix="Update the DAGs where the claim's data comes from, or use a claim with ReadWriteMany",
            code=ExitCode.PREFLIGHT,
        )
    kube, where = release.kube, release.settings.namespace
    with job_pod.made(kube, where, writer(dag_processor(release), release), deadline) as name:
        note(f"starting the pod {name}, which mounts the claim")
        _wait_running(kube, where, name, deadline)
        note(f"copying {len(files(folder))} files")
        argv = [*kubectl_argv(kube.context, release.settings.kubeconfig), "-n", where, "exec", "-i", name, "--"]
        script = (data_dir("docker") / "push" / "receive.py").read_text(encoding="utf-8")
        answer = run(
            [*argv, "python3", "-I", "-c", script, _TARGET, "prune" if prune else "keep"],
            input_text=base64.b64encode(pack(folder)).decode(),
            timeout=deadline.left(at_least=10.0),
            error_id="push-failed",
        )
    found = REPORT.search(answer.stdout)
    if found is None:
        fix = f"kitctl dags push {folder}    # the claim may be full: kubectl -n {where} get pvc"
        raise KitError(
            "push-failed", "The DAGs could not be copied into the claim", cause=answer.stderr[-2000:], fix=fix
        )
    told = json.loads(found[1])
    return Copied(
        tuple(told["changed"]), int(told["removed"]), int(told["files"]), int(told["foreign"]), float(told["time"])
    )


def pack(folder: Path) -> bytes:
    """Return a folder as a tar: links followed, caches and version control left out, names in order, no owner."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for path in files(folder):
            data = path.read_bytes()
            entry = tarfile.TarInfo(path.relative_to(folder).as_posix())
            entry.size, entry.mode = len(data), 0o755 if path.stat().st_mode & 0o100 else 0o644
            tar.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()


def dag_processor(release: Release) -> dict[str, Any]:
    """Return the Deployment of the dag-processor.

    Raises:
        KitError: `release-missing`.
    """
    selector = f"{release.selector},app.kubernetes.io/component=dag-processor"
    found = release.kube.list("Deployment", release.settings.namespace, selector)
    if not found:
        raise release.missing()
    return found[0]


def writer(deployment: dict[str, Any], release: Release) -> dict[str, Any]:
    """Make the pod that writes, after the pattern of the dag-processor's.

    Args:
        deployment: The dag-processor's Deployment.
        release: Its values name the folder inside the claim.
    """
    volumes = deployment["spec"]["template"]["spec"]["volumes"]
    claim = next(v for v in volumes if v["name"] == "dags")["persistentVolumeClaim"]["claimName"]
    sub_path = str(setting(release.values, "dags", "pvc", "subPath") or "").strip("/")
    like = {"labelSelector": {"matchLabels": deployment["spec"]["selector"]["matchLabels"]}}
    near = {"weight": 100, "podAffinityTerm": {**like, "topologyKey": "kubernetes.io/hostname"}}
    container = {
        "name": "writer",
        "command": ["python3", "-I", "-c", "import signal; signal.pause()"],
        "resources": {"requests": {"cpu": "50m", "memory": "64Mi"}},
        "volumeMounts": [{"name": "dags", "mountPath": _TARGET, **({"subPath": sub_path} if sub_path else {})}],
    }
    return job_pod.manifest(
        deployment,
        "dags-push",
        container,
        # A ReadWriteOnce volume can be written to only on the node that has it already.
        affinity={"podAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [near]}},
        activeDeadlineSeconds=_LIFE_SECONDS,
        volumes=[{"name": "dags", "persistentVolumeClaim": {"claimName": claim}}],
    )


def _wait_running(kube: Kube, namespace: str, name: str, deadline: Deadline) -> None:
    runs, words = job_pod.wait(kube, namespace, name, {"Running"}, deadline)
    if not runs:
        raise KitError(
            "push-pod-not-started",
            f"The pod {name}, which copies the DAGs, did not start",
            cause=words,
            fix=f"kubectl -n {namespace} describe pod {name}",
            code=ExitCode.TIMEOUT,
        )
