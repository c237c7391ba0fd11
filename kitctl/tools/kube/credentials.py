"""How the API server knows the caller: tokens, credential plugins, and whom the caller acts as."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

from kitctl.errors import ExitCode, KitError
from kitctl.tools.process import run

_NO_TOKEN = re.compile(rb"[^!#$&'*+\-.^_`|~0-9A-Za-z]")  # bytes that the name of an HTTP header may not have, and "%"


def headers(user: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return the HTTP headers of a kubeconfig's user as (name, value); a name may come several times.

    `as`, `as-uid`, `as-groups` and `as-user-extra` become the headers of impersonation. They are sent even where `as`
    is missing: the server refuses that, while leaving them out would grant more rights than the file asks for.
    """
    found: list[tuple[str, str]] = []
    token = user.get("token") or (Path(user["tokenFile"]).read_text().strip() if user.get("tokenFile") else "")
    if token:
        found.append(("Authorization", f"Bearer {token}"))
    elif user.get("username"):
        pair = f"{user['username']}:{user.get('password', '')}".encode()
        found.append(("Authorization", "Basic " + base64.b64encode(pair).decode()))
    if user.get("as"):
        found.append(("Impersonate-User", str(user["as"])))
    if user.get("as-uid"):
        found.append(("Impersonate-Uid", str(user["as-uid"])))
    found += [("Impersonate-Group", str(group)) for group in user.get("as-groups") or []]
    for key, values in (user.get("as-user-extra") or {}).items():
        found += [(f"Impersonate-Extra-{_escaped(str(key))}", str(value)) for value in values or []]
    return tuple(found)


def _escaped(key: str) -> str:
    """Percent-encode what the name of a header may not have, as Kubernetes expects it (a key may be a URL)."""
    return _NO_TOKEN.sub(lambda found: b"%%%02X" % found[0][0], key.encode()).decode()


def from_plugin(plugin: dict[str, Any], cluster: dict[str, Any]) -> dict[str, Any]:
    """Ask a credential plugin (EKS, GKE, AKS and others log in this way) for a token or a certificate.

    Args:
        plugin: `exec` of the kubeconfig's user.
        cluster: The kubeconfig's cluster.

    Returns:
        Fields of a kubeconfig's user.

    Raises:
        KitError: `credentials-failed`.
    """
    version = str(plugin.get("apiVersion") or "client.authentication.k8s.io/v1")
    spec: dict[str, Any] = {"interactive": False}
    if plugin.get("provideClusterInfo"):
        known = {"server", "certificate-authority-data", "insecure-skip-tls-verify", "tls-server-name", "proxy-url"}
        spec["cluster"] = {k: v for k, v in cluster.items() if k in known}
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
