"""Room in the quotas and limits of the namespace."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kitctl.tools.kube.objects import INSTANCE, OURS
from kitctl.tools.kube.quantity import amount
from kitctl.usecases.doctor.catalogue import Check
from kitctl.usecases.doctor.facts import Facts
from kitctl.usecases.doctor.findings import Outcome, absent, error, good
from kitctl.usecases.doctor.pods import RESOURCES, pods, requests

CHECK = Check(
    "what the release requests fits into ResourceQuotas, and each container into LimitRanges",
    "the namespace has such an object",
)


def look(facts: Facts) -> Outcome:
    """Compare them with the sums of the release; its running pods are in what is used already."""
    where = facts.given.namespace
    quotas, limits = facts.kube.list("ResourceQuota", where), facts.kube.list("LimitRange", where)
    if not quotas and not limits:
        return absent(f"The namespace {where} has no quota and no limits")
    # Tasks need one more pod at least.
    found = [*_over_quota(quotas, _sums(facts), _held(facts)), *_over_limit(limits, facts)]
    if not found:
        return good("the release fits into the quotas of its namespace")
    fix = f"kubectl -n {where} describe resourcequotas,limitranges    # ask an administrator for more, or request less"
    return error(found[0], fix, "; ".join(found[1:]))


def _sums(facts: Facts) -> dict[str, float]:
    found = {"pods": 0.0}
    for one in pods(facts.objects):
        count = max(one.replicas, 1 if one.name == "task" else 0)
        found["pods"] += count
        _add(found, one.spec, count)
    return found


def _held(facts: Facts) -> dict[str, float]:
    """Return what the pods of the release have of the quotas now."""
    found = {"pods": 0.0}
    for pod in facts.kube.list("Pod", facts.given.namespace, f"{INSTANCE}={facts.given.release},{OURS}"):
        if (pod.get("status") or {}).get("phase") not in {"Succeeded", "Failed"}:
            found["pods"] += 1
            _add(found, pod["spec"], 1)
    return found


def _add(sums: dict[str, float], spec: Mapping[str, Any], count: int) -> None:
    for kind in ("requests", "limits"):
        wanted = requests(spec, kind)
        for name in RESOURCES:
            sums[f"{kind}.{name}"] = sums.get(f"{kind}.{name}", 0.0) + count * wanted[name]


def _over_quota(quotas: list[dict[str, Any]], sums: dict[str, float], held: dict[str, float]) -> Iterator[str]:
    for quota in quotas:
        status = quota.get("status") or {}
        for key, hard in (status.get("hard") or (quota.get("spec") or {}).get("hard") or {}).items():
            name = f"requests.{key}" if key in RESOURCES else str(key)
            used = amount(str((status.get("used") or {}).get(key, "0"))) or 0.0
            if name in sums and used - held.get(name, 0.0) + sums[name] > (amount(str(hard)) or 0.0):
                yield f"The ResourceQuota {quota['metadata']['name']} has too little {key}: {hard} in all"


def _over_limit(ranges: list[dict[str, Any]], facts: Facts) -> Iterator[str]:
    rules = [rule for one in ranges for rule in one["spec"].get("limits") or [] if rule.get("type") == "Container"]
    for one in pods(facts.objects):
        for container in one.spec.get("containers") or []:
            asked = container.get("resources") or {}
            for rule in rules:
                for name, most in (rule.get("max") or {}).items():
                    have = [(asked.get(kind) or {}).get(name) for kind in ("requests", "limits")]
                    if any(h and (amount(str(h)) or 0.0) > (amount(str(most)) or 0.0) for h in have):
                        yield f"A LimitRange allows {most} of {name}, and {container['name']} of {one.name} has more"
