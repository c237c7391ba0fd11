"""Pod Security "restricted", written down from the standard's text and independent of the chart.

Each rule is a function of one pod spec (V1PodSpec) that yields what breaks it. Windows pods are not the kit's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

Rule = Callable[[Any], Iterator[str]]

VOLUMES = {
    "config_map",
    "csi",
    "downward_api",
    "empty_dir",
    "ephemeral",
    "persistent_volume_claim",
    "projected",
    "secret",
    "image",
}
SYSCTLS = {
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.ping_group_range",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
}
SELINUX_TYPES = {None, "", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"}
SECCOMP_TYPES = {"RuntimeDefault", "Localhost"}


def containers(spec: Any) -> list[Any]:
    """Return init, ordinary and ephemeral containers."""
    return [*(spec.init_containers or []), *(spec.containers or []), *(spec.ephemeral_containers or [])]


def _contexts(spec: Any) -> Iterator[tuple[str, Any]]:
    if spec.security_context:
        yield "pod", spec.security_context
    for container in containers(spec):
        if container.security_context:
            yield container.name, container.security_context


def host_namespaces(spec: Any) -> Iterator[str]:
    """No network, process or IPC namespace of the host."""
    for field in ("host_network", "host_pid", "host_ipc"):
        if getattr(spec, field):
            yield field


def host_process(spec: Any) -> Iterator[str]:
    """No Windows host process."""
    for name, context in _contexts(spec):
        if context.windows_options and context.windows_options.host_process:
            yield name


def privileged(spec: Any) -> Iterator[str]:
    """No privileged container."""
    for container in containers(spec):
        if container.security_context and container.security_context.privileged:
            yield container.name


def capabilities(spec: Any) -> Iterator[str]:
    """All capabilities dropped; only NET_BIND_SERVICE may come back."""
    for container in containers(spec):
        context = container.security_context
        held = context.capabilities if context else None
        if "ALL" not in ((held.drop if held else None) or []):
            yield f"{container.name}: drops not ALL"
        if set((held.add if held else None) or []) - {"NET_BIND_SERVICE"}:
            yield f"{container.name}: adds {held.add}"


def volume_types(spec: Any) -> Iterator[str]:
    """Only volumes that reach nothing of the host."""
    for volume in spec.volumes or []:
        kinds = {key for key, value in volume.to_dict().items() if value is not None and key != "name"}
        # A volume without a source is an emptyDir to the API server.
        if kinds - VOLUMES:
            yield f"{volume.name}: {kinds}"


def host_ports(spec: Any) -> Iterator[str]:
    """No port of the host."""
    for container in containers(spec):
        if any(port.host_port for port in container.ports or []):
            yield container.name


def host_probes(spec: Any) -> Iterator[str]:
    """Probes and hooks name no other host (baseline since Kubernetes 1.34)."""
    for container in containers(spec):
        hooks = container.lifecycle
        handlers = [container.liveness_probe, container.readiness_probe, container.startup_probe]
        handlers += [hooks.post_start, hooks.pre_stop] if hooks else []
        for handler in filter(None, handlers):
            if any(getattr(handler, kind) and getattr(handler, kind).host for kind in ("http_get", "tcp_socket")):
                yield container.name


def app_armor(spec: Any) -> Iterator[str]:
    """No AppArmor profile switched off."""
    for name, context in _contexts(spec):
        profile = context.app_armor_profile
        if profile and profile.type not in {"RuntimeDefault", "Localhost"}:
            yield name


def selinux(spec: Any) -> Iterator[str]:
    """No SELinux user or role, and only types for containers."""
    for name, context in _contexts(spec):
        options = context.se_linux_options
        if options and (options.type not in SELINUX_TYPES or options.user or options.role):
            yield name


def proc_mount(spec: Any) -> Iterator[str]:
    """The default mask of /proc."""
    for container in containers(spec):
        if container.security_context and container.security_context.proc_mount not in {None, "Default"}:
            yield container.name


def sysctls(spec: Any) -> Iterator[str]:
    """Only the safe set."""
    for item in (spec.security_context.sysctls if spec.security_context else None) or []:
        if item.name not in SYSCTLS:
            yield item.name


def privilege_escalation(spec: Any) -> Iterator[str]:
    """Said in each container: no process gains more rights than its parent."""
    for container in containers(spec):
        if not container.security_context or container.security_context.allow_privilege_escalation is not False:
            yield container.name


def non_root(spec: Any) -> Iterator[str]:
    """runAsNonRoot in the pod or in every container, and nobody takes it back."""
    inherited = bool(spec.security_context and spec.security_context.run_as_non_root)
    for container in containers(spec):
        own = container.security_context.run_as_non_root if container.security_context else None
        if not (inherited if own is None else own):
            yield container.name


def non_root_user(spec: Any) -> Iterator[str]:
    """Nobody asks for uid 0."""
    for name, context in _contexts(spec):
        if context.run_as_user == 0:
            yield name


def seccomp(spec: Any) -> Iterator[str]:
    """A seccomp profile in the pod or in every container."""
    profile = spec.security_context.seccomp_profile if spec.security_context else None
    for container in containers(spec):
        own = container.security_context.seccomp_profile if container.security_context else None
        if not (own or profile) or (own or profile).type not in SECCOMP_TYPES:
            yield container.name


RULES: dict[str, Rule] = {
    rule.__name__: rule
    for rule in (
        host_namespaces,
        host_process,
        privileged,
        capabilities,
        volume_types,
        host_ports,
        host_probes,
        app_armor,
        selinux,
        proc_mount,
        sysctls,
        privilege_escalation,
        non_root,
        non_root_user,
        seccomp,
    )
}


def verdict(spec: Any) -> list[str]:
    """Return every breach as `rule: where`; an empty list is a pass."""
    return [f"{name}: {where}" for name, rule in RULES.items() for where in rule(spec)]
