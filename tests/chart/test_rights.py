"""Rights and tokens of Kubernetes: each role has what it needs and nothing else (design.md, decision 3)."""

from __future__ import annotations

import pytest
import yaml

from tests.chart.release import Release, render, story
from tests.chart.test_who_holds_what import KEYS
from tests.chart.walk import every_story

SERVERS = {"postgres", "redis", "rabbitmq"}
CALLS_KUBERNETES = {"api-server", "scheduler", "keys", "clean-pods"}


def test_celery_alone_has_no_launcher() -> None:
    release = story("celery")
    assert rights(release, "airflow-scheduler") == {}
    assert release.worker_templates == {}
    assert {p.component for p in release.pods if p.spec.automount_service_account_token} == {"keys"}
    assert rights(story("hybrid"), "airflow-scheduler") == rights(render(), "airflow-scheduler") != {}


def test_tasks_in_celery_workers_may_launch_pods_only_if_asked_for() -> None:
    subjects = {s.name for s in story("hybrid").one("RoleBinding", "-worker").subjects}
    assert subjects == {"airflow-worker", "airflow-celery"}
    assert {p.owner for p in story("hybrid").pods if p.component == "celery" and p.spec.automount_service_account_token}


@pytest.mark.parametrize("component", KEYS)
def test_who_gets_a_token_of_kubernetes(component: str) -> None:
    release = render()
    pod = release.pod(component)
    assert pod.spec.automount_service_account_token is (component in CALLS_KUBERNETES)


@every_story
def test_no_service_account_mounts_its_token_by_itself(release: Release) -> None:
    assert {a.metadata.name: a.automount_service_account_token for a in release.all("ServiceAccount")} == dict.fromkeys(
        (a.metadata.name for a in release.all("ServiceAccount")), False
    )


@every_story
def test_every_component_has_an_account_of_its_own(release: Release) -> None:
    made = {a.metadata.name for a in release.all("ServiceAccount")}
    used = {p.owner: p.spec.service_account_name for p in release.pods if p.component not in SERVERS}
    assert set(used.values()) <= made
    longest = {p.component: p.spec.service_account_name for p in release.pods if p.component not in SERVERS}
    assert len(set(longest.values())) == len(longest)


def rights(release: Release, role: str) -> dict[str, set[str]]:
    """Return verbs by resource."""
    found: dict[str, set[str]] = {}
    for item in release.all("Role"):
        if item.metadata.name == role:
            for rule in item.rules:
                for resource in rule.resources:
                    found.setdefault(resource, set()).update(rule.verbs)
    return found


def test_the_scheduler_launches_pods_and_reads_nothing_else() -> None:
    assert rights(render(), "airflow-scheduler") == {"pods": {"create", "get", "list", "watch", "patch", "delete"}}


def test_the_api_server_reads_logs_of_pods_and_changes_nothing() -> None:
    assert rights(render(), "airflow-api-server") == {"pods": {"get", "list"}, "pods/log": {"get", "list"}}


def test_the_cleaning_of_worker_pods_lists_and_deletes_and_nothing_else() -> None:
    assert rights(render(), "airflow-clean-pods") == {"pods": {"list", "delete"}}


def test_the_keys_job_can_change_no_secret() -> None:
    assert rights(render(), "airflow-keys") == {"secrets": {"create", "get"}}
    rules = render().one("Role", "-keys").rules
    assert [r.resource_names for r in rules if "get" in r.verbs] == [["airflow-keys"]]


def test_tasks_have_no_rights_unless_asked_for() -> None:
    assert rights(render(), "airflow-worker") == {}
    assert "pods/exec" not in rights(story("laptop"), "airflow-worker")
    assert "pods/exec" in rights(story("pod-operator"), "airflow-worker")


@every_story
def test_rights_stay_in_namespaces(release: Release) -> None:
    assert release.all("ClusterRole") == []
    assert release.all("ClusterRoleBinding") == []


@every_story
def test_no_right_is_a_wildcard(release: Release) -> None:
    for role in release.all("Role"):
        for rule in role.rules:
            assert "*" not in [*rule.verbs, *rule.resources, *rule.api_groups], role.metadata.name


@every_story
def test_bindings_bind_a_role_of_the_release_to_an_account_of_it(release: Release) -> None:
    roles = {(r.metadata.namespace, r.metadata.name) for r in release.all("Role")}
    accounts = {(a.metadata.namespace, a.metadata.name) for a in release.all("ServiceAccount")}
    for binding in release.all("RoleBinding"):
        assert (binding.metadata.namespace, binding.role_ref.name) in roles
        assert {(s.namespace, s.name) for s in binding.subjects} <= accounts


# The values of somebody who launches pods from DAGs and lets the triggerer wait for them (deferrable=True).
LAUNCHES = ("workers.podOperatorRights=true", "workers.allowExec=true")
TRIGGER = {"pods": {"get", "list", "watch", "delete"}, "pods/log": {"get"}, "events": {"list", "watch"}}


def bound(release: Release, role: str) -> set[tuple[str, str]]:
    """Return the accounts that get a role, as (namespace, name)."""
    bindings = [b for b in release.all("RoleBinding") if b.role_ref.name == role]
    return {(s.namespace, s.name) for b in bindings for s in b.subjects}


@pytest.mark.parametrize(
    "more", [(), ("executors={LocalExecutor}",), ("workers.namespace=tasks", "logs.persistence.enabled=false")]
)
def test_the_triggerer_may_wait_for_pods_that_dags_launch(more: tuple[str, ...]) -> None:
    release = render(sets=(*LAUNCHES, *more))
    assert rights(release, "airflow-triggerer") == TRIGGER
    assert bound(release, "airflow-triggerer") == {("airflow", "airflow-triggerer")}
    assert release.pod("triggerer").spec.automount_service_account_token is True
    namespace = "tasks" if more and "tasks" in more[0] else "airflow"
    assert {r.metadata.namespace for r in release.all("Role") if r.metadata.name == "airflow-triggerer"} == {namespace}


def test_without_launched_pods_or_without_a_triggerer_it_has_no_rights() -> None:
    assert rights(render(), "airflow-triggerer") == {}
    assert rights(render(sets=(*LAUNCHES, "triggerer.enabled=false")), "airflow-triggerer") == {}


@pytest.mark.parametrize(
    ("executors", "accounts"),
    [
        ("{KubernetesExecutor}", {"airflow-worker"}),
        ("{LocalExecutor}", {"airflow-scheduler"}),
        ("{LocalExecutor,KubernetesExecutor}", {"airflow-worker", "airflow-scheduler"}),
    ],
)
def test_the_rights_of_tasks_go_to_the_pods_in_which_tasks_run(executors: str, accounts: set[str]) -> None:
    release = render(sets=(*LAUNCHES, f"executors={executors}"))
    assert bound(release, "airflow-worker") == {("airflow", name) for name in accounts}
    runners = {p.spec.service_account_name: p.spec.automount_service_account_token for p in release.pods}
    assert {name: runners[name] for name in accounts} == dict.fromkeys(accounts, True)


def test_the_scheduler_of_the_local_executor_has_no_token_unless_its_tasks_launch_pods() -> None:
    release = render(sets=("executors={LocalExecutor}",))
    assert release.pod("scheduler").spec.automount_service_account_token is False
    assert [b.metadata.name for b in release.all("RoleBinding") if "worker" in b.metadata.name] == []


def test_a_trigger_without_a_connection_finds_kubernetes_by_the_account_of_the_triggerer() -> None:
    release = render(sets=LAUNCHES)
    told = yaml.safe_load(release.one("ConfigMap", "-triggerer").data["kubeconfig"])
    (main,) = release.pod("triggerer").spec.containers
    assert {e.name: e.value for e in main.env}["KUBECONFIG"] == "/opt/airflow/kube/kubeconfig"
    assert {m.mount_path: m.name for m in main.volume_mounts}["/opt/airflow/kube"] == "kubeconfig"
    volumes = {v.name: v for v in release.pod("triggerer").spec.volumes}
    assert volumes["kubeconfig"].config_map.name == "airflow-triggerer"
    (user,) = told["users"]
    assert list(user["user"]) == ["tokenFile"], "the token itself stands nowhere"
    names = {e.name for c in render().pod("triggerer").containers for e in c.env or []}
    assert "KUBECONFIG" not in names
