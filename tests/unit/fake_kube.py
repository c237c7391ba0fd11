"""A Kubernetes API in memory, behind httpx: the kit's own client talks to it as to a real server."""

import base64
import gzip
import json
import re
import ssl
import time
from typing import Any
from urllib.parse import parse_qs

import httpx

from kitctl.tools.kube.client import Kube
from kitctl.tools.kube.config import Connection
from kitctl.tools.kube.http import KubeHttp
from kitctl.tools.kube.kinds import KINDS as SERVED
from kitctl.tools.kube.kinds import Resource

KINDS = {
    "v1": ["Namespace", "Secret", "ConfigMap", "Service", "Pod", "PersistentVolumeClaim", "ServiceAccount"],
    "apps/v1": ["Deployment", "StatefulSet"],
    "batch/v1": ["Job"],
    "networking.k8s.io/v1": ["NetworkPolicy"],
    "rbac.authorization.k8s.io/v1": ["Role", "RoleBinding"],
    "policy/v1": ["PodDisruptionBudget"],
}


def plural(kind: str) -> str:
    return kind.lower()[:-1] + "ies" if kind.endswith("y") else kind.lower() + "s"


OURS = "app.kubernetes.io/part-of: airflow-kit"
"""What tells a manifest of the kit."""


class FakeKube:
    """Objects by API path, the requests that came in, and rights that are refused."""

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, Any]] = {}
        self.requests: list[tuple[str, str]] = []
        self._writes: list[tuple[str, str]] = []
        self.denied: set[tuple[str, str]] = set()
        self.down = False
        self.logs: dict[str, str] = {}
        self.refused: dict[str, str] = {}

    @property
    def kube(self) -> Kube:
        connection = Connection("test", "https://kube.test", ssl.create_default_context())
        return Kube(KubeHttp(connection, httpx.MockTransport(self.answer)))

    @property
    def writes(self) -> list[tuple[str, str]]:
        return self._writes

    def add(self, obj: dict[str, Any], namespace: str = "airflow") -> str:
        kind, name = obj["kind"], obj["metadata"]["name"]
        served = SERVED.get(kind) or Resource(obj["apiVersion"], plural(kind))
        path, inside = served.path(namespace, name), served.namespaced
        obj["metadata"].setdefault("uid", path)
        if inside:
            obj["metadata"].setdefault("namespace", namespace)
        self.objects[path] = obj
        return path

    def add_secret(self, name: str, data: dict[str, str], labels: dict[str, str] | None = None) -> str:
        coded = {k: base64.b64encode(v.encode()).decode() for k, v in data.items()}
        meta = {"name": name, "labels": labels or {}}
        return self.add({"apiVersion": "v1", "kind": "Secret", "metadata": meta, "data": coded})

    def add_record(
        self,
        status: str,
        *,
        revision: int = 1,
        age: float = 0,
        ours: bool = True,
        manifest: str = "app.kubernetes.io/part-of: airflow-kit",
        **more: Any,
    ) -> str:
        body = {"manifest": manifest, "config": {}, "chart": {"metadata": {"name": "airflow", "version": "1"}}, **more}
        text = base64.b64encode(gzip.compress(json.dumps(body).encode())).decode()
        labels = {"owner": "helm", "name": "airflow", "status": status, "version": str(revision)}
        labels["modifiedAt"] = str(int(time.time() - age))
        if ours:
            labels["kitctl"] = "up"
        return self.add_secret(f"sh.helm.release.v1.airflow.v{revision}", {"release": text}, labels)

    def answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        self.requests.append((request.method, path))
        if request.method != "GET" and "selfsubject" not in path and b"dryRun" not in request.url.query:
            self._writes.append((request.method, path))
        if self.down:
            raise httpx.ConnectError("refused")
        if path.endswith("selfsubjectaccessreviews"):
            ask = json.loads(request.content)["spec"]["resourceAttributes"]
            return httpx.Response(201, json={"status": {"allowed": (ask["verb"], ask["resource"]) not in self.denied}})
        refused = self._refusal(request)
        return refused or getattr(self, f"_{request.method.lower()}")(request, path)

    def _refusal(self, request: httpx.Request) -> httpx.Response | None:
        verb = {"GET": "list", "POST": "create", "PATCH": "patch", "DELETE": "delete"}[request.method]
        for refused, resource in self.denied:
            if refused == verb and request.url.path.rstrip("/").endswith(resource):
                words = f'User "bob" cannot {verb} resource "{resource}" in API group "" in the namespace "airflow"'
                return httpx.Response(403, json={"message": words})
        return None

    def _get(self, request: httpx.Request, path: str) -> httpx.Response:
        if path == "/version":
            return httpx.Response(200, json={"gitVersion": "v1.34.4"})
        if path.endswith("/log"):
            return httpx.Response(200, text=self.logs.get(path.split("/")[-2], ""))
        version = path.removeprefix("/apis/").removeprefix("/api/")
        if version in KINDS:
            found = [{"name": plural(k), "kind": k, "namespaced": k != "Namespace"} for k in KINDS[version]]
            return httpx.Response(200, json={"resources": found})
        if path in self.objects:
            return httpx.Response(200, json=self.objects[path])
        if re.fullmatch(r"/(api/v1|apis/[^/]+/[^/]+)(/namespaces/[^/]+)?/[a-z]+", path):
            return httpx.Response(200, json={"items": self._list(path, request)})
        return httpx.Response(404, json={"message": f"{path} not found"})

    def _list(self, path: str, request: httpx.Request) -> list[dict[str, Any]]:
        query = parse_qs(request.url.query.decode())
        wanted = dict(p.split("=", 1) for p in query.get("labelSelector", [""])[0].split(",") if p)
        base, _, name = path.rpartition("/")
        pattern = re.compile(re.escape(base) + r"(/namespaces/[^/]+)?/" + re.escape(name) + r"/[^/]+")
        found = [obj for key, obj in self.objects.items() if pattern.fullmatch(key)]
        about = query.get("fieldSelector", [""])[0].removeprefix("involvedObject.name=")
        found = [o for o in found if not about or (o.get("involvedObject") or {}).get("name") == about]
        return [o for o in found if wanted.items() <= (o["metadata"].get("labels") or {}).items()]

    def _post(self, request: httpx.Request, path: str) -> httpx.Response:
        obj = json.loads(request.content)
        key = f"{path}/{obj['metadata']['name']}"
        taken = (obj.get("spec") or {}).get("type") == "NodePort" and key in self.objects
        if b"dryRun=All" in request.url.query:
            home = re.match(r".*/namespaces/([^/]+)/", path)
            if home and f"/api/v1/namespaces/{home[1]}" not in self.objects:
                return httpx.Response(404, json={"message": f"namespaces {home[1]} not found"})
            return (
                httpx.Response(422, json={"message": "port is already allocated"})
                if taken
                else self._judge(request, obj)
            )
        if key in self.objects:
            return httpx.Response(409, json={"message": "exists"})
        self.objects[key] = obj
        return httpx.Response(201, json=obj)

    def _judge(self, request: httpx.Request, obj: dict[str, Any]) -> httpx.Response:
        if request.url.params.get("fieldValidation") == "Strict" and "misspelt" in (obj.get("spec") or {}):
            return httpx.Response(400, json={"message": 'strict decoding error: unknown field "spec.misspelt"'})
        words = self.refused.get(obj["metadata"]["name"])
        return httpx.Response(422 if words else 200, json={"message": words} if words else obj)

    def _patch(self, request: httpx.Request, path: str) -> httpx.Response:
        if b"dryRun=All" in request.url.query:
            return self._judge(request, json.loads(request.content))
        if path not in self.objects:
            return httpx.Response(404, json={"message": "not found"})
        _merge(self.objects[path], json.loads(request.content))
        return httpx.Response(200, json=self.objects[path])

    def _delete(self, request: httpx.Request, path: str) -> httpx.Response:
        if self.objects.pop(path, None) is None:
            return httpx.Response(404, json={"message": "not found"})
        return httpx.Response(200, json={})


def _merge(target: dict[str, Any], patch: dict[str, Any]) -> None:
    for key, value in patch.items():
        if isinstance(value, dict):
            _merge(target.setdefault(key, {}), value)
        elif value is None:
            target.pop(key, None)
        else:
            target[key] = value
