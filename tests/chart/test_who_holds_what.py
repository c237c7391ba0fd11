"""Keys, passwords, tokens and rights: each role holds what it needs and nothing else (design.md, decision 3)."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml

from tests.chart.release import Pod, Release, refusal, render, story, template
from tests.chart.walk import every_story

KEYS = {
    "api-server": {"fernet-key", "jwt-secret", "api-secret-key", "postgres-password"},
    "scheduler": {"fernet-key", "jwt-secret", "postgres-password"},
    "dag-processor": {"fernet-key", "postgres-password"},
    "triggerer": {"fernet-key", "api-secret-key", "postgres-password"},
    "migrate": {"fernet-key", "postgres-password", "admin-password"},
    "postgres": {"postgres-password"},
    "worker": set(),
    "keys": set(),
    "clean-db": {"postgres-password"},
    "clean-logs": set(),
    "clean-pods": set(),
}
WITH_CELERY = {
    **KEYS,
    "scheduler": {*KEYS["scheduler"], "broker-password"},
    "celery": {"postgres-password", "broker-password", "api-secret-key"},
    "redis": {"broker-password"},
    "rabbitmq": {"broker-password"},
    "flower": {"broker-password", "flower-password"},
    "pgbouncer": {"postgres-password"},
}
"""A Celery worker stores results in the database and serves logs (ADR 0003)."""
SERVERS = {"postgres", "redis", "rabbitmq"}
CALLS_KUBERNETES = {"api-server", "scheduler", "keys", "clean-pods"}
DATABASE = {"api-server", "scheduler", "dag-processor", "triggerer", "migrate", "clean-db"}
POOLED = {"api-server", "scheduler", "dag-processor", "triggerer", "celery"}
_SECRET_NAME = re.compile(r"PASSWORD|SECRET|TOKEN|FERNET|PRIVATE|CREDENTIAL")


def secret_items(pod: Pod, secret: str) -> set[str]:
    """Return the files that a pod gets from a Secret, by volumes and by environment."""
    found: set[str] = set()
    for volume in pod.spec.volumes or []:
        sources = [volume.secret] if volume.secret else []
        sources += [s.secret for s in (volume.projected.sources if volume.projected else []) if s.secret]
        for source in sources:
            if (getattr(source, "secret_name", None) or getattr(source, "name", None)) == secret:
                assert source.items, f"{pod.owner} mounts every key of {secret}"
                found |= {item.path for item in source.items}
    for container in pod.containers:
        for source in container.env_from or []:
            assert not (source.secret_ref and source.secret_ref.name == secret), pod.owner
        for entry in container.env or []:
            reference = entry.value_from and entry.value_from.secret_key_ref
            if reference and reference.name == secret:
                found.add(reference.key)
    return found


@pytest.mark.parametrize("component", KEYS)
def test_a_role_holds_exactly_its_keys(component: str) -> None:
    release = render()
    assert secret_items(release.pod(component), "airflow-keys") == KEYS[component]


@pytest.mark.parametrize("component", WITH_CELERY)
def test_so_does_a_role_beside_celery_workers(component: str) -> None:
    release = story(component if component in ("rabbitmq", "flower", "pgbouncer") else "hybrid")
    assert secret_items(release.pod(component), "airflow-keys") == WITH_CELERY[component]


def test_a_broker_outside_is_opened_by_its_url_and_no_password_of_the_release() -> None:
    release = story("external-broker")
    for component in ("scheduler", "celery", "flower"):
        assert secret_items(release.pod(component), "broker-url") == {"broker-url"}
        assert "broker-password" not in secret_items(release.pod(component), "airflow-keys")
    holders = {pod.component for pod in release.pods if secret_items(pod, "broker-url")}
    assert holders == {"scheduler", "celery", "flower"}
    assert "redis" not in {pod.component for pod in release.pods}


SIMPLE = ("auth.manager=simple", "auth.simple.users.jane=viewer", "auth.simple.passwordsSecret.name=passwords")
KEYCLOAK = (
    "auth.manager=keycloak",
    "auth.keycloak.serverUrl=https://sso.example.com",
    "auth.keycloak.realm=company",
    "auth.keycloak.clientId=airflow",
    "auth.keycloak.clientSecret.name=client",
    "apiServer.baseUrl=https://airflow.example.com",
)


@pytest.mark.parametrize(
    ("sets", "secret", "file", "admin"),
    [(SIMPLE, "passwords", "simple-passwords", {"api-server"}), (KEYCLOAK, "client", "keycloak-client-secret", set())],
)
def test_the_api_server_alone_holds_what_the_auth_manager_needs(
    sets: tuple[str, ...], secret: str, file: str, admin: set[str]
) -> None:
    release = render(sets=sets)
    assert {p.component for p in release.pods if secret_items(p, secret) == {file}} == {"api-server"}
    assert {p.component for p in release.pods if secret_items(p, secret)} == {"api-server"}
    assert {p.component for p in release.pods if "admin-password" in secret_items(p, "airflow-keys")} == admin
    guard = next(e for e in release.pod("scheduler").spec.containers[0].env if e.name == "AIRFLOW_KIT_GUARD")
    assert secret in json.loads(guard.value)["secrets"]


def database(pod: Pod) -> dict[str, str]:
    """Return the variables by which a pod finds the database."""
    return {e.name: e.value for e in pod.spec.containers[0].env or [] if e.name.startswith("KIT_DATABASE")}


def test_pgbouncer_has_the_way_into_the_server_and_the_others_the_way_into_pgbouncer() -> None:
    release = story("pgbouncer")
    for component in {*POOLED, "migrate", "clean-db", "pgbouncer"}:
        pod, found = release.pod(component), database(release.pod(component))
        server = "pgbouncer" if component in POOLED else "postgres"
        assert found["KIT_DATABASE_HOST"] == f"airflow-{server}.airflow.svc.cluster.local", component
        assert found["KIT_DATABASE_PORT"] == ("6432" if component in POOLED else "5432"), component
        assert found.get("KIT_DATABASE_SSLMODE") == ("verify-full" if component in POOLED else None), component
        assert secret_items(pod, "airflow-keys") == WITH_CELERY[component], component
        served = {"pgbouncer": {"pgbouncer.crt", "pgbouncer.key"}, "migrate": set(), "clean-db": set()}
        assert secret_items(pod, "pgbouncer-tls") == served.get(component, {"database-ca.crt"}), component
        waits = [c for c in pod.containers if c.name == "wait-for-database"]
        assert {e.value for c in waits for e in c.env if e.name == "KIT_DATABASE_HOST"} <= {found["KIT_DATABASE_HOST"]}


def test_a_url_reaches_those_that_talk_to_the_database_and_no_password_beside_it() -> None:
    release = story("pgbouncer-external")
    holders = {pod.component for pod in release.pods if secret_items(pod, "cluster-app") == {"database-url"}}
    assert holders == {*DATABASE, "pgbouncer"} - {"clean-db"}  # off for a database of the user
    assert not [p for p in release.pods if "postgres-password" in secret_items(p, "airflow-keys")]
    assert database(release.pod("migrate")).keys() == database(release.pod("pgbouncer")).keys() == set()
    assert database(release.pod("scheduler")).keys() == {
        "KIT_DATABASE_HOST",
        "KIT_DATABASE_PORT",
        "KIT_DATABASE_SSLMODE",
    }


def test_without_a_password_of_the_database_that_of_the_release_opens_pgbouncer() -> None:
    sets = ("postgres.enabled=false", "database.host=db.example.com", "database.password=false")
    client = ("database.clientCertificate.secret=client",)
    release = render(sets=(*sets, *client, "pgbouncer.enabled=true"))
    for component in ("scheduler", "pgbouncer"):
        assert "postgres-password" in secret_items(release.pod(component), "airflow-keys"), component
        assert "KIT_DATABASE_PASSWORD" not in database(release.pod(component)), component
    assert secret_items(release.pod("scheduler"), "client") == set()
    assert secret_items(release.pod("pgbouncer"), "client") == {"database-client.crt", "database-client.key"}
    assert "postgres-password" not in secret_items(release.pod("migrate"), "airflow-keys")


@every_story
def test_no_role_holds_more_in_any_story(release: Release) -> None:
    celery = any(pod.component in ("celery", "pgbouncer") for pod in release.pods)
    # Tasks of the scheduler's pod have logs, which it serves.
    (listed,) = {
        e.value for e in release.pod("scheduler").spec.containers[0].env if e.name == "AIRFLOW__CORE__EXECUTOR"
    }
    serves = {"api-secret-key"} if "LocalExecutor" in listed or "fast:" in listed else set()
    # SimpleAuthManager compares passwords in the API server.
    server = {e.name for e in release.pod("api-server").spec.containers[0].env}
    compares = {"admin-password"} if "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS" in server else set()
    for pod in release.pods:
        more = {"scheduler": serves, "api-server": compares}.get(pod.component, set())
        assert secret_items(pod, "airflow-keys") <= (WITH_CELERY if celery else KEYS)[pod.component] | more, pod.owner


def test_celery_alone_has_no_launcher() -> None:
    release = story("celery")
    assert rights(release, "airflow-scheduler") == {}
    assert release.worker_templates == {}
    assert {p.component for p in release.pods if p.spec.automount_service_account_token} == {"keys"}
    assert rights(story("hybrid"), "airflow-scheduler") == rights(render(), "airflow-scheduler") != {}


def test_flower_runs_no_airflow_and_knows_no_database() -> None:
    pod = story("rabbitmq").pod("flower")
    (main,) = pod.containers
    assert {entry.name for entry in main.env if not entry.name.startswith("KIT_")} == set()
    assert not [entry.name for entry in main.env if "DATABASE" in entry.name and "BROKER" not in entry.name]
    assert main.command == ["python3", "-I", "/opt/airflow/kit/start_flower.py"]
    assert main.args is None
    assert pod.spec.automount_service_account_token is False


def test_tasks_in_celery_workers_may_launch_pods_only_if_asked_for() -> None:
    subjects = {s.name for s in story("hybrid").one("RoleBinding", "-worker").subjects}
    assert subjects == {"airflow-worker", "airflow-celery"}
    assert {p.owner for p in story("hybrid").pods if p.component == "celery" and p.spec.automount_service_account_token}


@pytest.mark.parametrize("component", KEYS)
def test_an_existing_secret_is_held_alike(component: str) -> None:
    if component == "keys":
        pods = [p for p in render(sets=("keys.existingSecret=mine",)).pods if p.component == "keys"]
        assert pods == []
        return
    pod = render(sets=("keys.existingSecret=mine",)).pod(component)
    assert (secret_items(pod, "airflow-keys"), secret_items(pod, "mine")) == (set(), KEYS[component])


@every_story
def test_worker_pods_mount_no_secret_of_the_release(release: Release) -> None:
    dags = {"dags-token", "dags-key", "dags-app"}
    for pod in (p for p in release.pods if p.component == "worker"):
        names = {v.secret.secret_name for v in pod.spec.volumes or [] if v.secret}
        assert names <= dags, pod.owner
        assert not [v.name for v in pod.spec.volumes or [] if v.projected], pod.owner


@pytest.mark.parametrize("component", KEYS)
def test_who_knows_where_the_database_is(component: str) -> None:
    names = {e.name for c in render().pod(component).containers for e in c.env or []}
    told = {n for n in names if "SQL_ALCHEMY" in n or n.startswith("KIT_DATABASE")}
    assert bool(told) == (component in DATABASE)


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


@every_story
def test_nothing_secret_is_rendered(release: Release) -> None:
    assert release.all("Secret") == []
    for pod in release.pods:
        for container in pod.containers:
            for entry in container.env or []:
                if _SECRET_NAME.search(entry.name) and not entry.name.endswith(("_CMD", "_FILE", "_SECRET")):
                    assert not looks_secret(entry), f"{pod.owner}/{container.name}: {entry.name}"


def looks_secret(entry: Any) -> bool:
    """Whether a variable with a telling name holds a text, other than a path."""
    return bool(entry.value) and not entry.value.startswith("/")


@pytest.mark.parametrize(
    "key",
    [
        "database.password",
        "postgres.password",
        "admin.password",
        "keys.fernetKey",
        "fernetKey",
        "dags.git.credentials.password",
        "apiServer.secretKey",
    ],
)
def test_no_value_takes_a_password(key: str) -> None:
    assert "MARKER" not in template().stdout
    assert key.rsplit(".", 1)[-1] in refusal(f"{key}=MARKER-4711")


def test_secrets_by_environment_stay_references() -> None:
    release = story("remote-logs")
    named = [(p.component, e) for p in release.pods for c in p.containers for e in c.env or []]
    entries = [(role, e) for role, e in named if e.name == "KIT_LOGS_SECRET_ACCESS_KEY"]
    # Those that write task logs or read them.
    assert {role for role, _ in entries} == {"api-server", "scheduler", "triggerer", "worker"}
    assert all(e.value is None and e.value_from.secret_key_ref.name == "log-store" for _, e in entries)


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
