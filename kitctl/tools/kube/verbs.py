"""The verbs of the Kubernetes API on objects that are named by kind, namespace and name.

Every method may be repeated: what exists already, or is gone already, is no error.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kitctl.errors import KitError
from kitctl.tools.kube.http import HTTP_CONFLICT, HTTP_NOT_FOUND, KubeHttp
from kitctl.tools.kube.kinds import KINDS, Resource, version_path

FIELD_MANAGER = "kitctl"
_MERGE = "application/merge-patch+json"

Object = dict[str, Any]
Objects = list[Object]


class KubeVerbs:
    """get, list, create, patch and delete, for kinds in `kinds.KINDS` by their name and for any kind by its object.

    For kinds that live in no namespace, the namespace is ignored.
    """

    def __init__(self, http: KubeHttp) -> None:
        """Keep the connection."""
        self._http = http
        self._served: dict[str, dict[str, Resource]] = {}

    def get(self, kind: str, namespace: str, name: str) -> Object | None:
        """Return an object, or None."""
        return self._get(_path(kind, namespace, name)) if name else None

    def list(self, kind: str, namespace: str = "", selector: str = "", *, fields: str = "") -> Objects:
        """Return the objects of a kind; none where the cluster does not serve the kind.

        Args:
            kind: A kind in `kinds.KINDS`.
            namespace: Namespace; "" means all.
            selector: Label selector.
            fields: Field selector.
        """
        params = {"labelSelector": selector, "fieldSelector": fields}
        params = {key: value for key, value in params.items() if value}
        code, data = self._http.send(
            "GET", KINDS[kind].path(namespace), params=params or None, accept=(HTTP_NOT_FOUND,)
        )
        return [] if code == HTTP_NOT_FOUND else [*(data.get("items") or [])]

    def create(self, obj: Object, namespace: str = "") -> bool:
        """Create an object; False when one of its name exists.

        Args:
            obj: Object with apiVersion, kind and metadata.name.
            namespace: Namespace for an object that names none.
        """
        path = self.resource_of(obj).path(self.namespace_of(obj, namespace))
        code, _ = self._http.send(
            "POST", path, body=obj, params={"fieldManager": FIELD_MANAGER}, accept=(HTTP_CONFLICT,)
        )
        return code != HTTP_CONFLICT

    def patch(self, kind: str, namespace: str, name: str, body: Object) -> None:
        """Merge fields into an object (JSON merge patch: null removes a field)."""
        path, params = _path(kind, namespace, name), {"fieldManager": FIELD_MANAGER}
        self._http.send("PATCH", path, body=body, params=params, content_type=_MERGE)

    def annotate(self, kind: str, namespace: str, name: str, marks: Mapping[str, str | None]) -> None:
        """Set annotations of an object; None removes one."""
        self.patch(kind, namespace, name, {"metadata": {"annotations": dict(marks)}})

    def delete(self, kind: str, namespace: str, name: str, *, grace_seconds: int | None = None) -> bool:
        """Delete an object and what it owns; False when it is gone already."""
        body: Object = {"propagationPolicy": "Background"}
        if grace_seconds is not None:
            body["gracePeriodSeconds"] = grace_seconds
        path = _path(kind, namespace, name)
        code, _ = self._http.send("DELETE", path, body=body, accept=(HTTP_NOT_FOUND,))
        return code != HTTP_NOT_FOUND

    def delete_object(self, obj: Object, namespace: str) -> bool:
        """Delete an object of any kind, and what it owns; False when it is gone already."""
        body = {"propagationPolicy": "Background"}
        code, _ = self._http.send("DELETE", self.path_of(obj, namespace), body=body, accept=(HTTP_NOT_FOUND,))
        return code != HTTP_NOT_FOUND

    def live(self, obj: Object, namespace: str) -> Object | None:
        """Return the object of the cluster that has this one's kind, namespace and name, or None."""
        return self._get(self.path_of(obj, namespace))

    def namespace_of(self, obj: Object, namespace: str) -> str:
        """Return the namespace of an object: its own, else the one given; "" for kinds that live in none."""
        return str(obj["metadata"].get("namespace") or namespace) if self.resource_of(obj).namespaced else ""

    def path_of(self, obj: Object, namespace: str) -> str:
        """Return the API path of an object; only for this package."""
        return self.resource_of(obj).path(self.namespace_of(obj, namespace), obj["metadata"]["name"])

    def resource_of(self, obj: Object) -> Resource:
        """Return how the cluster serves the kind of an object; it is asked once for each apiVersion.

        Raises:
            KitError: `kind-unknown` when the cluster has no such kind.
        """
        version, kind = str(obj["apiVersion"]), str(obj["kind"])
        if kind in KINDS and KINDS[kind].version == version:
            return KINDS[kind]
        if version not in self._served:
            code, data = self._http.send("GET", version_path(version), accept=(HTTP_NOT_FOUND,))
            listed = [] if code == HTTP_NOT_FOUND else data["resources"]
            self._served[version] = {
                r["kind"]: Resource(version, r["name"], bool(r["namespaced"])) for r in listed if "/" not in r["name"]
            }
        if kind not in self._served[version]:
            raise KitError(
                "kind-unknown",
                f"The cluster has no kind {kind} in {version}",
                cause="Its operator or CRD is not installed, or the cluster is too old",
                fix="Install it, or remove the value that adds this object",
            )
        return self._served[version][kind]

    def _get(self, path: str) -> Object | None:
        code, data = self._http.send("GET", path, accept=(HTTP_NOT_FOUND,))
        return None if code == HTTP_NOT_FOUND else {**data}


def _path(kind: str, namespace: str, name: str) -> str:
    if not name:
        # Without a name it is the path of the collection: a DELETE would remove every object in it.
        raise ValueError(f"a {kind} without a name")
    return KINDS[kind].path(namespace, name)
