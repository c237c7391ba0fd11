"""NetworkPolicies: every component has one, and each flow of the release is let through at both ends."""

from __future__ import annotations

from typing import Any

import pytest

from tests.chart.release import Release, render, story
from tests.chart.walk import every_story

FLOWS = [
    ("api-server", "postgres", 5432),
    ("scheduler", "postgres", 5432),
    ("dag-processor", "postgres", 5432),
    ("triggerer", "postgres", 5432),
    ("migrate", "postgres", 5432),
    ("worker", "api-server", 8080),
    ("api-server", "triggerer", 8794),
]
CELERY = [
    ("scheduler", "redis", 6379),
    ("celery", "redis", 6379),
    ("celery", "postgres", 5432),
    ("celery", "api-server", 8080),
    ("api-server", "celery", 8793),
]
_FROM = "networkPolicy.flowerFrom[0].podSelector.matchLabels"
POOLED = ["api-server", "scheduler", "dag-processor", "triggerer", "celery"]
RABBITMQ = [("scheduler", "rabbitmq", 5672), ("celery", "rabbitmq", 5672)]
FORBIDDEN = [("worker", "postgres", 5432), ("keys", "postgres", 5432), ("worker", "scheduler", 8974)]


def policy(release: Release, component: str) -> Any:
    """Return the spec of a component's NetworkPolicy."""
    return release.one("NetworkPolicy", f"-{component}").spec


def takes(peers: list[Any] | None, labels: dict[str, str]) -> bool:
    """Whether a rule's peers include a pod; no peers means everybody."""
    return not peers or any(p.pod_selector and p.pod_selector.match_labels.items() <= labels.items() for p in peers)


def has_port(rule: Any, port: int) -> bool:
    """Whether a rule opens a port; no ports means all."""
    return not rule.ports or any(p.port == port for p in rule.ports)


def lets_in(release: Release, source: str, target: str, port: int) -> bool:
    """Whether `target` takes connections of `source`."""
    labels = release.pod(source).labels
    return any(takes(r._from, labels) and has_port(r, port) for r in policy(release, target).ingress or [])


def lets_out(release: Release, source: str, target: str, port: int) -> bool:
    """Whether `source` may call `target`."""
    labels = release.pod(target).labels
    return any(takes(r.to, labels) and has_port(r, port) for r in policy(release, source).egress or [])


@pytest.mark.parametrize("variant", ["defaults", "egress-restricted"])
@pytest.mark.parametrize("flow", FLOWS, ids=lambda f: f"{f[0]}-to-{f[1]}")
def test_a_flow_of_the_release_passes_both_ends(flow: tuple[str, str, int], variant: str) -> None:
    release = story(variant)
    assert lets_in(release, *flow)
    assert lets_out(release, *flow)


@pytest.mark.parametrize("variant", ["celery", "hybrid"])
@pytest.mark.parametrize("flow", CELERY, ids=lambda f: f"{f[0]}-to-{f[1]}")
def test_so_does_a_flow_of_celery_workers(flow: tuple[str, str, int], variant: str) -> None:
    release = story(variant)
    assert lets_in(release, *flow)
    assert lets_out(release, *flow)


@pytest.mark.parametrize("flow", RABBITMQ, ids=lambda f: f"{f[0]}-to-{f[1]}")
def test_so_does_a_flow_to_rabbitmq(flow: tuple[str, str, int]) -> None:
    assert lets_in(story("rabbitmq"), *flow)
    assert lets_out(story("rabbitmq"), *flow)


@pytest.mark.parametrize(("variant", "port"), [("flower", 6379), ("rabbitmq", 5672)])
def test_flower_reaches_the_broker_and_nothing_else(variant: str, port: int) -> None:
    release = story(variant)
    broker = "rabbitmq" if variant == "rabbitmq" else "redis"
    assert lets_in(release, "flower", broker, port)
    assert lets_out(release, "flower", broker, port)
    for component, other in (("postgres", 5432), ("api-server", 8080), ("celery", 8793)):
        assert not lets_out(release, "flower", component, other), component
    assert not lets_in(release, "flower", "postgres", 5432)
    assert not reaches_anything(release, "flower")


def test_everybody_may_open_flower_unless_the_values_say_who() -> None:
    assert open_to(story("flower"), "flower", 5555, OUTSIDE)
    only = render(sets=("executors={CeleryExecutor}", "flower.enabled=true", f"{_FROM}.role=client"))
    assert not open_to(only, "flower", 5555, OUTSIDE)
    assert open_to(only, "flower", 5555, {"role": "client"})
    assert open_to(only, "api-server", 8080, OUTSIDE)


@pytest.mark.parametrize("source", POOLED)
def test_only_pgbouncer_and_migrations_call_the_server(source: str) -> None:
    release = story("pgbouncer")
    assert lets_in(release, source, "pgbouncer", 6432)
    assert lets_out(release, source, "pgbouncer", 6432)
    assert not lets_in(release, source, "postgres", 5432)
    for direct in ("pgbouncer", "migrate", "clean-db"):
        assert lets_in(release, direct, "postgres", 5432)
        assert lets_out(release, direct, "postgres", 5432)
    assert not lets_in(release, "migrate", "pgbouncer", 6432)
    assert not lets_in(release, "worker", "pgbouncer", 6432)


def test_a_server_outside_is_reached_by_pgbouncer_and_migrations() -> None:
    release = story("pgbouncer-external")
    assert reaches(release, "pgbouncer", 5432)
    assert reaches(release, "migrate", 5432)
    assert not reaches(release, "api-server", 5432)


@pytest.mark.parametrize("source", ["worker", "triggerer", "api-server", "dag-processor", "migrate"])
def test_nobody_else_calls_the_broker(source: str) -> None:
    assert not lets_in(story("hybrid"), source, "redis", 6379)
    assert not lets_in(story("rabbitmq"), source, "rabbitmq", 5672)


def test_a_broker_outside_is_reached_at_its_port() -> None:
    for component in ("scheduler", "celery", "flower"):
        assert reaches(story("external-broker"), component, 6379)


@pytest.mark.parametrize("flow", FORBIDDEN, ids=lambda f: f"{f[0]}-to-{f[1]}")
def test_what_nobody_needs_is_shut(flow: tuple[str, str, int]) -> None:
    assert not lets_in(render(), *flow)


@every_story
def test_every_component_has_a_policy(release: Release) -> None:
    for pod in release.pods:
        policies = [
            n.metadata.name
            for n in release.all("NetworkPolicy")
            if n.spec.pod_selector.match_labels.items() <= pod.labels.items()
        ]
        assert len(policies) == 1, pod.owner


@pytest.mark.parametrize("component", ["api-server", "scheduler", "keys", "migrate"])
def test_restricted_egress_still_resolves_names(component: str) -> None:
    rules = policy(story("egress-restricted"), component).egress
    assert any(p.port == 53 and p.protocol == "UDP" for r in rules for p in r.ports or [])


def test_policies_can_be_left_out() -> None:
    assert render(sets=("networkPolicy.enabled=false",)).all("NetworkPolicy") == []


OUTSIDE = {"app": "prometheus"}
MODES = {
    "image": (),
    "pvc": (),
    "git": ("dags.git.repo=https://git.example.com/dags.git",),
    "bundle": ("dags.bundle.items[0].name=team", "dags.bundle.items[0].repo=https://git.example.com/dags.git"),
}
EXECUTORS = (
    "{KubernetesExecutor}",
    "{LocalExecutor}",
    "{LocalExecutor,KubernetesExecutor}",
    "{CeleryExecutor}",
    "{CeleryExecutor,KubernetesExecutor}",
)


def shaped(mode: str, executors: str, *more: str) -> Release:
    """Render a release of one shape, whose outgoing connections are restricted."""
    return render(
        sets=("networkPolicy.restrictEgress=true", f"dags.mode={mode}", f"executors={executors}", *MODES[mode], *more)
    )


def reaches_anything(release: Release, component: str) -> bool:
    """Whether a component may call any address at any port."""
    return any(not r.to and not r.ports for r in policy(release, component).egress or [])


def reaches(release: Release, component: str, port: int) -> bool:
    """Whether a component may call any address at one port."""
    return any(not r.to and has_port(r, port) for r in policy(release, component).egress or [])


@pytest.mark.parametrize("executors", EXECUTORS)
@pytest.mark.parametrize("mode", MODES)
def test_restricted_pods_reach_what_their_containers_call(mode: str, executors: str) -> None:
    release = shaped(mode, executors)
    runs_tasks = {"worker"} if "Kubernetes" in executors else set()
    runs_tasks |= {"scheduler"} if "Local" in executors else set()
    runs_tasks |= {"celery"} if "Celery" in executors else set()
    assert {p.component for p in release.pods} >= {"api-server", "scheduler", "dag-processor", "triggerer", *runs_tasks}
    for pod in release.pods:
        names = {c.name for c in pod.containers}
        # git's address, what DAG files and triggers import, and what tasks call are the user's.
        if names & {"git-sync", "git-sync-init"} or pod.component in {"dag-processor", "triggerer", *runs_tasks}:
            assert reaches_anything(release, pod.component), pod.component
        if pod.spec.automount_service_account_token:
            for port in (443, 6443, 8443, 16443):
                assert reaches(release, pod.component, port), (pod.component, port)
        if "git-sync" in names:
            assert open_to(release, pod.component, 2112, OUTSIDE), pod.component
    for component in runs_tasks:
        assert lets_in(release, component, "api-server", 8080)
    if "scheduler" in runs_tasks:
        assert lets_in(release, "api-server", "scheduler", 8793)
        assert lets_out(release, "api-server", "scheduler", 8793)


def open_to(release: Release, component: str, port: int, labels: dict[str, str]) -> bool:
    """Whether a component takes connections of a pod with these labels."""
    return any(takes(r._from, labels) and has_port(r, port) for r in policy(release, component).ingress or [])


def test_metrics_of_git_sync_can_be_kept_to_prometheus() -> None:
    release = shaped(
        "git", "{KubernetesExecutor}", "networkPolicy.metricsFrom[0].podSelector.matchLabels.app=prometheus"
    )
    for component in ("dag-processor", "triggerer"):
        assert open_to(release, component, 2112, OUTSIDE)
        assert not open_to(release, component, 2112, {"app": "other"})
    assert open_to(release, "api-server", 8080, {"app": "other"})


def test_nothing_else_is_open_for_metrics() -> None:
    assert not open_to(shaped("git", "{KubernetesExecutor}"), "scheduler", 2112, OUTSIDE)
    assert not open_to(shaped("bundle", "{LocalExecutor}"), "scheduler", 2112, OUTSIDE)


def test_the_api_server_reaches_the_store_of_the_logs() -> None:
    assert not reaches_anything(shaped("image", "{KubernetesExecutor}"), "api-server")
    remote = ("logs.remote.enabled=true", "logs.remote.folder=s3://bucket/logs")
    assert reaches_anything(shaped("image", "{KubernetesExecutor}", *remote), "api-server")


@every_story
def test_every_policy_selects_a_pod(release: Release) -> None:
    for found in release.all("NetworkPolicy"):
        labels = found.spec.pod_selector.match_labels
        assert any(labels.items() <= pod.labels.items() for pod in release.pods), found.metadata.name


def test_a_release_without_worker_pods_has_no_policy_and_no_account_of_them() -> None:
    release = shaped("git", "{LocalExecutor}")
    assert [o.metadata.name for o in release.objects if o.metadata.name.endswith("-worker")] == []
