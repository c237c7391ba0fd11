"""Writing to the Kubernetes API. Every method may be repeated: what is there already, or gone already, is fine."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from kitctl.errors import ExitCode, KitError
from kitctl.tools.kube.http import HTTP_CONFLICT, HTTP_NOT_FOUND, KubeHttp
from kitctl.tools.kube.objects import INSTANCE

FIELD_MANAGER = "kitctl"
_MERGE, _STRATEGIC = "application/merge-patch+json", "application/strategic-merge-patch+json"
_UNSUPPORTED, _UNPROCESSABLE = 415, 422


class KubeWrite:
    """The writing half of `kitctl.tools.kube.client.Kube`."""

    def __init__(self, http: KubeHttp) -> None:
        """Keep the connection."""
        self._http = http
        self._plurals: dict[str, dict[str, tuple[str, bool]]] = {}

    def create(self, path: str, body: dict[str, Any]) -> bool:
        """Create an object in a collection; False when one of that name exists."""
        code, _ = self._http.send(
            "POST", path, body=body, params={"fieldManager": FIELD_MANAGER}, accept=(HTTP_CONFLICT,)
        )
        return code != HTTP_CONFLICT

    def patch(self, path: str, body: dict[str, Any]) -> None:
        """Merge fields into an object (JSON merge patch: null removes a field)."""
        self._http.send("PATCH", path, body=body, params={"fieldManager": FIELD_MANAGER}, content_type=_MERGE)

    def delete(self, path: str, *, grace_seconds: int | None = None) -> bool:
        """Delete an object and what it owns; False when it is gone already."""
        body: dict[str, Any] = {"propagationPolicy": "Background"}
        if grace_seconds is not None:
            body["gracePeriodSeconds"] = grace_seconds
        code, _ = self._http.send("DELETE", path, body=body, accept=(HTTP_NOT_FOUND,))
        return code != HTTP_NOT_FOUND

    def ensure_namespace(self, name: str, labels: Mapping[str, str]) -> bool:
        """Create a namespace; one that exists keeps its labels.

        Returns:
            Whether it was created.
        """
        meta = {"name": name, "labels": dict(labels)}
        return self.create("/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": meta})

    def create_secret(self, namespace: str, name: str, data: Mapping[str, str], labels: Mapping[str, str]) -> bool:
        """Create an Opaque Secret from texts; False when it exists, which leaves it as it is."""
        body = {
            "apiVersion": "v1",
            "kind": "Secret",
            "type": "Opaque",
            "metadata": {"name": name, "labels": dict(labels)},
            "data": _encoded(data),
        }
        return self.create(f"/api/v1/namespaces/{namespace}/secrets", body)

    def add_secret_keys(self, namespace: str, name: str, data: Mapping[str, str]) -> None:
        """Add keys to a Secret; the caller has made sure that they are absent."""
        self.patch(f"/api/v1/namespaces/{namespace}/secrets/{name}", {"data": _encoded(data)})

    def annotate(self, path: str, marks: Mapping[str, str | None]) -> None:
        """Set annotations of the object at an API path; None removes one."""
        self.patch(path, {"metadata": {"annotations": dict(marks)}})

    def delete_claims(self, namespace: str, release: str) -> list[str]:
        """Delete every claim that carries the release's label.

        Returns:
            Their names.
        """
        base = f"/api/v1/namespaces/{namespace}/persistentvolumeclaims"
        found = self._http.send("GET", base, params={"labelSelector": f"{INSTANCE}={release}"})[1]["items"]
        names = [str(item["metadata"]["name"]) for item in found]
        for name in names:
            self.delete(f"{base}/{name}")
        return names

    def check(self, obj: dict[str, Any], namespace: str) -> None:
        """Let the server judge an object as if it were written now; nothing is kept.

        Quotas, admission webhooks, rights that a Role would grant, fields that cannot change: all of them speak up.

        Args:
            obj: Object with apiVersion, kind and metadata.name.
            namespace: Namespace for namespaced kinds that name none; it must exist.

        Raises:
            KitError: `object-refused` with the server's words.
        """
        path = self.path_of(obj, namespace)
        params = {"dryRun": "All", "fieldManager": FIELD_MANAGER}
        # 404: a RoleBinding whose Role is written in the same install; nothing can be told about it yet.
        # 415: custom resources know no strategic merge.
        accept = (400, 403, HTTP_NOT_FOUND, HTTP_CONFLICT, _UNSUPPORTED, _UNPROCESSABLE)
        # Asked first: a POST of a Service that exists is refused for its own NodePort before its name is looked at.
        exists = self._http.send("GET", path, accept=(HTTP_NOT_FOUND,))[0] != HTTP_NOT_FOUND
        if exists:
            # A strategic merge, as Helm sends it: it takes lists that server-side apply calls ambiguous.
            body = _whole_pods(obj)
            code, data = self._http.send(
                "PATCH", path, body=body, params=params, content_type=_STRATEGIC, accept=accept
            )
        else:
            code, data = self._http.send("POST", path.rpartition("/")[0], body=obj, params=params, accept=accept)
        if code in {400, 403, _UNPROCESSABLE}:
            kind, name = obj["kind"], obj["metadata"]["name"]
            raise KitError(
                "object-refused",
                f"Kubernetes refuses the {kind} {name}",
                cause=str(data.get("message", data)) if isinstance(data, dict) else str(data),
                fix="kitctl render manifests    # shows it; change the values that made it, or ask for the right",
                code=ExitCode.PREFLIGHT,
            )

    def path_of(self, obj: dict[str, Any], namespace: str) -> str:
        """Return the API path of an object, asking the server for the plural of its kind once.

        Raises:
            KitError: `kind-unknown` when the cluster has no such kind.
        """
        version, kind, meta = str(obj["apiVersion"]), str(obj["kind"]), obj["metadata"]
        base = f"/apis/{version}" if "/" in version else f"/api/{version}"
        if version not in self._plurals:
            code, data = self._http.send("GET", base, accept=(HTTP_NOT_FOUND,))
            listed = [] if code == HTTP_NOT_FOUND else data["resources"]
            self._plurals[version] = {
                r["kind"]: (r["name"], bool(r["namespaced"])) for r in listed if "/" not in r["name"]
            }
        if kind not in self._plurals[version]:
            raise KitError(
                "kind-unknown",
                f"The cluster has no kind {kind} in {version}",
                cause="Its operator or CRD is not installed, or the cluster is too old",
                fix="Install it, or switch off the value that renders it",
            )
        plural, namespaced = self._plurals[version][kind]
        where = f"/namespaces/{meta.get('namespace', namespace)}" if namespaced else ""
        return f"{base}{where}/{plural}/{meta['name']}"


def _whole_pods(obj: dict[str, Any]) -> dict[str, Any]:
    """Return a workload whose pod template replaces the one that is there, as Helm's three-way patch comes out.

    Merged by name, a volume that changes from a claim to an emptyDir would be both, and the server refuses that.
    """
    template = (obj.get("spec") or {}).get("template") or {}
    if "spec" not in template:
        return obj
    whole = {**template, "spec": {**template["spec"], "$patch": "replace"}}
    return {**obj, "spec": {**obj["spec"], "template": whole}}


def _encoded(data: Mapping[str, str]) -> dict[str, str]:
    return {key: base64.b64encode(value.encode()).decode() for key, value in data.items()}
