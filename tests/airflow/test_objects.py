"""`kitctl objects` against the API server of the pinned Airflow."""

from __future__ import annotations

import json
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
from kitctl.model.objects.prune import Deletion, Kept, delete, remaining
from kitctl.model.objects.rules import SECTIONS, FieldChange
from kitctl.model.settings import Settings
from kitctl.release import handle
from kitctl.tools.airflow.api import AirflowApi
from kitctl.usecases.objects import apply as objects
from tests.airflow import api_server
from tests.chart.release import CHART

AUTH = SimpleNamespace(name="simple")
FILE = """
connections:
  warehouse:
    {conn_type: postgres, host: db.example.com, port: 5432, login: etl, password: {env: OBJECTS_PW}, schema: dwh,
     extra: {sslmode: require}}
variables:
  region: eu
  limits: {a: 1, b: [true, null]}
  number: 5
  token: {file: token.txt}
  described: {value: x, description: words}
pools:
  heavy: {slots: 4, description: heavy tasks, include_deferred: true}
"""


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AirflowApi]:
    home = tmp_path_factory.mktemp("airflow")
    for name in ("secrets", "tmp/simple"):
        (home / name).mkdir(parents=True)
    passwords = home / "passwords.json"
    passwords.write_text(json.dumps({"admin": "pw"}), encoding="utf-8")
    more = {"AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords)}
    with api_server.running(home, ("auth.manager=simple",), more) as port:
        yield AirflowApi(f"http://127.0.0.1:{port}", "admin", lambda: "pw")


def test_apply_diff_and_apply_again(api: AirflowApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OBJECTS_PW", "s3cret-password")
    (tmp_path / "token.txt").write_text("s3cret-token\n", encoding="utf-8")
    file = tmp_path / "objects.yaml"
    file.write_text(FILE, encoding="utf-8")
    release: Any = SimpleNamespace(api=lambda: api, settings=Settings(), auth=AUTH)

    assert {c.action for c in objects.diff(release, file).objects} == {"create"}
    first = objects.apply(release, file)
    assert first.changed
    assert "s3cret" not in repr(first)

    again = objects.apply(release, file)
    actions = {c.name: (c.action, *c.hidden) for c in again.objects}
    assert not again.changed
    assert actions.pop("warehouse") == ("rewrite", "password")
    assert actions.pop("token") == ("rewrite", "value")
    assert set(actions.values()) == {("none",)}

    file.write_text(FILE.replace("slots: 4", "slots: 6").replace("port: 5432, ", ""), encoding="utf-8")
    (changed,) = (c for c in objects.diff(release, file).objects if c.action == "update")
    assert (changed.name, changed.fields) == ("heavy", [FieldChange("slots", 4, 6)])
    objects.apply(release, file)
    pool, warehouse = api.object(SECTIONS["pools"], "heavy"), api.object(SECTIONS["connections"], "warehouse")
    assert pool
    assert warehouse
    assert (pool["slots"], pool["include_deferred"], warehouse["port"]) == (6, True, 5432)


@pytest.mark.parametrize("name", ["light", "default_pool"])
def test_fields_of_a_pool_that_the_file_does_not_name_stay(api: AirflowApi, tmp_path: Path, name: str) -> None:
    release: Any = SimpleNamespace(api=lambda: api, settings=Settings(), auth=AUTH)
    file = tmp_path / "objects.yaml"
    file.write_text(f"pools: {{{name}: {{slots: 11, include_deferred: true}}}}", encoding="utf-8")
    objects.apply(release, file)
    file.write_text(f"pools: {{{name}: {{slots: 12}}}}", encoding="utf-8")
    objects.apply(release, file)
    pool = api.object(SECTIONS["pools"], name)
    assert pool
    assert (pool["slots"], pool["include_deferred"]) == (12, True)
    file.write_text("pools: {default_pool: {slots: 128, include_deferred: false}}", encoding="utf-8")
    objects.apply(release, file)


def test_what_is_exported_can_be_applied(api: AirflowApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """More than a page of variables, the default pool, and values that look like something else."""
    monkeypatch.setenv("OBJECTS_PW", "s3cret-password")
    file = tmp_path / "objects.yaml"
    many = "".join(f"  many_{number}: {number}\n" for number in range(130))
    file.write_text(
        "pools: {default_pool: {slots: 77}, 'slash/ed': {slots: -1}}\nvariables:\n"
        + many
        + "  json: {password: {env: OBJECTS_PW}, rows: [1, null]}\n  env: '{\"env\": \"prod\"}'\n  date: '2026-01-01'\n"
        + 'connections:\n  like: {conn_type: http, extra: \'{"env": "prod"}\'}\n'
        + "  exported: {conn_type: http, password: {env: OBJECTS_PW}, extra: {token: {env: OBJECTS_PW}, a: {b: 1}}}\n",
        encoding="utf-8",
    )
    release: Any = SimpleNamespace(api=lambda: api, settings=Settings(), auth=AUTH)
    objects.apply(release, file)

    monkeypatch.setattr(handle, "attach", lambda settings: release)
    printed = CliRunner().invoke(command.app, ["export"])
    assert printed.exit_code == 0, printed.output
    assert "s3cret" not in printed.output
    found = yaml.safe_load(printed.stdout)
    assert {f"many_{number}" for number in range(130)} <= set(found["variables"])
    assert found["pools"]["default_pool"] == {"slots": 77, "include_deferred": False}
    assert found["connections"]["like"] == {"conn_type": "http", "extra": '{"env": "prod"}'}
    assert found["connections"]["exported"]["extra"] == {
        "token": {"env": "CONNECTION_EXPORTED_EXTRA_TOKEN"},
        "a": {"b": 1},
    }

    for line in printed.stdout.splitlines():
        if line.startswith("# - the variable "):
            monkeypatch.setenv(line.split()[4].rstrip(":"), "s3cret-password")
    file.write_text(printed.stdout, encoding="utf-8")
    assert not objects.diff(release, file).changed
    assert not objects.apply(release, file).changed
    assert CliRunner().invoke(command.app, ["export"]).stdout == printed.stdout


def test_the_job_of_the_chart_writes_them_too(api: AirflowApi, tmp_path: Path) -> None:
    code = tmp_path / "kit-objects"
    shutil.copytree(CHART / "files" / "objects", code)
    for file, text in (("secrets/admin-password", "pw"), ("references/team/pw", "s3cret-of-the-team")):
        (tmp_path / file).parent.mkdir(parents=True)
        (tmp_path / file).write_text(text, encoding="utf-8")
    wanted = {
        "pools": {"default_pool": {"slots": 55}, "of_the_job": {"slots": 2, "description": "words"}},
        "variables": {"of_the_job": {"rows": 1}, "job_token": {"secret": {"name": "team", "key": "pw"}}},
        "connections": {"of_the_job": {"conn_type": "http", "password": {"secret": {"name": "team", "key": "pw"}}}},
    }
    (code / "objects.json").write_text(json.dumps(wanted), encoding="utf-8")
    env = {"KIT_AIRFLOW_URL": api.base_url, "KIT_USERNAME": "admin"}
    argv = [sys.executable, "-ISB", str(code / "apply_objects.py")]
    for words in ("5 objects: 5 written, 0 had", "5 objects: 2 written, 3 had"):
        done = subprocess.run(argv, env=env, capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0, done.stderr
        assert words in done.stdout
        assert "s3cret" not in done.stdout + done.stderr
    pools = [api.object(SECTIONS["pools"], name) for name in ("default_pool", "of_the_job")]
    assert [pool and pool["slots"] for pool in pools] == [55, 2]


def test_a_refusal_names_the_object_and_no_secret(
    api: AirflowApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OBJECTS_PW", "s3cret-password")
    file = tmp_path / "objects.yaml"
    file.write_text(
        "pools: {p: {slots: 1}}\nconnections:\n  'a b': {conn_type: http, password: {env: OBJECTS_PW}}\n"
        "  z: {conn_type: http}\n",
        encoding="utf-8",
    )
    release: Any = SimpleNamespace(api=lambda: api, settings=Settings(), auth=AUTH)
    with pytest.raises(KitError) as caught:
        objects.apply(release, file)
    assert caught.value.id == "objects-refused"
    assert "connections.a b" in caught.value.message
    assert "connection_id" in caught.value.cause
    assert caught.value.cause.endswith("Written before: pools.p\nNot written: connections.z")
    assert "s3cret" not in repr(caught.value)
    assert api.object(SECTIONS["pools"], "p")


def test_what_the_file_does_not_name_is_deleted(api: AirflowApi, tmp_path: Path) -> None:
    """More than a page of variables, names with a slash, and the pool that Airflow never deletes."""
    release: Any = SimpleNamespace(api=lambda: api, settings=Settings(), auth=AUTH)
    file = tmp_path / "objects.yaml"
    many = "".join(f"  old_{number}: {number}\n" for number in range(110))
    file.write_text(
        "pools: {'of/team': {slots: 1}, stays: {slots: 1}}\nconnections: {'a.b': {conn_type: http}}\n"
        f"variables:\n{many}  'a/b': 1\n",
        encoding="utf-8",
    )
    objects.apply(release, file)
    pruning = objects.Prune(lambda question: True, lambda line: None)

    file.write_text("pools: {stays: {slots: 2}}\nvariables: {new: 1}\n", encoding="utf-8")
    expected = objects.diff(release, file, pruned=True)
    first = objects.apply(release, file, pruning)
    assert first.objects == expected.objects
    assert first.kept == [Kept("pools", "default_pool", "Airflow needs this pool")]
    assert {one["name"] for one in api.objects(SECTIONS["pools"])} == {"default_pool", "stays"}
    assert {one["key"] for one in api.objects(SECTIONS["variables"])} == {"new"}
    assert api.object(SECTIONS["connections"], "a.b")
    again = objects.apply(release, file, pruning)
    assert (again.changed, again.written) == (False, False)

    file.write_text("connections: {}\nvariables: {}\n", encoding="utf-8")
    objects.apply(release, file, pruning)
    assert (api.objects(SECTIONS["connections"]), api.objects(SECTIONS["variables"])) == ([], [])
    assert len(api.objects(SECTIONS["pools"])) == 2


def test_a_deletion_that_airflow_refuses(api: AirflowApi) -> None:
    pool = Deletion(SECTIONS["pools"], "default_pool")
    with pytest.raises(KitError) as caught:
        delete(api, pool)
    assert caught.value.id == "objects-deletion-refused"
    assert caught.value.cause.startswith("400: Default Pool")
    delete(api, Deletion(SECTIONS["variables"], "never/there"))
    assert list(remaining(api, [pool])) == [pool]
