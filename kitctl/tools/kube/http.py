"""HTTP to the Kubernetes API: one connection that is kept, and Kubernetes' refusals as errors of the kit.

Why the kit has a client of its own: docs/adr/0014-own-kubernetes-client.md.
"""

from __future__ import annotations

import json
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
        self._transport = transport
        self._client = self._open()

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
        content = {"content": _encode(body), "headers": {"Content-Type": content_type}} if body is not None else {}
        answer = self._request(method, path, params=params, **content)
        if answer.status_code == HTTP_UNAUTHORIZED and self.connection.renew:
            # Tokens of cloud providers live about 15 minutes, less than `up` may take.
            self.close()
            self.connection = self.connection.renew()
            self._client = self._open()
            answer = self._request(method, path, params=params, **content)
        is_json = answer.headers.get("content-type", "").startswith("application/json")
        data = answer.json() if is_json else answer.text
        if answer.status_code >= HTTP_BAD and answer.status_code not in accept:
            raise self._refusal(method, path, answer.status_code, data)
        return answer.status_code, data

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def _open(self) -> httpx.Client:
        connection = self.connection
        headers = (("Accept", "application/json"), ("User-Agent", "kitctl"), *connection.headers)
        try:
            return httpx.Client(
                base_url=connection.server,
                verify=connection.tls,
                headers=[(name.encode(), value.encode()) for name, value in headers],
                proxy=connection.proxy,
                trust_env=False,  # `proxy_of` has read the environment, by kubectl's rules
                timeout=httpx.Timeout(30.0, connect=5.0),
                transport=self._transport,
            )
        except (httpx.InvalidURL, ValueError) as exc:  # of the server or of the proxy
            raise self._unreachable(str(exc)) from exc

    def _request(self, method: str, path: str, **more: Any) -> httpx.Response:
        try:
            return self._client.request(method, path, **more)
        except httpx.HTTPError as exc:
            raise self._unreachable(f"{type(exc).__name__}: {exc}") from exc

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
        return KitError(
            "kubernetes-refused",
            f"Kubernetes refused {method} {path} ({code})",
            cause=words,
            fix=f"kubectl --context {self.connection.context} get --raw '/readyz?verbose'    # is the cluster healthy? "
            "Then correct what the cause names, and run it again",
        )


def _encode(body: object) -> bytes:
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
