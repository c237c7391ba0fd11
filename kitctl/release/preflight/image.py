"""Whether an image that the kit has not seen holds an Airflow that it can run, asked from where it will run.

A short-lived pod of the image asks Python for the package, before the release changes. Images of the kit, official ones
whose tag tells the version, and the one that runs already need no pod. Where the pod cannot run for another reason than
its image, that is told, and the roll-out shows the reason.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from kitctl.errors import ExitCode, KitError
from kitctl.images.versions import ANSWER, ANYWAY, ASK_VERSION, new_enough, no_airflow, official_version
from kitctl.model.image_ref import full, made_from_content
from kitctl.release import job_pod
from kitctl.release.preflight.asked import Asked
from kitctl.tools.deadline import Deadline
from kitctl.tools.kube import read
from kitctl.tools.kube.client import Kube
from kitctl.tools.kube.objects import Pod

_PATIENCE_SECONDS = 300.0
"""A pull of a gigabyte over a slow line takes minutes; the release's own pods find the image there afterwards."""
_LIFE_SECONDS = 600
_GRACE_SECONDS = 25.0
"""How long a pull may fail: the kubelet tries again after ten seconds, as a registry hiccups."""
_PULL = {"ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull", "InvalidImageName"}
_NO_PROGRAM = {"StartError", "ContainerCannotRun", "RunContainerError", "CreateContainerError"}
"""Container runtimes have these words for an image without the program that is to run."""


def check(
    kube: Kube,
    namespace: str,
    objects: list[dict[str, Any]],
    note: Callable[[str], None],
    deadline: Deadline,
    *,
    known: bool = False,
) -> Asked:
    """Look into the image that the rendered objects run.

    Args:
        kube: The cluster.
        namespace: Namespace of the release; it must exist.
        objects: The rendered objects, whose dag-processor is the pattern of the pod.
        note: Takes one line about what is looked at, or why it could not be.
        deadline: How long to wait.
        known: Also look at an image whose name tells all about it: whether the nodes have or get it.

    Returns:
        Whether there was something to look at, and an answer.

    Raises:
        KitError: `image-no-airflow`, `image-too-old`, `image-pull-failed` (all with code PREFLIGHT).
    """
    processor = next((o for o in objects if o["kind"] == "Deployment" and _component(o) == job_pod.PATTERN), None)
    if processor is None:
        return Asked.NOTHING
    reference = str(job_pod.main_container(processor)["image"])
    told = made_from_content(full(reference)) or official_version(reference)
    if (told and not known) or runs(kube, namespace, processor):
        return Asked.NOTHING
    note(f"looking into {reference}")
    try:
        with job_pod.made(kube, namespace, _pod(processor), deadline) as name:
            pod = _end(kube, namespace, name, deadline.sooner(_PATIENCE_SECONDS))
            text = kube.pod_log(namespace, name, tail=100) if pod and pod.phase == "Succeeded" else ""
    except KitError as error:
        if error.id != "forbidden":
            raise
        note(f"{reference} was not looked into: {error.message}")
        return Asked.UNKNOWN
    return _judge(reference, pod, text, note)


def _judge(reference: str, pod: Pod | None, text: str, note: Callable[[str], None]) -> Asked:
    what = f"The image {reference}"
    if found := re.search(ANSWER, text, re.MULTILINE):
        new_enough(found[1], what, ANYWAY)
        note(f"{reference} has Airflow {found[1]}")
        return Asked.FINE
    if pod and pod.reason in _PULL:
        raise KitError(
            "image-pull-failed",
            f"{what} cannot be pulled by the cluster's nodes",
            cause=f"{pod.reason}: {pod.message}",
            fix="Check the name, whether the nodes reach the registry, and image.pullSecrets\n" + ANYWAY,
            code=ExitCode.PREFLIGHT,
        )
    if pod and (pod.phase == "Succeeded" or pod.reason in _NO_PROGRAM):
        raise no_airflow(reference, has_python=pod.phase == "Succeeded", more=ANYWAY)
    words = f"{pod.reason or pod.phase} {pod.message}".strip() if pod else "its pod was never seen"
    note(f"{reference} was not looked into: {words}")
    return Asked.UNKNOWN


def runs(kube: Kube, namespace: str, processor: Mapping[str, Any]) -> bool:
    """Whether the release runs this very image already, and is well with it."""
    name = processor["metadata"]["name"]
    live = kube.get("Deployment", namespace, name)
    if live is None or not (live.get("status") or {}).get("readyReplicas"):
        return False
    template, wanted = live["spec"]["template"], processor["spec"]["template"]
    # Under the same tag there may be another image by now: `up` then knows its revision.
    same = _revision(template) == _revision(wanted)
    return same and job_pod.main_container(live)["image"] == job_pod.main_container(processor)["image"]


def _revision(template: Mapping[str, Any]) -> str:
    return str((template["metadata"].get("annotations") or {}).get("airflow-kit.io/image-revision") or "")


def _pod(processor: Mapping[str, Any]) -> dict[str, Any]:
    """Make the pod; Python is called as Airflow's own programs are: with the packages of the image's user."""
    container = {
        "name": "look",
        "command": ["python", "-c", ASK_VERSION],
        "resources": {"requests": {"cpu": "10m", "memory": "64Mi"}},
    }
    return job_pod.manifest(processor, "image-check", container, activeDeadlineSeconds=_LIFE_SECONDS)


def _end(kube: Kube, namespace: str, name: str, deadline: Deadline) -> Pod | None:
    """Wait until the pod has ended, cannot start for a while, or the time is over; return what was last seen."""
    trouble: float | None = None
    pod: Pod | None = None

    def ended() -> bool | None:
        nonlocal trouble, pod
        found = kube.get("Pod", namespace, name)
        pod, now = read.pod(found) if found else None, deadline.now()
        stuck = pod is not None and pod.reason in _PULL | _NO_PROGRAM
        trouble = None if not stuck else now if trouble is None else trouble
        hopeless = pod is not None and pod.reason == "InvalidImageName"
        lasting = trouble is not None and now - trouble >= _GRACE_SECONDS
        return (lasting or hopeless or (pod is not None and pod.phase in {"Succeeded", "Failed"})) or None

    deadline.until(ended)
    return pod


def _component(obj: Mapping[str, Any]) -> str:
    return str((obj["metadata"].get("labels") or {}).get("app.kubernetes.io/component") or "")
