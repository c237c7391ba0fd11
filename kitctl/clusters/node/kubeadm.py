"""Writes the node's configuration and lets kubeadm make the control plane from it."""

from __future__ import annotations

import json
import shutil
import tempfile
import uuid
from pathlib import Path
from typing import Any

from kitctl.clusters.node import images, processes
from kitctl.clusters.node.layout import REPOSITORY, Layout, Network, advice, fill
from kitctl.errors import ExitCode, KitError
from kitctl.model.versions import pin
from kitctl.tools.process import run

_SKIPPED = ("preflight", "upload-certs", "bootstrap-token", "addon", "show-join-command")
_CONTROL_PLANE = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler")
_CONFIG = "--config=/etc/kitctl/kubeadm.yaml"
CNI_FOLDERS = (Path("/opt/cni/bin"), Path("/usr/lib/cni"), Path("/usr/libexec/cni"))


def write(layout: Layout, network: Network, *, upstream: bool) -> None:
    """Fill the state folder with everything that the daemons read at their start.

    Args:
        layout: The node.
        network: Its addresses.
        upstream: Whether the node reaches the machine's name server; else its /etc/resolv.conf names none.
    """
    _folders(layout)
    etc = layout.state / "etc"
    facts = {
        "name": layout.name,
        "address": network.address,
        "pod_subnet": network.pods,
        "service_subnet": network.services,
        "repository": REPOSITORY,
        "kubernetes_version": pin("tools.kubernetes.version"),
        "etcd_version": pin("tools.etcd.version"),
        "pause_image": images.pause(),
        "snapshotter": layout.snapshotter() or _snapshotter(layout.var),
        "cni_bin": str(cni_folder()),
    }
    texts = {
        "hosts": f"127.0.0.1 localhost\n::1 localhost\n{network.address} {layout.name}\n",
        "hostname": f"{layout.name}\n",
        "resolv.conf": f"nameserver {network.resolver}\n" if upstream else "",
        "containerd/config.toml": fill("containerd.toml", **facts),
        "cni/net.d/10-kitctl.conflist": fill("cni.conflist", **facts),
        "kitctl/kubeadm.yaml": fill("kubeadm.yaml", **facts),
        "kitctl/kube-proxy.yaml": fill("kube-proxy.yaml", **facts),
        **{f"kitctl/patches/{name}+strategic.json": _small(name) for name in _CONTROL_PLANE},
    }
    if not (etc / "machine-id").exists():
        texts["machine-id"] = uuid.uuid4().hex + "\n"
    for name, text in texts.items():
        file = etc / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


def _folders(layout: Layout) -> None:
    """Make the folders that become the node's own /var and /tmp."""
    var = layout.var
    for folder in (
        "lib/kubelet",
        "lib/etcd",
        "lib/containerd",
        "lib/cni",
        "lib/local-path",
        "log/pods",
        "log/containers",
        "tmp",
    ):
        (var / folder).mkdir(parents=True, exist_ok=True)
    (var / "lib/etcd").chmod(0o700)
    layout.logs.mkdir(parents=True, exist_ok=True)
    layout.kubernetes.mkdir(exist_ok=True)
    scratch = layout.state / "tmp"
    scratch.mkdir(exist_ok=True)
    scratch.chmod(0o1777)


def _small(component: str) -> str:
    """Return the patch that makes a component of the control plane cheaper for a small machine.

    kubeadm asks for 0.65 cores, of the two that CI has. Its readiness probes ask every second, and each walks all
    health checks down to etcd: 1.5 % of a core, for Services that nothing here points at the control plane.
    """
    container: dict[str, Any] = {"name": component, "resources": {"requests": {"cpu": "50m"}}}
    if component != "kube-controller-manager":  # kubeadm gives it no readiness probe, and half a one is invalid
        container["readinessProbe"] = {"periodSeconds": 10}
    return json.dumps({"spec": {"containers": [container]}})


def cni_folder() -> Path | None:
    """Return where this machine has the network plugins, or None."""
    return next((f for f in CNI_FOLDERS if (f / "ptp").exists() and (f / "portmap").exists()), None)


def _snapshotter(var: Path) -> str:
    """Return "overlayfs" where the state's file system carries overlays, else "native" (whole copies, slower)."""
    with tempfile.TemporaryDirectory(dir=var) as folder:
        for name in ("lower", "upper", "work", "merged"):
            (Path(folder) / name).mkdir()
        options = f"lowerdir={folder}/lower,upperdir={folder}/upper,workdir={folder}/work"
        probe = ["unshare", "--mount", "mount", "-t", "overlay", "-o", options, "overlay", f"{folder}/merged"]
        return "overlayfs" if run(probe, check=False).ok else "native"


def certificates(layout: Layout) -> None:
    """Make the keys and kubeconfigs; needs no running control plane, so it can go on while images are loaded."""
    for phase in ("certs", "kubeconfig"):
        run(processes.inside(layout, "kubeadm", "init", "phase", phase, "all", _CONFIG), error_id="node-init-failed")


def init(layout: Layout) -> None:
    """Let kubeadm make the control plane and wait until its parts are healthy.

    Raises:
        KitError: `node-init-failed` with the words of kubeadm and the kubelet.
    """
    command = ["kubeadm", "init", _CONFIG, f"--skip-phases={','.join(_SKIPPED)}"]
    log = layout.logs / "kubeadm.log"
    result = run(processes.inside(layout, *command), check=False, timeout=300)
    log.write_text(result.stdout + result.stderr, encoding="utf-8")
    if not result.ok:
        raise KitError(
            "node-init-failed",
            f"kubeadm could not start the control plane of {layout.name}",
            cause=processes.tail(log, layout.logs / "kubelet.log"),
            fix=f"{advice('delete', layout.name)}    # the logs are in {layout.logs}\n{advice('create', layout.name)}",
            code=ExitCode.FAILURE,
        )


def start_proxy(layout: Layout) -> None:
    """Give kube-proxy its credentials; the supervisor starts it when its configuration appears."""
    kubeconfig = ["kubeadm", "kubeconfig", "user", "--client-name=system:kube-proxy", "--validity-period=87600h"]
    answer = run(processes.inside(layout, *kubeconfig, _CONFIG), error_id="node-init-failed")
    target = layout.kubernetes / "kube-proxy.conf"
    target.touch(mode=0o600)
    target.write_text(answer.stdout, encoding="utf-8")
    shutil.copyfile(layout.state / "etc/kitctl/kube-proxy.yaml", layout.kubernetes / "kube-proxy.yaml")
