"""HTTP to the Kubernetes API: one connection that is kept, and Kubernetes' refusals as errors of the kit.

The official client package needs two seconds to import, more than a whole second `kitctl up` may use for its thinking;
the few calls of the kit are plain JSON.
"""

from __future__ import annotations

import re
from typing import Any

import httpx

from kitctl.errors import ExitCode, KitError
from kitctl.tools.kube.config import Connection
from kitctl.tools.process import ECHO

_FORBIDDEN = re.compile(
    r'User "(?P<user>[^"]*)" cannot (?P<verb>\w+) resource "(?P<resource>[^"]+)" in API group "(?P<group>[^"]*)"'
    r'(?: in the namespace "(?P<namespace>[^"]+)")?'
)
HTTP_UNAUTHORIZED, HTTP_FORBIDDEN, HTTP_NOT_FOUND, HTTP_CONFLICT, HTTP_BAD = 401, 403, 404, 409, 400


class KubeHttp:
    """JSON requests to one API server."""

    def __init__(self, connection: Connection, transport: httpx.BaseTransport | None = None) -> None:
        """Prepare the connection; nothing is sent yet.

        Args:
            connection: Where to.
            transport: Replaces the network, for tests.
        """
        self.connection = connection
        self._client = httpx.Client(
            base_url=connection.server,
            verify=connection.tls,
            headers={**connection.headers, "Accept": "application/json", "User-Agent": "kitctl"},
            proxy=connection.proxy,
            timeout=httpx.Timeout(30.0, connect=5.0),
            transport=transport,
        )

    def send(
        self,
        method: str,
        path: str,
        *,
        body: object = None,
        params: dict[str, str] | None = None,
        content_type: str = "application/json",
        accept: tuple[int, ...] = (),
    ) -> tuple[int, Any]:
        """Send one request.

        Args:
            method: GET, POST, PUT, PATCH or DELETE.
            path: Path below the server, e.g. /api/v1/namespaces/airflow.
            body: Object sent as JSON, or None.
            params: Query parameters.
            content_type: Content type of the body; patches have their own.
            accept: HTTP codes ≥ 400 that are answers here rather than errors.

        Returns:
            HTTP code and the decoded answer: JSON as an object, anything else as text.

        Raises:
            KitError: `cluster-unreachable`, `unauthorized`, `forbidden`, or `kubernetes-refused` with its words.
        """
        if ECHO.verbose > 1:
            ECHO.write(f"+ {method} {path}\n")
        try:
            answer = self._client.request(
                method,
                path,
                params=params,
                json=body if content_type == "application/json" else None,
                content=None if content_type == "application/json" else _encode(body),
                headers=None if content_type == "application/json" else {"Content-Type": content_type},
            )
        except httpx.HTTPError as exc:
            raise self._unreachable(f"{type(exc).__name__}: {exc}") from exc
        is_json = answer.headers.get("content-type", "").startswith("application/json")
        data = answer.json() if is_json else answer.text
        if answer.status_code >= HTTP_BAD and answer.status_code not in accept:
            raise self._refusal(method, path, answer.status_code, data)
        return answer.status_code, data

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def _unreachable(self, cause: str) -> KitError:
        where = self.connection
        return KitError(
            "cluster-unreachable",
            f"The cluster of the context {where.context} at {where.server} does not answer",
            cause=cause,
            fix=f"kubectl --context {where.context} get nodes    # for the kit's own cluster: kitctl cluster create",
            code=ExitCode.UNREACHABLE,
        )

    def _refusal(self, method: str, path: str, code: int, data: object) -> KitError:
        words = str(data.get("message", data)) if isinstance(data, dict) else str(data)
        if code == HTTP_UNAUTHORIZED:
            return KitError(
                "unauthorized",
                f"The cluster of the context {self.connection.context} refuses the credentials of the kubeconfig",
                cause=words,
                fix=f"Log in again, then check with: kubectl --context {self.connection.context} auth whoami",
                code=ExitCode.UNREACHABLE,
            )
        if code == HTTP_FORBIDDEN and (right := refused_right(words)):
            return right
        if (path, code) == ("/version", HTTP_NOT_FOUND):
            return KitError(
                "kubernetes-refused",
                f"{self.connection.server} is not a Kubernetes API server",
                cause=words,
                fix="kubectl config view --minify    # correct its server, or name another context: --context NAME",
            )
        return KitError(
            "kubernetes-refused",
            f"Kubernetes refused {method} {path} ({code})",
            cause=words,
            fix=f"kubectl --context {self.connection.context} get --raw '/readyz?verbose'    # is the cluster healthy? "
            "Then correct what the cause names, and run it again",
        )


def _encode(body: object) -> bytes:
    import json  # noqa: PLC0415 - httpx has loaded it by now

    return json.dumps(body).encode()


def refused_right(words: str) -> KitError | None:
    """Return the error of the missing right that Kubernetes' words name, or None; Helm repeats these words."""
    if found := _FORBIDDEN.search(words):
        return forbidden(found["verb"], found["resource"], found["group"], found["namespace"] or "", user=found["user"])
    return None


def forbidden(verb: str, resource: str, group: str, namespace: str, user: str = "") -> KitError:
    """Make the error of a missing right, with a Role to paste.

    Args:
        verb: Verb that was refused, e.g. "create".
        resource: Plural name, with a subresource after a slash.
        group: API group, "" for the core group.
        namespace: Namespace, or "" for cluster-wide rights.
        user: Name that the cluster knows the caller by.
    """
    kind, where = ("Role", f" in the namespace {namespace}") if namespace else ("ClusterRole", " in the whole cluster")
    scope = f", namespace: {namespace}" if namespace else ""
    role = (
        "Ask an administrator of the cluster to grant it, for example:\n"
        f"apiVersion: rbac.authorization.k8s.io/v1\nkind: {kind}\nmetadata: {{name: airflow-kit{scope}}}\n"
        f"rules:\n- apiGroups: ['{group}']\n  resources: ['{resource}']\n  verbs: ['{verb}']"
    )
    return KitError(
        "forbidden",
        f"The right to {verb} {resource}{where} is missing",
        cause=f"Kubernetes knows the caller as {user}" if user else "",
        fix=role,
        code=ExitCode.PREFLIGHT,
    )
