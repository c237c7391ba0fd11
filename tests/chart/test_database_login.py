"""TLS and log-in of an external database: every pod that talks to it gets the files, and only those that are used."""

from __future__ import annotations

from typing import Any

import pytest

from kitctl.release.keys import used_keys
from tests.chart.release import EXAMPLES, Pod, Release, refusal, render, template
from tests.chart.walk import walk

EXTERNAL = ("postgres.enabled=false", "database.host=db.example.com", "database.passwordSecret.name=pw")
CA = ("database.sslMode=verify-full", "database.ca.configMap=ca", "database.ca.key=bundle.pem")
CLIENT = ("database.clientCertificate.secret=client",)
WITHOUT = ("postgres.enabled=false", "database.host=db.example.com", "database.password=false")
TALKS = {"api-server", "scheduler", "dag-processor", "triggerer", "migrate"}


def talks(container: Any) -> bool:
    return any(e.name == "KIT_DATABASE_HOST" for e in container.env or [])


def pods_that_talk(release: Release) -> list[Pod]:
    pods = [p for p in release.pods if any(talks(c) for c in p.containers)]
    assert {p.component for p in pods} == TALKS
    return pods


def files(pod: Pod) -> dict[str, tuple[str, str]]:
    """Return the files of the pod's secrets: name → object and key."""
    sources = [s.secret or s.config_map for v in pod.spec.volumes or [] if v.projected for s in v.projected.sources]
    return {item.path: (source.name, item.key) for source in sources for item in source.items or []}


def test_every_pod_that_talks_to_the_database_gets_ca_and_certificate() -> None:
    def check(pod: Pod) -> None:
        found = files(pod)
        assert found["database-ca.crt"] == ("ca", "bundle.pem")
        assert found["database-client.crt"] == ("client", "tls.crt")
        assert found["database-client.key"] == ("client", "tls.key")
        for container in (c for c in pod.containers if talks(c)):
            mounts = {m.mount_path: m.name for m in container.volume_mounts}
            assert mounts["/opt/airflow/secrets"] == "secrets", container.name
        # libpq takes a key that root owns if others cannot read and the group cannot write it.
        (mode,) = [v.projected.default_mode for v in pod.spec.volumes if v.projected]
        assert mode == 0o440

    walk(pods_that_talk(render(sets=(*EXTERNAL, *CA, *CLIENT))), check)


def test_no_other_pod_gets_them() -> None:
    release = render(sets=(*EXTERNAL, *CA, *CLIENT))
    for pod in (p for p in release.pods if p.component not in TALKS):
        assert not [name for name in files(pod) if name.startswith("database-")], pod


def test_without_a_password_no_pod_asks_for_one() -> None:
    release = render(sets=WITHOUT)
    for pod in pods_that_talk(release):
        assert "postgres-password" not in files(pod), pod
        for container in (c for c in pod.containers if talks(c)):
            assert [e.value for e in container.env if e.name == "KIT_DATABASE_PASSWORD"] == ["none"]
    assert "postgres-password" not in {key for pod in release.pods for _, key in files(pod).values()}


def test_a_proxy_starts_before_the_wait_in_every_pod() -> None:
    proxy = "pods.extraInitContainers[0]"
    sets = (f"{proxy}.name=sql-proxy", f"{proxy}.image=example.com/proxy:1", f"{proxy}.restartPolicy=Always")
    for pod in pods_that_talk(render(sets=(*WITHOUT, *sets))):
        assert [c.name for c in pod.spec.init_containers][:2] == ["sql-proxy", "wait-for-database"], pod


@pytest.mark.parametrize(
    ("error", "sets"),
    [
        ("database-tls-of-own-postgres", CLIENT),
        ("database-tls-of-own-postgres", ("database.password=false",)),
        ("database-ca-twice", (*EXTERNAL, *CA, "database.ca.secret=other")),
        ("database-ca-unused", (*EXTERNAL, *CA, "database.sslMode=require")),
        ("database-ca-missing", (*EXTERNAL, "database.sslMode=verify-full")),
        ("database-password-unused", (*EXTERNAL, "database.password=false")),
        ("config-owned-by-chart", (*EXTERNAL, "config.database.sql_alchemy_conn_cmd=x")),
        ("config-owned-by-chart", (*EXTERNAL, "config.database.sql_alchemy_conn_async_secret=x")),
    ],
)
def test_what_cannot_work_is_refused(error: str, sets: tuple[str, ...]) -> None:
    assert f"[{error}]" in refusal(*sets)


def test_a_command_for_a_token_is_answered_with_the_proxy() -> None:
    words = refusal(*EXTERNAL, "config.database.sql_alchemy_conn_cmd=x")
    assert "would wait for ever" in words
    assert "password: false" in words


def test_a_ca_in_the_image_is_named_by_the_drivers_own_variable() -> None:
    sets = (*EXTERNAL, "database.sslMode=verify-full", "env[0].name=PGSSLROOTCERT", "env[0].value=/etc/ca.pem")
    assert template(sets=sets).returncode == 0


KEYS = {"fernet-key", "jwt-secret", "api-secret-key"}


@pytest.mark.parametrize(
    ("sets", "used"),
    [
        ((), {*KEYS, "postgres-password", "admin-password"}),
        (("admin.create=false",), {*KEYS, "postgres-password"}),
        ((*EXTERNAL, "admin.create=false"), KEYS),
        (EXTERNAL, {*KEYS, "admin-password"}),
        (WITHOUT, {*KEYS, "admin-password"}),
        (("executors={LocalExecutor}", *WITHOUT, "admin.create=false"), KEYS),
    ],
)
def test_an_existing_secret_needs_only_the_keys_that_the_values_use(sets: tuple[str, ...], used: set[str]) -> None:
    release = render(sets=("keys.existingSecret=mine", *sets))
    assert used_keys(release.documents, "mine") == used


@pytest.mark.parametrize(
    ("kind", "more", "used"),
    [
        ("https", (), {"username", "password"}),
        ("ssh", (), {"ssh-key", "known-hosts"}),
        ("ssh", ("strictHostKey=false",), {"ssh-key"}),
    ],
)
def test_git_credentials_need_only_the_keys_of_their_type(kind: str, more: tuple[str, ...], used: set[str]) -> None:
    repo = "git@git.example.com:team/dags.git" if kind == "ssh" else "https://git.example.com/team/dags.git"
    part = "dags.git.credentials"
    sets = ("dags.mode=git", f"dags.git.repo={repo}", f"{part}.type={kind}", f"{part}.secret=mine")
    release = render(sets=(*sets, *(f"{part}.{pair}" for pair in more)))
    assert used_keys([release.documents, list(release.worker_templates.values())], "mine") == used
    assert used_keys(list(release.worker_templates.values()), "mine") == used


def test_a_github_app_needs_its_private_key_only() -> None:
    (path,) = [path for path in EXAMPLES if path.stem == "git-github-app"]
    release = render(values=(str(path),), sets=("dags.git.credentials.secret=mine",))
    assert used_keys(list(release.worker_templates.values()), "mine") == {"github-app-private-key"}
    assert used_keys(release.documents, "mine") == {"github-app-private-key"}


def test_the_database_and_its_certificates_need_what_the_values_name() -> None:
    sets = (*EXTERNAL, *CA, *CLIENT, "database.passwordSecret.userKey=user", "database.passwordSecret.key=word")
    documents = render(sets=sets).documents
    assert [used_keys(documents, name) for name in ("pw", "ca", "client")] == [
        {"user", "word"},
        {"bundle.pem"},
        {"tls.crt", "tls.key"},
    ]
