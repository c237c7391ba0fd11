"""A value for each key of the other charts, as somebody may write it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from kitctl.generate.walk import Key, every_key
from kitctl.model.values.keys.peers import Answer, Names, names
from tests.chart.test_every_key import other

PEERS = Path(__file__).parents[1] / "peers"
SECRET = "hunter2-plain-and-long"
CPU = [{"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}}}]

BY_HOW: dict[str, Any] = {
    "version": "3.3.1",
    "repository": "registry.example.com/airflow",
    "git-sync-tag": "v4.2.1",
    "names": "pull-secret",
    "pull-secret": SECRET,
    "field": 1000,
    "setting": 1,
    "references": [{"envName": "A", "secretName": "b", "secretKey": "c"}],
    "env": [{"name": "A", "value": "b"}],
    "parsed": "- configMapRef: {name: a}",
    "priority-classes": [{"name": "high", "value": 10}],
    "token": False,
    "budget": 1,
    "safe": True,
    "always": True,
    "log-claim": True,
    "ingress-tls": {"enabled": True, "secretName": "tls"},
    "proxies": "True",
    "auth-manager": "a.FabAuthManager",
    "ports": [{"name": "http", "port": 8081}],
    "peers": [{"podSelector": {"matchLabels": {"a": "b"}}}],
    "python-file": "A = 1\n",
    "generated": SECRET,
    "hosts": "a.example.com",
    "executors": "CeleryKubernetesExecutor",
    "no-pods": False,
    "list": "a,b",
    "groups": [{"name": "big", "queue": "big"}],
    "autoscaler": True,
    "scaled": 3,
    "namespaces": {"a": "b"},
    "metrics": CPU,
    "switch": True,
    "secrets": {"one": {"data": {"a": SECRET}}},
    "config-maps": {"one": {"data": {"a": "b"}}},
    "secret": SECRET,
    "outside": SECRET,
    "postgresql": "postgresql",
    "own-image": "bitnami/postgresql",
    "reference": "my-secret",
    "pools": 7,
    "ini": "a = b",
    "tls": SECRET,
    "broker": True,
    "external-broker": "redis.example.com",
    "mode": True,
    "ref": "main",
    "credentials": "git-secret",
    "key-of-git": "username",
    "ssh-key": SECRET,
    "known-hosts": "github.com ssh-ed25519 AAAA",
    "seconds": "90s",
    "size": {"sizeLimit": "1Gi"},
    "bundles": [{"name": "a", "classpath": "x.GitDagBundle", "kwargs": {"repo_url": "https://git.example.com/a.git"}}],
    "archive": False,
    "search-host": "search.example.com",
    "search-login": SECRET,
    "cron": 15,
    "days": 1440,
    "text": "A = 1\n",
    "quota": [{"type": "Container"}],
    "option": "7",
    "options-of-map": {"AIRFLOW__CORE__PARALLELISM": 7},
    "users": [{"username": "jane", "password": SECRET, "email": "a@example.com"}],
    "connections": [{"id": "a", "type": "aws", "extra": SECRET}],
    "pairs": [{"key": "a", "value": "b"}],
    "account": True,
    "ssl-mode": "?sslmode=require",
    "user-key": "user",
    "first": ["ReadWriteOnce"],
    "grace": 60,
    "celery-workers": True,
    "whole": "5",
    "prefix": "airflow-",
    "url-path": "/airflow",
    "decide": True,
    "boolean": "True",
}
"""By the first word of `how`."""

BY_KEY: dict[str, Any] = {
    "apiServer.networkPolicy.ingress.from": BY_HOW["peers"],
    "fernetKeySecretName": "my-secret",
    "airflow.defaultSecurityContext.fsGroup": 50000,
    "airflow.image.pullSecret": "pull-secret",
    "config.core.dags_folder": "/opt/airflow/dags",
    "config.core.load_examples": "True",
    "config.core.executor": "LocalExecutor",
    "config.core.auth_manager": "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager",
    "config.logging.remote_logging": "False",
    "config.celery.flower_url_prefix": "/flower",
    "config.kubernetes_executor.namespace": "tasks",
    "config.kubernetes_executor.worker_container_repository": "registry.example.com/airflow",
    "config.kubernetes_executor.worker_container_tag": "3.3.1",
    "config.fab.enable_proxy_fix": "False",
    "config.webserver.enable_proxy_fix": "False",
    "config.metrics.statsd_on": "True",
    "data.metadataSecretName": "my-secret",
    "externalRedis.port": 6380,
    "externalRedis.databaseNumber": 2,
    "externalRedis.passwordSecret": "redis",
    "quotas": {"pods": "10"},
    "serviceAccount.name": "airflow",
    "serviceAccount.annotations": {"a": "b"},
    "*.logGroomerSidecar.maxSizeBytes": 1073741824,
    "cleanup.serviceAccount.automountServiceAccountToken": False,
    "*.annotations": {"a": "b"},
    "*.labels": {"a": "b"},
    "dags.gitSync.httpSecretPasswordKey": "password",
    "dags.gitSync.sshSecretKey": "ssh-key",
    "dags.gitSync.maxFailures": 5,
    "workers.persistence.size": "9Gi",
    "workers.celery.persistence.size": "9Gi",
    "triggerer.persistence.size": "9Gi",
    "*.storageClassName": "fast",
    "apiServer.apiServerConfigConfigMapName": "settings",
    "webserver.webserverConfigConfigMapName": "settings",
    "airflow.localSettings.existingSecret": "settings",
    "web.webserverConfig.existingSecret": "settings",
    "logs.path": "/opt/airflow/logs",
    "airflowHome": "/opt/airflow",
}


def leaves(chart: str) -> list[Names]:
    """Return the keys of a chart's values file, sections excluded."""
    lines = (PEERS / f"{chart}.txt").read_text().splitlines()
    return [names(line) for line in lines if not line.startswith("#")]


@cache
def _keys() -> dict[str, Key]:
    return {key.dotted: key for key in every_key()}


def sample(key: Names, answer: Answer) -> Any:
    """Return a value that a key may have."""
    dotted, how = ".".join(key), answer.how.split()
    if dotted in BY_KEY or f"*.{key[-1]}" in BY_KEY:
        return BY_KEY.get(dotted, BY_KEY.get(f"*.{key[-1]}"))
    if how and how[0] != "move":
        inside = BY_HOW[how[0]]
        return True if key[-1] == "enabled" else inside
    if answer.gone:
        return "something"
    if answer.change and not how:
        return "something"
    target = _keys().get(answer.new[0])
    if target is None or target.section is not None:
        return {"some": "thing"}
    return other(target, 1)[0]
