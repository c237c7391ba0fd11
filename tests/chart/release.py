"""Renders the chart and hands out typed Kubernetes objects. Every render happens once per test process."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from kubernetes import client

from kitctl.model.versions import pin
from kitctl.tools.helm.client import documents
from kitctl.tools.toolbox import tool

ROOT = Path(__file__).resolve().parents[2]
CHART = ROOT / "chart"
EXAMPLES = sorted((ROOT / "values-examples").glob("*.yaml"))
WORKER_TEMPLATES = "pod-templates"

_MODELS = {
    "ClusterRole": "V1ClusterRole",
    "ClusterRoleBinding": "V1ClusterRoleBinding",
    "ConfigMap": "V1ConfigMap",
    "CronJob": "V1CronJob",
    "Deployment": "V1Deployment",
    "HorizontalPodAutoscaler": "V2HorizontalPodAutoscaler",
    "Ingress": "V1Ingress",
    "Job": "V1Job",
    "NetworkPolicy": "V1NetworkPolicy",
    "PersistentVolumeClaim": "V1PersistentVolumeClaim",
    "Pod": "V1Pod",
    "PodDisruptionBudget": "V1PodDisruptionBudget",
    "Role": "V1Role",
    "RoleBinding": "V1RoleBinding",
    "Secret": "V1Secret",
    "Service": "V1Service",
    "ServiceAccount": "V1ServiceAccount",
    "StatefulSet": "V1StatefulSet",
}

_CUSTOM = {"keda.sh/v1alpha1"}

# Values that reach what no example switches on; one story each, so that a failure names its cause.
_REPO = "https://git.example.com/dags.git"
MODES: dict[str, tuple[str, ...]] = {
    "image": ("dags.mode=image",),
    "pvc": ("dags.mode=pvc",),
    "git": ("dags.mode=git", f"dags.git.repo={_REPO}"),
    "bundle": ("dags.mode=bundle", "dags.bundle.items[0].name=team", f"dags.bundle.items[0].repo={_REPO}"),
}
"""What `--set` needs for each DAG mode."""
_STORIES: dict[str, list[str]] = {
    "defaults": [],
    **{f"mode-{mode}": [*sets] for mode, sets in MODES.items()},
    "egress-restricted": ["networkPolicy.restrictEgress=true"],
    "no-logs-claim": ["logs.persistence.enabled=false"],
    "no-triggerer": ["triggerer.enabled=false"],
    "replicas": ["apiServer.replicas=2", "triggerer.replicas=2", "dagProcessor.replicas=2"],
    "subpath": ["apiServer.baseUrl=https://example.com/tools/airflow"],
    "ingress": ["ingress.ui.enabled=true", "ingress.ui.hosts={a.example.com}", "ingress.ui.path=/airflow"],
    "celery": ["executors={CeleryExecutor}", "networkPolicy.restrictEgress=true"],
    "flower": [
        "executors={CeleryExecutor}",
        "flower.enabled=true",
        "flower.replicas=2",
        "flower.urlPrefix=/airflow/flower",
        "networkPolicy.restrictEgress=true",
    ],
    "hybrid": [
        "executors={KubernetesExecutor,CeleryExecutor}",
        "workers.celery.replicas=2",
        "workers.celery.groups[0].name=big",
        "workers.celery.groups[0].queues={big}",
        "workers.podOperatorRights=true",
    ],
    "executors-by-path": [
        "executors={k8s:KubernetesExecutor,"
        "airflow.providers.celery.executors.celery_executor.CeleryExecutor,fast:my.module.Executor}"
    ],
    "rabbitmq": [
        "executors={CeleryExecutor,KubernetesExecutor}",
        "broker.kind=rabbitmq",
        "flower.enabled=true",
        "networkPolicy.restrictEgress=true",
    ],
    "external-broker": [
        "executors={CeleryExecutor}",
        "broker.kind=external",
        "broker.external.urlSecret.name=broker-url",
        "flower.enabled=true",
        "networkPolicy.restrictEgress=true",
    ],
    "hpa": ["executors={CeleryExecutor}", "workers.celery.autoscaling.hpa.maxReplicas=4"],
    "keda": [
        "executors={KubernetesExecutor,CeleryExecutor}",
        "workers.celery.autoscaling.keda.maxReplicas=4",
        "workers.celery.groups[0].name=big",
        "workers.celery.groups[0].queues={big}",
        "workers.celery.groups[0].autoscaling.keda.maxReplicas=2",
        "networkPolicy.restrictEgress=true",
    ],
    "pgbouncer": [
        "executors={KubernetesExecutor,CeleryExecutor}",
        "pgbouncer.enabled=true",
        "pgbouncer.replicas=2",
        "pgbouncer.tls.secret=pgbouncer-tls",
        "networkPolicy.restrictEgress=true",
    ],
    "pgbouncer-external": [
        "postgres.enabled=false",
        "database.urlSecret.name=cluster-app",
        "pgbouncer.enabled=true",
        "networkPolicy.restrictEgress=true",
    ],
    "simple-auth": [
        "auth.manager=simple",
        "auth.simple.users.jane=viewer",
        "auth.simple.passwordsSecret.name=airflow-passwords",
    ],
    "keycloak": [
        "auth.manager=keycloak",
        "auth.keycloak.serverUrl=https://sso.example.com",
        "auth.keycloak.realm=company",
        "auth.keycloak.clientId=airflow",
        "auth.keycloak.clientSecret.name=keycloak-client",
        "apiServer.baseUrl=https://airflow.example.com",
        "networkPolicy.restrictEgress=true",
    ],
    "extension": [
        "executors={KubernetesExecutor,CeleryExecutor}",
        "airflowLocalSettings.text=x = 1",
        "plugins.existingClaim=plugins",
        "plugins.subPath=prod",
    ],
    "other-worker-namespace": ["workers.namespace=tasks", "logs.persistence.enabled=false"],
}


class _Response:
    """What ApiClient.deserialize wants to read from."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.data = json.dumps(document)


_API = client.ApiClient(client.Configuration())


def typed(document: dict[str, Any]) -> Any:
    """Return a manifest as the Kubernetes client's own object; an unknown kind is an error.

    Of custom resources only the metadata is typed.
    """
    if document["apiVersion"] in _CUSTOM:
        metadata = _API.deserialize(_Response(document["metadata"]), "V1ObjectMeta")
        return SimpleNamespace(kind=document["kind"], metadata=metadata, spec=document["spec"])
    return _API.deserialize(_Response(document), _MODELS[document["kind"]])


@dataclass(frozen=True)
class Pod:
    """A pod that the release will run, whoever makes it.

    Attributes:
        owner: `Kind/name` of its maker; worker templates are `worker/<template>`.
        component: Its component label.
        labels: Its labels.
        spec: V1PodSpec.
    """

    owner: str
    component: str
    labels: dict[str, str]
    spec: Any

    def __str__(self) -> str:
        return self.owner

    @property
    def containers(self) -> list[Any]:
        """Init containers first, then the others."""
        return [*(self.spec.init_containers or []), *self.spec.containers]


class Release:
    """One render of the chart."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.documents: list[dict[str, Any]] = documents(text)

    @cached_property
    def objects(self) -> list[Any]:
        """Every object, typed."""
        return [typed(document) for document in self.documents]

    def all(self, kind: str) -> list[Any]:
        """Return the typed objects of a kind."""
        return [o for o in self.objects if o.kind == kind]

    def one(self, kind: str, ending: str) -> Any:
        """Return the only object of a kind whose name ends so."""
        (found,) = [o for o in self.all(kind) if o.metadata.name.endswith(ending)]
        return found

    @cached_property
    def worker_templates(self) -> dict[str, dict[str, Any]]:
        """The pod templates that the scheduler reads, by name; {} without the KubernetesExecutor."""
        maps = [o for o in self.all("ConfigMap") if o.metadata.name.endswith(WORKER_TEMPLATES)]
        return {name.removesuffix(".yaml"): documents(text)[0] for found in maps for name, text in found.data.items()}

    @cached_property
    def pods(self) -> list[Pod]:
        """Every pod that this release can start."""
        return list(self._pods())

    def _pods(self) -> Iterator[Pod]:
        for item in self.objects:
            if item.kind in {"Deployment", "StatefulSet", "Job"}:
                template = item.spec.template
            elif item.kind == "CronJob":
                template = item.spec.job_template.spec.template
            else:
                continue
            labels = template.metadata.labels
            component = labels["app.kubernetes.io/component"]
            yield Pod(f"{item.kind}/{item.metadata.name}", component, labels, template.spec)
        for name, document in self.worker_templates.items():
            pod = typed(document)
            yield Pod(
                f"worker/{name}", pod.metadata.labels["app.kubernetes.io/component"], pod.metadata.labels, pod.spec
            )

    def pod(self, component: str) -> Pod:
        """Return the first pod of a component."""
        return next(p for p in self.pods if p.component == component)


@cache
def template(
    values: tuple[str, ...] = (), sets: tuple[str, ...] = (), release: str = "airflow", namespace: str = "airflow"
) -> subprocess.CompletedProcess[str]:
    """Run `helm template` once for these arguments."""
    argv = [str(tool("helm")), "template", release, str(CHART), "--namespace", namespace]
    argv += ["--kube-version", pin("kubernetes.version")]
    argv += [word for path in values for word in ("--values", path)]
    argv += [word for pair in sets for word in ("--set", pair)]
    return subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60)


@cache
def render(
    values: tuple[str, ...] = (), sets: tuple[str, ...] = (), release: str = "airflow", namespace: str = "airflow"
) -> Release:
    """Return a render; Helm's refusal is the test's failure."""
    done = template(values, sets, release, namespace)
    assert done.returncode == 0, done.stderr
    return Release(done.stdout)


def refusal(*sets: str) -> str:
    """Return Helm's words on values that it must refuse."""
    done = template(sets=sets)
    assert done.returncode != 0, f"helm template took {sets}"
    return done.stderr


STORIES = [*_STORIES, *(path.stem for path in EXAMPLES)]


def story(name: str, release: str = "airflow") -> Release:
    """Render one of STORIES."""
    if name in _STORIES:
        return render(sets=tuple(_STORIES[name]), release=release)
    (path,) = [p for p in EXAMPLES if p.stem == name]
    return render(values=(str(path),), release=release)
