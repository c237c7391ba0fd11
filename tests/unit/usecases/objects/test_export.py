"""What `kitctl objects export` prints, and whether `apply` takes it back."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from kitctl.commands import objects as command
from kitctl.model.objects import rules
from kitctl.model.objects.export import ObjectsExport, Unfilled
from kitctl.model.objects.export import export as document
from kitctl.model.objects.rules import SECTIONS, Call, Section
from kitctl.model.settings import Settings
from kitctl.release import handle
from kitctl.usecases.objects import apply as objects

POOL = {"slots": 1, "description": None, "include_deferred": False, "occupied_slots": 0, "team_name": None}
CONNECTION = dict.fromkeys(SECTIONS["connections"].fields)


def variables(**values: str | None) -> ObjectsExport:
    found = [{"key": key, "value": value, "description": None} for key, value in values.items()]
    return document({"variables": found}, "")


def connection(secret: str = "", **fields: Any) -> ObjectsExport:
    one = {**CONNECTION, "connection_id": "my db", "conn_type": "http", **fields}
    return document({"connections": [one]}, secret)


def test_the_default_pool_has_only_what_airflow_lets_change() -> None:
    names = {"default_pool": "Default pool", "mine": "my pool"}
    found = [{**POOL, "name": name, "description": text} for name, text in names.items()]
    assert document({"pools": found}, "").objects["pools"] == {
        "default_pool": {"slots": 1, "include_deferred": False},
        "mine": {"slots": 1, "description": "my pool", "include_deferred": False},
    }


@pytest.mark.parametrize(
    ("stored", "written"),
    [
        ("eu", "eu"),
        ("5", "5"),
        ("true", "true"),
        ("", ""),
        ('{"rows": [1, null]}', {"rows": [1, None]}),
        ('{"value": 1}', {"value": {"value": 1}}),
        ('{"env": "prod"}', '{"env": "prod"}'),
        ('{"a": {"secret": {"name": "x"}}}', '{"a": {"secret": {"name": "x"}}}'),
        ('{"rows": NaN}', '{"rows": NaN}'),
    ],
)
def test_a_variable_is_written_so_that_it_is_read_as_the_same(stored: str, written: Any) -> None:
    assert variables(v=stored) == ObjectsExport({"variables": {"v": written}}, [], [])


def test_secrets_are_references_with_names_of_their_own() -> None:
    found = variables(token="***", both='{"user": "x", "password": "***", "more": ["a", "b***c"]}')
    first, second, third = ({"env": f"VARIABLE_{name}"} for name in ("TOKEN", "BOTH_PASSWORD", "BOTH_MORE_1"))
    both = {"user": "x", "password": second, "more": ["a", third]}
    assert found.objects["variables"] == {"token": first, "both": both}
    places = ["variables.token", "variables.both.password", "variables.both.more.1"]
    assert [one.place for one in found.references] == places
    same = document({"variables": [{"key": key, "value": "***", "description": None} for key in ("a.b", "a-b")]}, "")
    assert list(same.objects["variables"].values()) == [{"env": "VARIABLE_A_B"}, {"env": "VARIABLE_A_B_2"}]


def test_references_to_a_secret() -> None:
    found = connection("team", password="***", extra='{"api key": "***", "timeout": 5}')
    key, inner = (
        {"secret": {"name": "team", "key": f"connection.my_db.{name}"}} for name in ("password", "extra.api_key")
    )
    fields = {"conn_type": "http", "password": key, "extra": {"api key": inner, "timeout": 5}}
    assert found.objects == {"connections": {"my db": fields}}
    places = ["connections.my db.password", "connections.my db.extra.api key"]
    assert found.references == [Unfilled(places[0], key), Unfilled(places[1], inner)]


def test_an_extra_that_looks_like_a_reference_stays_a_text() -> None:
    assert connection(extra='{"env": "prod"}').objects["connections"]["my db"]["extra"] == '{"env": "prod"}'
    masked = connection(extra='{"env": "prod", "a": {"env": "x"}, "token": "***"}')
    assert masked.objects["connections"]["my db"]["extra"] == {"env": "CONNECTION_MY_DB_EXTRA"}


def test_what_no_file_can_have_is_listed() -> None:
    assert variables(lost=None) == ObjectsExport({}, [], ["variables.lost: Airflow cannot decrypt its value"])
    found = connection(extra="[1]", login="")
    assert found.left_out == ["connections.my db.extra: it is not a mapping"]
    assert found.objects == {"connections": {"my db": {"conn_type": "http"}}}


def test_roles_of_airflow_and_the_first_user_are_left_out() -> None:
    action = {"action": {"name": "can_read"}, "resource": {"name": "DAGs"}}
    roles = [{"name": name, "actions": [action]} for name in ("Admin", "Public", "Team")]
    person = {"email": "e", "first_name": "f", "last_name": "l", "roles": [{"name": "Team"}], "active": True}
    users = [{**person, "username": name} for name in ("admin", "jane")]
    found = document({"roles": roles, "users": users}, "", "admin")
    assert found.objects["roles"] == {"Team": {"permissions": {"DAGs": ["can_read"]}}}
    assert found.objects["users"] == {"jane": {"email": "e", "first_name": "f", "last_name": "l", "roles": ["Team"]}}
    assert found.references == []


class Api:
    """Keeps objects as Airflow's API shows them."""

    def __init__(self) -> None:
        extra = json.dumps({"env": "prod", "nested": {"a": [1.5, None]}})
        self.kept: dict[str, dict[str, Any]] = {
            "pools": {"default_pool": {**POOL, "slots": 128}, "on": {**POOL, "description": "a: b\n  #c"}},
            "variables": {
                key: {"value": value, "description": text}
                for key, value, text in (
                    ("2026-01-01", "2026-01-01", None),
                    ("key\nof two lines", "line 1\nline 2 \n", "words"),
                    ("null", "null", None),
                    ("list", "[1, 2]", None),
                    ("token", "***", None),
                )
            },
            "connections": {"c": {**CONNECTION, "conn_type": "", "port": 1, "password": "***", "extra": extra}},
        }
        self.calls: list[Call] = []

    def objects(self, section: Section) -> list[dict[str, Any]]:
        return [{section.id: name, **values} for name, values in self.kept[section.name].items()]

    def object(self, section: Section, name: str) -> dict[str, Any] | None:
        return self.kept[section.name].get(name)

    def write(self, call: Call) -> str:
        self.calls.append(call)
        return ""


def test_apply_takes_back_what_export_prints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    api = Api()
    release: Any = SimpleNamespace(api=lambda: api, settings=Settings(), auth=SimpleNamespace(name="simple"))
    monkeypatch.setattr(handle, "attach", lambda settings: release)
    printed = CliRunner().invoke(command.app, ["export"])
    assert printed.exit_code == 0
    file = tmp_path / "objects.yaml"
    file.write_text(printed.stdout, encoding="utf-8")
    assert set(yaml.safe_load(printed.stdout)) == {"pools", "variables", "connections"}
    assert printed.stdout.splitlines()[2:4] == [
        "# - the variable VARIABLE_TOKEN: variables.token",
        "# - the variable CONNECTION_C_PASSWORD: connections.c.password",
    ]
    assert "listed at the top of the file: 2" in printed.stderr

    monkeypatch.setenv("VARIABLE_TOKEN", "x")
    monkeypatch.setenv("CONNECTION_C_PASSWORD", "y")
    report = objects.apply(release, file)
    assert not report.changed
    actions = {one.name: one.action for one in report.objects if one.action != "none"}
    assert actions == {"token": "rewrite", "c": "rewrite"}
    assert len(report.objects) == 8
    assert [call.body.get("password") for call in api.calls] == [None, "y"]


def test_pools_are_written_with_a_mask() -> None:
    call = rules.write(SECTIONS["pools"], "default_pool", {"slots": 3, "include_deferred": True}, new=False)
    assert (call.method, call.path) == ("PATCH", "/api/v2/pools/default_pool")
    assert call.query == {"update_mask": ["include_deferred", "slots"]}
    assert rules.write(SECTIONS["pools"], "x/y", {"slots": 3}, new=False).path == "/api/v2/pools/x%2Fy"
    some = rules.write(SECTIONS["pools"], "x", {"slots": 3}, new=False)
    assert (some.query, some.body["include_deferred"]) == ({"update_mask": ["slots"]}, False)
