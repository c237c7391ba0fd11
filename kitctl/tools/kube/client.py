"""The Kubernetes API in the few small methods that the use cases need."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

from kitctl.errors import KitError
from kitctl.tools.kube import read
from kitctl.tools.kube.config import load
from kitctl.tools.kube.http import HTTP_NOT_FOUND, KubeHttp
from kitctl.tools.kube.kinds import KINDS
from kitctl.tools.kube.objects import INSTANCE, OURS, Claim, CronJob, Job, Node, Pod, Service, StorageClass, Workload
from kitctl.tools.kube.write import KubeWrite

_NOT_KUBERNETES = (400, HTTP_NOT_FOUND, 405, 406)  # what other servers answer to GET /version


class Kube(KubeWrite):
    """One cluster. Reading methods are here, writing ones in `KubeWrite`."""

    @classmethod
    def connect(cls, context: str | None = None, kubeconfig: Path | None = None) -> Kube:
        """Connect and ask for the version, so that a dead cluster is found out within seconds.

        Args:
            context: Kube context, None for the current one.
            kubeconfig: Kubeconfig file, None for kubectl's rules.

        Raises:
            KitError: `context-missing`, `cluster-unreachable`, `unauthorized` (all with code UNREACHABLE).
        """
        kube = cls(KubeHttp(load(context, kubeconfig)))
        kube.version()
        return kube

    @property
    def context(self) -> str:
        """Name of the context in use."""
        return self._http.connection.context

    @property
    def server(self) -> str:
        """Address of the API server."""
        return self._http.connection.server

    @property
    def certificate(self) -> str:
        """Certificate (PEM) by which the server knows the caller, "" where it is a token."""
        return self._http.connection.certificate

    def version(self) -> str:
        """Return the server's version, e.g. "v1.34.4".

        Raises:
            KitError: `cluster-unreachable`, `unauthorized`, or `kubernetes-refused` by a server that is not Kubernetes.
        """
        code, data = self._http.send("GET", "/version", accept=_NOT_KUBERNETES)
        if isinstance(data, dict) and "gitVersion" in data:
            return str(data["gitVersion"])
        words = str(data.get("message", data)) if isinstance(data, dict) else str(data)
        raise KitError(
            "kubernetes-refused",
            f"{self.server} is not a Kubernetes API server",
            cause=f"It answered GET /version with {code}: {words.strip()[:200]}",
            fix="kubectl config view --minify    # correct its server, or name another context: --context NAME",
        )

    def namespace(self, name: str) -> dict[str, Any] | None:
        """Return the Namespace object, or None."""
        return self.get("Namespace", "", name)

    def secret(self, namespace: str, name: str) -> dict[str, str] | None:
        """Return a Secret's data, decoded, or None; bytes that are no UTF-8 are replaced, as nobody can type them."""
        found = self.get("Secret", namespace, name)
        if found is None:
            return None
        data = found.get("data") or {}
        return {key: base64.b64decode(value).decode(errors="replace") for key, value in data.items()}

    def config_map(self, namespace: str, name: str) -> dict[str, str] | None:
        """Return a ConfigMap's data, or None."""
        found = self.get("ConfigMap", namespace, name)
        return None if found is None else dict(found.get("data") or {})

    def pods(self, namespace: str, selector: str = "") -> list[Pod]:
        """Return the pods that a label selector matches."""
        return [read.pod(p) for p in self.list("Pod", namespace, selector)]

    def workloads(self, namespace: str, release: str) -> list[Workload]:
        """Return the Deployments and StatefulSets of a release, sorted by component."""
        selector = f"{INSTANCE}={release},{OURS}"
        pods = self.pods(namespace, selector)
        found = [
            read.workload(obj, kind, pods)
            for kind in ("StatefulSet", "Deployment")
            for obj in self.list(kind, namespace, selector)
        ]
        return sorted(found, key=lambda w: w.component)

    def jobs(self, namespace: str, release: str) -> list[Job]:
        """Return the Jobs of a release."""
        return [read.job(j) for j in self.list("Job", namespace, f"{INSTANCE}={release},{OURS}")]

    def cron_jobs(self, namespace: str, release: str) -> list[CronJob]:
        """Return the CronJobs of a release, sorted by component."""
        found = [read.cron_job(c) for c in self.list("CronJob", namespace, f"{INSTANCE}={release},{OURS}")]
        return sorted(found, key=lambda c: c.component)

    def services(self, namespace: str = "", selector: str = "") -> list[Service]:
        """Return Services of a namespace, or of all with an empty one."""
        return [read.service(s) for s in self.list("Service", namespace, selector)]

    def claims(self, namespace: str, release: str) -> list[Claim]:
        """Return the claims that carry the label of a release of this name, other charts' too."""
        return [read.claim(c) for c in self.list("PersistentVolumeClaim", namespace, f"{INSTANCE}={release}")]

    def claim(self, namespace: str, name: str) -> Claim | None:
        """Return one claim by its name."""
        found = self.get("PersistentVolumeClaim", namespace, name)
        return None if found is None else read.claim(found)

    def nodes(self) -> list[Node]:
        """Return the nodes."""
        return [read.node(n) for n in self.list("Node")]

    def storage_classes(self) -> list[StorageClass]:
        """Return the StorageClasses."""
        return [read.storage_class(s) for s in self.list("StorageClass")]

    def events(self, namespace: str, name: str = "") -> list[dict[str, Any]]:
        """Return the events of a namespace, or of one object in it by name, oldest first."""
        found = self.list("Event", namespace, fields=f"involvedObject.name={name}" if name else "")
        return sorted(found, key=lambda e: e.get("lastTimestamp") or e.get("eventTime") or "")

    def pod_log(
        self,
        namespace: str,
        name: str,
        container: str = "",
        *,
        tail: int = 20,
        previous: bool = False,
        limit_bytes: int | None = None,
    ) -> str:
        """Return the last lines of a container's log, "" when there are none yet.

        Args:
            namespace: Namespace of the pod.
            name: Its name.
            container: Its container; "" for the only one.
            tail: Number of lines from the end.
            previous: The log of the container before its last restart.
            limit_bytes: Bytes after which Kubernetes ends its answer; the last line may then be cut.
        """
        params = {"tailLines": str(tail), **({"container": container} if container else {})}
        if limit_bytes is not None:
            params["limitBytes"] = str(limit_bytes)
        if previous:
            params["previous"] = "true"
        path = KINDS["Pod"].path(namespace, name) + "/log"
        code, text = self._http.send("GET", path, params=params, accept=(400, HTTP_NOT_FOUND))
        return str(text) if code < HTTP_NOT_FOUND and isinstance(text, str) else ""

    def can_i(self, verb: str, resource: str, namespace: str) -> bool:
        """Ask whether the caller has a right.

        Args:
            verb: For example "create".
            resource: Plural with its group and subresource as kubectl writes them: "deployments.apps", "pods/log".
            namespace: Namespace; "" asks for the whole cluster.
        """
        plural, _, sub = resource.partition("/")
        name, _, group = plural.partition(".")
        ask = {"verb": verb, "resource": name, "group": group, "subresource": sub, "namespace": namespace}
        review = KINDS["SelfSubjectAccessReview"]
        body = {
            "apiVersion": review.version,
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": ask},
        }
        answer = self._http.send("POST", review.path(), body=body)[1]
        return bool(answer["status"]["allowed"])
