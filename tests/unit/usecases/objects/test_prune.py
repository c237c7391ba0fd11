"""`kitctl objects apply|diff --prune`: what is deleted, what never is, and how errors and questions end."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from kitctl.commands import objects as command
from kitctl.commands.console.progress import asker
from kitctl.errors import ExitCode, KitError
from kitctl.model.objects.prune import Kept
from kitctl.model.objects.rules import Call, Section
from kitctl.model.objects.write import ObjectsReport
from kitctl.model.settings import Settings
from kitctl.release import handle
from kitctl.usecases.objects import apply as objects
from tests.unit.usecases.objects.test_apply import Api

ROLE = {"actions": [{"action": {"name": "can_read"}, "resource": {"name": "DAGs"}}]}


def person(*roles: str) -> dict[str, Any]:
    names = {"email": "e", "first_name": "f", "last_name": "l"}
    return {**names, "roles": [{"name": role} for role in roles], "_password": "s3cret"}


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Api:
    """An Airflow with its own objects, and one or two more in each section."""
    monkeypatch.setenv("PW", "s3cret")
    found = Api()
    found.kept = {
        ("pools", "default_pool"): {"slots": 128},
        ("pools", "old/pool"): {"slots": 1, "running_slots": 0},
        ("variables", "a"): {"value": "1"},
        ("variables", "b"): {"value": "2"},
        ("connections", "c"): {"conn_type": "http"},
        **{("roles", name): ROLE for name in ("Admin", "Op", "User", "Viewer", "Public", "Deploy", "Team")},
        ("users", "Admin"): person("Deploy"),
        ("users", "jane"): person("Team"),
    }
    return found


@dataclass
class Person:
    """Answers the question, and keeps what was shown until then."""

    answer: bool = True
    seen: list[str] = field(default_factory=list)

    def ask(self, question: str) -> bool:
        self.seen.append(f"? {question}")
        return self.answer


def released(api: Api, auth: str = "fab", **settings: Any) -> Any:
    return SimpleNamespace(
        api=lambda: api,
        settings=Settings(namespace="ns", release="af", **settings),
        auth=SimpleNamespace(name=auth),
        login=SimpleNamespace(name="admin"),
    )


def act(
    api: Api, folder: Path, text: str, who: Person | None = None, pruning: Any = None, **settings: Any
) -> ObjectsReport:
    (folder / "objects.yaml").write_text(text, encoding="utf-8")
    who = who or Person()
    pruning = pruning or objects.Prune(who.ask, who.seen.append)
    return objects.apply(released(api, **settings), folder / "objects.yaml", pruning)


def deleted(report: ObjectsReport) -> list[str]:
    return [f"{one.section}.{one.name}" for one in report.objects if one.action == "delete"]


def names(api: Api, section: str) -> set[str]:
    return {name for kind, name in api.kept if kind == section}


def test_a_section_that_the_file_names_has_no_more_than_the_file(api: Api, tmp_path: Path) -> None:
    before = {key: value for key, value in api.kept.items() if key[0] != "variables"}
    first = act(api, tmp_path, "variables: {b: '3', d: '4'}")
    assert (deleted(first), first.changed, first.written) == (["variables.a"], True, True)
    assert names(api, "variables") == {"b", "d"}
    assert {key: value for key, value in api.kept.items() if key[0] != "variables"} == before
    assert api.writes == ["b", "d", "-a"]

    who = Person()
    again = act(api, tmp_path, "variables: {b: '3', d: '4'}", who)
    assert (deleted(again), again.changed, again.written, who.seen) == ([], False, False, [])
    assert api.writes == ["b", "d", "-a"]


@pytest.mark.parametrize(
    ("section", "gone"),
    [
        ("pools", ["pools.old/pool"]),
        ("variables", ["variables.a", "variables.b"]),
        ("connections", ["connections.c"]),
        ("roles", ["roles.Team"]),
        ("users", ["users.jane"]),
    ],
)
def test_an_empty_section_means_none(api: Api, tmp_path: Path, section: str, gone: list[str]) -> None:
    before = set(api.kept)
    report = act(api, tmp_path, f"{section}: {{}}")
    assert deleted(report) == gone
    assert before - set(api.kept) == {(section, one.split(".")[1]) for one in gone}


def test_what_airflow_and_the_log_in_need_is_kept_and_listed(api: Api, tmp_path: Path) -> None:
    report = act(api, tmp_path, "pools: {}\nroles: {}\nusers: {}")
    assert report.kept == [
        Kept("users", "Admin", "this command logs in as this user"),
        *(Kept("roles", name, "Airflow's own role") for name in ("Admin", "Op", "User", "Viewer", "Public")),
        Kept("roles", "Deploy", "a role of admin, as whom this command logs in"),
        Kept("pools", "default_pool", "Airflow needs this pool"),
    ]
    assert names(api, "roles") == {"Admin", "Op", "User", "Viewer", "Public", "Deploy"}
    assert (names(api, "users"), names(api, "pools")) == ({"Admin"}, {"default_pool"})
    assert api.writes == ["-jane", "-Team", "-old/pool"]


def test_what_the_file_names_is_not_listed_as_kept(api: Api, tmp_path: Path) -> None:
    report = act(api, tmp_path, "pools: {default_pool: {slots: 5}}")
    assert (deleted(report), report.kept) == (["pools.old/pool"], [])
    assert api.kept["pools", "default_pool"]["slots"] == 5


def test_a_user_whose_name_differs_only_by_case_is_the_same(api: Api, tmp_path: Path) -> None:
    """FAB finds `jane` by `Jane`: the user that was just written must not be deleted."""
    report = act(api, tmp_path, "users: {JANE: {email: e, first_name: f, last_name: l, roles: [Team]}}")
    assert (deleted(report), names(api, "users")) == ([], {"Admin", "jane"})
    variables = act(api, tmp_path, "variables: {A: '1'}", dry_run=True)
    assert deleted(variables) == ["variables.a", "variables.b"]


def test_without_prune_nothing_is_deleted(api: Api, tmp_path: Path) -> None:
    (tmp_path / "objects.yaml").write_text("pools: {}\nvariables: {b: '2'}", encoding="utf-8")
    report = objects.apply(released(api), tmp_path / "objects.yaml")
    assert (report.changed, report.kept, api.writes) == (False, [], [])


def test_the_list_is_shown_before_anything_is_done(api: Api, tmp_path: Path) -> None:
    who = Person(answer=False)
    with pytest.raises(KitError) as caught:
        act(api, tmp_path, "pools: {p: {slots: 1}}\nvariables: {b: '3'}", who)
    assert (caught.value.id, caught.value.code, api.writes) == ("declined", ExitCode.PREFLIGHT, [])
    assert who.seen == [
        "delete variables.a",
        "delete pools.old/pool",
        "keep pools.default_pool: Airflow needs this pool",
        "? Delete what the file does not name in the release af (variables.a, pools.old/pool)?",
    ]


def test_without_a_terminal_it_needs_yes(api: Api, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for yes in (False, True):
        seen: list[str] = []
        pruning = objects.Prune(asker(Settings(yes=yes)), seen.append)
        if yes:
            assert deleted(act(api, tmp_path, "variables: {}", pruning=pruning)) == ["variables.a", "variables.b"]
        else:
            with pytest.raises(KitError) as caught:
                act(api, tmp_path, "variables: {c: '1'}", pruning=pruning)
            assert (caught.value.id, caught.value.code) == ("confirmation-needed", ExitCode.PREFLIGHT)
            assert "variables.a, variables.b" in caught.value.message
            assert api.writes == []
        assert seen == ["delete variables.a", "delete variables.b"]


def test_a_dry_run_and_diff_ask_nothing_and_write_nothing(api: Api, tmp_path: Path) -> None:
    who, before = Person(), dict(api.kept)
    text = "variables: {b: '3'}\nusers: {}"
    dry = act(api, tmp_path, text, who, dry_run=True)
    report = objects.diff(released(api), tmp_path / "objects.yaml", pruned=True)
    for one in (dry, report):
        assert (deleted(one), one.changed, one.written) == (["users.jane", "variables.a"], True, False)
        assert [kept.name for kept in one.kept] == ["Admin"]
    assert (api.writes, api.kept, who.seen) == ([], before, [])


def test_sections_of_fab_without_fab(api: Api, tmp_path: Path) -> None:
    with pytest.raises(KitError) as caught:
        act(api, tmp_path, "users: {}", auth="simple")
    assert (caught.value.id, api.writes) == ("objects-without-fab", [])
    assert deleted(act(api, tmp_path, "variables: {}", auth="simple")) == ["variables.a", "variables.b"]


@pytest.mark.parametrize("answer", ["409: in use", "403: Forbidden"])
def test_a_refused_deletion_says_what_is_done_and_what_not(api: Api, tmp_path: Path, answer: str) -> None:
    api.refusals["a"] = answer
    text = "users: {}\nconnections: {}\nvariables: {c: '1'}\npools: {}"
    with pytest.raises(KitError) as caught:
        act(api, tmp_path, text)
    assert (caught.value.id, caught.value.code) == ("objects-deletion-refused", ExitCode.FAILURE)
    assert caught.value.message == "Airflow refused to delete variables.a"
    assert caught.value.cause.splitlines() == [
        answer,
        "Written before: variables.c",
        "Deleted before: users.jane, connections.c",
        "Not written: nothing",
        "Not deleted: variables.a, variables.b, pools.old/pool",
    ]

    api.refusals.clear()
    api.writes.clear()
    again = act(api, tmp_path, text)
    assert deleted(again) == ["variables.a", "variables.b", "pools.old/pool"]
    assert api.writes == ["-a", "-b", "-old/pool"]


@pytest.mark.parametrize("state", ["running", "queued", "scheduled", "deferred"])
def test_a_pool_that_tasks_use_is_not_deleted(api: Api, tmp_path: Path, state: str) -> None:
    """Airflow itself would delete it, and never start its tasks."""
    api.kept["pools", "old/pool"][f"{state}_slots"] = 2
    with pytest.raises(KitError) as caught:
        act(api, tmp_path, "pools: {new: {slots: 1}}")
    assert (caught.value.id, caught.value.code) == ("objects-pool-in-use", ExitCode.FAILURE)
    assert f"2 {state}." in caught.value.cause
    assert caught.value.cause.splitlines()[1:] == [
        "Written before: pools.new",
        "Deleted before: nothing",
        "Not written: nothing",
        "Not deleted: pools.old/pool",
    ]
    assert api.writes == ["new"]


def test_a_refused_write_deletes_nothing(api: Api, tmp_path: Path) -> None:
    with pytest.raises(KitError) as caught:
        act(api, tmp_path, "variables: {bad: '1', z: '1'}")
    assert caught.value.id == "objects-refused"
    assert caught.value.cause.splitlines()[-2:] == ["Not written: variables.z", "Not deleted: variables.a, variables.b"]
    assert {"a", "b"} <= names(api, "variables")


def test_what_is_gone_already_is_fine(api: Api, tmp_path: Path) -> None:
    who = Person()

    def ask(question: str) -> bool:
        del api.kept["variables", "a"], api.kept["pools", "old/pool"]  # somebody else, while the question stands
        return who.ask(question)

    report = act(api, tmp_path, "variables: {b: '2'}\npools: {}", pruning=objects.Prune(ask, who.seen.append))
    assert (deleted(report), report.written) == (["variables.a", "pools.old/pool"], True)


def test_it_reads_again_whether_they_are_gone(api: Api, tmp_path: Path) -> None:
    api.kept["variables", "lost"] = {"value": "1"}
    with pytest.raises(KitError) as caught:
        act(api, tmp_path, "connections: {}\nvariables: {b: '3'}")
    assert (caught.value.id, caught.value.code) == ("objects-not-deleted", ExitCode.FAILURE)
    assert "variables.lost" in caught.value.message
    assert caught.value.cause.splitlines() == [
        "Written before: variables.b",
        "Deleted before: connections.c, variables.a",
        "Not written: nothing",
        "Not deleted: variables.lost",
    ]


class Away(Api):
    """Stops to answer at a request."""

    at = ""

    def reached(self, request: str) -> None:
        if request == self.at:
            raise KitError("api-unreachable", "away", cause="HTTP 503", code=ExitCode.UNREACHABLE)

    def write(self, call: Call) -> str:
        self.reached(call.path)
        return super().write(call)

    def objects(self, section: Section) -> list[dict[str, Any]]:
        self.reached(f"{section.path} after {len(self.writes)}")
        return super().objects(section)


@pytest.mark.parametrize(
    ("at", "lines"),
    [
        (
            "/api/v2/variables/a",
            ["May be deleted: variables.a", "Deleted before: connections.c", "Not deleted: variables.b"],
        ),
        (
            "/api/v2/variables after 3",
            ["Deleted before: connections.c, variables.a, variables.b", "Not deleted: nothing"],
        ),
    ],
)
def test_a_server_that_goes_away(api: Api, tmp_path: Path, at: str, lines: list[str]) -> None:
    away = Away()
    away.kept, away.at = api.kept, at
    with pytest.raises(KitError) as caught:
        act(away, tmp_path, "connections: {}\nvariables: {}")
    assert (caught.value.id, caught.value.code) == ("api-unreachable", ExitCode.UNREACHABLE)
    assert [line for line in caught.value.cause.splitlines() if "eleted" in line] == lines


def test_what_the_commands_print(api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handle, "attach", lambda settings: released(api, dry_run=settings.dry_run))
    file = tmp_path / "objects.yaml"
    file.write_text("pools: {}", encoding="utf-8")

    def run(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(command.app, [*words[:1], str(file), *words[1:]])
        return done.exit_code, done.stdout

    kept = "pools.default_pool: keep, Airflow needs this pool"
    assert run("diff") == (0, "\n")
    assert run("diff", "--prune") == (7, f"pools.old/pool: delete\n{kept}\n")
    assert run("apply", "--prune", "--dry-run")[0] == 0
    assert api.writes == []
    code, said = run("apply", "--prune", "--yes", "-o", "json")
    assert (code, json.loads(said)) == (
        0,
        {
            "changed": True,
            "written": True,
            "objects": [{"section": "pools", "name": "old/pool", "action": "delete", "fields": [], "hidden": []}],
            "kept": [{"section": "pools", "name": "default_pool", "reason": "Airflow needs this pool"}],
        },
    )
    assert run("diff", "--prune") == (0, f"{kept}\n")
    assert names(api, "pools") == {"default_pool"}
