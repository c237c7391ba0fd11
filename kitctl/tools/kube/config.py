"""Turns a kube context into what an HTTP client needs: address, TLS, headers, proxy.

kubectl itself merges the kubeconfig files (KUBECONFIG may list several), so nothing of that is done a second time here.
"""

from __future__ import annotations

import json
import ssl
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from kitctl.tools.kube import contexts
from kitctl.tools.kube.credentials import from_plugin, headers
from kitctl.tools.kube.proxy import proxy_of
from kitctl.tools.kube.tls import tls
from kitctl.tools.process import run


@dataclass(frozen=True)
class Connection:
    """How to reach an API server.

    Attributes:
        context: Name of the kube context.
        server: Base address, e.g. https://10.0.0.1:6443.
        tls: TLS context with the cluster's CA, its name and the client's certificate.
        headers: Authorization and impersonation, as (name, value).
        proxy: URL of the proxy, or None.
        certificate: The client's certificate (PEM), "" without one.
        renew: Reads the context again, for credentials that expire; None where they do not.
    """

    context: str
    server: str
    tls: ssl.SSLContext
    headers: tuple[tuple[str, str], ...] = ()
    proxy: str | None = None
    certificate: str = ""
    renew: Callable[[], Connection] | None = None


def load(context: str | None, kubeconfig: Path | None) -> Connection:
    """Read one context.

    Args:
        context: Its name; None means the current one.
        kubeconfig: File to read; None means kubectl's own rules.

    Raises:
        KitError: `context-missing` when there is no such context, `credentials-failed` when its plugin fails.
    """
    question = ["config", "view", "--raw", "--minify", "--flatten", "-o", "json"]
    answer = run([*contexts.kubectl_argv(context, kubeconfig), *question], check=False, timeout=20)
    view = json.loads(answer.stdout) if answer.ok else {}
    if not view.get("clusters"):
        raise contexts.missing(context, kubeconfig, answer.stderr)
    cluster: dict[str, Any] = view["clusters"][0]["cluster"]
    user: dict[str, Any] = (view.get("users") or [{}])[0].get("user") or {}
    expires = bool(user.get("exec") or user.get("tokenFile"))
    if user.get("exec"):
        user = {**user, **from_plugin(user["exec"], cluster)}
    server = str(cluster["server"]).rstrip("/")
    return Connection(
        context=str(view.get("current-context") or context or ""),
        server=server,
        tls=tls(cluster, user),
        headers=headers(user),
        proxy=proxy_of(server, str(cluster.get("proxy-url") or "")),
        certificate=b64decode(user.get("client-certificate-data") or "").decode(errors="replace"),
        renew=partial(load, context, kubeconfig) if expires else None,
    )
