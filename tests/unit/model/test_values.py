"""Every key is documented, and takes what Kubernetes, git and Airflow take, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from kitctl.generate import schema
from kitctl.generate.walk import Key, every_key, keys_of
from kitctl.model.values.dags import Bundle
from kitctl.model.values.keys.allowed import allowed
from kitctl.model.values.objects import Claim

VALIDATOR = Draft202012Validator(schema.document(whole=False))


def leaves() -> Iterator[Key]:
    """Yield every key that holds a value, those of list entries and optional sections included."""
    yield from every_key()
    for place, section in (("dags.bundle.items[]", Bundle), ("dags.bundle.cache", Claim)):
        yield from keys_of(section, section().model_dump(by_alias=True, mode="json"), (place,))


KEYS = {key.dotted: key for key in leaves() if key.section is None}


def refusals(key: str, value: Any) -> list[str]:
    for part in reversed(key.split(".")):
        value = [value] if part == "0" else {part: value}
    return [error.json_path for error in VALIDATOR.iter_errors(value)]


def test_every_reason_is_a_sentence_that_adds_to_the_description() -> None:
    reasons = {name: key for name, key in KEYS.items() if key.why}
    assert len(reasons) > 30
    assert [name for name, key in reasons.items() if not key.why.endswith(".") or len(key.why) > 120] == []
    assert [name for name, key in reasons.items() if key.why.strip(".").lower() in key.text.lower()] == []


def test_a_default_that_may_surprise_gives_its_reason() -> None:
    surprising = (
        "dags.mode",
        "scheduler.replicas",
        "workers.podOperatorRights",
        "logs.persistence.enabled",
        "migrations.ttlSecondsAfterFinished",
        "dags.git.env",
    )
    assert [key for key in surprising if not KEYS[key].why] == []


def test_every_number_has_a_unit_and_a_range() -> None:
    kinds = {name: str(key.field.annotation) for name, key in KEYS.items()}
    numbers = [KEYS[name] for name, kind in kinds.items() if "int" in kind and "str" not in kind]
    assert numbers
    assert [key.dotted for key in numbers if not key.unit or "integer" not in key.called] == []


def test_every_size_duration_and_port_has_a_unit() -> None:
    endings = ("size", "sizelimit", "seconds", "port")
    units = {name: key.unit for name, key in KEYS.items() if name.lower().endswith(endings)}
    assert units
    for name, unit in units.items():
        counted = {"batchsize": {"pods", "rows"}, "poolsize": {"connections"}}
        other = next((units for ending, units in counted.items() if name.lower().endswith(ending)), None)
        assert unit in (other or {"bytes", "seconds", "port"}), name


PLACES = {
    "port": "apiServer.service.port",
    "node port": "apiServer.service.nodePort",
    "replicas": "scheduler.replicas",
    "count or endless": "dags.git.maxFailures",
    "seconds": "dags.refreshSeconds",
    "seconds or none": "scheduler.terminationGracePeriodSeconds",
    "optional seconds": "migrations.ttlSecondsAfterFinished",
    "size": "postgres.storage.size",
    "optional size": "workers.tmpSizeLimit",
    "name": "keys.existingSecret",
    "namespace": "workers.namespace",
    "prefix": "fullnameOverride",
    "domain": "clusterDomain",
    "secret key": "database.passwordSecret.key",
    "image": "image.repository",
    "tag": "image.tag",
    "other tag": "postgres.image.tag",
    "digest": "image.digest",
    "reference": "dags.specialImage",
    "path": "dags.path",
    "claim folder": "dags.pvc.subPath",
    "repository folder": "dags.git.subPath",
    "ref": "dags.git.ref",
    "address": "dags.git.credentials.githubBaseUrl",
    "bundle": "dags.bundle.items.0.name",
    "connection": "logs.remote.connection",
    "mail": "admin.email",
    "env": "env.0",
    "resources": "workers.resources",
    "labels": "commonLabels",
    "annotations": "commonAnnotations",
    "config": "config",
    "profiles": "workers.profiles",
    "settings": "postgres.settings",
    "volume": "workers.extraVolumes.0",
    "pull secret": "image.pullSecrets.0",
    "database": "database.name",
}
GOOD: dict[str, list[Any]] = {
    "port": [1, 80, 8080, 65535],
    "node port": [None, 0, 30000, 32767],
    "replicas": [0, 1, 50],
    "count or endless": [-1, 0, 10],
    "seconds": [1, 86400],
    "seconds or none": [0, 30],
    "optional seconds": [None, 1],
    "size": ["5Gi", "500M", "1.5Ti", "0.5Gi", "1073741824"],
    "optional size": ["", "4Gi"],
    "name": ["", "a", "team-keys.v2", "0a"],
    "namespace": ["", "tasks", "team-1"],
    "prefix": ["", "airflow", "1st"],
    "domain": ["cluster.local", "k8s"],
    "secret key": ["password", "a.b_C-1"],
    "image": [
        "",
        "airflow",
        "docker.io/apache/airflow",
        "localhost:5000/team/a_b",
        "[::1]:5000/x",
        "Host.example.com/x",
    ],
    "tag": ["", "3.3.2", "2026-01-31", "v1_2.3-RC"],
    "other tag": ["17"],
    "digest": ["", "sha256:" + "0a" * 32, "sha512:" + "0" * 128],
    "reference": ["", "zip", "r.io:5/x/y:1.2", "x@sha256:" + "0" * 64, "x:1@sha256:" + "0" * 64],
    "path": ["/opt/airflow/dags", "/a/.hidden/", "/a/..b"],
    "claim folder": ["", "production/dags", "with space", ".git", "a/"],
    "repository folder": ["", "/", "/dags/", "team/dags"],
    "ref": ["", "main", "HEAD", "v1.2.3", "feature/x", "0" * 40],
    "address": ["", "https://github.example.com/api/v3", "http://x"],
    "bundle": ["", "team", "Team_A", "a.b-c", "Team A/B"],
    "connection": ["", "aws_default", "my-logs"],
    "mail": ["admin@example.com", "airflow@localhost"],
    "env": [{"name": "A_1", "value": "1"}, {"name": "A", "valueFrom": {"secretKeyRef": {}}}, {"name": "a.b-c"}],
    "resources": [
        {},
        {"requests": {"cpu": "100m", "memory": "512Mi"}, "limits": {"cpu": 2, "memory": "1e9", "nvidia.com/gpu": "1"}},
        {"limits": {"cpu": 0.5, "memory": None}, "requests": None, "claims": []},
    ],
    "labels": [{}, {"team": "data", "example.com/team": "", "a.b_C": "x.y_Z"}],
    "annotations": [{}, {"Example.com/x": "any text, even\nlines"}],
    "config": [{"core": {"parallelism": 64}}, {"sect.ion": {"key_1": "a b", "x": True, "y": 1.5}}],
    "profiles": [{"gpu": {"nodeSelector": {}}, "big_1.x": {}}],
    "settings": [{"max_connections": "300", "pg_stat_statements.track": "all"}],
    "volume": [{"name": "data", "emptyDir": {}}],
    "pull secret": [{"name": "registry"}],
    "database": ["airflow", "Größe"],
}
BAD: dict[str, list[Any]] = {
    "port": [0, -1, 65536, 99999, "80", None],
    "node port": [80, -1, 29999, 32768, "30000"],
    "replicas": [-1, 1.5, 2**31, "2"],
    "count or endless": [-2],
    "seconds": [0, -1, 31536001, "30s"],
    "seconds or none": [-1],
    "optional seconds": [0, -5],
    "size": ["", "5 GB", "5GB", "5gi", "0", "0Gi", "-1Gi", "500m", "big", 5],
    "optional size": ["0", "4GB", " "],
    "name": ["Team", "a_b", "-a", "a-", "a..b", "a b", "a" * 254],
    "namespace": ["a.b", "Team", "a" * 64],
    "prefix": ["a b", "a/b", "ä"],
    "domain": ["", "Cluster.Local", "a b", "a."],
    "secret key": ["", "a b", "a/b"],
    "image": ["Airflow", "a//b", "a:1", "a b", "/a", "https://r.io/a", "a@sha256:0"],
    "tag": ["a b", "a:b", "-a", "a/b", "a" * 129],
    "other tag": [""],
    "digest": ["sha256:abc", "0" * 64, "sha256:" + "A" * 64, "md5:" + "0" * 32],
    "reference": ["a b", "x:", "X", "x@sha256:0"],
    "path": ["", "dags", "/", "/a/../b", "/a b", "/a:b", "~/dags"],
    "claim folder": ["/a", "..", "a/../b", "."],
    "repository folder": ["..", "a/../b"],
    "ref": ["a b", "-x", "a:b", "a^", "*"],
    "address": ["github.example.com", "ftp://x", "https://"],
    "bundle": ["../x", "a/../b", "/a", "a\nb"],
    "connection": ["a b"],
    "mail": ["", "admin", "a b@c", "a@"],
    "env": [{"name": "A", "value": 1}, {"name": "A", "value": True}, {"value": "x"}, {"name": "1A"}, {"name": "A B"}],
    "resources": [
        {"request": {"cpu": "1"}},
        {"limits": {"memory": "512MB"}},
        {"limits": {"memory": "512m"}},
        {"requests": {"cpu": "1 core"}},
        {"requests": {"cpu": -1}},
        {"requests": {"cpu": "-1"}},
    ],
    "labels": [{"a b": "x"}, {"a": "x y"}, {"a": "x" * 64}, {"/a": "x"}, {"a": 1}, {"A.com/x": "y"}],
    "annotations": [{"a b": "x"}, {"a": 1}],
    "config": [{"co re": {"a": 1}}, {"core": {"a b": 1}}, {"core": {"a": None}}, {"core": {"a": []}}],
    "profiles": [{"a b": {}}, {"../x": {}}, {"gpu": "x"}],
    "settings": [{"a b": "x"}, {"max-connections": "1"}],
    "volume": [{"emptyDir": {}}, {"name": "My Volume"}],
    "pull secret": [{}, {"name": "My Secret"}, "registry"],
    "database": ["", "x" * 64],
}


@pytest.mark.parametrize("kind", GOOD)
def test_takes(kind: str) -> None:
    assert {json.dumps(value): found for value in GOOD[kind] if (found := refusals(PLACES[kind], value))} == {}


@pytest.mark.parametrize("kind", BAD)
def test_refuses(kind: str) -> None:
    taken = [value for value in BAD[kind] if not refusals(PLACES[kind], value)]
    assert taken == [], f"{PLACES[kind]} takes them"


def test_a_tag_may_be_empty_beside_a_digest() -> None:
    assert refusals("postgres.image", {"tag": "", "digest": "sha256:" + "0" * 64}) == []


@pytest.mark.parametrize(
    ("pointer", "words"),
    [
        ("/scheduler/replicas", "a whole number from 0 to 2147483647 (pods)"),
        ("/apiServer/service/nodePort", "a port from 30000 to 32767"),
        ("/migrations/ttlSecondsAfterFinished", "from 1 to 31536000 (seconds)"),
        ("/workers/resources/limits/memory", "such as 512Mi"),
        ("/dags/bundle/items/0/refreshSeconds", "(seconds)"),
        ("/dags/bundle/cache/size", "such as 5Gi"),
        ("/env/0", "EnvVar, with name"),
        ("/env/0/value", "in quotes"),
        ("/commonLabels/a b", "a key such as team"),
        ("/config/core/a b", "an option of airflow.cfg"),
        ("/commonAnnotations/example.com~1x", "text"),
        ("/image/pullPolicy", "one of Always, IfNotPresent, Never"),
        ("/triggerer/enabled", "true or false"),
    ],
)
def test_what_a_key_takes_is_said_in_words(pointer: str, words: str) -> None:
    assert words in allowed(pointer)


@pytest.mark.parametrize("pointer", ["/bogus", "/scheduler/bogus", "/scheduler/replicas/x"])
def test_of_an_unknown_key_nothing_is_said(pointer: str) -> None:
    assert allowed(pointer) == ""
