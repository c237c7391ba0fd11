"""Every pod of every story passes Pod Security "restricted", judged by a checker that knows nothing of the chart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.chart.release import MODES, Pod, Release, render, typed
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


EXECUTORS = {"KubernetesExecutor": "worker", "LocalExecutor": "scheduler"}
HOME = "/home/airflow"


def _in_home(pod: Pod) -> dict[str, Any]:
    """Mounts of the main container at or below the home of the image's user, by path."""
    mounts = {m.mount_path.rstrip("/"): m for m in pod.spec.containers[0].volume_mounts}
    return {path: mount for path, mount in mounts.items() if f"{path}/".startswith(f"{HOME}/")}


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("mode", MODES)
def test_user_code_can_write_the_folders_of_its_home_that_tools_write(mode: str, executor: str) -> None:
    """No more than these two: ~/.local holds Airflow in the official image."""
    release = render(sets=(f"executors={{{executor}}}", *MODES[mode]))
    owners = {EXECUTORS[executor], "scheduler", "dag-processor", "triggerer", "api-server", "migrate"}
    for pod in (p for p in release.pods if p.component in owners):
        mounts = _in_home(pod)
        assert set(mounts) == {f"{HOME}/.cache", f"{HOME}/.config"}, pod.owner
        volumes = {v.name: v for v in pod.spec.volumes}
        assert all(volumes[m.name].empty_dir.size_limit and not m.read_only for m in mounts.values()), pod.owner
        # Two folders of /tmp, so that one size limit holds for both.
        assert {m.name for m in mounts.values()} == {"tmp"}, pod.owner
        assert len({m.sub_path for m in mounts.values()} - {None}) == 2, pod.owner
        assert "HOME" not in {e.name for e in pod.spec.containers[0].env}, pod.owner


@pytest.mark.parametrize(
    ("path", "left"),
    [
        (f"{HOME}/.cache/", {f"{HOME}/.config"}),
        # Such a volume may be read-only; then no folder could be made in it, and the container would not start.
        (HOME, set()),
        (f"{HOME}/.config/matplotlib", {f"{HOME}/.cache", f"{HOME}/.config"}),
    ],
)
@pytest.mark.parametrize("owner", ["worker/default", "worker/own", "Deployment/airflow-scheduler"])
def test_the_users_mounts_in_the_home_win(path: str, left: set[str], owner: str, tmp_path: Path) -> None:
    volume = {"name": "mine", "configMap": {"name": "mine"}}
    mount = {"name": "mine", "mountPath": path}
    values: dict[str, Any] = {"pods": {"extraVolumes": [volume], "extraVolumeMounts": [mount]}}
    if owner == "worker/own":
        profile = {"volumes": [volume], "containers": [{"volumeMounts": [mount]}]}
        values = {"workers": {"profiles": {"own": profile}}}
    file = tmp_path / "values.yaml"
    file.write_text(yaml.safe_dump(values), encoding="utf-8")
    (pod,) = [p for p in render(values=(str(file),)).pods if p.owner == owner]
    mounts = _in_home(pod)
    assert mounts.pop(path.rstrip("/")).name == "mine"
    assert set(mounts) == left


def test_the_checker_passes_a_good_pod() -> None:
    assert verdict(typed(_good()).spec) == []


@pytest.mark.parametrize("rule", RULES)
def test_the_checker_sees_a_breach_of(rule: str) -> None:
    path, value = BREACHES[rule]
    assert [line.split(":")[0] for line in verdict(_spec_with(path, value))] == [rule]


def test_the_checker_looks_at_init_containers_too() -> None:
    spec = _spec_with("initContainers", [{"name": "first", "image": "example"}])
    assert {line.split(":")[0] for line in verdict(spec)} == {"capabilities", "privilege_escalation"}
