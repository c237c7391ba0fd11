"""A stand-in for an ingress controller: HAProxy, with a configuration made from the cluster's Ingress objects.

It does what the API promises of a controller: it takes hosts, paths of type Prefix (the longest one wins), backends by
the name of their port, and certificates from Secrets; it ends TLS and replaces the forwarded headers of its clients.
Services are reached by their port on the node.
"""

from __future__ import annotations

import base64
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.e2e.kit import Kit, wait_for

_CONFIG = """
global
  log stdout format raw local0
defaults
  mode http
  log global
  option httplog
  timeout connect 10s
  timeout client 120s
  timeout server 120s
  option forwardfor
frontend plain
  bind 127.0.0.1:{http}
  http-request del-header X-Forwarded-For
  http-request set-header X-Forwarded-Proto http
{rules}
frontend tls
  bind 127.0.0.1:{https} ssl crt {certificates} alpn h2,http/1.1
  http-request del-header X-Forwarded-For
  http-request set-header X-Forwarded-Proto https
{rules}
{backends}
"""


@dataclass(frozen=True)
class Controller:
    """A running controller: its ports on 127.0.0.1, and its log."""

    http: int
    https: int
    log: Path


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def configuration(kit: Kit, node: str, folder: Path, http: int, https: int) -> str:
    """Return HAProxy's configuration for the Ingresses of a namespace; certificates are written into a folder.

    Args:
        kit: The release whose namespace is read.
        node: Address of the node.
        folder: Where certificates go.
        http: Port without TLS.
        https: Port with TLS.
    """
    routes: list[tuple[str, str, str]] = []
    backends: dict[str, str] = {}
    certificates = folder / "certificates"
    certificates.mkdir(exist_ok=True)
    services = {s["metadata"]["name"]: s for s in kit.get("services")}
    for ingress in kit.get("ingresses"):
        for entry in ingress["spec"].get("tls") or ():
            _certificate(kit, entry["secretName"], certificates)
        for rule in ingress["spec"]["rules"]:
            for path in rule["http"]["paths"]:
                wanted = path["backend"]["service"]
                port = _node_port(services[wanted["name"]], wanted["port"])
                backends[wanted["name"]] = f"backend {wanted['name']}\n  server node {node}:{port}"
                routes.append((rule.get("host", ""), path["path"], wanted["name"]))
    routes.sort(key=lambda route: (bool(route[0]), len(route[1])), reverse=True)
    rules = "\n".join(_rule(*route) for route in routes)
    return _CONFIG.format(
        http=http, https=https, rules=rules, backends="\n".join(backends.values()), certificates=certificates
    )


def _rule(host: str, path: str, backend: str) -> str:
    below = path.rstrip("/") + "/"
    where = f"{{ path {path} }}" if path != "/" else "{ path / }"
    of_host = f"{{ hdr(host),field(1,:),lower {host} }} " if host else ""
    return "\n".join(f"  use_backend {backend} if {of_host}{place}" for place in (where, f"{{ path_beg {below} }}"))


def _node_port(service: dict[str, Any], wanted: dict[str, Any]) -> int:
    (found,) = [p for p in service["spec"]["ports"] if wanted in ({"name": p["name"]}, {"number": p["port"]})]
    return int(found["nodePort"])


def _certificate(kit: Kit, secret: str, folder: Path) -> None:
    data = kit.kubectl("get", "secret", secret, "-o", "json").ok().json["data"]
    text = "".join(base64.b64decode(data[key]).decode() for key in ("tls.crt", "tls.key"))
    (folder / f"{secret}.pem").write_text(text)


@contextmanager
def running(kit: Kit, node: str, folder: Path) -> Iterator[Controller]:
    """Run the controller for the Ingresses of a release."""
    program = shutil.which("haproxy") or "/usr/sbin/haproxy"
    found = Controller(_free_port(), _free_port(), folder / "haproxy.log")
    config = folder / "haproxy.cfg"
    config.write_text(configuration(kit, node, folder, found.http, found.https))
    with (
        found.log.open("wb") as out,
        subprocess.Popen([program, "-db", "-f", config], stdout=out, stderr=out) as process,
    ):
        try:
            wait_for("HAProxy", lambda: _listens(found.https) or process.poll() is not None, timeout=30)
            assert process.poll() is None, found.log.read_text() + config.read_text()
            yield found
        finally:
            process.terminate()


def _listens(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0
