"""What a cluster needs beyond its control plane: DNS and storage. Applied as manifests, waited for as one."""

from __future__ import annotations

import json
import time
from datetime import datetime

from kitctl.clusters.node import images
from kitctl.clusters.node.layout import Layout, Network, fill
from kitctl.clusters.node.processes import listens, wait
from kitctl.errors import ExitCode, KitError
from kitctl.tools.process import Result, run
from kitctl.tools.toolbox import tool

API_PORT = 6443
_FORWARD = "        forward . /etc/resolv.conf { max_concurrent 1000 }"
_FIX = "kitctl doctor    # is the node healthy? Then run the same command again: it repairs the node"
_NEEDED = {"kube-system": "k8s-app=kube-dns", "local-path-storage": "app.kubernetes.io/name=local-path-provisioner"}


def kubectl(layout: Layout, *arguments: str, input_text: str | None = None, check: bool = True) -> Result:
    """Run kubectl from the host as the node's administrator."""
    command = [str(tool("kubectl")), "--kubeconfig", str(layout.root_admin), "--request-timeout=10s"]
    command += ["--cache-dir", str(layout.state / "tmp/kubectl"), *arguments]  # a deleted node leaves no cache at home
    return run(command, input_text=input_text, check=check, timeout=60, error_id="node-kubectl-failed", fix=_FIX)


def answers(layout: Layout) -> bool:
    """Whether the API server says that it is ready."""
    return (
        layout.root_admin.exists()
        and listens(layout, API_PORT)
        and kubectl(layout, "get", "--raw=/readyz", check=False).ok
    )


def apply(layout: Layout, network: Network, *, upstream: bool) -> None:
    """Apply CoreDNS and the storage provisioner.

    Args:
        layout: The node.
        network: Its addresses.
        upstream: Whether the node reaches a name server outside; without one CoreDNS answers for the cluster alone.
    """
    dns = fill(
        "coredns.yaml",
        image=images.addon("coredns"),
        dns_address=network.dns,
        forward=_FORWARD if upstream else "",
    )
    storage = fill("local-path.yaml", image=images.addon("local-path-provisioner"), helper_image=images.helper())
    options = ("--server-side", "--force-conflicts", "--validate=false", "-f", "-")
    kubectl(layout, "apply", *options, input_text=f"{dns}---\n{storage}")


def wait_ready(layout: Layout, since: float, seconds: float = 90) -> None:
    """Wait until node, DNS and storage run.

    Args:
        layout: The node.
        since: Unix time of the node's start. What the API server remembers of a life before does not count.
        seconds: How long it may take.

    Raises:
        KitError: `node-not-ready` with what is missing.
    """
    missing: list[str] = []

    def ready() -> bool:
        missing[:] = _missing(layout, since)
        return not missing

    def failure() -> KitError:
        return KitError(
            "node-not-ready",
            f"The node {layout.name} did not become ready within {seconds:.0f} s",
            cause="; ".join(missing),
            fix=f"kubectl --context {layout.name} get pods -A    # the logs are in {layout.logs}",
            code=ExitCode.TIMEOUT,
        )

    wait(ready, seconds, failure, step=0.3)


def _missing(layout: Layout, since: float) -> list[str]:
    """Return one phrase for each part that is not there yet."""
    answer = kubectl(layout, "get", "nodes,pods,serviceaccounts", "--all-namespaces", "-o", "json", check=False)
    if not answer.ok:
        return [answer.stderr.strip()]
    items = json.loads(answer.stdout)["items"]
    found = []
    if not any(i["kind"] == "ServiceAccount" and i["metadata"]["namespace"] == "default" for i in items):
        found.append("the default service account is missing")
    if not any(i["kind"] == "Node" and _node_ready(i, since) for i in items):
        found.append("the kubelet has not reported Ready")
    for namespace, label in _NEEDED.items():
        key, _, value = label.partition("=")
        pods = [i for i in items if i["kind"] == "Pod" and i["metadata"]["namespace"] == namespace]
        mine = [p for p in pods if p["metadata"]["labels"].get(key) == value]
        if not any(_pod_ready(p, since) for p in mine):
            found.append(f"{value} is not ready")
    return found


def _node_ready(node: dict[str, dict[str, list[dict[str, str]]]], since: float) -> bool:
    """Whether the kubelet of this life reported Ready."""
    conditions = node["status"].get("conditions", [])
    return any(
        c["type"] == "Ready" and c["status"] == "True" and _moment(c["lastHeartbeatTime"]) >= since for c in conditions
    )


def _pod_ready(pod: dict[str, dict[str, list[dict[str, object]]]], since: float) -> bool:
    """Whether all containers run since this start and are ready."""
    states = pod["status"].get("containerStatuses", [])
    return bool(states) and all(s["ready"] and _moment(_started(s)) >= since for s in states)


def _started(status: dict[str, object]) -> str:
    state = status.get("state")
    running = state.get("running") if isinstance(state, dict) else None
    return str(running["startedAt"]) if isinstance(running, dict) else ""


def _moment(text: str) -> float:
    """Return a time of the API (whole seconds) as Unix time, rounded up to be fair to the same second."""
    return datetime.fromisoformat(text).timestamp() + 1 if text else 0


def now() -> float:
    """Return the Unix time."""
    return time.time()
