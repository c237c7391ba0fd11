"""The Job that writes the objects of the values: what it holds, when it runs again, and what values it refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from kitctl.model.objects.wanted import read
from tests.chart.release import CHART, ROOT, Release, refusal, render
from tests.chart.test_who_holds_what import KEYCLOAK, SIMPLE, secret_items

POOL = "objects.pools.heavy.slots=4"
CONNECTION = ("objects.connections.c.conn_type=http", "objects.connections.c.password.secret.name=team")
FULL = (*CONNECTION, "objects.connections.c.password.secret.key=pw", "objects.variables.t.secret.name=team")
FULL = (*FULL, "objects.variables.t.secret.key=token", "objects.connections.c.extra.a[0].secret.name=other")
FULL = (*FULL, "objects.connections.c.extra.a[0].secret.key=k")
JANE = tuple(f"objects.users.jane.{name}={name}" for name in ("email", "first_name", "last_name"))
JANE = (*JANE, "objects.users.jane.roles={Analyst}")
ROLE = "objects.roles.Analyst.permissions.My Password={can_read}"


def name(release: Release) -> str:
    (found,) = (j.metadata.name for j in release.all("Job") if j.metadata.name.startswith("airflow-objects-"))
    return str(found)


def stored(release: Release) -> dict[str, Any]:
    (found,) = (m for m in release.all("ConfigMap") if m.metadata.name == "airflow-objects")
    return dict(json.loads(found.data["objects.json"]))


def test_there_is_no_job_without_objects() -> None:
    assert "objects" not in {pod.component for pod in render().pods}
    assert "airflow-objects" not in {m.metadata.name for m in render().all("ConfigMap")}


def test_a_change_of_objects_runs_it_again_and_restarts_nothing() -> None:
    names = {name(render(sets=sets)) for sets in ((POOL,), ("objects.pools.heavy.slots=5",), FULL)}
    assert len(names) == 3
    assert name(render(sets=(POOL, "apiServer.replicas=2"))) == name(render(sets=(POOL,)))
    others = [
        {p.owner: p.spec for p in render(sets=sets).pods if p.component != "objects"}
        for sets in ((POOL,), ("objects.pools.heavy.slots=5",))
    ]
    assert others[0] == others[1]


def test_every_file_of_its_code_is_mounted_where_it_is_imported_from_and_no_other_pod_has_it() -> None:
    release = render(sets=(POOL,))
    (volume,) = (v for v in release.pod("objects").spec.volumes if v.config_map)
    code = CHART / "files" / "objects"
    files = {path.relative_to(code).as_posix() for path in code.rglob("*.py")}
    assert {item.path for item in volume.config_map.items} == {*files, "objects.json"}
    (stored_in,) = (m for m in release.all("ConfigMap") if m.metadata.name == "airflow-objects")
    for item in volume.config_map.items:
        if item.path != "objects.json":
            assert stored_in.data[item.key] == (code / item.path).read_text(encoding="utf-8")
    users = {
        pod.component
        for pod in release.pods
        for one in pod.spec.volumes or []
        if one.config_map and one.config_map.name == "airflow-objects"
    }
    assert users == {"objects"}


def test_it_holds_the_password_of_the_first_user_and_the_keys_that_objects_name() -> None:
    pod = render(sets=FULL).pod("objects")
    assert secret_items(pod, "airflow-keys") == {"admin-password"}
    assert secret_items(pod, "team") == {"team/pw", "team/token"}
    assert secret_items(pod, "other") == {"other/k"}
    assert not pod.spec.automount_service_account_token


def test_the_config_map_has_the_objects_and_no_secret() -> None:
    found = stored(render(sets=(*FULL, POOL, "objects.variables.big=10000000")))
    assert found["pools"] == {"heavy": {"slots": 4}}
    assert found["variables"] == {"big": 10000000, "t": {"secret": {"name": "team", "key": "token"}}}
    assert found["connections"]["c"]["password"] == {"secret": {"name": "team", "key": "pw"}}


def test_it_writes_roles_and_users_with_passwords_of_secrets() -> None:
    password = ("objects.users.jane.password.secret.name=people", "objects.users.jane.password.secret.key=jane")
    release = render(sets=(*JANE, *password, ROLE))
    assert stored(release)["roles"] == {"Analyst": {"permissions": {"My Password": ["can_read"]}}}
    assert stored(release)["users"]["jane"]["password"] == {"secret": {"name": "people", "key": "jane"}}
    assert secret_items(release.pod("objects"), "people") == {"people/jane"}
    assert {one.section.name for one in read(stored(release), "values")} == {"roles", "users"}


def empty(tmp_path: Path, **job: bool) -> Release:
    file = tmp_path / f"values-{len(job)}.yaml"  # a render is remembered by its path
    file.write_text(yaml.safe_dump({"objects": {"pools": {}, "job": job}}), encoding="utf-8")
    return render((str(file),))


def test_it_prunes_the_sections_that_the_values_name(tmp_path: Path) -> None:
    """An empty section means none; one that is not named is null, and is not in the Job's file."""
    assert "objects" not in {pod.component for pod in empty(tmp_path).pods}
    pruned = empty(tmp_path, prune=True)
    assert stored(pruned) == {"pools": {}}
    env = [
        {e.name: e.value for e in release.pod("objects").spec.containers[0].env}
        for release in (pruned, render(sets=(POOL,)), render(sets=(POOL, "objects.job.prune=true")))
    ]
    assert [one.get("KIT_PRUNE") for one in env] == ["true", None, "true"]
    assert "objects" not in {pod.component for pod in render(sets=("objects.job.prune=true",)).pods}
    assert stored(render(sets=(POOL,))).keys() == {"pools"}


@pytest.mark.parametrize(("sets", "holds"), [(SIMPLE, "admin-password"), (KEYCLOAK, "keycloak-client-secret")])
def test_it_logs_in_as_the_auth_manager_wants(sets: tuple[str, ...], holds: str) -> None:
    pod = render(sets=(*sets, POOL)).pod("objects")
    secrets = [secret_items(pod, secret) for secret in ("airflow-keys", "client", "passwords")]
    assert set().union(*secrets) == {holds}
    env = {e.name: e.value for e in pod.spec.containers[0].env}
    assert env.get("KIT_CLIENT") == ("airflow" if sets == KEYCLOAK else None)


def test_it_may_call_the_api_server_and_nothing_else() -> None:
    release = render(sets=(POOL, "networkPolicy.restrictEgress=true"))
    policy = release.one("NetworkPolicy", "-objects")
    ports = {port.port for rule in policy.spec.egress for port in rule.ports}
    assert ports == {53, 5353, 8080}  # DNS, also of OpenShift, and the API server
    assert not policy.spec.ingress


@pytest.mark.parametrize(
    ("sets", "words"),
    [
        (("objects.connections.c.conn_type=http", "objects.connections.c.password=plain"), "[objects-secret-plain]"),
        (("objects.variables.api_token=plain",), "objects.variables.api_token looks like a secret"),
        (("objects.variables.v.value.clientSecret=plain",), "objects.variables.v.value.clientSecret looks like"),
        (("objects.variables.url=postgres://a:b@c/d",), "objects.variables.url looks like a secret"),
        (('objects.variables.json=\\{"password": "x"\\}',), "objects.variables.json looks like a secret"),
        (("objects.variables.v=***",), "[objects-secret-plain]"),
        (("objects.variables.v.env=TOKEN",), "[objects-reference-wrong] objects.variables.v is a reference to env"),
        (("objects.variables.v.secret.name=team",), "[objects-reference-wrong] objects.variables.v is no reference"),
        (CONNECTION, "[objects-reference-wrong] objects.connections.c.password is no reference"),
        (("objects.variables.v.secret.name=../x", "objects.variables.v.secret.key=k"), "[objects-reference-wrong]"),
        ((POOL, "admin.create=false"), "[objects-without-user]"),
        ((POOL, "auth.manager=my.own.Manager"), "[objects-auth-manager]"),
        ((*JANE, "objects.users.jane.password=plain"), "[objects-secret-plain] objects.users.jane.password looks like"),
        ((*JANE, "objects.users.jane.password.env=PW"), "[objects-reference-wrong] objects.users.jane.password is a"),
        ((*JANE, *SIMPLE), "[objects-without-fab] objects.users is set, but auth.manager is simple"),
        ((ROLE, *KEYCLOAK), "[objects-without-fab] objects.roles is set, but auth.manager is keycloak"),
        ((*JANE, "auth.manager=my.own.Manager"), "[objects-auth-manager]"),
        ((*JANE, "admin.username=Jane"), "[objects-first-user] objects.users.jane is the first user"),
        ((*JANE, "objects.users.jane.roles=Viewer"), "/objects/users/jane/roles"),
        ((*JANE, "objects.users.jane.role=Viewer"), "role"),
        (("objects.users.jane.email=j@example.com",), "first_name"),
        (("objects.roles.Analyst.permissions.DAGs=can_read",), "/objects/roles/Analyst/permissions/DAGs"),
        (("objects.pools.heavy.slots=many",), "/objects/pools/heavy/slots"),
        (("objects.pools.heavy.description=words",), "slots"),
        (("objects.connections.c.conn_type=http", "objects.connections.c.hots=x"), "hots"),
    ],
)
def test_values_that_it_must_not_have(sets: tuple[str, ...], words: str) -> None:
    said = refusal(*sets)
    assert words in said
    assert "plain" not in said.replace("[objects-secret-plain]", "").replace("in plain text", "")


def test_a_name_that_only_resembles_a_secret_is_taken() -> None:
    sets = ("objects.variables.token_url=https://sso.example.com/token", "objects.variables.secrets_of_cooking=salt")
    assert stored(render(sets=sets))["variables"].keys() == {"token_url", "secrets_of_cooking"}


def test_the_values_of_the_example_are_a_file_for_kitctl() -> None:
    values = yaml.safe_load((ROOT / "values-examples" / "objects.yaml").read_text(encoding="utf-8"))
    assert {str(one) for one in read(values["objects"], "values")} == {
        "pools.heavy",
        "variables.region",
        "variables.limits",
        "connections.warehouse",
    }
