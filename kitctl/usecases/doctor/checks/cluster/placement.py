"""A node for each pod, by its selectors and the taints of nodes."""

from __future__ import annotations

from kitctl.usecases.doctor.catalogue import Check
from kitctl.usecases.doctor.facts import Facts
from kitctl.usecases.doctor.findings import Outcome, absent, error, good
from kitctl.usecases.doctor.pods import fits, pods

CHECK = Check(
    "a node for the pods of each component and of tasks, by nodeSelector, affinity and taints", "a cluster answers"
)


def look(facts: Facts) -> Outcome:
    """Try each pod on each node."""
    nodes = facts.kube.list("Node")
    if not nodes:
        return absent("The cluster shows no nodes")
    lost = [one.name for one in pods(facts.objects) if not any(fits(node, one.spec) for node in nodes)]
    if not lost:
        return good("each pod has a node on which it may run")
    return error(
        f"No node takes the pods of {', '.join(dict.fromkeys(lost))}",
        "kubectl get nodes --show-labels; kubectl describe nodes    # then correct nodeSelector or affinity,\n"
        "or add tolerations: pods: {tolerations: [{key: KEY, operator: Exists}]}",
        "They would stay Pending: nodes are cordoned or tainted, or have other labels",
    )
