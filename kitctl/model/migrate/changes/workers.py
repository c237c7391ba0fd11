"""Changes of replicas, autoscalers, disruption budgets and groups of workers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kitctl.model.migrate.changes.plain import put_all
from kitctl.model.migrate.result import Verdict
from kitctl.model.migrate.work import Item, Outcome, worst
from kitctl.model.values.keys.allowed import exists
from kitctl.model.values.keys.peers import Names, names, peer

_LIMITS = ("enabled", "minReplicaCount", "maxReplicaCount")
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
    return put_all(item, _pods(item.value))


def _pods(value: Any) -> Any:
    return int(value) if str(value).isdigit() else value


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
            outcomes.append(_group_field(item, entry, (name,), value))
        entries.append(entry)
    return worst([*outcomes, put_all(item, entries)])


def _group_field(item: Item, entry: dict[str, Any], place: Names, value: Any) -> Outcome:
    """Set what a set has at a place; of a section, each field by the rule that it has in workers.celery."""
    if place == ("queue",):
        entry["queues"] = [part.strip() for part in str(value).split(",")]
        return Verdict.CHANGED, ""
    if place == ("keda",) and isinstance(value, Mapping):
        return _group_keda(item, entry, value)
    table, key = peer(item.work.chart), ("workers", "celery", *place)
    answer = table.lookup(key)
    if answer and answer.gone:
        off = place[-1] == "enabled" and value is False
        return (Verdict.UNSET, "it is switched off") if off else (Verdict.DROPPED, _told(entry, place, answer.gone))
    known = answer.new if answer and not answer.change and answer.how in ("", "budget") else ()
    moved = [names(new)[2:] for new in known if new.startswith("workers.celery.")]
    new = place if place in (("name",), ("replicas",)) else next(filter(_in_group, moved), ())
    below = [table.lookup((*key, name)) for name in value] if isinstance(value, Mapping) else []
    if below and not (answer and answer.change) and below != [answer] * len(below):
        return worst(_group_field(item, entry, (*place, name), inner) for name, inner in value.items())
    if not new:
        return Verdict.DECIDE, _told(entry, place, "it has no key of the same kind in workers.celery.groups")
    section = entry
    for name in new[:-1]:
        section = section.setdefault(name, {})
    section[new[-1]] = _pods(value) if answer and answer.how else value
    return Verdict.CHANGED, ""


def _group_keda(item: Item, entry: dict[str, Any], value: Mapping[str, Any]) -> Outcome:
    """Set the autoscaler of a group, which has one if it names its highest number of pods."""
    if value.get("enabled") is not True:
        return Verdict.UNSET, "the autoscaler is off"
    limits = {"minReplicas": value.get("minReplicaCount"), "maxReplicas": value.get("maxReplicaCount", 10)}
    entry["autoscaling"] = {"keda": {key: number for key, number in limits.items() if number is not None}}
    others = {name: inner for name, inner in value.items() if name not in _LIMITS}
    told = [_group_field(item, entry, ("keda", name), inner) for name, inner in others.items()]
    return worst([(Verdict.CHANGED, ""), *told])


def _told(entry: Mapping[str, Any], place: Names, why: str) -> str:
    """Say why a field of a group, as far as its name is known, is not carried over."""
    return f"{entry.get('name', 'a set')}: {'.'.join(place)}: {why}"


def _in_group(place: Names) -> bool:
    return exists(("workers", "celery", "groups", "0", *place))


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
