"""Traefik in the cluster: a real ingress controller, which also serves Gateways of the Gateway API."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.chart import gateway
from tests.e2e.git import images
from tests.e2e.kit import CLUSTER, Kit, wait_for

NAMESPACE = "e2e-gateways"
GATEWAY = "public"
_MANIFEST = Path(__file__).parent / "controller.yaml"
_CLUSTER_WIDE = ("clusterrole/e2e-traefik", "clusterrolebinding/e2e-traefik", "ingressclass/traefik")


@dataclass(frozen=True)
class Controller:
    """A running controller: the node's address, and the ports there without and with TLS."""

    host: str
    http: int
    https: int


def certificate(kit: Kit, name: str, namespace: str, folder: Path) -> None:
    """Create a Secret with the certificate `server.crt` of a folder and its key."""
    files = (f"--cert={folder / 'server.crt'}", f"--key={folder / 'server.key'}")
    kit.kubectl("create", "secret", "tls", name, *files, namespace=namespace).ok()


@contextmanager
def running(kit: Kit, folder: Path) -> Iterator[Controller]:
    """Run the controller with the definitions of the Gateway API; all of it goes away at the end.

    Args:
        kit: Command for the cluster.
        folder: Has the certificate of the Gateway's listener.
    """
    image = images.ingress_controller()
    images.load(CLUSTER, image)
    definitions = str(gateway.crd().parent)
    kit.kubectl("apply", "--server-side", "-f", definitions, namespace="default").ok()
    try:
        text = _MANIFEST.read_text().replace("IMAGE", image)
        wait_for(
            "the kinds of the Gateway API",
            lambda: kit.kubectl("apply", "-f", "-", namespace=NAMESPACE, text=text).code == 0,
            timeout=60,
        )
        certificate(kit, "site", NAMESPACE, folder)
        kit.kubectl("rollout", "status", "deployment/traefik", "--timeout=120s", namespace=NAMESPACE, timeout=130).ok()
        (service,) = kit.get("services", namespace=NAMESPACE)
        ports = {port["name"]: int(port["nodePort"]) for port in service["spec"]["ports"]}
        (node,) = kit.get("nodes")
        (host,) = [a["address"] for a in node["status"]["addresses"] if a["type"] == "InternalIP"]
        yield Controller(host, ports["web"], ports["websecure"])
    finally:
        kit.kubectl("delete", "namespace", NAMESPACE, "--timeout=60s", namespace="default", timeout=90)
        kit.kubectl("delete", *_CLUSTER_WIDE, namespace="default")
        kit.kubectl("delete", "-f", definitions, "--timeout=60s", namespace="default", timeout=90)


def log(kit: Kit) -> str:
    """Return what the controller said, with a line for each request."""
    return kit.kubectl("logs", "deployment/traefik", namespace=NAMESPACE).ok().out
