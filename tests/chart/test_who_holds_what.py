"""Keys and passwords: each role holds what it needs and nothing else (design.md, decision 3)."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

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
        held = {**(WITH_CELERY if celery else KEYS), "objects": {"admin-password"}}  # only where there are objects
        assert secret_items(pod, "airflow-keys") <= held[pod.component] | more, pod.owner


def test_flower_runs_no_airflow_and_knows_no_database() -> None:
    pod = story("rabbitmq").pod("flower")
    (main,) = pod.containers
    assert {entry.name for entry in main.env if not entry.name.startswith("KIT_")} == set()
    assert not [entry.name for entry in main.env if "DATABASE" in entry.name and "BROKER" not in entry.name]
    assert main.command == ["python3", "-I", "/opt/airflow/kit/start_flower.py"]
    assert main.args is None
    assert pod.spec.automount_service_account_token is False


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
