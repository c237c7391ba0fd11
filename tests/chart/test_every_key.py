# ruff: noqa: E501 - the tables below are read by column
"""Every key of the model changes what Helm renders: a key that nothing reads would be a promise that nobody keeps."""

from __future__ import annotations

import re
import subprocess
import typing
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import reduce
from typing import Any

import yaml

from kitctl.generate.walk import Key, every_key, keys_of
from kitctl.model.values.celery import CeleryGroup
from kitctl.model.values.dags import Bundle
from kitctl.model.values.doors import IngressTls
from kitctl.model.values.objects import Claim
from kitctl.model.versions import pin
from kitctl.tools.toolbox import tool
from tests.chart.release import CHART

REPO = "https://git.example.com/team/dags.git"
Values = dict[str, Any]

SERVICES = ("apiServer", "flower")
BEHIND: dict[str, Values] = {"ui": {}, "flower": {"executors": ["CeleryExecutor"], "flower": {"enabled": True}}}
DOORS = tuple(BEHIND)
BROKER: Values = {"broker": {"kind": "external", "external": {"host": "redis.example.com"}}}

# What must be set for a key to mean anything; the longest prefix counts, and shorter ones apply as well.
NEEDS: dict[str, Values] = {
    "dags.pvc": {"dags": {"mode": "pvc"}},
    "dags.git": {"dags": {"mode": "git", "git": {"repo": REPO}}},
    "dags.git.credentials.type": {"dags": {"git": {"credentials": {"secret": "creds", "type": "github-app", "githubAppId": "1", "githubInstallationId": "2"}}}},
    "dags.git.credentials.secret": {"dags": {"git": {"credentials": {"type": "https", "secret": "creds"}}}},
    "dags.git.credentials.strictHostKey": {"dags": {"git": {"repo": "git@git.example.com:team/dags.git", "credentials": {"type": "ssh", "secret": "creds"}}}},
    "dags.git.credentials.github": {"dags": {"git": {"credentials": {"type": "github-app", "secret": "creds", "githubAppId": "1", "githubInstallationId": "2"}}}},
    "dags.bundle": {"dags": {"mode": "bundle", "bundle": {"items": [{"name": "team", "repo": REPO}]}}},
    "dags.bundle.cache.": {"dags": {"bundle": {"cache": {"size": "3Gi"}}}},
    "database.host": {"postgres": {"enabled": False}, "database": {"host": "one.example.com"}},
    "database.port": {"postgres": {"enabled": False}, "database": {"host": "db.example.com"}},
    "database.ca": {"postgres": {"enabled": False}, "database": {"host": "db.example.com", "sslMode": "verify-full"}, "env": [{"name": "PGSSLROOTCERT", "value": "/ca.pem"}]},
    "database.ca.key": {"database": {"ca": {"configMap": "authority"}}},
    "database.clientCertificate": {"postgres": {"enabled": False}, "database": {"host": "db.example.com"}},
    "database.clientCertificate.certificateKey": {"database": {"clientCertificate": {"secret": "client"}}},
    "database.clientCertificate.privateKeyKey": {"database": {"clientCertificate": {"secret": "client"}}},
    "database.password": {"postgres": {"enabled": False}, "database": {"host": "db.example.com"}},
    "database.passwordSecret": {"postgres": {"enabled": False}, "database": {"host": "db.example.com"}},
    "database.passwordSecret.key": {"database": {"passwordSecret": {"name": "database"}}},
    "database.passwordSecret.userKey": {"database": {"passwordSecret": {"name": "database"}}},
    "apiServer.serviceAccount.create": {"apiServer": {"serviceAccount": {"name": "own"}}},
    "scheduler.serviceAccount.create": {"scheduler": {"serviceAccount": {"name": "own"}}},
    "dagProcessor.serviceAccount.create": {"dagProcessor": {"serviceAccount": {"name": "own"}}},
    "triggerer.serviceAccount.create": {"triggerer": {"serviceAccount": {"name": "own"}}},
    "workers.serviceAccount.create": {"workers": {"serviceAccount": {"name": "own"}}},
    "migrations.serviceAccount.create": {"migrations": {"serviceAccount": {"name": "own"}}},
    "logs.persistence.retention.serviceAccount.create": {"logs": {"persistence": {"retention": {"serviceAccount": {"name": "own"}}}}},
    "databaseCleanup.serviceAccount.create": {"databaseCleanup": {"serviceAccount": {"name": "own"}}},
    "workers.cleanup.serviceAccount.create": {"workers": {"cleanup": {"serviceAccount": {"name": "own"}}}},
    "keys.bootstrap.serviceAccount.create": {"keys": {"bootstrap": {"serviceAccount": {"name": "own"}}}},
    "logs.remote": {"logs": {"remote": {"enabled": True, "folder": "s3://bucket/logs"}}},
    "apiServer.webserverConfig.key": {"apiServer": {"webserverConfig": {"configMap": "one"}}},
    "logs.remote.enabled": {"logs": {"remote": {"enabled": False}}},
    "logs.remote.connectionSecret.key": {"logs": {"remote": {"connectionSecret": {"name": "one"}}}},
    "logs.remote.s3.credentialsSecret.accessKeyIdKey": {"logs": {"remote": {"s3": {"credentialsSecret": {"name": "one"}}}}},
    "logs.remote.s3.credentialsSecret.secretAccessKeyKey": {"logs": {"remote": {"s3": {"credentialsSecret": {"name": "one"}}}}},
    "logs.remote.azure": {"logs": {"remote": {"folder": "wasb://logs"}}},
    "logs.remote.elasticsearch": {"logs": {"remote": {"folder": "", "elasticsearch": {"hostSecret": {"name": "one"}}}}},
    "logs.remote.opensearch": {"logs": {"remote": {"folder": "", "opensearch": {"host": "https://os", "credentialsSecret": {"name": "one"}}}}},
    "apiServer.service.nodePort": {"apiServer": {"service": {"type": "NodePort"}}},
    **{f"{section}.service.{name}": {section: {"service": {"type": "LoadBalancer"}}} for section in SERVICES for name in ("loadBalancer", "externalTrafficPolicy")},
    **{f"ingress.{door}": {**BEHIND[door], "ingress": {door: {"enabled": True, "hosts": ["a.example.com"]}}} for door in DOORS},
    **{f"ingress.{door}.enabled": {"ingress": {door: {"enabled": False}}} for door in DOORS},
    **{f"httpRoute.{door}": {**BEHIND[door], "httpRoute": {door: {"enabled": True, "hostnames": ["a.example.com"], "parentRefs": [{"name": "public"}]}}} for door in DOORS},
    **{f"httpRoute.{door}.enabled": {"httpRoute": {door: {"enabled": False}}} for door in DOORS},
    "apiServer.podDisruptionBudget": {"apiServer": {"replicas": 2}},
    "scheduler.podDisruptionBudget": {"scheduler": {"replicas": 2}},
    "dagProcessor.podDisruptionBudget": {"dagProcessor": {"replicas": 2}},
    "triggerer.podDisruptionBudget": {"triggerer": {"replicas": 2}},
    "workers.namespace": {"logs": {"persistence": {"enabled": False}}},
    "workers.allowExec": {"workers": {"podOperatorRights": True}},
    "workers.restrictOperatorPods": {"workers": {"podOperatorRights": True}},
    "networkPolicy.metricsFrom": {"dags": {"mode": "git", "git": {"repo": REPO}}},
    "workers.celery": {"executors": ["CeleryExecutor"]},
    "workers.celery.serviceAccount.create": {"workers": {"celery": {"serviceAccount": {"name": "own"}}}},
    "workers.celery.autoscaling.hpa": {"workers": {"celery": {"autoscaling": {"hpa": {"maxReplicas": 99999}}}}},
    "workers.celery.autoscaling.keda": {"workers": {"celery": {"autoscaling": {"keda": {"maxReplicas": 99999}}}}},
    "workers.celery.autoscaling.keda.connectionSecret": {"workers": {"celery": {"autoscaling": {"keda": {"connectionSecret": {"name": "one"}}}}}},
    "networkPolicy.kedaFrom": {"executors": ["CeleryExecutor"], "workers": {"celery": {"autoscaling": {"keda": {"maxReplicas": 9}}}}},
    "workers.celery.podDisruptionBudget": {"workers": {"celery": {"replicas": 2}}},
    "flower": {"executors": ["CeleryExecutor"], "flower": {"enabled": True}},
    "flower.enabled": {"flower": {"enabled": False}},
    "flower.service.nodePort": {"flower": {"service": {"type": "NodePort"}}},
    "flower.serviceAccount.create": {"flower": {"serviceAccount": {"name": "own"}}},
    "flower.podDisruptionBudget": {"flower": {"replicas": 2}},
    "networkPolicy.flowerFrom": {"executors": ["CeleryExecutor"], "flower": {"enabled": True}},
    "broker": {"executors": ["CeleryExecutor"]},
    "pgbouncer.": {"pgbouncer": {"enabled": True}},
    "pgbouncer.enabled": {"pgbouncer": {"enabled": False}},
    "pgbouncer.poolSize": {"postgres": {"enabled": False}, "database": {"host": "db.example.com"}},
    "pgbouncer.reservePoolSize": {"postgres": {"enabled": False}, "database": {"host": "db.example.com"}},
    "pgbouncer.replicas": {"postgres": {"enabled": False}, "database": {"host": "db.example.com"}},
    "pgbouncer.serviceAccount.create": {"pgbouncer": {"serviceAccount": {"name": "own"}}},
    "pgbouncer.podDisruptionBudget": {"pgbouncer": {"replicas": 2}},
    "pgbouncer.tls": {"pgbouncer": {"tls": {"secret": "tls"}}},
    "database.urlSecret": {"postgres": {"enabled": False}, "database": {"urlSecret": {"name": "one"}}},
    "broker.rabbitmq": {"broker": {"kind": "rabbitmq"}},
    **{f"broker.external.{name}": BROKER for name in ("host", "port", "database", "user", "password", "tls", "ca")},
    "broker.external.ca": {"broker": {"kind": "external", "external": {"host": "redis.example.com", "tls": True}}},
    "broker.external.ca.key": {"broker": {"external": {"ca": {"configMap": "authority"}}}},
    "broker.external.urlSecret": {"broker": {"kind": "external", "external": {"urlSecret": {"name": "one"}}}},
}  # fmt: skip

# What must go along with the other value of a key, and would be refused without it.
ALONG: dict[str, Values] = {
    "postgres.enabled": {"database": {"host": "db.example.com"}},
    "broker.kind": {"broker": {"external": {"host": "redis.example.com"}}},
}

# Where the type alone does not give a sensible other value.
INSTEAD: dict[str, Any] = {
    "airflowVersion": "3.2.2",
    "executors": ["KubernetesExecutor", "LocalExecutor"],
    "config": {"core": {"parallelism": 64}},
    "dags.mode": "pvc",
    "dags.path": "/opt/airflow/other",
    "dags.git.repo": "https://git.example.com/other/dags.git",
    "dags.git.credentials.type": "https",
    "dags.git.credentials.githubAppId": "99",
    "dags.git.credentials.githubInstallationId": "99",
    "dags.bundle.items": [{"name": "other", "repo": REPO}],
    "dags.bundle.cache": {"size": "3Gi"},
    "templates.airflowCfg": "[core]\nparallelism = 7\n",
    "templates.podTemplate": "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {restartPolicy: Never, containers: [{name: base, image: other}]}\n",
    "apiServer.baseUrl": "https://example.com/prefix",
    "apiServer.trustedProxies": ["10.42.0.0/16"],
    "apiServer.service.nodePort": 30001,
    "flower.service.nodePort": 30001,
    "flower.urlPrefix": "/other",
    "flower.podDisruptionBudget.maxUnavailable": 2,
    "networkPolicy.flowerFrom": [{"podSelector": {"matchLabels": {"role": "client"}}}],
    **{f"{section}.service.clusterIP": "10.96.0.7" for section in SERVICES},
    **{f"{section}.service.loadBalancerIP": "192.0.2.7" for section in SERVICES},
    **{f"{section}.service.loadBalancerSourceRanges": ["10.0.0.0/8"] for section in SERVICES},
    **{f"ingress.{door}.path": "/other" for door in DOORS},
    **{f"ingress.{door}.tls": [{"secretName": "other"}] for door in DOORS},
    **{f"httpRoute.{door}.path": "/other" for door in DOORS},
    "ingress.ui.tls[].hosts": ["a.example.com"],
    "logs.remote.folder": "gs://other/logs",
    "logs.remote.opensearch.port": 9999,
    "dags.git.credentials.githubBaseUrl": "https://github.example.com/api/v3",
    "image.digest": "sha256:" + "1" * 64,
    "dags.git.image.digest": "sha256:" + "1" * 64,
    "postgres.image.digest": "sha256:" + "1" * 64,
    "scheduler.numRuns": 5,
    "pgbouncer.image.digest": "sha256:" + "1" * 64,
    "pgbouncer.settings": {"query_wait_timeout": "60"},
    "pgbouncer.podDisruptionBudget.maxUnavailable": 2,
    "workers.profiles": {"big": {"nodeSelector": {"size": "big"}}},
    "workers.templates": {"own": "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {restartPolicy: Never, containers: [{name: base, image: other}]}\n"},
    "admin.email": "other@example.com",
    "clusterDomain": "example.internal",
    "extraObjects": [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "more"}}],
    "postgres.settings": {"max_connections": "300"},
    "networkPolicy.apiServerFrom": [{"podSelector": {"matchLabels": {"role": "client"}}}],
    "networkPolicy.kedaFrom": [{"podSelector": {"matchLabels": {"role": "client"}}}],
    "workers.celery.autoscaling.hpa.maxReplicas": 5,
    "workers.celery.autoscaling.keda.maxReplicas": 5,
    "workers.celery.autoscaling.hpa.targetMemory": 70,
    "workers.celery.autoscaling.hpa.metrics": [{"type": "External", "external": {"metric": {"name": "x"}, "target": {"type": "Value", "value": "1"}}}],
    "workers.celery.autoscaling.keda.fallback": {"failureThreshold": 3, "replicas": 2},
    "workers.celery.autoscaling.keda.advanced": {"restoreToOriginalReplicaCount": True},
    "workers.celery.groups[].autoscaling": {"hpa": {"maxReplicas": 5}},
    "networkPolicy.metricsFrom": [{"podSelector": {"matchLabels": {"role": "client"}}}],
    "apiServer.podDisruptionBudget.maxUnavailable": 2,
    "scheduler.podDisruptionBudget.maxUnavailable": 2,
    "dagProcessor.podDisruptionBudget.maxUnavailable": 2,
    "triggerer.podDisruptionBudget.maxUnavailable": 2,
    "migrations.ttlSecondsAfterFinished": 60,
    "keys.existingSecret": "own-keys",
    "logs.persistence.retention.enabled": False,
    "logs.persistence.retention.schedule": "@weekly",
    "logs.persistence.retention.timeZone": "Europe/Lisbon",
    "logs.persistence.retention.maxSize": "1Gi",
    "logs.persistence.subPath": "team",
    "databaseCleanup.enabled": False,
    "databaseCleanup.schedule": "@weekly",
    "databaseCleanup.timeZone": "Europe/Lisbon",
    "databaseCleanup.tables": ["log"],
    "workers.cleanup.enabled": False,
    "workers.cleanup.schedule": "@weekly",
    "workers.cleanup.timeZone": "Europe/Lisbon",
    "workers.celery.podDisruptionBudget.maxUnavailable": 2,
    "workers.celery.queues": ["other"],
    "workers.celery.groups": [{"name": "other", "queues": ["other"]}],
    "workers.celery.groups[].name": "other",
    "workers.celery.groups[].queues": ["other"],
    "workers.celery.groups[].concurrency": 9,
    "workers.celery.groups[].terminationGracePeriodSeconds": 9,
    "broker.kind": "external",
    "broker.external.database": 7,
    "broker.external.host": "other.example.com",
    "broker.redis.image.digest": "sha256:" + "1" * 64,
    "broker.redis.settings": {"appendfsync": "no"},
    "broker.rabbitmq.image.digest": "sha256:" + "1" * 64,
    "broker.rabbitmq.settings": {"consumer_timeout": "1"},
}  # fmt: skip

# %d becomes a number of the key's own, so that one render can prove many keys.
BY_KIND: dict[str, Any] = {
    "Affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [{"matchFields": [{"key": "kit%dx", "operator": "Exists"}]}]}}},
    "Container": {"name": "kit%dx", "image": "example.com/extra:1"},
    "HorizontalPodAutoscalerBehavior": {"scaleDown": {"stabilizationWindowSeconds": 77}},
    "HostAlias": {"ip": "10.0.0.1", "hostnames": ["kit%dx"]},
    "HTTPRouteFilter": {"type": "ResponseHeaderModifier", "responseHeaderModifier": {"remove": ["kit%dx"]}},
    "ParentReference": {"name": "kit%dx"},
    "PodDNSConfig": {"searches": ["kit%dx"]},
    "PodSecurityContext": {"seLinuxOptions": {"level": "kit%dx"}},
    "SecurityContext": {"seLinuxOptions": {"level": "kit%dx"}},
    "EnvVar": {"name": "kit%dx", "value": "1"},
    "EnvFromSource": {"secretRef": {"name": "kit%dx"}},
    "LocalObjectReference": {"name": "kit%dx"},
    "ResourceRequirements": {"requests": {"cpu": "77m", "memory": "%dGi"}},
    "Toleration": {"key": "kit%dx", "operator": "Exists"},
    "TopologySpreadConstraint": {"maxSkew": 1, "topologyKey": "kit%dx", "whenUnsatisfiable": "ScheduleAnyway"},
    "Volume": {"name": "kit%dx", "emptyDir": {"sizeLimit": "1Mi"}},
    "VolumeMount": {"name": "tmp", "mountPath": "/kit%dx"},
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """One key with what it needs and its other value.

    Attributes:
        key: Its dotted path.
        base: Values without which the key means nothing.
        other: Those, with another value of the key.
        token: A word that only this other value holds; "" where it is a bool or one of a list of words.
    """

    key: str
    base: Values
    other: Values
    token: str = ""


def cases() -> list[Case]:
    """Return a case for every leaf key, those of list entries and optional sections included."""
    claim = Claim().model_dump(by_alias=True, mode="json")
    keys = [key for key in every_key() if key.section is None]
    keys += keys_of(Claim, claim, ("dags", "bundle", "cache"))
    return [
        *(_case(key, number) for number, key in enumerate(keys, 1000)),
        *_bundle_cases(),
        *_group_cases(),
        *_tls_cases(),
    ]


def _case(key: Key, number: int) -> Case:
    base: Values = {}
    for prefix, needed in sorted(NEEDS.items()):
        if key.dotted.startswith(prefix):
            base = merge(base, needed)
    value, token = other(key, number)
    changed = merge(ALONG.get(key.dotted, {}), nest(key.path, value))
    return Case(key.dotted, base, merge(base, changed), token)


def _bundle_cases() -> Iterator[Case]:
    """Vary each key of one bundle; credentials only mean something with their type."""
    app = {"type": "github-app", "secret": "creds", "githubAppId": "1", "githubInstallationId": "2"}
    full = {"name": "team", "repo": REPO, "credentials": app}
    ssh = {"name": "team", "repo": "git@git.example.com:dags.git", "credentials": {"type": "ssh", "secret": "creds"}}
    plain = Bundle().model_dump(by_alias=True, mode="json")
    for key in keys_of(Bundle, plain, ("dags.bundle.items[]",)):
        for leaf in keys_of(key.section, key.default, key.path) if key.section else [key]:
            start = ssh if leaf.name == "strictHostKey" else full
            value = (
                "https"
                if leaf.name == "type"
                else INSTEAD.get(f"dags.git.{'.'.join(leaf.path[1:])}", other(leaf, 900)[0])
            )
            yield Case(leaf.dotted, bundle(start), bundle(merge(start, nest(leaf.path[1:], value))))


def _group_cases() -> Iterator[Case]:
    """Vary each key of one group of Celery workers."""
    plain = CeleryGroup().model_dump(by_alias=True, mode="json")
    for number, key in enumerate(keys_of(CeleryGroup, plain, ("workers.celery.groups[]",)), 2000):
        yield Case(key.dotted, group({}), group({key.name: other(key, number)[0]}))


def _tls_cases() -> Iterator[Case]:
    """Vary each key of one certificate of an Ingress with two hosts."""
    plain = IngressTls().model_dump(by_alias=True, mode="json")
    for number, key in enumerate(keys_of(IngressTls, plain, ("ingress.ui.tls[]",)), 3000):
        yield Case(key.dotted, certificate({}), certificate({key.name: other(key, number)[0]}))


def certificate(more: Values) -> Values:
    """Return the values of an Ingress with one certificate."""
    own = {"enabled": True, "hosts": ["a.example.com", "b.example.com"], "tls": [{"secretName": "one", **more}]}
    return {"ingress": {"ui": own}}


def group(more: Values) -> Values:
    """Return the values of a release with one group of Celery workers."""
    groups = [{"name": "big", "queues": ["big"], **more}]
    return {"executors": ["CeleryExecutor"], "workers": {"celery": {"groups": groups}}}


def bundle(item: Values) -> Values:
    return {"dags": {"mode": "bundle", "bundle": {"items": [item]}}}


def other(key: Key, number: int) -> tuple[Any, str]:
    """Return another value than the default, and the word by which to find it."""
    if key.dotted in INSTEAD:
        return INSTEAD[key.dotted], ""
    if isinstance(key.default, bool):
        return not key.default, ""
    if key.name == "automountServiceAccountToken":
        # These call the Kubernetes API, so they have the token unless somebody says otherwise.
        return key.path[0] not in ("apiServer", "scheduler", "keys") and key.path[:2] != ("workers", "cleanup"), ""
    if isinstance(key.default, int):
        return number + 60000, str(number + 60000)
    kind = BY_KIND[key.kubernetes] if key.kubernetes else by_type(key.field.annotation, key.default, key.name)
    value = yaml.safe_load(yaml.safe_dump(kind).replace("%d", str(number)))
    text = yaml.safe_dump(value)
    return value, next((t for t in (f"kit{number}x", f"{number}Gi") if t in text), "")


def by_type(kind: Any, default: Any, name: str) -> Any:
    origin, args = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Annotated:
        marks = [m.json_schema_extra for m in args[1:] if isinstance(getattr(m, "json_schema_extra", None), dict)]
        return (
            BY_KIND[marks[0]["kubernetes"]] if marks and "kubernetes" in marks[0] else by_type(args[0], default, name)
        )
    if origin is typing.Literal:
        return next(value for value in args if value not in (default, ""))
    if origin is list:
        return [by_type(args[0], None, name)]
    if origin is dict:
        return {"kit%dx": by_type(args[1], None, name)}
    if name in ("size", "sizeLimit", "tmpSizeLimit", "shmSizeLimit"):
        return "%dGi"
    assert kind is str, f"{name}: teach this test about {kind}"
    return "kit%dx"


def nest(path: tuple[str, ...], value: Any) -> Values:
    for name in reversed(path):
        value = {name: value}
    return value


def merge(base: Values, over: Values) -> Values:
    out = dict(base)
    for key, value in over.items():
        old = out.get(key)
        out[key] = merge(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return out


def helm(values: Values) -> str:
    """Render the chart with these values, or say why Helm would not."""
    argv = [str(tool("helm")), "template", "airflow", str(CHART), "-n", "airflow", "-f", "-"]
    argv += ["--kube-version", pin("kubernetes.version")]
    done = subprocess.run(argv, input=yaml.safe_dump(values), capture_output=True, text=True, check=False, timeout=120)
    return done.stdout if done.returncode == 0 else f"refused: {done.stderr}"


def proven(found: list[Case], pool: ThreadPoolExecutor) -> set[str]:
    """Return the keys whose token turns up when all keys with the same needs are set at once."""
    groups: dict[str, list[Case]] = {}
    for case in found:
        if case.token:
            groups.setdefault(yaml.safe_dump(case.base), []).append(case)
    together = [reduce(merge, (case.other for case in group)) for group in groups.values()]
    texts = zip(groups.values(), pool.map(helm, together), strict=True)
    return {c.key for group, text in texts for c in group if re.search(rf"(?<![0-9]){c.token}(?![0-9])", text)}


def verdicts() -> dict[str, str]:
    """Say for each key what is wrong with it, "" if nothing: many at once first, the rest one at a time."""
    found = cases()
    with ThreadPoolExecutor(max_workers=4) as pool:
        good = proven(found, pool)
        rest = [case for case in found if case.key not in good]
        texts = {yaml.safe_dump(v): v for case in rest for v in (case.base, case.other)}
        answers = dict(zip(texts, pool.map(helm, texts.values()), strict=True))
    said = dict.fromkeys(good, "")
    for case in rest:
        before, after = answers[yaml.safe_dump(case.base)], answers[yaml.safe_dump(case.other)]
        refused = next((text for text in (before, after) if text.startswith("refused")), "")
        said[case.key] = refused or (f"nothing in the chart reads {case.key}" if before == after else "")
    return said


def test_every_key_changes_what_helm_renders() -> None:
    found = verdicts()
    assert len(found) > 200
    assert {key: wrong for key, wrong in found.items() if wrong} == {}
