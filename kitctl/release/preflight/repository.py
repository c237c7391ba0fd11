"""Whether the repositories of the modes git and bundle can be read, asked by git from where they will be.

A short-lived pod asks, before the release changes: with the image, the place and the Secret of the pods that read DAGs.
Only git's own "no" stops a deploy; where the pod cannot run, that is told, and the roll-out shows the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kitctl.release import job_pod
from kitctl.release.preflight.asked import Asked
from kitctl.release.preflight.repository_pod import asking_pod
from kitctl.release.preflight.repository_refusal import refusal
from kitctl.release.preflight.repository_target import targets
from kitctl.tools.deadline import Deadline
from kitctl.tools.kube.client import Kube

_PATIENCE_SECONDS = 90.0


def check(
    kube: Kube,
    namespace: str,
    config: Mapping[str, Any],
    objects: list[dict[str, Any]],
    note: Callable[[str], None],
    deadline: Deadline,
) -> Asked:
    """Ask every repository of the values for its ref.

    Args:
        kube: The cluster.
        namespace: Namespace of the release; it must exist.
        config: The values as Helm merged them, without the chart's defaults.
        objects: The rendered objects, whose dag-processor is the pattern of the pod.
        note: Takes one line about what is looked at, or why it could not be.
        deadline: How long to wait.

    Returns:
        Whether there was something to ask, and an answer.

    Raises:
        KitError: of `repository_refusal.refusal` (code PREFLIGHT).
    """
    found = targets(config)
    processor = job_pod.deployments(objects).get(job_pod.PATTERN)
    if not found or processor is None:
        return Asked.NOTHING
    report, why = job_pod.report(kube, namespace, asking_pod(processor, found), _PATIENCE_SECONDS, deadline)
    if report is None:
        note(f"the repository was not looked at: {why}")
        return Asked.UNKNOWN
    asked = Asked.FINE
    for target, result in zip(found, report["results"], strict=True):
        if result.get("no_git"):
            note(f"{target.repo} was not looked at: the image has no git")
            asked = Asked.UNKNOWN
        elif problem := refusal(target, result, namespace):
            raise problem
        else:
            note(f"{target.repo} has {target.ref}")
    return asked
