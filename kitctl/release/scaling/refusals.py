"""Whether the number of pods of a component can be set by hand."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from kitctl.errors import ExitCode, KitError
from kitctl.release.scaling.numbers import CELERY, Place
from kitctl.tools.kube.client import Kube
from kitctl.tools.kube.objects import COMPONENT
from kitctl.tools.kube.rights import unless_forbidden

GROUP = "airflow-kit.io/worker-group"
"""Label that tells the groups of Celery workers apart; `default` is the one that workers.celery describes."""


def workload(objects: Iterable[dict[str, Any]], one: Place, release: str) -> dict[str, Any]:
    """Return the workload of a component among the objects of a release.

    Raises:
        KitError: `scale-component-missing`, `scale-group-unknown`.
    """
    all_ = [o for o in objects if o["kind"] in {"Deployment", "StatefulSet"}]
    mine = [o for o in all_ if _component(o) == one.component]
    if not mine:
        known = sorted({_component(o) for o in all_})
        fix = "kitctl up --set 'executors={CeleryExecutor,KubernetesExecutor}'" if one.component == CELERY else ""
        raise KitError(
            "scale-component-missing",
            f"{'Celery workers are' if one.component == CELERY else one.component + ' is'} not part of the release "
            f"{release}",
            cause=f"It has {', '.join(known)}",
            fix=fix or f"kitctl up --set {one.component}.enabled=true",
            code=ExitCode.PREFLIGHT,
        )
    groups = {_group(o): o for o in mine}
    wanted = one.group or ("default" if one.component == CELERY else "")
    if wanted in groups:
        return groups[wanted]
    close = get_close_matches(one.group, groups, n=1)
    raise KitError(
        "scale-group-unknown",
        f"The release {release} has no group of Celery workers named {one.group}",
        cause=f"Its groups are {', '.join(sorted(groups))}",
        fix=f"Did you mean --group {close[0]}?" if close else f"--group {min(groups)}",
        code=ExitCode.PREFLIGHT,
    )


def not_autoscaled(kube: Kube, namespace: str, found: dict[str, Any], one: Place) -> None:
    """Refuse a workload whose number of pods an autoscaler sets: it would take another number back.

    Raises:
        KitError: `scale-autoscaled`.
    """
    kind, name = found["kind"], found["metadata"]["name"]
    target = {"kind": kind, "name": name}
    scalers = unless_forbidden(lambda: kube.list("HorizontalPodAutoscaler", namespace), [])
    by = next((s["metadata"]["name"] for s in scalers if target.items() <= s["spec"]["scaleTargetRef"].items()), "")
    if not by and "replicas" in found["spec"]:
        return
    cause = (
        f"The HorizontalPodAutoscaler {by} sets the number of pods, and would change it back"
        if by
        else "The values leave the number to an autoscaler (replicas: null, or autoscaling)"
    )
    raise KitError(
        "scale-autoscaled",
        f"The number of pods of {one.name} belongs to an autoscaler",
        cause=cause,
        fix="Change the limits of the autoscaler (minReplicas, maxReplicas), or remove it: in the values without "
        "`autoscaling` and with a number as `replicas`, then run kitctl up",
        code=ExitCode.PREFLIGHT,
    )


def _component(obj: dict[str, Any]) -> str:
    return str((obj["metadata"].get("labels") or {}).get(COMPONENT, ""))


def _group(obj: dict[str, Any]) -> str:
    return str(obj["spec"]["selector"]["matchLabels"].get(GROUP, ""))
