"""Pods that the namespace takes: Pod Security, service meshes, policies of the cluster."""

from __future__ import annotations

from typing import Any

from kitctl.errors import KitError
from kitctl.usecases.doctor.catalogue import Check
from kitctl.usecases.doctor.facts import Facts
from kitctl.usecases.doctor.findings import Outcome, absent, error, good
from kitctl.usecases.doctor.pods import Pods, pods

CHECK = Check(
    "a server that accepts a pod of each component and of tasks (dry run): Pod Security of the namespace, policies",
    "the namespace exists, and you may create pods",
    seconds=120,
)
_LEVEL = "pod-security.kubernetes.io/enforce"
_LONGEST = 50


def look(facts: Facts) -> Outcome:
    """Let the server judge; Deployments are accepted although their pods are not."""
    where = facts.given.namespace
    namespace = facts.kube.namespace(where)
    if namespace is None:
        return absent(f"The namespace {where} does not exist yet; kitctl's own is restricted, as its pods are")
    if not facts.kube.can_i("create", "pods", where):
        return absent("You may not create pods")
    level = (namespace["metadata"].get("labels") or {}).get(_LEVEL, "")
    for one in pods(facts.objects):
        try:
            facts.kube.check(_pod(one), where)
        except KitError as problem:
            fix = f"Correct the settings of these pods (pods, {one.name}), or the labels of the namespace:\n"
            fix += f"kubectl label namespace {where} --overwrite {_LEVEL}=LEVEL"
            return error(f"Kubernetes refuses the pods of {one.name}", fix, problem.cause)
    return good(f"Kubernetes accepts the pods{f' (Pod Security: {level})' if level else ''}")


def _pod(one: Pods) -> dict[str, Any]:
    """Return a pod of the template; a service account that is not there yet would refuse it."""
    meta = {k: v for k, v in (one.template.get("metadata") or {}).items() if k in {"labels", "annotations"}}
    spec = {k: v for k, v in one.spec.items() if k not in {"serviceAccountName", "serviceAccount"}}
    name = f"{one.name[:_LONGEST].rstrip('-')}-doctor"
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {**meta, "name": name}, "spec": spec}
