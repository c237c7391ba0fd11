"""`pods` reaches every pod of the release, and a section of its own its own pods; nothing stands twice."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from kitctl.model.values.pods import Pods
from tests.chart.release import Pod, Release, render
from tests.chart.schemas import MINORS, problems
from tests.chart.walk import walk

SECTIONS = {
    "api-server": "apiServer",
    "scheduler": "scheduler",
    "dag-processor": "dagProcessor",
    "triggerer": "triggerer",
    "worker": "workers",
    "migrate": "migrations",
    "keys": "keys.bootstrap",
    "objects": "objects.job",
    "postgres": "postgres",
    "celery": "workers.celery",
    "redis": "broker.redis",
    "rabbitmq": "broker.rabbitmq",
    "flower": "flower",
    "clean-logs": "logs.persistence.retention",
    "clean-db": "databaseCleanup",
    "clean-pods": "workers.cleanup",
    "pgbouncer": "pgbouncer",
}
BROKERS = ("redis", "rabbitmq")
MODES: dict[str, dict[str, Any]] = {
    "image": {},
    "pvc": {},
    "git": {"git": {"repo": "https://git.example.com/dags.git", "env": [{"name": "GITSYNC_DEPTH", "value": "0"}]}},
    "bundle": {"bundle": {"items": [{"name": "team", "repo": "https://git.example.com/dags.git"}]}},
}
FIELDS: dict[str, Any] = {
    "podLabels": {"shape": "one"},
    "podAnnotations": {"shape": "one"},
    "env": [{"name": "SHAPE", "value": "one"}],
    "nodeSelector": {"shape": "one"},
    "tolerations": [{"key": "shape", "operator": "Exists"}],
    "affinity": {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": []}},
    "topologySpreadConstraints": [{"maxSkew": 1, "topologyKey": "shape", "whenUnsatisfiable": "ScheduleAnyway"}],
    "priorityClassName": "shape",
    "schedulerName": "shape",
    "runtimeClassName": "shape",
    "hostAliases": [{"ip": "10.1.2.3", "hostnames": ["shape"]}],
    "dnsPolicy": "Default",
    "dnsConfig": {"searches": ["shape"]},
    "automountServiceAccountToken": True,
    "podSecurityContext": {"fsGroup": 4711},
    "containerSecurityContext": {"runAsUser": 4711},
    "lifecycle": {"postStart": {"exec": {"command": ["shape"]}}},
    "shmSizeLimit": "17Mi",
    "extraVolumes": [{"name": "shape", "emptyDir": {"sizeLimit": "1Mi"}}],
    "extraVolumeMounts": [{"name": "shape", "mountPath": "/shape"}],
    "firstInitContainers": [{"name": "shape-first", "image": "example.com/first:1"}],
    "extraInitContainers": [
        {"name": "shape-init", "image": "example.com/init:1"},
        {"name": "shape-sidecar", "image": "example.com/sidecar:1", "restartPolicy": "Always"},
    ],
    "extraContainers": [{"name": "shape-extra", "image": "example.com/extra:1"}],
}
OWN = {
    "api-server",
    "scheduler",
    "dag-processor",
    "triggerer",
    "base",
    "migrate",
    "keys",
    "objects",
    "postgres",
    "celery",
    "redis",
    "rabbitmq",
    "flower",
    "clean-logs",
    "clean-db",
    "clean-pods",
    "pgbouncer",
}
"""Main containers of the chart."""
FOLLOW = {"scheduler": ("keys", "migrate", "clean-db", "clean-pods", "objects"), "api-server": ("clean-logs",)}
"""Jobs that run on the nodes of a component unless they say otherwise."""
WAITS = {"wait-for-database"}
GIT_SYNC = {"git-sync", "git-sync-init"}


OBJECTS = {"pools": {"heavy": {"slots": 1}}}


def with_broker(kind: str) -> set[str]:
    """Return the components of a release with this broker."""
    return set(SECTIONS) - {other for other in BROKERS if other != kind}


@cache
def release(section: str, mode: str, folder: Path, kind: str = "") -> Release:
    """Render a release in which a section has all fields, with the broker that the section means or the given one."""
    kind = kind or next((one for one in BROKERS if section == f"broker.{one}"), "redis")
    values: dict[str, Any] = {
        "executors": ["KubernetesExecutor", "CeleryExecutor"],
        "broker": {"kind": kind},
        "flower": {"enabled": True},
        "pgbouncer": {"enabled": True},
        "objects": OBJECTS,
        "dags": {"mode": mode, **MODES[mode]},
    }
    inner: Any = FIELDS
    for name in reversed(section.split(".")):
        inner = {name: inner}
    if "broker" in inner:
        inner["broker"]["kind"] = kind
    if "flower" in inner:
        inner["flower"] = {**inner["flower"], "enabled": True}
    if "pgbouncer" in inner:
        inner["pgbouncer"] = {**inner["pgbouncer"], "enabled": True}
    if "objects" in inner:
        inner["objects"] = {**inner["objects"], **OBJECTS}
    path = folder / f"{section}-{mode}-{kind}.yaml"
    path.write_text(yaml.safe_dump({**values, **inner}), encoding="utf-8")
    return render(values=(str(path),))


def named(containers: list[Any] | None) -> dict[str, Any]:
    return {container.name: container for container in containers or []}


def check_pod(pod: Pod) -> None:
    """Hold a pod against every field."""
    spec = pod.spec
    assert pod.labels.get("shape") == "one", "podLabels"
    seen = {
        "nodeSelector": spec.node_selector == {"shape": "one"},
        "tolerations": [t.key for t in spec.tolerations or []] == ["shape"],
        "affinity": bool(spec.affinity and spec.affinity.pod_anti_affinity),
        "topologySpreadConstraints": [c.topology_key for c in spec.topology_spread_constraints or []] == ["shape"],
        "priorityClassName": spec.priority_class_name == "shape",
        "schedulerName": spec.scheduler_name == "shape",
        "runtimeClassName": spec.runtime_class_name == "shape",
        "hostAliases": [h.hostnames for h in spec.host_aliases or []] == [["shape"]],
        "dnsPolicy": spec.dns_policy == "Default",
        "dnsConfig": bool(spec.dns_config and spec.dns_config.searches == ["shape"]),
        "automountServiceAccountToken": spec.automount_service_account_token is True,
        "podSecurityContext": spec.security_context.fs_group == 4711 and spec.security_context.run_as_non_root is True,
        "extraVolumes": "shape" in {v.name for v in spec.volumes},
        "shmSizeLimit": {v.name: v for v in spec.volumes}["shm"].empty_dir.size_limit in ("17Mi", own_shm(pod)),
        "extraContainers": [c.name for c in spec.containers][1:] == ["shape-extra"],
    }
    assert [name for name, there in seen.items() if not there] == []
    check_order(pod)
    main = spec.containers[0]
    assert main.lifecycle.post_start._exec.command == ["shape"], "lifecycle"
    assert bool(main.lifecycle.pre_stop) is (pod.component == "api-server"), "the kit's own hook"
    for name, container in {**named(spec.init_containers), **named(spec.containers)}.items():
        if name in OWN | WAITS:
            assert "SHAPE" in {e.name for e in container.env}, f"env of {name}"
            assert "/shape" in {m.mount_path for m in container.volume_mounts}, f"extraVolumeMounts of {name}"
        if name in OWN | WAITS | GIT_SYNC:
            assert container.security_context.run_as_user == 4711, f"containerSecurityContext of {name}"
            assert container.security_context.read_only_root_filesystem is True, f"the kit's own context of {name}"


def own_shm(pod: Pod) -> str:
    """PostgreSQL has a default of its own, which is nearer than what `pods` says."""
    return "256Mi" if pod.component == "postgres" else ""


def check_order(pod: Pod) -> None:
    names = [c.name for c in pod.spec.init_containers]
    assert names[:2] == ["shape-first", "shape-sidecar"], names
    assert names[-1] == "shape-init", names


def check_nothing_twice(pod: Pod) -> None:
    def once(what: str, names: list[str]) -> None:
        assert len(names) == len(set(names)), f"{pod.owner}: {what} {sorted(n for n in names if names.count(n) > 1)}"

    once("volumes", [v.name for v in pod.spec.volumes])
    once("containers", [c.name for c in pod.containers])
    for container in pod.containers:
        once(f"env of {container.name}", [e.name for e in container.env or []])
        once(f"mounts of {container.name}", [m.mount_path for m in container.volume_mounts or []])


def test_the_fields_are_all_there_are() -> None:
    assert {*FIELDS, "fixedIds"} == {field.alias for field in Pods.model_fields.values()}


@pytest.mark.parametrize(("mode", "kind"), [*((mode, "redis") for mode in MODES), ("image", "rabbitmq")])
def test_pods_reaches_every_pod(mode: str, kind: str, tmp_path: Path) -> None:
    found = release("pods", mode, tmp_path, kind)
    assert {pod.component for pod in found.pods} == with_broker(kind)
    walk(found.pods, check_pod)
    walk(found.pods, check_nothing_twice)


def test_annotations_reach_every_pod(tmp_path: Path) -> None:
    for section, components in {"pods": with_broker("redis"), **{s: {c} for c, s in SECTIONS.items()}}.items():
        documents = release(section, "git", tmp_path).documents
        templates = [d["spec"]["template"] for d in documents if d["kind"] in ("Deployment", "StatefulSet", "Job")]
        templates += [d["spec"]["jobTemplate"]["spec"]["template"] for d in documents if d["kind"] == "CronJob"]
        templates += list(release(section, "git", tmp_path).worker_templates.values())
        reached = {
            t["metadata"]["labels"]["app.kubernetes.io/component"]
            for t in templates
            if t["metadata"].get("annotations", {}).get("shape") == "one"
        }
        assert reached == components, section


@pytest.mark.parametrize("component", SECTIONS)
def test_a_section_reaches_its_own_pods_only(component: str, tmp_path: Path) -> None:
    found = release(SECTIONS[component], "git", tmp_path)
    walk([pod for pod in found.pods if pod.component == component], check_pod)
    for pod in found.pods:
        if pod.component not in {component, *FOLLOW.get(component, ())}:
            assert "shape" not in str(pod.spec), pod.owner


def test_the_nearer_wins_and_extra_lists_grow(tmp_path: Path) -> None:
    path = tmp_path / "values.yaml"
    common = {
        "nodeSelector": {"a": "common", "b": "common"},
        "tolerations": [{"key": "common", "operator": "Exists"}],
        "priorityClassName": "common",
        "automountServiceAccountToken": True,
        "env": [{"name": "BOTH", "value": "common"}, {"name": "COMMON", "value": "1"}],
        "extraVolumes": [{"name": "both", "emptyDir": {}}, {"name": "common", "emptyDir": {}}],
    }
    near = {
        "nodeSelector": {"a": "near"},
        "tolerations": [{"key": "near", "operator": "Exists"}],
        "priorityClassName": "near",
        "automountServiceAccountToken": False,
        "env": [{"name": "BOTH", "value": "near"}],
        "extraVolumes": [{"name": "both", "configMap": {"name": "near"}}],
    }
    sections = {"apiServer": near, "workers": near, "migrations": near, "postgres": near}
    path.write_text(yaml.safe_dump({"pods": common, **sections}), encoding="utf-8")
    for component in ("api-server", "worker", "migrate", "postgres"):
        pod = render(values=(str(path),)).pod(component)
        env = {e.name: e.value for e in pod.spec.containers[0].env}
        volumes = {v.name: v for v in pod.spec.volumes}
        assert pod.spec.node_selector == {"a": "near", "b": "common"}, component
        assert [t.key for t in pod.spec.tolerations] == ["near"], component
        assert pod.spec.priority_class_name == "near", component
        assert pod.spec.automount_service_account_token is False, component
        assert (env["BOTH"], env["COMMON"]) == ("near", "1"), component
        assert volumes["both"].config_map.name == "near", component
        assert volumes["common"].empty_dir is not None, component
        check_nothing_twice(pod)


def test_the_users_mounts_and_volumes_replace_those_of_the_chart(tmp_path: Path) -> None:
    path = tmp_path / "values.yaml"
    fields = {
        "extraVolumes": [
            {"name": "nas", "nfs": {"server": "nas.example.com", "path": "/logs"}},
            {"name": "tmp", "emptyDir": {"medium": "Memory", "sizeLimit": "1Gi"}},
        ],
        # With a slash at its end it is the same path.
        "extraVolumeMounts": [{"name": "nas", "mountPath": "/opt/airflow/logs/"}],
    }
    path.write_text(yaml.safe_dump({"pods": fields, "workers": {"profiles": {"big": {}}}}), encoding="utf-8")
    for pod in render(values=(str(path),)).pods:
        check_nothing_twice(pod)
        mounts = {m.mount_path.rstrip("/"): m.name for m in pod.spec.containers[0].volume_mounts}
        assert mounts["/opt/airflow/logs"] == "nas", pod.owner
        assert [v.empty_dir.medium for v in pod.spec.volumes if v.name == "tmp"] == ["Memory"], pod.owner


def test_a_profile_replaces_what_it_names_again(tmp_path: Path) -> None:
    path = tmp_path / "values.yaml"
    logs = "/opt/airflow/logs"
    base = {"env": [{"name": "TZ", "value": "UTC"}], "volumeMounts": [{"name": "scratch", "mountPath": logs}]}
    profile = {"volumes": [{"name": "scratch", "emptyDir": {}}], "containers": [base]}
    workers = {"env": [{"name": "TZ", "value": "Europe/Lisbon"}], "profiles": {"night": profile}}
    path.write_text(yaml.safe_dump({"workers": workers}), encoding="utf-8")
    (pod,) = [p for p in render(values=(str(path),)).pods if p.owner == "worker/night"]
    check_nothing_twice(pod)
    assert {e.name: e.value for e in pod.spec.containers[0].env}["TZ"] == "UTC"
    assert {m.mount_path: m.name for m in pod.spec.containers[0].volume_mounts}[logs] == "scratch"


def test_the_cluster_may_choose_the_ids() -> None:
    sets = ("pods.fixedIds=false", "dags.mode=git", "dags.git.repo=https://git.example.com/dags.git")
    for pod in render(sets=sets).pods:
        contexts = [pod.spec.security_context, *(c.security_context for c in pod.containers)]
        for field in ("run_as_user", "run_as_group", "fs_group", "supplemental_groups"):
            assert not [c for c in contexts if getattr(c, field, None) is not None], f"{pod.owner}: {field}"
        assert pod.spec.security_context.run_as_non_root is True


def test_one_account_for_all_is_made_once() -> None:
    sections = ["apiServer", "scheduler", "dagProcessor", "triggerer", "workers", "migrations", "keys.bootstrap"]
    sections += ["logs.persistence.retention", "databaseCleanup", "workers.cleanup"]
    found = render(sets=tuple(f"{section}.serviceAccount.name=all" for section in sections))
    assert [a.metadata.name for a in found.all("ServiceAccount")] == ["all"]
    assert {p.spec.service_account_name for p in found.pods if p.component != "postgres"} == {"all"}
    subjects = {s.name for b in found.all("RoleBinding") for s in b.subjects}
    assert subjects == {"all"}


def test_labels_and_annotations_of_objects_roll_no_pod() -> None:
    """They are no part of the pods, and Jobs are named by their pods."""
    plain = render()
    marked = render(sets=("commonLabels.team=data", "commonAnnotations.owner=me"))
    assert {o.metadata.labels.get("team") for o in marked.objects} == {"data"}
    assert [str(p.spec) + str(p.labels) + p.owner for p in plain.pods] == [
        str(p.spec) + str(p.labels) + p.owner for p in marked.pods
    ]


NAMES = ("456", "1e3", "off", "null")


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_looks_like_a_number_stays_text(name: str, tmp_path: Path) -> None:
    """YAML reads 456, 1e3, off and null as something else than text, and Kubernetes refuses that as a name."""
    path = tmp_path / "values.yaml"
    account = {"serviceAccount": {"create": False, "name": name}, "priorityClassName": name}
    values = {
        "workers": {**account, "namespace": name},
        "apiServer": account,
        "scheduler": account,
        "migrations": account,
        "keys": {"existingSecret": name},
        "image": {"pullSecrets": [{"name": name}]},
        "logs": {"persistence": {"existingClaim": name}},
        "postgres": {"storage": {"existingClaim": name, "storageClass": name}},
        "dags": {
            "mode": "git",
            "git": {
                "repo": "https://git.example.com/dags.git",
                "credentials": {"type": "https", "secret": name},
                "caBundleConfigMap": name,
            },
        },
    }
    path.write_text(json.dumps(values), encoding="utf-8")
    found = render(values=(str(path),))
    documents = [*found.documents, *found.worker_templates.values()]
    assert [words for document in documents for words in problems(MINORS[-1], document)] == []
