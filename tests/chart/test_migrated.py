"""`kitctl values migrate` on files as users of other charts write them: the new file, and what it renders."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from kitctl.model.settings import Settings
from kitctl.tools.helm.client import Helm, documents
from kitctl.tools.helm.sources import Sources
from kitctl.usecases import migrate_values
from tests.chart.release import CHART

DATA = Path(__file__).parents[1] / "data" / "migrate"
OLD = sorted((DATA / "old").glob("*.yaml"))
MARK = "hunter2"
"""Part of each secret in the old files."""


@cache
def report(name: str) -> migrate_values.MigrateReport:
    return migrate_values.run(Settings(), [DATA / "old" / f"{name}.yaml"], "auto", None, check=True)


@cache
def rendered(name: str) -> list[dict[str, Any]]:
    return documents(Helm().template(CHART, "airflow", "airflow", Sources(files=(DATA / "new" / f"{name}.yaml",))))


def one(name: str, kind: str, end: str) -> dict[str, Any]:
    """Return the object of a kind whose name ends so."""
    (found,) = [o for o in rendered(name) if o["kind"] == kind and o["metadata"]["name"].endswith(end)]
    return found


def pod(name: str, kind: str, end: str) -> dict[str, Any]:
    return one(name, kind, end)["spec"]["template"]


def variables(name: str, kind: str = "Deployment", end: str = "-scheduler") -> dict[str, Any]:
    """Return the variables of the first container, each with its value or the Secret and key that it is from."""
    first = pod(name, kind, end)["spec"]["containers"][0]
    ref = {e["name"]: e["valueFrom"].get("secretKeyRef", {}) for e in first["env"] if "valueFrom" in e}
    return {e["name"]: e["value"] for e in first["env"] if "value" in e} | {
        name: (found.get("name"), found.get("key")) for name, found in ref.items()
    }


def git_sync(name: str) -> dict[str, str]:
    every = pod(name, "Deployment", "-dag-processor")["spec"]
    (found,) = [c for c in [*every["initContainers"], *every["containers"]] if c["name"] == "git-sync"]
    return {e["name"]: e.get("value", "") for e in found["env"]}


def worker_pod(name: str) -> dict[str, Any]:
    return yaml.safe_load(one(name, "ConfigMap", "-pod-templates")["data"]["default.yaml"])


@pytest.mark.parametrize("path", OLD, ids=lambda path: path.stem)
def test_the_new_file_is_the_one_that_was_reviewed(path: Path) -> None:
    assert report(path.stem).values == (DATA / "new" / path.name).read_text(encoding="utf-8")


@pytest.mark.parametrize("path", OLD, ids=lambda path: path.stem)
def test_the_chart_takes_the_new_file_and_the_origin_is_certain(path: Path) -> None:
    done = report(path.stem)
    assert (done.check, done.refusals, done.sure) == ("passed", [], "certain")
    assert path.stem.startswith(done.chart)
    assert rendered(path.stem)


@pytest.mark.parametrize("path", OLD, ids=lambda path: path.stem)
def test_no_secret_is_in_report_or_file(path: Path) -> None:
    assert MARK not in str(report(path.stem))


def test_the_old_files_hold_secrets() -> None:
    assert sum(path.read_text().count(MARK) for path in OLD) >= 25


def test_official_kubernetes_with_git() -> None:
    name = "official-kubernetes-git"
    assert one(name, "Deployment", "-scheduler")["spec"]["replicas"] == 2
    assert one(name, "Deployment", "-api-server")["spec"]["replicas"] == 2
    git = git_sync(name)
    assert git["GITSYNC_REPO"] == "git@github.com:example/analytics-dags.git"
    assert (git["GITSYNC_REF"], git["GITSYNC_PERIOD"]) == ("release", "30s")
    seen = variables(name)
    assert (seen["AIRFLOW__CORE__PARALLELISM"], seen["AWS_DEFAULT_REGION"]) == ("64", "eu-central-1")
    assert seen["AIRFLOW__CORE__EXECUTOR"] == "KubernetesExecutor"
    assert worker_pod(name)["spec"]["tolerations"][0]["key"] == "spot"
    assert worker_pod(name)["spec"]["nodeSelector"] == {"pool": "airflow"}
    (port,) = one(name, "Service", "-api-server")["spec"]["ports"]
    assert (port["port"], port["nodePort"]) == (8080, 30080)
    (entry,) = one(name, "Ingress", "-api-server")["spec"]["tls"]
    assert entry == {"hosts": ["airflow.example.com"], "secretName": "airflow-tls"}


def test_official_celery_with_keda() -> None:
    name = "official-celery-keda"
    scaled = one(name, "ScaledObject", "-celery")["spec"]
    assert (scaled["minReplicaCount"], scaled["maxReplicaCount"]) == (1, 8)
    assert one(name, "StatefulSet", "-celery-big")["spec"]["replicas"] == 2
    assert pod(name, "StatefulSet", "-celery-big")["spec"]["containers"][0]["resources"]["requests"]["memory"] == "8Gi"
    assert one(name, "StatefulSet", "-redis")
    claims = one(name, "StatefulSet", "-redis")["spec"].get("volumeClaimTemplates") or [
        o for o in rendered(name) if o["kind"] == "PersistentVolumeClaim" and "redis" in o["metadata"]["name"]
    ]
    assert claims[0]["spec"]["resources"]["requests"]["storage"] == "2Gi"
    volumes = pod(name, "Deployment", "-dag-processor")["spec"]["volumes"]
    assert "airflow-dags" in [v["persistentVolumeClaim"]["claimName"] for v in volumes if "persistentVolumeClaim" in v]
    assert one(name, "PersistentVolumeClaim", "-logs")["spec"]["storageClassName"] == "nfs"


def test_official_with_an_external_database() -> None:
    name = "official-external-database"
    assert [o for o in rendered(name) if o["kind"] == "StatefulSet" and "postgres" in o["metadata"]["name"]] == []
    assert one(name, "Deployment", "-pgbouncer")
    seen = variables(name)
    assert seen["AIRFLOW__LOGGING__REMOTE_BASE_LOG_FOLDER"] == "s3://example-logs/airflow"
    assert seen["AIRFLOW__LOGGING__REMOTE_LOG_CONN_ID"] == "aws_logs"
    assert seen["WAREHOUSE_PASSWORD"] == ("my-airflow-variables", "WAREHOUSE_PASSWORD")
    assert seen["SLACK_WEBHOOK"] == ("slack", "webhook")
    assert seen["AIRFLOW__SENTRY__SENTRY_DSN"] == ("my-airflow-variables", "AIRFLOW__SENTRY__SENTRY_DSN")
    image = pod(name, "Deployment", "-scheduler")["spec"]["containers"][0]["image"]
    assert image == "registry.example.com/airflow:3.2.2-custom4"
    assert one(name, "CronJob", "-clean-db")["spec"]["schedule"] == "0 3 * * 0"
    assert one(name, "PriorityClass", "airflow-high")["value"] == 1000


def test_official_of_airflow_2() -> None:
    name = "official-airflow-2"
    seen = variables(name)
    assert seen["AIRFLOW__CORE__EXECUTOR"] == "CeleryExecutor,KubernetesExecutor"
    assert seen["AIRFLOW__CORE__MAX_ACTIVE_TASKS_PER_DAG"] == "20"
    assert seen["AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES"] == "4"
    assert seen["AIRFLOW__MY_PLUGIN__COLOUR"] == "blue"
    assert seen["AIRFLOW__API__BASE_URL"] == "https://airflow.example.com/prod"
    assert one(name, "StatefulSet", "-celery")["spec"]["replicas"] == 3
    assert git_sync(name)["GITSYNC_REF"] == "main"
    probe = pod(name, "Deployment", "-api-server")["spec"]["containers"][0]["livenessProbe"]
    assert probe["timeoutSeconds"] == 20
    assert pod(name, "Deployment", "-scheduler")["metadata"]["labels"]["team"] == "data"


def test_community_with_celery() -> None:
    name = "community-celery"
    seen = variables(name)
    assert (seen["AIRFLOW__CORE__PARALLELISM"], seen["HTTP_PROXY"]) == ("48", "http://proxy.example.com:3128")
    assert seen["AIRFLOW_VAR_REGION"] == "eu-central-1"
    assert seen["REDSHIFT_PASSWORD"] == ("redshift", "password")
    scaler = one(name, "HorizontalPodAutoscaler", "-celery")["spec"]
    assert (scaler["maxReplicas"], scaler["metrics"][0]["resource"]["name"]) == (16, "memory")
    assert pod(name, "StatefulSet", "-celery")["spec"]["terminationGracePeriodSeconds"] == 960
    assert git_sync(name)["GITSYNC_PERIOD"] == "45s"
    role = {"eks.amazonaws.com/role-arn": "arn:aws:iam::111122223333:role/airflow"}
    assert role.items() <= one(name, "ServiceAccount", "-scheduler")["metadata"]["annotations"].items()
    assert one(name, "Service", "-api-server")["spec"]["type"] == "LoadBalancer"


def test_community_with_an_external_database() -> None:
    name = "community-external"
    assert worker_pod(name)["spec"]["tolerations"] == [{"key": "batch", "operator": "Exists"}]
    assert pod(name, "Deployment", "-scheduler")["metadata"]["annotations"]["example.com/owner"] == "data"
    (rule,) = one(name, "Ingress", "-api-server")["spec"]["rules"]
    assert (rule["host"], rule["http"]["paths"][0]["path"]) == ("airflow.example.com", "/airflow")
    assert one(name, "PersistentVolumeClaim", "-dags")["spec"]["accessModes"] == ["ReadWriteMany"]
    assert one(name, "ConfigMap", "team-settings")["data"] == {"stage": "prod"}
    assert "airflow-cluster1-db" in str(pod(name, "Deployment", "-scheduler"))


def test_community_with_both_executors() -> None:
    name = "community-both"
    seen = variables(name)
    assert seen["AIRFLOW__CORE__EXECUTOR"] == "CeleryExecutor,KubernetesExecutor"
    assert "/scratch" in str(pod(name, "StatefulSet", "-celery")["spec"]["containers"][0]["volumeMounts"])
    assert "redis.example.com" in str(rendered(name))
    assert git_sync(name)["GITSYNC_REF"] == "v1.4.0"
    assert one(name, "Deployment", "-flower")
    assert "task.retries = max(task.retries, 1)" in str(rendered(name))


def test_kube_airflow_with_git() -> None:
    name = "kube-airflow-git"
    assert one(name, "StatefulSet", "-celery")["spec"]["replicas"] == 3
    git = git_sync(name)
    assert (git["GITSYNC_REPO"], git["GITSYNC_REF"]) == ("https://github.com/example/dags.git", "release")
    assert git["GITSYNC_PERIOD"] == "90s"
    (rule,) = one(name, "Ingress", "-flower")["spec"]["rules"]
    assert rule["http"]["paths"][0]["path"] == "/airflow/flower"
    assert variables(name)["SLACK_TOKEN"] == ("my-airflow-variables", "SLACK_TOKEN")


def test_kube_airflow_with_a_claim() -> None:
    name = "kube-airflow-claim"
    claim = one(name, "PersistentVolumeClaim", "-dags")["spec"]
    assert (claim["storageClassName"], claim["resources"]["requests"]["storage"]) == ("nfs", "3Gi")
    assert one(name, "StatefulSet", "-rabbitmq")
    assert "my-airflow-database" in str(pod(name, "Deployment", "-scheduler"))
