"""What the machine must be, checked before anything is changed."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from kitctl.clusters.node import images, kubeadm
from kitctl.clusters.node.layout import Layout, state_root
from kitctl.errors import ExitCode, KitError
from kitctl.model.needs import DISK, GIB, MEMORY
from kitctl.tools.process import which
from kitctl.tools.toolbox import find

_PROGRAMS = ("containerd", "ctr", "runc", "ip", "iptables", "nsenter", "unshare", "mount", "bash")
_BUILT = (
    "kubeadm", "kubelet", "kubectl", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy",
    "pause", "etcd", "coredns", "local-path-provisioner",
)  # fmt: skip

_ELSEWHERE = "kitctl up --context NAME    # an existing cluster, such as minikube or kind"


def check(layout: Layout) -> None:
    """Refuse a machine that cannot carry the node.

    Raises:
        KitError: with code PREFLIGHT: `node-needs-linux`, `node-needs-root`, `architecture-unknown`,
            `node-already-here`, `node-tools-missing`, `memory-too-small`, `disk-too-small`.
    """
    if sys.platform != "linux":
        raise _no(
            "node-needs-linux",
            f"The built-in node runs on Linux, this is {sys.platform}",
            "It is made of Linux namespaces and control groups",
            _ELSEWHERE,
        )
    if os.geteuid() != 0:
        raise _no(
            "node-needs-root",
            "The built-in node needs root",
            "It creates namespaces, mounts and network interfaces",
            f"sudo kitctl up --provider node\n{_ELSEWHERE}",
        )
    machine = os.uname().machine
    if machine not in images.ARCHITECTURES:
        known = ", ".join(images.ARCHITECTURES)
        raise _no(
            "architecture-unknown",
            f"The built-in node does not support {machine}",
            f"Supported: {known}",
            _ELSEWHERE,
        )
    _real_node()
    _tools()
    if not layout.ready_file.exists():
        _room()


def check_readable(layout: Layout) -> None:
    """Refuse a user who may not even look at a node that root made: it would end in a PermissionError somewhere.

    Raises:
        KitError: `node-of-another-user`.
    """
    if layout.state.is_dir() and not os.access(layout.state, os.R_OK | os.X_OK):
        raise _no(
            "node-of-another-user",
            f"The node {layout.name} belongs to another user, usually root",
            f"This user may not read {layout.state}",
            "Run the same command with sudo, or name the cluster that you mean: kitctl status --context NAME",
        )


def _real_node() -> None:
    """Refuse where the machine itself is a Kubernetes node."""
    other = "/etc/kubernetes/admin.conf exists" if Path("/etc/kubernetes/admin.conf").exists() else _host_kubelet()
    if other:
        raise _no(
            "node-already-here",
            "This machine is already a Kubernetes node",
            other,
            "kitctl up --context NAME    # use it; to remove it: kubeadm reset",
        )


def _host_kubelet() -> str:
    """Return a phrase about a kubelet in the host's own mount namespace (kind's and ours have others), or ""."""
    own = Path("/proc/self/ns/mnt").readlink()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "comm").read_text(encoding="utf-8").strip() == "kubelet" and (
                process / "ns/mnt"
            ).readlink() == own:
                return f"A kubelet runs as process {process.name}"
        except OSError:  # it ended meanwhile
            continue
    return ""


def _tools() -> None:
    missing = [p for p in _PROGRAMS if which(p, Path("/usr/sbin"), Path("/sbin")) is None]
    missing += [p for p in _BUILT if find(p) is None]
    if kubeadm.cni_folder() is None:
        missing.append("the CNI plugins ptp and portmap")
    if not _static(images.BUSYBOX):
        missing.append(f"a static {images.BUSYBOX}")
    if missing:
        raise _no(
            "node-tools-missing",
            f"Programs of the built-in node are missing: {', '.join(missing)}",
            "They are neither on PATH nor in the kit's own folder of tools",
            "scripts/get-tools --group node",
        )


def _static(program: Path) -> bool:
    """Whether a program runs alone in an image; one that needs libraries names their loader (ld-linux…) at its head."""
    try:
        with program.open("rb") as file:
            return b"/ld-" not in file.read(4096)
    except OSError:
        return False


def _room() -> None:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    if memory < MEMORY:
        raise _no(
            "memory-too-small",
            f"The node needs {MEMORY // GIB} GiB of memory, this machine has {memory / GIB:.1f}",
            "The control plane and Airflow share it; with less, the kernel kills one of them",
            _ELSEWHERE,
        )
    folder = next(p for p in (state_root(), *state_root().parents) if p.exists())
    free = shutil.disk_usage(folder).free
    if free < DISK:
        raise _no(
            "disk-too-small",
            f"The node needs {DISK // GIB} GiB of free disk, {folder} has {free / GIB:.1f}",
            "Images, database and logs are stored there",
            "Free some space, or set KITCTL_STATE to a folder on a larger disk",
        )


def _no(error_id: str, message: str, cause: str, fix: str) -> KitError:
    return KitError(error_id, message, cause=cause, fix=fix, code=ExitCode.PREFLIGHT)
