"""Writing to the Kubernetes API. Every method may be repeated: what is there already, or gone already, is fine."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from kitctl.errors import ExitCode, KitError
from kitctl.tools.kube.http import HTTP_CONFLICT, HTTP_NOT_FOUND
from kitctl.tools.kube.objects import KEPT_BY_ARGO
from kitctl.tools.kube.verbs import FIELD_MANAGER, KubeVerbs

_STRATEGIC = "application/strategic-merge-patch+json"
_UNSUPPORTED, _UNPROCESSABLE = 415, 422


class KubeWrite(KubeVerbs):
    """The writing half of `kitctl.tools.kube.client.Kube`."""

    def ensure_namespace(self, name: str, labels: Mapping[str, str]) -> bool:
        """Create a namespace; one that exists keeps its labels.

        Returns:
            Whether it was created.
        """
        meta = {"name": name, "labels": dict(labels), "annotations": KEPT_BY_ARGO}
        return self.create({"apiVersion": "v1", "kind": "Namespace", "metadata": meta})

    def create_secret(self, namespace: str, name: str, data: Mapping[str, str], labels: Mapping[str, str]) -> bool:
        """Create an Opaque Secret from texts; False when it exists, which leaves it as it is."""
        body = {
            "apiVersion": "v1",
            "kind": "Secret",
            "type": "Opaque",
            "metadata": {"name": name, "labels": dict(labels), "annotations": KEPT_BY_ARGO},
            "data": _encoded(data),
        }
        return self.create(body, namespace)

    def add_secret_keys(self, namespace: str, name: str, data: Mapping[str, str]) -> None:
        """Add keys to a Secret; the caller has made sure that they are absent."""
        self.patch("Secret", namespace, name, {"data": _encoded(data)})

    def check(self, obj: dict[str, Any], namespace: str) -> None:
        """Let the server judge an object as if it were written now; nothing is kept.

        Quotas, admission webhooks, rights that a Role would grant, fields that cannot change or that nobody knows: all
        of them speak up.

        Args:
            obj: Object with apiVersion, kind and metadata.name.
            namespace: Namespace for namespaced kinds that name none; it must exist.

        Raises:
            KitError: `object-refused` with the server's words.
        """
        path = self.path_of(obj, namespace)
        # Strict, as kubectl asks: Helm writes a field with a misspelt name, and the server would drop it.
        params = {"dryRun": "All", "fieldManager": FIELD_MANAGER, "fieldValidation": "Strict"}
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
                fix="kitctl render manifests    # shows it; change the values that make it, or ask an administrator",
                code=ExitCode.PREFLIGHT,
            )


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
