"""Names, labels and selectors: short enough, of one release only, and never the labels that others use."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from kitctl.render.pod_rules import RESERVED_LABELS
from tests.chart.release import Release, refusal, render, template
from tests.chart.walk import every_story

RELEASES = [
    "airflow",
    "a",
    "x" * 53,
    "my-airflow-of-the-team-with-a-long-name-in-production",
    "x" * 39 + "-" + "y" * 13,
]
# Helm takes them, yet no Service may be called so.
ODD = ["0-dev", "team-a.b", "99"]
NAME = "app.kubernetes.io/name"
INSTANCE = "app.kubernetes.io/instance"
COMPONENT = "app.kubernetes.io/component"
WHOLE = {
    "pvc": ("dags.mode=pvc", "workers.celery.autoscaling.keda.maxReplicas=4"),
    "git": ("dags.mode=git", "dags.git.repo=https://git.example.com/dags.git", "broker.kind=rabbitmq"),
    "bundle": (
        "dags.mode=bundle",
        "dags.bundle.items[0].name=team",
        "dags.bundle.items[0].repo=https://git.example.com/dags.git",
        "dags.bundle.cache.size=1Gi",
        "workers.celery.autoscaling.hpa.maxReplicas=4",
    ),
}
"""Values that together render every object that the chart has, but for the replicas and rights that go with each."""
MORE = (
    *(f"{part}.replicas=2" for part in ("apiServer", "dagProcessor", "triggerer")),
    *("workers.podOperatorRights=true", "workers.allowExec=true"),
    *("executors={KubernetesExecutor,CeleryExecutor}", "workers.celery.replicas=2"),
    *("flower.enabled=true", "flower.replicas=2"),
    *("ingress.ui.enabled=true", "ingress.ui.hosts={a.example.com}", "ingress.ui.path=/airflow"),
    *("ingress.flower.enabled=true", "ingress.flower.path=/airflow/flower"),
    "apiServer.webserverConfig.text=AUTH_TYPE = 1",
    *("pgbouncer.enabled=true", "pgbouncer.replicas=2"),
    "objects.pools.heavy.slots=4",
)


def identity(item: Any) -> tuple[str, str, str]:
    """Return what must be unique in a cluster."""
    return item.kind, item.metadata.namespace, item.metadata.name


def matches(selector: dict[str, str], labels: dict[str, str]) -> bool:
    """Whether a label selector takes a pod."""
    return selector.items() <= labels.items()


def selectors(release: Release) -> dict[str, dict[str, str]]:
    """Return every pod selector of a release by the object that holds it."""
    found = {}
    for item in release.objects:
        key = f"{item.kind}/{item.metadata.name}"
        if item.kind == "Service":
            found[key] = item.spec.selector
        elif item.kind in {"Deployment", "StatefulSet", "PodDisruptionBudget"}:
            found[key] = item.spec.selector.match_labels
        elif item.kind == "NetworkPolicy":
            found[key] = item.spec.pod_selector.match_labels
    return found


def whole(mode: str, name: str = "airflow") -> Release:
    """Return a release with every object that one of its DAG modes can have."""
    return render(sets=(*WHOLE[mode], *MORE), release=name)


def parts(release: Release) -> set[tuple[str, str]]:
    """Return kind and component of every object."""
    return {(item.kind, item.metadata.labels[COMPONENT]) for item in release.objects}


@every_story
def test_the_releases_below_have_every_object_that_a_story_has(release: Release) -> None:
    assert parts(release) <= set().union(*(parts(whole(mode)) for mode in WHOLE))


@pytest.mark.parametrize("mode", WHOLE)
@pytest.mark.parametrize("name", RELEASES)
def test_every_name_fits(name: str, mode: str) -> None:
    for item in whole(mode, name).objects:
        # 63 is the limit of labels and DNS; a StatefulSet's pods get a hash of 11 more in a label of theirs.
        limit = 52 if item.kind == "StatefulSet" else 63
        assert len(item.metadata.name) <= limit, identity(item)
        # Services must be DNS-1035 names: no dot, no digit first.
        if item.kind == "Service":
            assert "." not in item.metadata.name, identity(item)
            assert item.metadata.name[0].isalpha(), identity(item)


@pytest.mark.parametrize("name", ODD)
def test_a_release_that_no_service_can_be_named_after_is_refused_with_the_way_out(name: str) -> None:
    done = template(release=name)
    assert done.returncode != 0
    assert "fullnameOverride" in done.stderr
    assert render(release=name, sets=("fullnameOverride=airflow",)).one("Service", "api-server")


@pytest.mark.parametrize("namespace", ["007", "true", "1e3", "on"])
def test_a_namespace_that_yaml_reads_as_something_else_stays_a_word(namespace: str) -> None:
    release = render(namespace=namespace, sets=("workers.podOperatorRights=true",))
    assert {document["metadata"]["namespace"] for document in release.documents} == {namespace}
    subjects = [s for d in release.documents if d["kind"] == "RoleBinding" for s in d["subjects"]]
    assert {subject["namespace"] for subject in subjects} == {namespace}


@pytest.mark.parametrize("name", RELEASES)
def test_labels_are_legal(name: str) -> None:
    for item in whole("pvc", name).objects:
        for key, value in item.metadata.labels.items():
            assert len(value) <= 63, (identity(item), key)
            assert value == "" or (value[0].isalnum() and value[-1].isalnum()), (identity(item), key, value)


@every_story
def test_no_object_stands_twice(release: Release) -> None:
    found = [identity(item) for item in release.objects]
    assert len(found) == len(set(found))


PAIRS = [
    ("airflow", "airflow-two"),
    ("dev", "prod"),
    ("a", "b"),
    ("team-airflow-" + "x" * 39 + "a", "team-airflow-" + "x" * 39 + "b"),
]


@pytest.mark.parametrize("mode", WHOLE)
@pytest.mark.parametrize("pair", PAIRS, ids=["prefix", "plain", "short", "long"])
def test_two_releases_in_a_namespace_share_no_name(pair: tuple[str, str], mode: str) -> None:
    one, two = (whole(mode, name) for name in pair)
    assert {identity(i) for i in one.objects} & {identity(i) for i in two.objects} == set()


@pytest.mark.parametrize("mode", WHOLE)
@pytest.mark.parametrize("pair", PAIRS, ids=["prefix", "plain", "short", "long"])
def test_no_selector_takes_a_pod_of_another_release(pair: tuple[str, str], mode: str) -> None:
    one, two = (whole(mode, name) for name in pair)
    for holder, selector in [*selectors(one).items(), *peers(one)]:
        assert [p.owner for p in one.pods if matches(selector, p.labels)], holder
        assert not [p.owner for p in two.pods if matches(selector, p.labels)], holder


SAME = {
    "airflow-0",  # the chart's own version
    "airflow-kit",
    "airflow-kit-policy",  # a volume of a pod
    "airflow-worker",  # the name of a pod template, which the executor replaces
}
"""Words with `airflow-` that are in every release."""


@pytest.mark.parametrize("mode", WHOLE)
def test_no_object_refers_to_one_of_another_release(mode: str) -> None:
    """Claims, Secrets, accounts, hosts of Services, roles, targets of scaling: each text that is a name, or has one."""
    one, two = (words(whole(mode, name)) for name in ("dev", "prod"))
    assert {item.metadata.name for item in whole(mode, "dev").objects} <= one
    assert {word for word in one & two if re.search("airflow-|dev-|prod-", word)} == SAME


def words(release: Release) -> set[str]:
    """Return every word of a release that could be a name."""
    return {word for text in texts(release.documents) for word in re.findall(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?", text)}


def peers(release: Release) -> list[tuple[str, dict[str, str]]]:
    """Return the selectors of pods in the rules of the NetworkPolicies."""
    found = []
    for item in release.all("NetworkPolicy"):
        listed = [*(r._from for r in item.spec.ingress or []), *(r.to for r in item.spec.egress or [])]
        found += [
            (f"NetworkPolicy/{item.metadata.name}", peer.pod_selector.match_labels)
            for rule in listed
            for peer in rule or []
            if peer.pod_selector
        ]
    return found


def texts(part: Any, key: str = "") -> Iterator[str]:
    """Yield every text of an object; of the files of ConfigMaps only the pod templates."""
    if isinstance(part, dict):
        for name, value in part.items():
            if key != "data" or name.endswith(".yaml"):
                yield from texts(value, name)
    elif isinstance(part, list):
        for value in part:
            yield from texts(value)
    elif isinstance(part, str):
        yield part


@every_story
def test_a_workload_selects_its_own_pods_and_no_others(release: Release) -> None:
    for pod in release.pods:
        kind = pod.owner.split("/")[0]
        if kind in {"Deployment", "StatefulSet"}:
            selector = selectors(release)[pod.owner]
            assert {p.component for p in release.pods if matches(selector, p.labels)} == {pod.component}


@every_story
def test_every_selector_finds_pods_of_one_component(release: Release) -> None:
    for holder, selector in selectors(release).items():
        assert len({p.component for p in release.pods if matches(selector, p.labels)}) == 1, holder


@every_story
def test_selectors_hold_only_labels_that_never_change(release: Release) -> None:
    for holder, selector in selectors(release).items():
        # The name of a group is part of the names of its objects, too.
        assert set(selector) - {"airflow-kit.io/worker-group"} == {NAME, INSTANCE, COMPONENT}, holder


@pytest.mark.parametrize(
    "change",
    ["airflowVersion=3.3.9", "commonLabels.team=data", "image.tag=other", "scheduler.podLabels.x=y", "nameOverride="],
)
def test_a_change_of_values_keeps_what_kubernetes_holds_immutable(change: str) -> None:
    before, after = render(), render(sets=(change,))
    assert selectors(before) == selectors(after)
    old, new = before.one("StatefulSet", "-postgres"), after.one("StatefulSet", "-postgres")
    assert old.spec.volume_claim_templates == new.spec.volume_claim_templates
    assert old.spec.service_name == new.spec.service_name


@every_story
def test_every_object_is_labelled_and_has_a_namespace(release: Release) -> None:
    for item in release.objects:
        labels = item.metadata.labels
        assert labels[NAME] == "airflow", identity(item)
        assert labels["app.kubernetes.io/managed-by"] == "Helm", identity(item)
        assert {INSTANCE, COMPONENT, "app.kubernetes.io/part-of", "helm.sh/chart"} <= set(labels), identity(item)
        assert item.metadata.namespace, identity(item)


@every_story
def test_nobody_is_called_app_or_release(release: Release) -> None:
    labelled = {f"{i.kind}/{i.metadata.name}": i.metadata.labels for i in release.objects}
    labelled |= {pod.owner: pod.labels for pod in release.pods}
    labelled |= selectors(release)
    assert {owner for owner, labels in labelled.items() if {"app", "release"} & set(labels)} == set()


def test_user_labels_replace_none_of_the_kits() -> None:
    release = render(sets=("commonLabels.app\\.kubernetes\\.io/name=evil", "commonLabels.team=data"))
    for item in release.objects:
        assert item.metadata.labels[NAME] == "airflow"
        assert item.metadata.labels["team"] == "data"


@every_story
def test_a_headless_service_belongs_to_its_stateful_set(release: Release) -> None:
    services = {s.metadata.name: s for s in release.all("Service")}
    for item in release.all("StatefulSet"):
        service = services[item.spec.service_name]
        assert matches(service.spec.selector, item.spec.template.metadata.labels)


@every_story
def test_ports_of_services_exist_in_their_pods(release: Release) -> None:
    for service in release.all("Service"):
        pods = [p for p in release.pods if matches(service.spec.selector, p.labels)]
        known = {port for p in pods for c in p.containers for q in c.ports or [] for port in (q.name, q.container_port)}
        for port in service.spec.ports:
            assert (port.target_port or port.port) in known, (service.metadata.name, port.name)


@pytest.mark.parametrize("section", ["pods", "workers"])
def test_every_label_that_the_executor_sets_is_refused(section: str) -> None:
    words = refusal(*(f"{section}.podLabels.{label}=mine" for label in RESERVED_LABELS))
    named = {line.split()[3].rstrip(",") for line in words.splitlines() if line.startswith("[worker-label-reserved]")}
    assert named == RESERVED_LABELS
