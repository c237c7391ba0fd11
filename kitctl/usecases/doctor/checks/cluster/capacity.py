"""Room on the nodes for what the release requests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kitctl.release.preflight.nodes import takes_pods
from kitctl.tools.kube.objects import INSTANCE, PART_OF
from kitctl.tools.kube.quantity import amount
from kitctl.usecases.doctor.catalogue import Check
from kitctl.usecases.doctor.facts import Facts
from kitctl.usecases.doctor.findings import Outcome, absent, error, good, warning
from kitctl.usecases.doctor.pods import RESOURCES, Pods, pods, requests

CHECK = Check(
    "processors and memory of the nodes, without what other pods request, for the sum of the release and for its "
    "largest pod; a warning if no task fits beside",
    "a cluster answers",
)
_FIX = "Add nodes, or request less: values-examples/small.yaml\nkubectl describe nodes    # shows what is requested"
_UNITS = {"cpu": ("processors", 1.0), "memory": ("GiB of memory", 1024.0**3)}


def look(facts: Facts) -> Outcome:
    """Compare the sums. Pods of the release itself do not count, as they make room for the new ones."""
    nodes = [node for node in facts.kube.list("Node") if takes_pods(node)]
    if not nodes:
        return absent("No node takes pods; see the check nodes")
    others = [pod for pod in facts.kube.list("Pod") if not _mine(pod, facts)]
    room = [_free(node, others) for node in nodes]
    wanted = list(pods(facts.objects))
    for name in RESOURCES:
        need, free = _sum(wanted, name), sum(one[name] for one in room)
        if need > free:
            return error(f"The release requests {_show(name, need)}, and the nodes have {_show(name, free)} left", _FIX)
    for one in wanted:
        want = requests(one.spec)
        if any(all(want[name] <= free[name] for name in RESOURCES) for free in room):
            continue
        said = " and ".join(_show(name, want[name]) for name in RESOURCES)
        return error(f"No node has room for a pod of {one.name}: {said}", _FIX)
    tasks = [requests(one.spec) for one in wanted if one.name == "task"]
    for name in RESOURCES:
        left = sum(one[name] for one in room) - _sum(wanted, name)
        if tasks and tasks[0][name] > left:
            return warning(f"No task fits beside the release: {_show(name, max(left, 0.0))} would be left", _FIX)
    asked = ", ".join(_show(name, _sum(wanted, name)) for name in RESOURCES)
    there = ", ".join(_show(name, sum(one[name] for one in room)) for name in RESOURCES)
    return good(f"the release requests {asked}; free without it are {there}")


def _mine(pod: Mapping[str, Any], facts: Facts) -> bool:
    labels = pod["metadata"].get("labels") or {}
    here = pod["metadata"].get("namespace") == facts.given.namespace
    return bool(here and labels.get(INSTANCE) == facts.given.release and labels.get(PART_OF) == "airflow-kit")


def _free(node: Mapping[str, Any], others: Iterable[Mapping[str, Any]]) -> dict[str, float]:
    have = (node.get("status") or {}).get("allocatable") or {}
    name = node["metadata"]["name"]
    run = [p for p in others if (p.get("spec") or {}).get("nodeName") == name and _runs(p)]
    asked = [requests(pod["spec"]) for pod in run]
    return {kind: (amount(str(have.get(kind))) or 0.0) - sum(one[kind] for one in asked) for kind in RESOURCES}


def _runs(pod: Mapping[str, Any]) -> bool:
    return (pod.get("status") or {}).get("phase") not in {"Succeeded", "Failed"}


def _sum(wanted: Iterable[Pods], name: str) -> float:
    return sum(requests(one.spec)[name] * one.replicas for one in wanted)


def _show(name: str, number: float) -> str:
    words, unit = _UNITS[name]
    return f"{number / unit:.2f} {words}"
