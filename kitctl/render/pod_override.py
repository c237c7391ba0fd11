"""Judges what a task's pod_override makes of a sound worker pod template."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kitctl.render.check import check_object
from kitctl.render.findings import Finding
from kitctl.render.pod_parts import mapping
from kitctl.render.pod_rules import NO_VOLUME, RESERVED_LABELS

STAND_IN = """\
apiVersion: v1
kind: Pod
metadata: {name: worker}
spec:
  restartPolicy: Never
  containers:
    - {name: base, image: airflow}
"""
"""A template for where the release's own cannot be rendered. Its pods lack volumes, so mounts are not judged."""


def override_findings(made: Mapping[str, Any], *, volumes: bool = True) -> list[Finding]:
    """Return what a task's pod_override breaks: what is wrong with its pod, but not with that of a plain task.

    Args:
        made: {"pod", "plain", "override"}, as docker/check/dag_pods.py makes them.
        volumes: Whether the template has the release's volumes.
    """
    before = set(check_object(made["plain"]))
    found = [finding for finding in check_object(made["pod"]) if finding not in before]
    if not volumes:
        found = [finding for finding in found if not finding.rule.startswith(NO_VOLUME)]
    return [*found, *_identity(mapping(made["override"], "metadata"))]


def _identity(metadata: Mapping[str, Any]) -> Iterator[Finding]:
    """The executor finds its pods by labels, and each try needs a name of its own."""
    for label in sorted(RESERVED_LABELS & set(metadata.get("labels") or {})):
        yield Finding(
            f"metadata.labels.{label}", "is set by the executor, which could not find the pod otherwise", "warning"
        )
    if metadata.get("name"):
        rule = "is the same for each try and each run, and Kubernetes refuses a second pod of that name; remove it"
        yield Finding("metadata.name", rule, "warning")
