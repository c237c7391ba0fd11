"""Defaults for production: replicas on different nodes, drains that leave one running, disks that do not fill."""

from __future__ import annotations

import pytest

from tests.chart.release import MODES, STORIES, render, story

KEYS = {"api-server": "apiServer", "scheduler": "scheduler", "dag-processor": "dagProcessor", "triggerer": "triggerer"}
MAY_GROW = {"dags": "dags.git.sizeLimit=1Gi", "bundles": "dags.bundle.sizeLimit=1Gi"}
"""Clones: when a growing repository reaches a limit, every pod is evicted at once. The key sets a limit."""


@pytest.mark.parametrize("component", KEYS)
def test_a_drain_takes_one_of_two_pods_and_is_not_blocked_by_a_single_one(component: str) -> None:
    key = f"{KEYS[component]}.replicas"

    def budgets(value: str) -> list[str]:
        found = render(sets=(f"{key}={value}",)).all("PodDisruptionBudget")
        return [f"{item.metadata.name} {item.spec.max_unavailable}" for item in found]

    assert budgets("1") == []
    assert budgets("2") == budgets("null") == [f"airflow-{component} 1"]


@pytest.mark.parametrize("component", KEYS)
def test_a_budget_selects_the_pods_of_its_component(component: str) -> None:
    rendered = render(sets=(f"{KEYS[component]}.replicas=2",))
    (budget,) = rendered.all("PodDisruptionBudget")
    wanted = budget.spec.selector.match_labels.items()
    assert {pod.component for pod in rendered.pods if wanted <= pod.labels.items()} == {component}


@pytest.mark.parametrize("component", KEYS)
def test_replicas_prefer_different_nodes_and_do_not_need_them(component: str) -> None:
    (spread,) = render().pod(component).spec.topology_spread_constraints
    assert (spread.max_skew, spread.topology_key, spread.when_unsatisfiable) == (
        1,
        "kubernetes.io/hostname",
        "ScheduleAnyway",
    )
    assert spread.label_selector.match_labels["app.kubernetes.io/component"] == component


def test_constraints_of_the_user_replace_the_default() -> None:
    mine = "pods.topologySpreadConstraints[0]"
    sets = (f"{mine}.maxSkew=2", f"{mine}.topologyKey=zone", f"{mine}.whenUnsatisfiable=DoNotSchedule")
    for component in KEYS:
        (spread,) = render(sets=sets).pod(component).spec.topology_spread_constraints
        assert spread.topology_key == "zone"


def test_pods_that_are_alone_and_worker_pods_have_none() -> None:
    rendered = render()
    for component in ("postgres", "migrate", "keys", "worker"):
        assert not rendered.pod(component).spec.topology_spread_constraints


@pytest.mark.parametrize("name", STORIES)
def test_every_directory_on_the_disk_of_a_node_has_a_limit_or_a_reason(name: str) -> None:
    for pod in story(name).pods:
        for volume in pod.spec.volumes or []:
            if volume.empty_dir is not None and volume.name not in MAY_GROW:
                assert volume.empty_dir.size_limit, f"{pod}: {volume.name}"


@pytest.mark.parametrize(("mode", "volume"), [("git", "dags"), ("bundle", "bundles")])
def test_clones_take_a_limit(mode: str, volume: str) -> None:
    rendered = render(sets=(*MODES[mode], MAY_GROW[volume]))
    limits = [found.empty_dir.size_limit for pod in rendered.pods for found in pod.spec.volumes if found.name == volume]
    assert len(limits) >= 3
    assert set(limits) == {"1Gi"}


def test_local_tasks_need_no_account_and_no_policy_of_worker_pods() -> None:
    rendered = render(sets=("executors={LocalExecutor}", "workers.podOperatorRights=true"))
    bound = {subject.name for item in rendered.all("RoleBinding") for subject in item.subjects}
    used = {pod.spec.service_account_name for pod in rendered.pods}
    assert bound <= used
    assert {item.metadata.name for item in rendered.all("ServiceAccount")} <= used
    for policy in rendered.all("NetworkPolicy"):
        wanted = policy.spec.pod_selector.match_labels.items()
        assert any(wanted <= pod.labels.items() for pod in rendered.pods), policy.metadata.name
