"""Changes of replicas, autoscalers, disruption budgets and groups of workers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kitctl.model.migrate.changes.plain import put_all
from kitctl.model.migrate.result import Verdict
from kitctl.model.migrate.work import Item, Outcome, worst
from kitctl.model.values.keys.allowed import exists
from kitctl.model.values.keys.peers import names, peer

_SAFE = "cluster-autoscaler.kubernetes.io/safe-to-evict"


def autoscaler(item: Item) -> Outcome:
    """Switch an autoscaler on by its highest number of pods: `how: autoscaler KEY DEFAULT`."""
    if item.value is not True:
        return Verdict.UNSET, "it is off"
    return put_all(item, item.near(item.args[0], int(item.args[1])))


def scaled(item: Item) -> Outcome:
    """Set a key of an autoscaler that is on; alone, it would be half of one."""
    if item.near("enabled") is not True:
        return Verdict.UNSET, "the autoscaler is off"
    return put_all(item, item.value, verbatim=True)


def metrics(item: Item) -> Outcome:
    """Set the targets of CPU and memory of an autoscaler, and its other metrics."""
    if item.near("enabled") is False:
        return Verdict.UNSET, "the autoscaler is off"
    cpu, others = item.to
    outcomes: list[Outcome] = []
    given = {}
    for one in item.value:
        resource = one.get("resource") or {}
        target = (resource.get("target") or {}).get("averageUtilization")
        if one.get("type") == "Resource" and resource.get("name") in ("cpu", "memory") and target:
            given[resource["name"]] = target
        else:
            outcomes.append(item.put(others, [one]))
    memory = cpu.replace("targetCpu", "targetMemory")
    outcomes.append(item.put(cpu, given.get("cpu")))
    outcomes += [item.put(memory, given["memory"])] if "memory" in given else []
    return worst(outcomes)


def budget(item: Item) -> Outcome:
    """Set the number of pods that must be there, or their percentage; the other charts also take a number as text."""
    return put_all(item, int(item.value) if str(item.value).isdigit() else item.value)


def safe(item: Item) -> Outcome:
    """Set the annotation by which the cluster autoscaler knows pods that it may evict."""
    value = str(item.value).lower()
    return worst(item.put((*key, _SAFE), value) for key in item.targets())


def token(item: Item) -> Outcome:
    """Keep the token of the Kubernetes API out of pods that had none."""
    if item.value is not False:
        return Verdict.UNSET, "the kit mounts it where a component needs it"
    return put_all(item, False)


def none_of_it(item: Item) -> Outcome:
    """Set no pods for a default group that is off."""
    return (Verdict.UNSET, "it is on") if item.value is not False else put_all(item, 0)


def celery_workers(item: Item) -> Outcome:
    """Compare a switch of the Celery workers with the executors, which decide about them."""
    if item.value is item.work.has("CeleryExecutor"):
        return Verdict.UNSET, item.text
    return Verdict.DECIDE, f"set executors: {item.text}"


def groups(item: Item) -> Outcome:
    """Set the groups of workers for sets, each with the names that workers.celery has."""
    entries, outcomes = [], []
    for one in item.value:
        entry: dict[str, Any] = {}
        for name, value in one.items():
            outcomes.append(_group_field(item, entry, name, value))
        entries.append(entry)
    return worst([*outcomes, put_all(item, entries)])


def _group_field(item: Item, entry: dict[str, Any], name: str, value: Any) -> Outcome:
    if name == "queue":
        entry["queues"] = [part.strip() for part in str(value).split(",")]
        return Verdict.CHANGED, ""
    if name == "keda" and isinstance(value, Mapping) and value.get("enabled") is True:
        limits = {"minReplicas": value.get("minReplicaCount"), "maxReplicas": value.get("maxReplicaCount", 10)}
        entry["autoscaling"] = {"keda": {key: number for key, number in limits.items() if number is not None}}
        return Verdict.CHANGED, ""
    answer = peer(item.work.chart).lookup(("workers", "celery", name))
    moved = [names(new)[2:] for new in answer.new if new.startswith("workers.celery.")] if answer else []
    if name in ("name", "replicas") or (moved and not (answer and answer.change) and _in_group(moved[0])):
        entry[name if not moved else moved[0][0]] = value
        return Verdict.CHANGED, ""
    return Verdict.DECIDE, f"{one_of(entry)}: {name} has no key of the same kind in workers.celery.groups"


def one_of(entry: Mapping[str, Any]) -> str:
    """Return the name of a group, as far as it is known."""
    return str(entry.get("name", "a set"))


def _in_group(place: tuple[str, ...]) -> bool:
    return len(place) == 1 and exists(("workers", "celery", "groups", "0", *place))


def grace(item: Item) -> Outcome:
    """Set the sum of the time in which tasks may end and the one in which pods are ended."""
    old = item.work.old
    tasks, pods = old.find("workers.celery.gracefullTerminationPeriod", 600), old.find("workers.terminationPeriod", 60)
    return put_all(item, int(tasks) + int(pods))


def account(item: Item) -> Outcome:
    """Set one ServiceAccount for each component."""
    value = item.value if isinstance(item.value, Mapping) else {}
    outcomes: list[Outcome] = []
    for key in item.targets():
        if value.get("annotations"):
            outcomes.append(item.put((*key, "annotations"), value["annotations"]))
        if value.get("create") is False and value.get("name"):
            outcomes.append(item.put(key, {"create": False, "name": value["name"]}))
    if value.get("name") and value.get("create") is not False:
        outcomes.append((Verdict.CHANGED, "each component has an account of its own, named after it"))
    return worst(outcomes)


CHANGES: dict[str, Callable[[Item], Outcome]] = {
    "autoscaler": autoscaler,
    "scaled": scaled,
    "metrics": metrics,
    "budget": budget,
    "safe": safe,
    "token": token,
    "no-pods": none_of_it,
    "celery-workers": celery_workers,
    "groups": groups,
    "grace": grace,
    "account": account,
}
