"""Objects from a file and back, with secrets of the cluster, by the Job of the chart, and what both of them delete."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from kitctl.model.objects.rules import SECTIONS
from kitctl.tools.airflow.api import AirflowApi
from tests.e2e.kit import DAGS, Done, Kit

pytestmark = [pytest.mark.e2e_all, pytest.mark.timeout(1500)]
PASSWORD, TOKEN = "pass%w@rd/1", "t0ken-of-the-team"
SECRET = "team-objects"
UP = ("up", "--dags", DAGS, "--dag-mode", "image", "--no-smoke")


def reference(key: str) -> dict[str, dict[str, str]]:
    return {"secret": {"name": SECRET, "key": key}}


OBJECTS = {
    "pools": {"heavy": {"slots": 4}, "default_pool": {"slots": 99}},
    "variables": {"region": "eu", "limits": {"rows": 1000}, "api_token": reference("token")},
    "connections": {
        "warehouse": {
            "conn_type": "postgres",
            "host": "db.example.com",
            "port": 5432,
            "password": reference("password"),
            "extra": {"sslmode": "require", "client_secret": reference("token")},
        }
    },
}


def values(folder: Path, objects: dict[str, object], tries: int = 6, *, prune: bool = False) -> Path:
    file = folder / "objects-values.yaml"
    job = {"backoffLimit": tries, "prune": prune}
    file.write_text(yaml.safe_dump({"objects": {**objects, "job": job}}), encoding="utf-8")
    return file


def names(api: AirflowApi, section: str) -> set[str]:
    return {str(one[SECTIONS[section].id]) for one in api.objects(SECTIONS[section])}


def log(kit: Kit) -> str:
    """Return the log of the newest Job."""
    selector = "app.kubernetes.io/component=objects"
    jobs = kit.kubectl("get", "jobs", "-l", selector, "--sort-by=.metadata.creationTimestamp", "-o", "name").ok().out
    return kit.kubectl("logs", jobs.split()[-1]).ok().out


def no_secret(*done: Done) -> None:
    for text in (part for one in done for part in (one.out, one.err)):
        assert PASSWORD not in text
        assert TOKEN not in text


@pytest.fixture(scope="module")
def ready(release: Kit, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kit]:
    """The release with objects in its values; it has not been there before."""
    folder = tmp_path_factory.mktemp("objects")
    release.kubectl("create", "namespace", release.namespace)
    for name, text in (("password", PASSWORD), ("token", TOKEN)):
        (folder / name).write_text(f"{text}\n", encoding="utf-8")
    release.kubectl("delete", "secret", SECRET, "--ignore-not-found").ok()
    files = (f"--from-file={folder / name}" for name in ("password", "token"))
    release.kubectl("create", "secret", "generic", SECRET, *files).ok()
    no_secret(release(*UP, "-f", values(folder, OBJECTS), timeout=900).ok())
    yield release
    # `down --volumes` of the last module is to find nothing of others in the namespace.
    release.kubectl("delete", "secret", SECRET).ok()


def test_the_job_writes_the_values(ready: Kit, api: AirflowApi) -> None:
    said = log(ready)
    assert "connections.warehouse: create" in said
    assert "pools.default_pool: update: slots" in said
    assert "6 objects: 6 written, 0 had these values already" in said
    assert PASSWORD not in said
    assert TOKEN not in said
    pool, warehouse = api.object(SECTIONS["pools"], "heavy"), api.object(SECTIONS["connections"], "warehouse")
    assert pool
    assert warehouse
    assert (pool["slots"], warehouse["port"], warehouse["password"]) == (4, 5432, "***")
    stored = ready("exec", "scheduler", "--", "airflow", "connections", "get", "warehouse", "-o", "json").ok().json
    assert stored[0]["password"] == PASSWORD
    extra = stored[0]["extra_dejson"]
    assert extra == {"sslmode": "require", "client_secret": TOKEN}


def test_a_change_of_the_values_runs_the_job_again(ready: Kit, api: AirflowApi, tmp_path: Path) -> None:
    changed = {**OBJECTS, "pools": {"heavy": {"slots": 6}}}
    ready(*UP, "-f", values(tmp_path, changed), timeout=900).ok()
    said = log(ready)
    assert "pools.heavy: update: slots" in said
    assert "variables.region" not in said
    masked = "(masked by Airflow, so written each time)"
    assert f"connections.warehouse: rewrite: extra {masked}, password {masked}" in said
    (pool, default) = (api.object(SECTIONS["pools"], name) for name in ("heavy", "default_pool"))
    assert pool
    assert default
    assert (pool["slots"], default["slots"]) == (6, 99)


def test_what_is_exported_is_applied_without_a_difference(ready: Kit, tmp_path: Path) -> None:
    exported = ready("objects", "export", "--secret", SECRET, timeout=300).ok()
    no_secret(exported)
    document = yaml.safe_load(exported.out)
    warehouse = document["connections"]["warehouse"]
    assert document["variables"]["limits"] == {"rows": 1000}
    assert warehouse["password"] == reference("connection.warehouse.password")

    file = tmp_path / "objects.yaml"
    file.write_text(exported.out, encoding="utf-8")
    missing = ready("objects", "apply", str(file), "-o", "json", timeout=300)
    assert (missing.code, missing.error["id"]) == (3, "objects-reference-missing")

    keys = {"connection.warehouse.password": "password", "connection.warehouse.extra.client_secret": "token"}
    keys["variable.api_token"] = "token"
    text = exported.out
    for new, old in keys.items():
        text = text.replace(f"key: {new}\n", f"key: {old}\n")
    file.write_text(text, encoding="utf-8")
    applied = ready("objects", "apply", str(file), "-o", "json", timeout=300).ok()
    no_secret(applied)
    assert (applied.json["changed"], applied.json["written"]) == (False, True)
    ready("objects", "diff", str(file), timeout=300).ok()
    stored = ready("exec", "scheduler", "--", "airflow", "connections", "get", "warehouse", "-o", "json").ok().json
    assert stored[0]["password"] == PASSWORD


def test_a_secret_that_is_missing_fails_the_job_before_anything_is_written(
    ready: Kit, api: AirflowApi, tmp_path: Path
) -> None:
    broken = {"pools": {"late": {"slots": 1}}, "variables": {"other_token": {"secret": {"name": "none", "key": "k"}}}}
    failed = ready(*UP, "-f", values(tmp_path, broken, tries=0), "-o", "json", timeout=900)
    assert failed.error["id"] == "job-failed"
    assert "[objects-reference-missing]" in failed.error["cause"]
    assert api.object(SECTIONS["pools"], "late") is None
    status = ready("status", "-o", "json")
    assert status.code == 6
    assert any("objects: the Job failed" in line for line in status.json["problems"]), json.dumps(status.json)

    ready(*UP, "-f", values(tmp_path, {"pools": {"late": {"slots": 1}}}), timeout=900).ok()
    assert api.object(SECTIONS["pools"], "late")
    assert ready("status", "-o", "json").ok().json["healthy"]


ROLES = {"Analyst": {"permissions": {"DAGs": ["can_read"], "Website": ["can_read"]}}}
PEOPLE = {
    name: {"email": f"{name}@example.com", "first_name": name, "last_name": "Doe", "roles": ["Analyst"]}
    | {"password": reference("password")}
    for name in ("jane", "kim")
}


def test_the_job_writes_roles_and_users_and_prunes(ready: Kit, api: AirflowApi, tmp_path: Path) -> None:
    done = ready(*UP, "-f", values(tmp_path, {"roles": ROLES, "users": PEOPLE}), timeout=900).ok()
    said = log(ready)
    assert "users.jane: create: email, first_name, last_name, password, roles" in said
    assert PASSWORD not in said
    no_secret(done)
    assert api.takes_password("jane", PASSWORD)
    assert {"admin", "jane", "kim"} <= names(api, "users")

    fewer = {"roles": ROLES, "users": {"jane": PEOPLE["jane"]}, "pools": {"late": {"slots": 2}}}
    ready(*UP, "-f", values(tmp_path, fewer, prune=True), timeout=900).ok()
    said = log(ready)
    for line in ("users.kim: delete", "users.admin: keep", "roles.Admin: keep", "pools.default_pool: keep"):
        assert line in said
    assert "users.jane: " not in said
    assert names(api, "users") == {"admin", "jane"}
    assert names(api, "pools") == {"default_pool", "late"}
    assert "region" in names(api, "variables")
    assert ready("status", "-o", "json").ok().json["healthy"]


def test_apply_deletes_what_the_file_does_not_name(ready: Kit, api: AirflowApi, tmp_path: Path) -> None:
    file = tmp_path / "objects.yaml"
    file.write_text(yaml.safe_dump({"variables": {"region": "eu"}, "users": {}, "roles": {}}), encoding="utf-8")
    words = ("objects", "apply", str(file), "--prune", "-o", "json")
    before = {section: names(api, section) for section in SECTIONS}
    asked = ready(*words, timeout=300, env={"KITCTL_YES": "false"})
    assert (asked.code, asked.error["id"]) == (3, "confirmation-needed")
    assert "delete users.jane" in asked.err
    different = ready("objects", "diff", str(file), "--prune", "-o", "json", timeout=300)
    assert (different.code, different.json["changed"]) == (7, True)
    assert {section: names(api, section) for section in SECTIONS} == before

    done = ready(*words, timeout=300).ok().json
    deleted = {f"{one['section']}.{one['name']}" for one in done["objects"] if one["action"] == "delete"}
    assert {"users.jane", "roles.Analyst", "variables.limits", "variables.api_token"} <= deleted
    assert "users.admin" in {f"{one['section']}.{one['name']}" for one in done["kept"]}
    assert (names(api, "users"), names(api, "variables")) == ({"admin"}, {"region"})
    assert names(api, "roles") == {"Admin", "Op", "User", "Viewer", "Public"}
    assert names(api, "connections") == before["connections"]
    again = ready(*words, timeout=300).ok().json
    assert (again["changed"], again["written"]) == (False, False)
    ready("objects", "diff", str(file), "--prune", timeout=300).ok()
    assert ready("status", "-o", "json").ok().json["healthy"]
