"""Admission webhooks that answer: a dead one refuses every pod."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kitctl.usecases.doctor.catalogue import Check
from kitctl.usecases.doctor.facts import Facts
from kitctl.usecases.doctor.findings import Outcome, absent, good, warning

CHECK = Check(
    "a ready server for each admission webhook that must agree (failurePolicy Fail)",
    "the cluster has such webhooks, and you may read them",
    "warning",
)
_OURS = {"pods", "deployments", "statefulsets", "jobs", "secrets", "configmaps", "services", "*", "*/*"}
_KINDS = ("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration")


def look(facts: Facts) -> Outcome:
    """Look for the servers of those that see objects of a release."""
    hooks = [hook for kind in _KINDS for one in facts.kube.list(kind) for hook in _strict(one)]
    if not hooks:
        return absent("No webhook must agree to objects of a release")
    dead = [name for name, service in hooks if not _answers(facts, service)]
    if not dead:
        return good(f"{len(hooks)} webhook{'s' if len(hooks) > 1 else ''} must agree, and can")
    return warning(
        f"These admission webhooks have no server: {', '.join(dead)}",
        "kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations\n"
        "kubectl get pods -A    # bring the operator back, or delete the configuration that it left",
        "Kubernetes refuses what they cannot judge",
    )


def _strict(configuration: dict[str, Any]) -> Iterator[tuple[str, dict[str, str]]]:
    for hook in configuration.get("webhooks") or []:
        service = (hook.get("clientConfig") or {}).get("service")
        seen = {name for rule in hook.get("rules") or [] for name in rule.get("resources") or []}
        if service and hook.get("failurePolicy", "Fail") == "Fail" and seen & _OURS:
            yield str(hook["name"]), service


def _answers(facts: Facts, service: dict[str, str]) -> bool:
    slices = facts.kube.list("EndpointSlice", service["namespace"], f"kubernetes.io/service-name={service['name']}")
    points = [point for one in slices for point in one.get("endpoints") or []]
    return any((point.get("conditions") or {}).get("ready") is not False for point in points)
