"""Roles and users of `kitctl objects` against FAB's auth manager of the pinned Airflow."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from kitctl.commands import objects as command
from kitctl.errors import KitError
from kitctl.model.objects import rules
from kitctl.model.objects.rules import SECTIONS
from kitctl.model.settings import Settings
from kitctl.release import handle
from kitctl.tools.airflow.api import AirflowApi
from kitctl.usecases.objects.apply import Prune, apply, diff
from tests.airflow import api_server
from tests.airflow.environment import interpreter
from tests.chart.release import CHART

FILE = """
roles:
  Analyst:
    permissions: {Website: [can_read], DAGs: [can_read], DAG Runs: [can_read, can_create]}
users:
  jane:
    {email: jane@example.com, first_name: Jane, last_name: Doe, roles: [Viewer, Analyst], password: {env: JANE_PW}}
"""
PASSWORD = "first-s3cret"


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AirflowApi]:
    home = tmp_path_factory.mktemp("airflow")
    (home / "secrets").mkdir()
    with api_server.running(home, ()) as port:
        env = {
            **os.environ,
            "AIRFLOW__CORE__AUTH_MANAGER": api_server.FAB,
            "AIRFLOW_HOME": str(home),
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
        }
        argv = [str(interpreter().with_name("airflow")), "users", "create", "--username", "admin", "--role", "Admin"]
        argv += ["--email", "admin@example.com", "--firstname", "A", "--lastname", "B", "--password", "pw"]
        subprocess.run(argv, env=env, check=True, capture_output=True, timeout=300)
        yield AirflowApi(f"http://127.0.0.1:{port}", "admin", lambda: "pw")


def fields(user: dict[str, Any]) -> dict[str, Any]:
    return {name: user[name] for name in ("email", "first_name", "last_name")}


def test_roles_and_users_are_written_compared_and_exported(
    api: AirflowApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JANE_PW", PASSWORD)
    file = tmp_path / "objects.yaml"
    file.write_text(FILE, encoding="utf-8")
    auth = SimpleNamespace(name="fab")
    release: Any = SimpleNamespace(api=lambda: api, settings=Settings(), auth=auth, username="admin")

    first = apply(release, file)
    assert {c.name: c.action for c in first.objects} == {"Analyst": "create", "jane": "create"}
    assert PASSWORD not in repr(first)
    assert api.takes_password("jane", PASSWORD)
    assert {c.action for c in apply(release, file).objects} == {"none"}

    monkeypatch.setenv("JANE_PW", "second-s3cret")
    role, user = diff(release, file).objects
    assert (role.action, user.action) == ("none", "update")
    assert [(f.field, f.old, f.new) for f in user.fields] == [("password", None, "***")]
    assert apply(release, file).changed
    assert api.takes_password("jane", "second-s3cret")
    assert not api.takes_password("jane", PASSWORD)

    file.write_text(FILE.replace("[can_read, can_create]", "[can_read]").replace("Doe", "Roe"), encoding="utf-8")
    changed = {c.name: [f.field for f in c.fields] for c in apply(release, file).objects}
    assert changed == {"Analyst": ["permissions"], "jane": ["last_name"]}
    pairs = {(a["resource"]["name"], a["action"]["name"]) for a in api.object(SECTIONS["roles"], "Analyst")["actions"]}
    assert pairs == {("Website", "can_read"), ("DAGs", "can_read"), ("DAG Runs", "can_read")}

    monkeypatch.setattr(handle, "attach", lambda settings: release)
    printed = CliRunner().invoke(command.app, ["export"])
    assert printed.exit_code == 0, printed.output
    found = yaml.safe_load(printed.stdout)
    jane = {"email": "jane@example.com", "first_name": "Jane", "last_name": "Roe", "roles": ["Analyst", "Viewer"]}
    assert found["users"] == {"jane": jane}
    assert set(found["roles"]) == {"Analyst"}
    file.write_text(printed.stdout, encoding="utf-8")
    assert {c.action for c in apply(release, file).objects} == {"none"}
    assert api.takes_password("jane", "second-s3cret")


def test_a_new_user_needs_a_password_and_an_unknown_permission_is_refused(api: AirflowApi, tmp_path: Path) -> None:
    auth = SimpleNamespace(name="fab")
    release: Any = SimpleNamespace(api=lambda: api, settings=Settings(), auth=auth, username="admin")
    file = tmp_path / "objects.yaml"
    file.write_text("users: {joe: {email: j@x.org, first_name: J, last_name: J, roles: [Viewer]}}", encoding="utf-8")
    with pytest.raises(KitError, match=r"users\.joe: a new user needs a password"):
        apply(release, file)
    file.write_text("roles: {Odd: {permissions: {DAGs: [can_fly]}}}", encoding="utf-8")
    with pytest.raises(KitError) as caught:
        apply(release, file)
    assert caught.value.id == "objects-refused"
    assert "can_fly" in caught.value.cause


def test_users_and_roles_that_the_file_does_not_name_are_deleted(
    api: AirflowApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each but the user of the log-in, with that user's roles, and what Airflow makes itself."""
    monkeypatch.setenv("JANE_PW", PASSWORD)
    login = SimpleNamespace(name="ADMIN")  # FAB does not distinguish it from `admin`
    release: Any = SimpleNamespace(api=lambda: api, settings=Settings(), auth=SimpleNamespace(name="fab"), login=login)
    file = tmp_path / "objects.yaml"
    more = "  Left: {permissions: {DAGs: [can_read]}}\nusers:\n"
    user = "email: {0}@x.org, first_name: A, last_name: B, roles: [{1}], password: {{env: JANE_PW}}"
    people = "".join(f"  {name}: {{{user.format(name, 'Left')}}}\n" for name in ("kim", "lee"))
    file.write_text(FILE.replace("users:\n", more) + people, encoding="utf-8")
    apply(release, file)
    admin: Any = api.object(SECTIONS["users"], "admin")
    assert not api.write(rules.write(SECTIONS["roles"], "Own", {"permissions": {"DAGs": ["can_read"]}}, new=True))
    roles = {"roles": [*(one["name"] for one in admin["roles"]), "Own"]}
    assert not api.write(rules.write(SECTIONS["users"], "admin", {**fields(admin), **roles}, new=False))

    pruning = Prune(lambda question: True, lambda line: None)
    file.write_text(FILE.replace("  jane:", "  Jane:"), encoding="utf-8")
    done = apply(release, file, pruning)
    assert [one.name for one in done.objects if one.action == "delete"] == ["kim", "lee", "Left"]
    assert {one.name for one in done.kept} == {"admin", "Admin", "Op", "Public", "User", "Viewer", "Own"}
    assert {one["username"] for one in api.objects(SECTIONS["users"])} == {"admin", "jane"}
    left = {"Admin", "Op", "Public", "User", "Viewer", "Own", "Analyst"}
    assert {one["name"] for one in api.objects(SECTIONS["roles"])} == left
    assert not api.takes_password("kim", PASSWORD)
    assert not apply(release, file, pruning).changed

    file.write_text("roles: {}\nusers: {}", encoding="utf-8")
    apply(release, file, pruning)
    assert {one["username"] for one in api.objects(SECTIONS["users"])} == {"admin"}
    assert {one["name"] for one in api.objects(SECTIONS["roles"])} == left - {"Analyst"}
    assert api.takes_password("admin", "pw")


def test_the_job_of_the_chart_writes_and_prunes_them_too(api: AirflowApi, tmp_path: Path) -> None:
    code = tmp_path / "kit-objects"
    shutil.copytree(CHART / "files" / "objects", code)
    for file, text in (("secrets/admin-password", "pw"), ("references/team/pw", PASSWORD)):
        (tmp_path / file).parent.mkdir(parents=True)
        (tmp_path / file).write_text(text, encoding="utf-8")
    wanted = {
        "roles": {"OfTheJob": {"permissions": {"My Password": ["can_read"], "DAGs": ["can_read"]}}},
        "users": {
            name: {"email": f"{name}@job.org", "first_name": "A", "last_name": "B", "roles": ["OfTheJob"]}
            | {"password": {"secret": {"name": "team", "key": "pw"}}}
            for name in ("ann", "ben")
        },
    }
    env = {"KIT_AIRFLOW_URL": api.base_url, "KIT_USERNAME": "admin"}

    def job(objects: dict[str, Any], **more: str) -> list[str]:
        (code / "objects.json").write_text(json.dumps(objects), encoding="utf-8")
        argv = [sys.executable, "-ISB", str(code / "apply_objects.py")]
        done = subprocess.run(argv, env={**env, **more}, capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0, done.stderr
        assert PASSWORD not in done.stdout + done.stderr
        return done.stdout.splitlines()

    assert job(wanted)[-1] == "3 objects: 3 written, 0 had these values already"
    assert job(wanted)[-1] == "3 objects: 0 written, 3 had these values already"
    assert api.takes_password("ann", PASSWORD)

    del wanted["users"]["ben"]
    said = job(wanted, KIT_PRUNE="true")
    assert "users.ben: delete" in said
    assert "users.admin: keep, this command logs in as this user" in said
    assert {one["username"] for one in api.objects(SECTIONS["users"])} == {"admin", "ann"}
    assert {one["name"] for one in api.objects(SECTIONS["roles"])} >= {"Admin", "Public", "OfTheJob"}
    assert job(wanted, KIT_PRUNE="true")[-1] == "2 objects: 0 written, 2 had these values already"
