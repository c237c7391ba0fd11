"""What keeps pods from running: when it is hopeless to wait, and what to say then."""

from __future__ import annotations

from kitctl.errors import ExitCode, KitError
from kitctl.tools.kube.client import Kube
from kitctl.tools.kube.objects import Job, Pod

_GRACE = {
    # reason: seconds that it may last before it counts. Pulls and scheduling fail for a moment on healthy clusters:
    # a registry hiccups, a claim is being bound, an autoscaler brings a node.
    "ErrImagePull": 45.0,
    "ImagePullBackOff": 45.0,
    "ErrImageNeverPull": 10.0,
    "InvalidImageName": 0.0,
    "CreateContainerConfigError": 30.0,
    "CreateContainerError": 60.0,
    "RunContainerError": 60.0,
    "CrashLoopBackOff": 0.0,
    "Unschedulable": 120.0,
}

_CRASHES = 3
"""Restarts at which a crash loop counts: one or two happen when the database comes up late."""

_PULL = frozenset({"ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull", "InvalidImageName"})

_LOG_LINES = 20

_GROUP = "airflow-kit.io/worker-group"
"""Label of Celery workers; each group is a StatefulSet of its own."""


def hopeless(
    kube: Kube, pods: list[Pod], jobs: list[Job], seen: dict[tuple[str, str], float], now: float
) -> KitError | None:
    """Decide whether waiting makes sense.

    Args:
        kube: The cluster, asked for logs only when it does not.
        pods: Pods of the components.
        jobs: Jobs of the release.
        seen: When each (pod, reason) was first seen; kept by the caller between calls.
        now: The time now.

    Returns:
        The error to raise, or None while there is hope.
    """
    for job in jobs:
        if job.failed:
            return _job_failed(kube, job, pods)
    for key in set(seen) - {(pod.uid, spoken(pod.reason)) for pod in pods}:
        del seen[key]  # it passed; should it come again, its time begins anew
    for pod in _newest(pods):
        begun = seen.setdefault((pod.uid, spoken(pod.reason)), now)
        if pod.reason not in _GRACE or now - begun < _GRACE[pod.reason]:
            continue
        if pod.reason == "CrashLoopBackOff" and pod.restarts < _CRASHES:
            continue
        return _pod_stuck(kube, pod)
    return _job_keeps_failing(kube, pods)


def spoken(reason: str) -> str:
    """Name a reason for people; the kubelet changes between two words for one pull that fails."""
    return "image cannot be pulled" if reason in _PULL else reason


def unblock(kube: Kube, namespace: str, pods: list[Pod]) -> None:
    """Delete broken pods of an old revision of a StatefulSet: Kubernetes itself never replaces those.

    It is its documented "forced rollback" trap: with ordered updates, a pod that never became ready keeps its old
    template for ever, so a corrected `up` would wait for nothing.
    """
    for pod in pods:
        if pod.reason not in _GRACE or "controller-revision-hash" not in pod.labels or pod.phase == "Terminating":
            continue
        owner = kube.get("StatefulSet", namespace, pod.owner)
        newest = ((owner or {}).get("status") or {}).get("updateRevision")
        if newest and newest != pod.labels["controller-revision-hash"]:
            kube.delete("Pod", namespace, pod.name)


def _newest(pods: list[Pod]) -> list[Pod]:
    """Return the newest pod of each component and group of workers: what a roll is replacing may be broken."""
    found: dict[tuple[str, str], Pod] = {}
    for pod in pods:
        if pod.phase in {"Succeeded", "Terminating"}:
            continue
        key = pod.component, pod.labels.get(_GROUP, "")
        if key not in found or pod.created >= found[key].created:
            found[key] = pod
    return list(found.values())


def _log(kube: Kube, pod: Pod) -> str:
    again = pod.reason == "CrashLoopBackOff"
    text = kube.pod_log(pod.namespace, pod.name, pod.container, tail=_LOG_LINES, previous=again)
    return text or kube.pod_log(pod.namespace, pod.name, pod.container, tail=_LOG_LINES)


def _pod_stuck(kube: Kube, pod: Pod) -> KitError:
    if pod.reason in _PULL:
        hint = "Check the name, whether the nodes reach the registry, and image.pullSecrets\n"
        return _stuck("image-pull-failed", pod, hint)
    if pod.reason == "Unschedulable":
        hint = "Free CPU or memory on a node, lower the requests, or fix nodeSelector and tolerations:\n"
        return _stuck("pod-unschedulable", pod, hint)
    if pod.reason == "CrashLoopBackOff":
        return _stuck("container-crashes", pod, "", _log(kube, pod).strip())
    return _stuck("container-config-wrong", pod, "A Secret, ConfigMap or key that the pod refers to does not exist:\n")


def _stuck(error_id: str, pod: Pod, hint: str, log: str = "") -> KitError:
    inner = pod.container and pod.container != pod.component
    what = f"container {pod.container} of {pod.component}" if inner else pod.component
    show = f"kubectl -n {pod.namespace} describe pod {pod.name}"
    return KitError(
        error_id,
        f"The {what} cannot start: {pod.reason}",
        cause="\n".join(part for part in (pod.message, log) if part),
        fix=f"{hint}{show}    # then correct it and run the same command again",
        code=ExitCode.UNHEALTHY,
    )


def _job_pods(job: Job, pods: list[Pod]) -> list[Pod]:
    return sorted((p for p in pods if p.owner == job.name), key=lambda p: p.created)


def _job_failed(kube: Kube, job: Job, pods: list[Pod]) -> KitError:
    own = _job_pods(job, pods)
    log = _log(kube, own[-1]).strip() if own else ""
    return KitError(
        "job-failed",
        f"The Job {job.name} failed",
        cause="\n".join(part for part in (job.message, log) if part),
        fix=f"kubectl -n {job.namespace} logs job/{job.name}\n"
        "Then correct it, and run the same command again: it runs the Job once more",
        code=ExitCode.UNHEALTHY,
    )


def _job_keeps_failing(kube: Kube, pods: list[Pod]) -> KitError | None:
    """Give up on a Job whose pods failed three times: its back-off would take ten minutes to say the same."""
    by_owner: dict[str, list[Pod]] = {}
    for pod in pods:
        if pod.phase == "Failed" and pod.owner:
            by_owner.setdefault(pod.owner, []).append(pod)
    for owner, failed in by_owner.items():
        if len(failed) >= _CRASHES:
            name = failed[0].labels.get("job-name") or failed[0].labels.get("batch.kubernetes.io/job-name")
            if name:
                return _job_failed(
                    kube, Job(failed[0].component, owner, failed[0].namespace, complete=False, failed=True), pods
                )
    return None
