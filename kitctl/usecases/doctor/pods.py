"""The pods that a release would have: how many, what they request, and on which nodes they may run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from kitctl.tools.kube.quantity import amount

RESOURCES = ("cpu", "memory")
_NUMBERS: dict[str, Callable[[int, int], bool]] = {"Gt": lambda have, want: have > want, "Lt": lambda h, w: h < w}


@dataclass(frozen=True)
class Pods:
    """The pods of one workload, or those of tasks.

    Attributes:
        name: Name of the workload; "task" for the pods of tasks.
        replicas: How many; 0 for tasks, whose number nobody knows.
        template: Their template.
    """

    name: str
    replicas: int
    template: Mapping[str, Any]

    @property
    def spec(self) -> Mapping[str, Any]:
        """Their PodSpec."""
        return self.template.get("spec") or {}


def pods(objects: Iterable[Mapping[str, Any]]) -> Iterator[Pods]:
    """Yield the pods of rendered objects that stay, and those of tasks."""
    for obj in objects:
        if obj["kind"] in {"Deployment", "StatefulSet"}:
            replicas = obj["spec"].get("replicas")
            yield Pods(obj["metadata"]["name"], 1 if replicas is None else int(replicas), _template(obj["spec"]))
        elif obj["kind"] == "ConfigMap" and obj["metadata"]["name"].endswith("-pod-templates"):
            texts = list((obj.get("data") or {}).values())
            yield from (Pods("task", 0, yaml.safe_load(text) or {}) for text in texts[:1])


def _template(spec: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the template of a workload, with a volume for each claim that it makes for its pods."""
    template, claims = spec["template"], spec.get("volumeClaimTemplates") or []
    if not claims:
        return template  # type: ignore[no-any-return]
    made = [{"name": claim["metadata"]["name"], "emptyDir": {}} for claim in claims]
    return {**template, "spec": {**template["spec"], "volumes": [*(template["spec"].get("volumes") or []), *made]}}


def requests(spec: Mapping[str, Any], kind: str = "requests") -> dict[str, float]:
    """Return what the scheduler counts for a pod, in processors and bytes.

    Args:
        spec: The PodSpec.
        kind: "requests" or "limits".
    """
    starts = spec.get("initContainers") or []
    lasting = [*(spec.get("containers") or []), *(c for c in starts if c.get("restartPolicy") == "Always")]
    found = {}
    for name in RESOURCES:
        whole = sum(_of(container, kind, name) for container in lasting)
        found[name] = max([whole, *(_of(c, kind, name) for c in starts)])
    return found


def _of(container: Mapping[str, Any], kind: str, name: str) -> float:
    return amount(str(((container.get("resources") or {}).get(kind) or {}).get(name) or "0")) or 0.0


def fits(node: Mapping[str, Any], spec: Mapping[str, Any]) -> bool:
    """Whether a pod may run on a node, by selector, required affinity and taints; its size is not judged."""
    labels = node["metadata"].get("labels") or {}
    own = node.get("spec") or {}
    if own.get("unschedulable") or not (spec.get("nodeSelector") or {}).items() <= labels.items():
        return False
    affinity = ((spec.get("affinity") or {}).get("nodeAffinity") or {}).get(
        "requiredDuringSchedulingIgnoredDuringExecution"
    )
    terms = (affinity or {}).get("nodeSelectorTerms") or []
    if terms and not any(all(_matches(labels, rule) for rule in term.get("matchExpressions") or []) for term in terms):
        return False
    closing = [t for t in own.get("taints") or [] if t.get("effect") in {"NoSchedule", "NoExecute"}]
    return all(any(_tolerates(one, taint) for one in spec.get("tolerations") or []) for taint in closing)


def _matches(labels: Mapping[str, str], rule: Mapping[str, Any]) -> bool:
    have, values, operator = labels.get(rule["key"]), rule.get("values") or [], rule["operator"]
    if operator in _NUMBERS:
        return have is not None and have.isdigit() and _NUMBERS[operator](int(have), int(values[0]))
    told = {"In": have in values, "NotIn": have not in values, "Exists": have is not None, "DoesNotExist": have is None}
    return bool(told.get(operator, True))


def _tolerates(toleration: Mapping[str, Any], taint: Mapping[str, Any]) -> bool:
    if toleration.get("effect") not in (None, "", taint.get("effect")):
        return False
    if toleration.get("operator") == "Exists":
        return toleration.get("key") in (None, "", taint["key"])
    return toleration.get("key") == taint["key"] and (toleration.get("value") or "") == (taint.get("value") or "")
