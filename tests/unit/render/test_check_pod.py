# ruff: noqa: E501, S108 - tables read by column; paths inside a pod
"""A broken pod template is refused with field and rule; a good one is not."""

from __future__ import annotations

import copy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from kitctl.errors import ExitCode, KitError
from kitctl.render.check import check_pod, require_pod

API = {"name": "AIRFLOW__CORE__EXECUTION_API_SERVER_URL", "value": "http://api:8080/execution/"}
ONE_TIME = {"name": "GITSYNC_ONE_TIME", "value": "true"}


def git_sync(*env: dict[str, str], **more: Any) -> dict[str, Any]:
    """Return an init container that fetches into the volume `tmp`."""
    link = {"name": "GITSYNC_LINK", "value": "repo"}
    mount = {"name": "tmp", "mountPath": "/git"}
    return {"name": "git-sync-init", "image": "x/git-sync:v4", "env": [link, *env], "volumeMounts": [mount], **more}


GOOD: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "worker", "labels": {"a": "b"}},
    "spec": {
        "restartPolicy": "Never",
        "initContainers": [{"name": "side", "image": "x", "restartPolicy": "Always"}],
        "containers": [
            {
                "name": "base",
                "image": "x",
                "env": [API],
                "resources": {"requests": {"cpu": 1, "memory": "1Gi"}},
                "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],
            }
        ],
        "volumes": [{"name": "tmp", "emptyDir": {}}],
    },
}


def changed(path: str, value: Any) -> str:
    """Return the good pod with one place changed; None removes it."""
    pod = copy.deepcopy(GOOD)
    *way, last = [int(p) if p.isdigit() else p for p in path.split("/")]
    node: Any = pod
    for part in way:
        node = node[part]
    if value is None:
        del node[last]
    elif last == "+":
        node.append(value)
    else:
        node[last] = value
    return yaml.safe_dump(pod)


def test_a_good_pod_has_no_finding() -> None:
    assert check_pod(yaml.safe_dump(GOOD)) == []


ERRORS = [
    ("kind", "Job", "kind", "must be Pod"),
    ("apiVersion", "v2", "apiVersion", "must be v1"),
    ("metadata/name", None, "metadata.name", "is missing"),
    ("spec/restartPolicy", "Always", "spec.restartPolicy", "must be Never"),
    ("spec/restartPolicy", None, "spec.restartPolicy", "must be Never"),
    ("spec/containers", [], "spec.containers", "needs the container `base`"),
    ("spec/containers/0/name", "main", "spec.containers[0].name", "must be base"),
    ("spec/containers/0/image", None, "spec.containers[0].image", "is missing"),
    ("spec/containers/0/image", 7, "spec.containers[0].image", "must be a text"),
    ("spec/initContainers/0/name", "base", "spec.containers[0].name", "two containers have this name"),
    ("spec/initContainers/0/name", None, "spec.initContainers[0].name", "is missing"),
    ("spec/volumes/+", {"name": "tmp"}, "spec.volumes[0].name", "two volumes"),
    ("spec/containers/0/volumeMounts/0/name", "gone", "spec.containers[0].volumeMounts[0].name", "no volume 'gone'"),
    ("spec/containers/0/volumeMounts/0/mountPath", None, "spec.containers[0].volumeMounts[0].mountPath", "is missing"),
    ("spec/containers/0/volumeMounts/+", {"name": "tmp", "mountPath": "/tmp"}, "spec.containers[0].volumeMounts[1].mountPath", "two mounts"),
    ("spec/containers/+", {"name": "git-sync", "image": "g"}, "spec.containers[1]", "never ends"),
    ("spec/nodeSelectors", {"a": "b"}, "spec.nodeSelectors", "did you mean nodeSelector?"),
    ("spec/containers/0/imagePullpolicy", "Always", "spec.containers[0].imagePullpolicy", "did you mean imagePullPolicy?"),
    ("spec/tolerations", {"key": "a"}, "spec.tolerations", "must be a list"),
    ("spec/affinity", ["a"], "spec.affinity", "must be a map"),
    ("spec/nodeSelector", {"gpu": True}, "spec.nodeSelector.gpu", "put it in quotes"),
    ("spec/containers/0/env", [{"name": "A", "value": 1}], "spec.containers[0].env[0].value", "put it in quotes"),
    ("spec/terminationGracePeriodSeconds", "60", "spec.terminationGracePeriodSeconds", "must be a whole number"),
    ("spec/terminationGracePeriodSeconds", True, "spec.terminationGracePeriodSeconds", "must be a whole number"),
    ("spec/enableServiceLinks", "no", "spec.enableServiceLinks", "must be true or false"),
    ("spec/containers/0/image", "X:Y Z", "spec.containers[0].image", "not an image reference"),
    ("spec/initContainers/0/image", "Docker/Name", "spec.initContainers[0].image", "not an image reference"),
    ("spec/containers/0/resources/requests/memory", "1GB", "spec.containers[0].resources.requests.memory", "is not a quantity"),
    ("spec/containers/0/resources/limits", {"cpu": "lots"}, "spec.containers[0].resources.limits.cpu", "is not a quantity"),
    ("spec/containers/0/resources/limits", {"memory": "512Mi"}, "spec.containers[0].resources.requests.memory", "above the limit 512Mi"),
    ("spec/containers/0/resources/limits", {"cpu": "999m"}, "spec.containers[0].resources.requests.cpu", "above the limit 999m"),
    ("spec/initContainers/+", git_sync(), "spec.initContainers[1].env", "GITSYNC_ONE_TIME"),
    ("spec/initContainers/+", git_sync(ONE_TIME | {"value": "false"}), "spec.initContainers[1].env", "GITSYNC_ONE_TIME"),
    ("status", {"phase": "x"}, "status", "no such field"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value", "field", "rule"), ERRORS, ids=[f"{e[0]}={e[1]}" for e in ERRORS])
def test_a_mistake_is_found_at_its_place(path: str, value: Any, field: str, rule: str) -> None:
    found = [f for f in check_pod(changed(path, value)) if f.level == "error"]
    assert any(f.field == field and rule in f.rule for f in found), found


WARNINGS = [
    ("spec/containers/+", {"name": "helper", "image": "h"}, "spec.containers[1]", "ends only when 'helper' ends"),
    ("spec/containers/0/args", ["x"], "spec.containers[0].args", "replaced by the executor"),
    ("metadata/labels/dag_id", "x", "metadata.labels.dag_id", "set by the executor"),
    ("spec/initContainers/+", git_sync(restartPolicy="Always"), "spec.initContainers[1].restartPolicy", "keeps running"),
    ("spec/containers/0/env/+", {"name": "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "value": "x"}, "spec.containers[0].env[1].name", "do not use the database"),
    ("spec/containers/0/env", None, "spec.containers[0].env", "EXECUTION_API_SERVER_URL is missing"),
    ("spec/hostNetwork", True, "spec.hostNetwork", "Pod Security"),
    ("spec/volumes/+", {"name": "h", "hostPath": {"path": "/x"}}, "spec.volumes[1].hostPath", "Pod Security"),
    ("spec/initContainers/0/env", [{"name": "GIT_SYNC_REPO", "value": "x"}], "spec.initContainers[0].env[0].name", "GITSYNC_"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value", "field", "rule"), WARNINGS, ids=[w[0] for w in WARNINGS])
def test_a_doubt_is_a_warning(path: str, value: Any, field: str, rule: str) -> None:
    (found,) = check_pod(changed(path, value))
    assert (found.level, found.field) == ("warning", field)
    assert rule in found.rule


def test_an_env_name_that_stands_twice_is_told_at_both_places() -> None:
    found = check_pod(changed("spec/containers/0/env", [API, API]))
    assert [(f.level, f.field) for f in found] == [("warning", f"spec.containers[0].env[{i}].name") for i in (0, 1)]


@pytest.mark.parametrize("sub", ["repo", "repo/dags", "/repo"])
def test_a_mount_through_git_syncs_link_is_refused(sub: str) -> None:
    pod = yaml.safe_load(changed("spec/initContainers/+", git_sync(ONE_TIME)))
    mount = {"name": "tmp", "mountPath": "/dags", "subPath": sub}
    pod["spec"]["containers"][0]["volumeMounts"].append(mount)
    (found,) = check_pod(yaml.safe_dump(pod))
    assert (found.level, found.field) == ("error", "spec.containers[0].volumeMounts[1].subPath")
    mount["subPath"] = "repository"
    assert check_pod(yaml.safe_dump(pod)) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("spec/initContainers/+", git_sync(ONE_TIME)),
        ("spec/initContainers/+", git_sync(args=["--one-time"])),
        ("spec/initContainers/+", git_sync(envFrom=[{"configMapRef": {"name": "git"}}])),
        ("spec/containers/0/image", "registry.example.com:5000/a-b/c__d.e:v1.2_3"),
        ("spec/containers/0/image", "a/b@sha256:" + "0" * 64),
        ("spec/containers/0/image", "localhost/a:1"),
        ("spec/containers/0/resources", {"requests": {"cpu": "500m"}, "limits": {"cpu": 0.5, "memory": "1e9"}}),
        ("spec/containers/0/resources", {"requests": {"memory": "1G"}, "limits": {"memory": "1Gi", "nvidia.com/gpu": 1}}),
        ("spec/hostNetwork", False),
    ],
)  # fmt: skip
def test_what_works_is_let_alone(path: str, value: Any) -> None:
    assert check_pod(changed(path, value)) == []


@pytest.mark.parametrize(
    ("text", "field", "rule"),
    [
        ("kind: Pod\n\tspec: x\n", "line 2", "is not YAML"),
        ("kind: Pod\nkind: Pod\n", "line 2", "is set twice"),
        ("kind: Pod\n---\nkind: Pod\n", "the file", "one YAML document, not 2"),
        ("", "the file", "one YAML document, not 0"),
        ("- a\n", "the file", "must be a map"),
        ("kind: Pod\nname: {{ .Release.Name }}\n", "line 2", "was not replaced"),
        ("kind: Pod\n# x\n{% if a %}\n", "line 3", "was not replaced"),
    ],
)
def test_text_that_is_no_pod_is_refused_with_its_line(text: str, field: str, rule: str) -> None:
    (found,) = check_pod(text)
    assert found.field == field
    assert rule in found.rule


def test_the_error_lists_every_mistake() -> None:
    with pytest.raises(KitError) as error:
        require_pod("kind: Job\napiVersion: v1\n", "my.yaml")
    assert error.value.id == "pod-template-invalid"
    assert error.value.code is ExitCode.PREFLIGHT
    assert "my.yaml" in error.value.message
    assert "kind: must be Pod" in error.value.cause
    assert "spec.containers" in error.value.cause


def test_warnings_do_not_stop_anything() -> None:
    found = require_pod(changed("spec/containers/0/args", ["x"]), "my.yaml")
    assert [f.level for f in found] == ["warning"]


def test_the_vendored_fields_are_those_of_the_script() -> None:
    root = Path(__file__).resolve().parents[3]
    made = subprocess.run(
        [sys.executable, str(root / "scripts" / "pod_schema.py")], capture_output=True, text=True, check=True
    )
    assert made.stdout == (root / "kitctl" / "model" / "data" / "pod_schema.json").read_text(encoding="utf-8")


MISSING = [
    ("spec/containers/0/env", [API, {"value": "x"}], "spec.containers[0].env[1].name"),
    ("spec/containers/0/ports", [{"name": "web"}], "spec.containers[0].ports[0].containerPort"),
    ("spec/containers/0/readinessProbe", {"httpGet": {"path": "/"}}, "spec.containers[0].readinessProbe.httpGet.port"),
    ("spec/containers/0/env", [API, {"name": "A", "valueFrom": {"secretKeyRef": {"name": "s"}}}], "spec.containers[0].env[1].valueFrom.secretKeyRef.key"),
    ("spec/topologySpreadConstraints", [{"maxSkew": 1, "whenUnsatisfiable": "DoNotSchedule"}], "spec.topologySpreadConstraints[0].topologyKey"),
    ("spec/affinity", {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 1}]}}, "spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].preference"),
    ("spec/volumes/+", {"emptyDir": {}}, "spec.volumes[1].name"),
    ("spec/initContainers", [{"image": "x"}], "spec.initContainers[0].name"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value", "field"), MISSING, ids=[case[2] for case in MISSING])
def test_a_field_that_kubernetes_requires_is_missed(path: str, value: Any, field: str) -> None:
    """Airflow's reader raises on each: in the default template, every task of the release fails."""
    assert (field, "is missing, and Kubernetes requires it") in [
        (f.field, f.rule) for f in check_pod(changed(path, value))
    ]


LEFT = [
    ("metadata/name", "{{ .Release.Name }}", "metadata.name"),
    ("metadata/labels/a", "{% if x %}", "metadata.labels.a"),
    ("spec/containers/0/env", [API, {"name": "A", "valueFrom": {"secretKeyRef": {"name": "{{ x }}", "key": "k"}}}], "spec.containers[0].env[1].valueFrom.secretKeyRef.name"),
    ("spec/volumes/+", {"name": "v", "persistentVolumeClaim": {"claimName": "{{ .Values.claim }}"}}, "spec.volumes[1].persistentVolumeClaim.claimName"),
    ("spec/tolerations", [{"key": "a", "value": "{{ x }}"}], "spec.tolerations[0].value"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value", "field"), LEFT, ids=[entry[2] for entry in LEFT])
def test_an_action_that_nobody_replaced_is_an_error_where_kubernetes_takes_a_name(
    path: str, value: Any, field: str
) -> None:
    found = [f for f in check_pod(changed(path, value)) if f.level == "error"]
    assert any(f.field == field and "was not replaced" in f.rule for f in found), found


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("spec/containers/0/env", [API, {"name": "AIRFLOW_VAR_TARGET", "value": "s3://bucket/{{ ds }}/"}]),
        ("metadata/annotations", {"vault.hashicorp.com/agent-inject-template-wh": "{{ with secret \"kv\" }}{{ .Data.data.x }}{{ end }}\n"}),
        ("spec/initContainers/0/command", ["sh", "-c", "echo '{{ x }} {% y %}'"]),
        ("spec/initContainers/0/args", ["{{ x }}"]),
        ("spec/volumes/+", {"name": "v", "csi": {"driver": "d", "volumeAttributes": {"a": "{{ x }}"}}}),
    ],
)  # fmt: skip
def test_braces_in_free_text_are_data(path: str, value: Any) -> None:
    assert check_pod(changed(path, value)) == []


def test_an_action_of_helm_in_free_text_is_doubtful() -> None:
    (found,) = check_pod(changed("spec/containers/0/env", [API, {"name": "A", "value": "{{ .Values.x }}"}]))
    assert (found.level, found.field) == ("warning", "spec.containers[0].env[1].value")
