"""Turns a kube context into what an HTTP client needs: address, TLS, headers.

kubectl itself merges the kubeconfig files (KUBECONFIG may list several), so nothing of that is done a second time here.
"""

from __future__ import annotations

import base64
import json
import os
import ssl
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kitctl.errors import ExitCode, KitError
from kitctl.tools import toolbox
from kitctl.tools.process import run


@dataclass(frozen=True)
class Connection:
    """How to reach an API server.

    Attributes:
        context: Name of the kube context.
        server: Base address, e.g. https://10.0.0.1:6443.
        tls: TLS context with the cluster's CA and the client's certificate.
        headers: Authorization and impersonation.
        proxy: Proxy of the context, or None.
    """

    context: str
    server: str
    tls: ssl.SSLContext
    headers: dict[str, str] = field(default_factory=dict)
    proxy: str | None = None


def kubectl_argv(context: str | None, kubeconfig: Path | None) -> list[str]:
    """Return the start of every kubectl command line: program, kubeconfig, context."""
    argv = [str(toolbox.tool("kubectl"))]
    if kubeconfig:
        argv += ["--kubeconfig", str(kubeconfig)]
    if context:
        argv += ["--context", context]
    return argv


def load(context: str | None, kubeconfig: Path | None) -> Connection:
    """Read one context.

    Args:
        context: Its name; None means the current one.
        kubeconfig: File to read; None means kubectl's own rules.

    Raises:
        KitError: `context-missing` when there is no such context, `credentials-failed` when its plugin fails.
    """
    argv = [*kubectl_argv(context, kubeconfig), "config", "view", "--raw", "--minify", "--flatten", "-o", "json"]
    answer = run(argv, check=False, timeout=20)
    if not answer.ok:
        gone = kubeconfig and not kubeconfig.exists()
        raise _missing(context, f"There is no file {kubeconfig}" if gone else answer.stderr.strip())
    view = json.loads(answer.stdout)
    if not view.get("clusters"):
        raise _missing(context, "The kubeconfig has no current context")
    cluster: dict[str, Any] = view["clusters"][0]["cluster"]
    user: dict[str, Any] = (view.get("users") or [{}])[0].get("user") or {}
    if user.get("exec"):
        user = {**user, **_from_plugin(user["exec"], cluster)}
    return Connection(
        context=str(view.get("current-context") or context or ""),
        server=str(cluster["server"]).rstrip("/"),
        tls=_tls(cluster, user),
        headers=_headers(user),
        proxy=cluster.get("proxy-url") or None,
    )


def _missing(context: str | None, cause: str) -> KitError:
    return KitError(
        "context-missing",
        f"The kube context {context} does not exist" if context else "No current kube context is set",
        cause=cause,
        fix="kubectl config get-contexts    # then --context NAME; `kitctl up` can also make a cluster",
        code=ExitCode.UNREACHABLE,
    )


def _headers(user: dict[str, Any]) -> dict[str, str]:
    headers: dict[str, str] = {}
    token = user.get("token") or (Path(user["tokenFile"]).read_text().strip() if user.get("tokenFile") else "")
    if token:
        headers["Authorization"] = f"Bearer {token}"
    elif user.get("username"):
        pair = f"{user['username']}:{user.get('password', '')}".encode()
        headers["Authorization"] = "Basic " + base64.b64encode(pair).decode()
    if user.get("as"):
        headers["Impersonate-User"] = str(user["as"])
    return headers


def _tls(cluster: dict[str, Any], user: dict[str, Any]) -> ssl.SSLContext:
    tls = ssl.create_default_context()
    if cluster.get("certificate-authority-data"):
        tls.load_verify_locations(cadata=base64.b64decode(cluster["certificate-authority-data"]).decode())
        # Many clusters' CAs lack the extension that Python's strict mode (3.13) asks for; kubectl takes them.
        tls.verify_flags &= ~ssl.VERIFY_X509_STRICT
    if cluster.get("insecure-skip-tls-verify"):
        tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE
    if user.get("client-certificate-data") and user.get("client-key-data"):
        pem = base64.b64decode(user["client-certificate-data"]) + b"\n" + base64.b64decode(user["client-key-data"])
        # OpenSSL takes client certificates from files only: mkstemp makes it 0600, and it is gone at once.
        handle, name = tempfile.mkstemp(prefix="kitctl-")
        try:
            with os.fdopen(handle, "wb") as out:
                out.write(pem)
            tls.load_cert_chain(name)
        finally:
            Path(name).unlink()
    return tls


def _from_plugin(plugin: dict[str, Any], cluster: dict[str, Any]) -> dict[str, Any]:
    """Ask a credential plugin (EKS, GKE, AKS and others log in this way) for a token or a certificate."""
    version = str(plugin.get("apiVersion") or "client.authentication.k8s.io/v1")
    spec: dict[str, Any] = {"interactive": False}
    if plugin.get("provideClusterInfo"):
        spec["cluster"] = {k: v for k, v in cluster.items() if k in {"server", "certificate-authority-data"}}
    env = {str(e["name"]): str(e["value"]) for e in plugin.get("env") or []}
    env["KUBERNETES_EXEC_INFO"] = json.dumps({"apiVersion": version, "kind": "ExecCredential", "spec": spec})
    argv = [str(plugin["command"]), *(str(a) for a in plugin.get("args") or [])]
    answer = run(argv, env=env, check=False, timeout=60)
    try:
        status = json.loads(answer.stdout)["status"]
    except (ValueError, KeyError, TypeError) as exc:
        raise KitError(
            "credentials-failed",
            f"The credential plugin {argv[0]} of the kube context gave no credentials",
            cause="\n".join(answer.stderr.strip().splitlines()[-5:]),
            fix=str(
                plugin.get("installHint") or "Log in again with your provider's tool, then try `kubectl get nodes`"
            ),
            code=ExitCode.UNREACHABLE,
        ) from exc
    found: dict[str, Any] = {"token": status.get("token")}
    for key, name in (("clientCertificateData", "client-certificate-data"), ("clientKeyData", "client-key-data")):
        if status.get(key):
            found[name] = base64.b64encode(status[key].encode()).decode()
    return {k: v for k, v in found.items() if v}
