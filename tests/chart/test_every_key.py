"""Every key of the model changes what Helm renders: a key that nothing reads would be a promise that nobody keeps."""

from __future__ import annotations

import subprocess
import typing
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
import yaml

from kitctl.generate.walk import Key, every_key, keys_of
from kitctl.model.values.dags import Bundle, Claim
from kitctl.model.versions import pin
from kitctl.tools.toolbox import tool
from tests.chart.release import CHART

REPO = "https://git.example.com/team/dags.git"
Values = dict[str, Any]

# What must be set for a key to mean anything; the longest prefix counts, and shorter ones apply as well.
NEEDS: dict[str, Values] = {
    "dags.pvc": {"dags": {"mode": "pvc"}},
    "dags.git": {"dags": {"mode": "git", "git": {"repo": REPO}}},
    "dags.git.credentials.type": {"dags": {"git": {"credentials": {"secret": "creds", "type": "github-app", "githubAppId": "1", "githubInstallationId": "2"}}}},
    "dags.git.credentials.secret": {"dags": {"git": {"credentials": {"type": "https", "secret": "other"}}}},
    "dags.git.credentials.strictHostKey": {"dags": {"git": {"repo": "git@git.example.com:team/dags.git", "credentials": {"type": "ssh", "secret": "creds"}}}},
    "dags.git.credentials.github": {"dags": {"git": {"credentials": {"type": "github-app", "secret": "creds", "githubAppId": "1", "githubInstallationId": "2"}}}},
    "dags.bundle": {"dags": {"mode": "bundle", "bundle": {"items": [{"name": "team", "repo": REPO}]}}},
    "dags.bundle.cache.": {"dags": {"bundle": {"cache": {"size": "3Gi"}}}},
    "database.host": {"postgres": {"enabled": False}, "database": {"host": "one.example.com"}},
    "database.port": {"postgres": {"enabled": False}, "database": {"host": "db.example.com"}},
    "database.passwordSecret": {"postgres": {"enabled": False}, "database": {"host": "db.example.com"}},
    "database.passwordSecret.key": {"database": {"passwordSecret": {"name": "database"}}},
    "database.passwordSecret.userKey": {"database": {"passwordSecret": {"name": "database"}}},
    "postgres.enabled": {"database": {"host": "db.example.com"}},
    "logs.remote": {"logs": {"remote": {"enabled": True, "folder": "s3://bucket/logs"}}},
    "logs.remote.enabled": {"logs": {"remote": {"enabled": False}}},
    "apiServer.service.nodePort": {"apiServer": {"service": {"type": "NodePort"}}},
    "apiServer.podDisruptionBudget": {"apiServer": {"replicas": 2}},
    "workers.allowExec": {"workers": {"podOperatorRights": True}},
}  # fmt: skip

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
    "apiServer.service.nodePort": 30001,
    "image.digest": "sha256:" + "1" * 64,
    "dags.git.image.digest": "sha256:" + "1" * 64,
    "postgres.image.digest": "sha256:" + "1" * 64,
    "scheduler.numRuns": 5,
    "workers.profiles": {"big": {"nodeSelector": {"size": "big"}}},
    "workers.templates": {"own": "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {restartPolicy: Never, containers: [{name: base, image: other}]}\n"},
    "admin.email": "other@example.com",
    "clusterDomain": "example.internal",
    "extraObjects": [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "more"}}],
    "postgres.settings": {"max_connections": "300"},
    "networkPolicy.apiServerFrom": [{"podSelector": {"matchLabels": {"role": "client"}}}],
    "apiServer.podDisruptionBudget.maxUnavailable": 2,
    "migrations.ttlSecondsAfterFinished": 60,
    "keys.existingSecret": "own-keys",
}  # fmt: skip

BY_KIND: dict[str, Any] = {
    "Affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [{"matchFields": []}]}}},
    "Container": {"name": "extra", "image": "example.com/extra:1"},
    "EnvVar": {"name": "KIT_EXTRA", "value": "1"},
    "EnvFromSource": {"secretRef": {"name": "extra"}},
    "LocalObjectReference": {"name": "extra"},
    "ResourceRequirements": {"requests": {"cpu": "77m", "memory": "77Mi"}},
    "Toleration": {"key": "extra", "operator": "Exists"},
    "TopologySpreadConstraint": {"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "ScheduleAnyway"},
    "Volume": {"name": "extra", "emptyDir": {"sizeLimit": "1Mi"}},
    "VolumeMount": {"name": "tmp", "mountPath": "/extra"},
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """One key with what it needs and its other value."""

    key: str
    base: Values
    other: Values


def cases() -> Iterator[Case]:
    """Yield a case for every leaf key, those of list entries and optional sections included."""
    for key in every_key():
        if key.section is None:
            yield _case(key)
    cache_claim = Claim().model_dump(by_alias=True, mode="json")
    for key in keys_of(Claim, cache_claim, ("dags", "bundle", "cache")):
        yield _case(key)
    yield from _bundle_cases()


def _case(key: Key) -> Case:
    base: Values = {}
    for prefix, needed in sorted(NEEDS.items()):
        if key.dotted.startswith(prefix):
            base = merge(base, needed)
    return Case(key.dotted, base, merge(base, nest(key.path, other(key))))


def _bundle_cases() -> Iterator[Case]:
    """Vary each key of one bundle; credentials only mean something with their type."""
    full = {"name": "team", "repo": REPO, "credentials": {"type": "github-app", "secret": "creds", "githubAppId": "1", "githubInstallationId": "2"}}  # fmt: skip
    ssh = {"name": "team", "repo": "git@git.example.com:dags.git", "credentials": {"type": "ssh", "secret": "creds"}}
    plain = Bundle().model_dump(by_alias=True, mode="json")
    for key in keys_of(Bundle, plain, ("dags.bundle.items[]",)):
        leaves = keys_of(key.section, key.default, key.path) if key.section else [key]
        for leaf in leaves:
            start = ssh if leaf.name == "strictHostKey" else full
            value = "https" if leaf.name == "type" else INSTEAD.get(f"dags.git.{leaf.name}", other(leaf))
            changed = merge(start, nest(leaf.path[1:], value))
            yield Case(leaf.dotted, bundle(start), bundle(changed))


def bundle(item: Values) -> Values:
    return {"dags": {"mode": "bundle", "bundle": {"items": [item]}}}


def other(key: Key) -> Any:
    """Return another value than the default."""
    if key.dotted in INSTEAD:
        return INSTEAD[key.dotted]
    default = key.default
    if isinstance(default, bool):
        return not default
    if isinstance(default, int):
        return default + 1
    if key.kubernetes:
        return BY_KIND[key.kubernetes]
    return _by_type(key.field.annotation, (), default, key.name)


def _by_type(kind: Any, marks: tuple[Any, ...], default: Any, name: str) -> Any:
    origin, args = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Annotated:
        return _by_type(args[0], args[1:], default, name)
    if marked := [
        m.json_schema_extra["kubernetes"] for m in marks if isinstance(getattr(m, "json_schema_extra", None), dict)
    ]:
        return BY_KIND[marked[0]]
    if origin is typing.Literal:
        return next(value for value in args if value not in (default, ""))
    if origin is list:
        return [_by_type(args[0], (), None, name)]
    if origin is dict:
        return {**(default or {}), "extra": _by_type(args[1], (), None, name)}
    if name in ("size", "sizeLimit", "tmpSizeLimit"):
        return "7Gi"
    assert kind is str, f"{name}: teach this test about {kind}"
    return "other"


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


@cache
def helm(values: str) -> str:
    """Render the chart with these values, or say why Helm would not."""
    argv = [str(tool("helm")), "template", "airflow", str(CHART), "-n", "airflow", "-f", "-"]
    argv += ["--kube-version", pin("kubernetes.version")]
    done = subprocess.run(argv, input=values, capture_output=True, text=True, check=False, timeout=120)
    return done.stdout if done.returncode == 0 else f"refused: {done.stderr}"


@pytest.fixture(scope="module")
def rendered() -> dict[str, tuple[str, str]]:
    """Render every case, two helms at a time: (without, with) the other value."""
    found = list(cases())
    texts = {yaml.safe_dump(v) for case in found for v in (case.base, case.other)}
    with ThreadPoolExecutor(max_workers=4) as pool:
        answers = dict(zip(texts, pool.map(helm, texts), strict=True))
    return {c.key: (answers[yaml.safe_dump(c.base)], answers[yaml.safe_dump(c.other)]) for c in found}


@pytest.mark.xdist_group("every-key")
@pytest.mark.parametrize("key", [case.key for case in cases()])
def test_changes_what_helm_renders(key: str, rendered: dict[str, tuple[str, str]]) -> None:
    without, with_other = rendered[key]
    assert not without.startswith("refused"), without
    assert not with_other.startswith("refused"), with_other
    assert with_other != without, f"nothing in the chart reads {key}"
