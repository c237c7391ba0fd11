"""The part of `kitctl dags check` that judges the pods of tasks: the image completes them, kitctl knows the rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kitctl.model.dags.findings import Finding, Severity
from kitctl.render.pod_override import override_findings

_FIX = "Correct pod_override in the executor_config of that task; the whole pod: kitctl render pod --dag FILE --task ID"


def findings(pods: Sequence[Mapping[str, Any]], *, volumes: bool) -> Iterator[Finding]:
    """Yield a finding for each mistake in a pod_override; tasks with the same one share it.

    Args:
        pods: What docker/check/dag_pods.py made.
        volumes: Whether the templates have the release's volumes.
    """
    for made in pods:
        first, *others = made["tasks"]
        which = f"Task {first} of {made['dag_id']}" + (f" and {len(others)} more" if others else "")
        if refused := made.get("refused"):
            message = f"{which}: Airflow refuses the executor_config: {refused}"
            yield Finding("executor-config-invalid", made["file"], 0, Severity.ERROR, message, _FIX)
            continue
        for found in override_findings(made, volumes=volumes):
            if found.field == "spec.containers[0].name":
                continue  # the image tells it as pod-override-base
            message = f"{which}: pod_override: {found}"
            yield Finding("pod-override-invalid", made["file"], 0, Severity(found.level), message, _FIX)
