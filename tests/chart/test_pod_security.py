"""Every pod of every story passes Pod Security "restricted", judged by a checker that knows nothing of the chart."""

from __future__ import annotations

from typing import Any

import pytest

from tests.chart.release import Release, typed
from tests.chart.restricted import RULES, verdict
from tests.chart.walk import every_story

# One breach for each rule: (where in the pod, what to put there).
BREACHES: dict[str, tuple[str, Any]] = {
    "host_namespaces": ("hostNetwork", True),
    "host_process": ("securityContext.windowsOptions", {"hostProcess": True}),
    "privileged": ("containers.0.securityContext.privileged", True),
    "capabilities": ("containers.0.securityContext.capabilities", {"drop": ["ALL"], "add": ["SYS_ADMIN"]}),
    "volume_types": ("volumes", [{"name": "host", "hostPath": {"path": "/"}}]),
    "host_ports": ("containers.0.ports", [{"containerPort": 80, "hostPort": 80}]),
    "host_probes": ("containers.0.livenessProbe", {"httpGet": {"port": 80, "host": "169.254.169.254"}}),
    "app_armor": ("securityContext.appArmorProfile", {"type": "Unconfined"}),
    "selinux": ("securityContext.seLinuxOptions", {"type": "spc_t"}),
    "proc_mount": ("containers.0.securityContext.procMount", "Unmasked"),
    "sysctls": ("securityContext.sysctls", [{"name": "kernel.msgmax", "value": "1"}]),
    "privilege_escalation": ("containers.0.securityContext.allowPrivilegeEscalation", True),
    "non_root": ("containers.0.securityContext.runAsNonRoot", False),
    "non_root_user": ("securityContext.runAsUser", 0),
    "seccomp": ("containers.0.securityContext.seccompProfile", {"type": "Unconfined"}),
}


def _good() -> dict[str, Any]:
    container = {
        "name": "main",
        "image": "example",
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
    }
    context = {"runAsNonRoot": True, "runAsUser": 1000, "seccompProfile": {"type": "RuntimeDefault"}}
    spec = {"containers": [container], "securityContext": context}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "pod"}, "spec": spec}


def _spec_with(path: str, value: Any) -> Any:
    document = _good()
    node: Any = document["spec"]
    *parents, last = path.split(".")
    for step in parents:
        node = node[int(step)] if step.isdigit() else node[step]
    node[last] = value
    return typed(document).spec


@every_story
def test_every_pod_is_restricted(release: Release) -> None:
    assert {pod.owner: verdict(pod.spec) for pod in release.pods if verdict(pod.spec)} == {}


@every_story
def test_every_container_says_the_same_beyond_the_standard(release: Release) -> None:
    for pod in release.pods:
        assert pod.spec.enable_service_links is False, pod.owner
        for container in pod.containers:
            where = f"{pod.owner}/{container.name}"
            assert container.security_context, where
            assert container.security_context.read_only_root_filesystem is True, where


def test_the_checker_passes_a_good_pod() -> None:
    assert verdict(typed(_good()).spec) == []


@pytest.mark.parametrize("rule", RULES)
def test_the_checker_sees_a_breach_of(rule: str) -> None:
    path, value = BREACHES[rule]
    assert [line.split(":")[0] for line in verdict(_spec_with(path, value))] == [rule]


def test_the_checker_looks_at_init_containers_too() -> None:
    spec = _spec_with("initContainers", [{"name": "first", "image": "example"}])
    assert {line.split(":")[0] for line in verdict(spec)} == {"capabilities", "privilege_escalation"}
