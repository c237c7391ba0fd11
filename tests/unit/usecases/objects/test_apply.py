"""Objects of a file against an Airflow that answers from memory."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote

import pytest
from typer.testing import CliRunner

from kitctl.commands import objects as command
from kitctl.errors import ExitCode, KitError
from kitctl.model.objects.rules import SECTIONS, Call, FieldChange, Section
from kitctl.model.objects.write import ObjectsReport
from kitctl.model.settings import Settings
from kitctl.release import handle
from kitctl.usecases.objects import apply as objects

FAB_AUTH = SimpleNamespace(name="fab")
SECRETS = {("ns", "s"): {"pw": "s3cret\n", "empty": "", "binary": "\ufffd"}}


class Api:
    """Keeps objects; masks passwords, refuses the object `bad`, and loses what is written to `lost`.

    Attributes:
        kept: Objects by section and name.
        writes: Names of what was written, and "-NAME" of what was deleted.
        refusals: Answers to deletions, by name.
    """

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], dict[str, Any]] = {}
        self.writes: list[str] = []
        self.refusals: dict[str, str] = {}

    def object(self, section: Section, name: str) -> dict[str, Any] | None:
        names = {(kind, one.lower() if kind == "users" else one): one for kind, one in self.kept}  # as FAB compares
        name = names.get((section.name, name.lower() if section.name == "users" else name), name)
        found = self.kept.get((section.name, name))
        return found and {key: "***" if key == "password" else value for key, value in found.items()}

    def objects(self, section: Section) -> list[dict[str, Any]]:
        return [{section.id: name, **one} for (kind, name), one in self.kept.items() if kind == section.name]

    def takes_password(self, name: str, password: str) -> bool | None:
        known = self.kept["users", name]["_password"]
        return None if known is None else password == known

    def write(self, call: Call) -> str:
        kind = next(name for name, section in SECTIONS.items() if f"{call.path}/".startswith(f"{section.path}/"))
        if call.method == "DELETE":
            return self.delete(kind, unquote(call.path.removeprefix(f"{SECTIONS[kind].path}/")))
        fields = dict(call.body)
        name = fields.pop(SECTIONS[kind].id)
        self.writes.append(name)
        if name == "bad":
            return f"422: no, not {fields}"
        self.kept.setdefault((kind, name), {}).update({} if name == "lost" else fields)
        return ""

    def delete(self, kind: str, name: str) -> str:
        self.writes.append(f"-{name}")
        if name in self.refusals:
            return self.refusals[name]
        if name != "lost" and self.kept.pop((kind, name), None) is None:
            return "404: not found"
        return ""


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Api:
    monkeypatch.setenv("PW", "s3cret")
    return Api()


def act(
    api: Api, folder: Path, text: str, verb: Any = objects.apply, auth: Any = FAB_AUTH, **settings: Any
) -> ObjectsReport:
    file = folder / "objects.yaml"
    file.write_text(text, encoding="utf-8")
    kube = SimpleNamespace(secret=lambda namespace, name: SECRETS.get((namespace, name)))
    release: Any = SimpleNamespace(api=lambda: api, kube=kube, settings=Settings(namespace="ns", **settings), auth=auth)
    report: ObjectsReport = verb(release, file)
    return report


def test_diff_and_dry_run_write_nothing(api: Api, tmp_path: Path) -> None:
    text = "pools: {a: {slots: 1}}"
    for report in (act(api, tmp_path, text, objects.diff), act(api, tmp_path, text, dry_run=True)):
        assert (report.changed, report.written, api.writes) == (True, False, [])


def test_what_is_equal_is_not_written_and_what_is_masked_is(api: Api, tmp_path: Path) -> None:
    text = "pools: {a: {slots: 1}}\nconnections: {c: {conn_type: http, password: {env: PW}}}"
    first = act(api, tmp_path, text)
    second = act(api, tmp_path, text)
    assert (first.changed, second.changed, api.writes) == (True, False, ["a", "c", "c"])
    assert api.kept["connections", "c"]["password"] == "s3cret"
    assert "s3cret" not in repr((first, second))


def test_a_secret_in_a_variable_is_not_shown(api: Api, tmp_path: Path) -> None:
    api.kept["variables", "v"] = {"value": "older"}
    (only,) = act(api, tmp_path, "variables: {v: {env: PW}}", objects.diff).objects
    assert only.fields == [FieldChange("value", "***", "***")]


def test_a_key_of_a_secret_is_a_reference(api: Api, tmp_path: Path) -> None:
    reference = "{secret: {name: s, key: pw}}"
    act(api, tmp_path, f"connections: {{c: {{conn_type: http, password: {reference}, extra: {{a: [{reference}]}}}}}}")
    kept = api.kept["connections", "c"]
    assert (kept["password"], kept["extra"]) == ("s3cret", '{"a": ["s3cret"]}')
    data = "variables: {v: {secret: word, name: x, key: y}, w: {secret: {value: 1}}}"
    assert act(api, tmp_path, data).changed
    assert api.kept["variables", "v"] == {"value": {"secret": "word", "name": "x", "key": "y"}}


USER = "users: {j: {email: e, first_name: f, last_name: l, roles: [B, A], password: {env: PW}}}"


def test_a_password_that_logs_in_is_not_written(api: Api, tmp_path: Path) -> None:
    """A new password ends the sessions of a user, even if it is the old one."""
    kept = {"email": "e", "first_name": "f", "last_name": "l", "roles": [{"name": "A"}, {"name": "B"}]}
    for password, action in (("s3cret", "none"), ("other", "update"), (None, "rewrite")):
        api.kept["users", "j"] = {**kept, "_password": password}
        (only,) = act(api, tmp_path, USER, objects.diff).objects
        assert only.action == action
        assert "s3cret" not in repr(only)


@pytest.mark.parametrize("text", [USER, "roles: {r: {permissions: {DAGs: [can_read]}}}", "users: {}"])
def test_users_and_roles_need_fab(api: Api, tmp_path: Path, text: str) -> None:
    with pytest.raises(KitError) as caught:
        act(api, tmp_path, text, auth=SimpleNamespace(name="keycloak"))
    assert (caught.value.id, caught.value.code, api.writes) == ("objects-without-fab", ExitCode.PREFLIGHT, [])


def test_a_refusal_says_what_is_written(api: Api, tmp_path: Path) -> None:
    with pytest.raises(KitError) as caught:
        act(api, tmp_path, "variables: {a: x, bad: {env: PW}, z: y}")
    assert caught.value.id == "objects-refused"
    assert caught.value.cause.splitlines()[-2:] == ["Written before: variables.a", "Not written: variables.z"]
    assert "s3cret" not in repr(caught.value)


def test_each_object_is_read_again(api: Api, tmp_path: Path) -> None:
    with pytest.raises(KitError) as caught:
        act(api, tmp_path, "variables: {lost: x}")
    assert caught.value.id == "objects-not-verified"
    assert "May be written: variables.lost" in caught.value.cause


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("", "objects-file-wrong", "must be a mapping"),
        ("pools: [", "objects-file-wrong", "line 1"),
        ("pools: {a: {slots: 1}, a: {slots: 2}}", "objects-file-wrong", "the key 'a' is set twice in one mapping"),
        ("variables: {a: 2026-13-45}", "objects-file-wrong", "not YAML"),
        ("variables: {a: &a {value: {b: *a}}}", "objects-file-wrong", "found unconstructable recursive node"),
        ("variables: {a: 2026-01-01}", "objects-file-wrong", "variables.a.value: must be JSON data"),
        ("variables: {a: '***'}", "objects-file-wrong", "variables.a.value"),
        ("variables: {1: a}", "objects-file-wrong", "put it in quotes"),
        ("pools: {a: {slots: true}}", "objects-file-wrong", "pools.a.slots: must be a whole number"),
        ("pools: {a: {description: d}}", "objects-file-wrong", "slots is missing"),
        ("connections: {a: {conn_type: h, password: plain}}", "objects-file-wrong", "must be a reference"),
        ("connections: {a: {conn_type: h, hots: x}}", "objects-key-unknown", "hots"),
        ("pool: {}", "objects-key-unknown", "pool"),
        ("variables: {ok: 1, a: {env: NOT_SET}}", "objects-reference-missing", "NOT_SET"),
        ("variables: {ok: 1, a: {file: none.txt}}", "objects-reference-missing", "none.txt"),
        ("variables: {ok: 1, a: {secret: {name: none, key: pw}}}", "objects-reference-missing", "no such Secret in ns"),
        (
            "variables: {ok: 1, a: {secret: {name: s, key: nil}}}",
            "objects-reference-missing",
            "has binary, empty, pw",
        ),
        ("variables: {ok: 1, a: {secret: {name: s, key: empty}}}", "objects-reference-missing", "is empty"),
        ("variables: {ok: 1, a: {secret: {name: s, key: binary}}}", "objects-reference-missing", "is not UTF-8"),
        ("variables: {a: {secret: {name: s}}}", "objects-file-wrong", "{secret: {name: NAME, key: KEY}}"),
        ("variables: {a: [{secret: {name: s, keys: k}}]}", "objects-file-wrong", "{secret: {name: NAME, key: KEY}}"),
        (USER.replace("{env: PW}", "plain"), "objects-file-wrong", "a password must be a reference"),
        (USER.replace("{env: PW}", "null"), "objects-file-wrong", "a new user needs a password"),
        (USER.replace("[B, A]", "B"), "objects-file-wrong", "users.j.roles: must be a list of names"),
        (USER.replace("email: e, ", ""), "objects-file-wrong", "the field email is missing"),
        ("roles: {r: {permissions: [can_read]}}", "objects-file-wrong", "roles.r.permissions: must be a mapping"),
        ("connections: {c: {conn_type: h, extra: '[1]'}}", "objects-file-wrong", "must be a mapping"),
        ('connections: {c: {conn_type: h, extra: \'{"a": "***"}\'}}', "objects-file-wrong", "extra"),
    ],
)
def test_a_wrong_file_is_refused_before_anything_is_written(
    api: Api, tmp_path: Path, text: str, error: str, words: str
) -> None:
    with pytest.raises(KitError) as caught:
        act(api, tmp_path, text)
    assert (caught.value.id, caught.value.code, api.writes) == (error, ExitCode.PREFLIGHT, [])
    assert words in caught.value.message
    assert "plain" not in repr(caught.value)


def test_exit_codes(api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handle, "attach", lambda settings: SimpleNamespace(api=lambda: api, settings=settings))
    file = tmp_path / "objects.yaml"
    file.write_text("pools: {a: {slots: 1}}", encoding="utf-8")
    for verb, code in (("diff", ExitCode.DIFFERENT), ("apply", 0), ("diff", 0)):
        assert CliRunner().invoke(command.app, [verb, str(file)]).exit_code == code
    with pytest.raises(KitError) as caught:
        act(api, tmp_path, "", lambda release, _: objects.diff(release, tmp_path / "none"))
    assert caught.value.id == "objects-file-missing"
