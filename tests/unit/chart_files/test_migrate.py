"""migrate.py: Airflow's public commands, in order, and the password on standard input only."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

Script = Callable[[str], ModuleType]
FAKE = """#!/usr/bin/env python3
import getpass, json, os, sys
call = {"args": sys.argv[1:], "env": dict(os.environ)}
if sys.argv[1] == "users":
    call["password"] = [getpass.getpass("Password:"), getpass.getpass("Repeat for confirmation:")]
with open(os.environ["CALLS"], "a") as calls:
    calls.write(json.dumps(call) + "\\n")
with open(os.environ["CALLS"]) as calls:
    before = sum(json.loads(line)["args"][0] == sys.argv[1] for line in calls) - 1
codes = os.environ.get("EXIT_" + sys.argv[1].upper(), "0").split()
sys.exit(int(codes[min(before, len(codes) - 1)]))
"""


class Connection:
    """A connection whose lock is taken as long as `busy` has an entry; it notes what happened, in order."""

    def __init__(self, *, busy: int = 0, events: list[str] | None = None) -> None:
        self.busy, self.events, self.autocommit = busy, [] if events is None else events, False

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None: ...

    def cursor(self) -> Connection:
        return self

    def execute(self, statement: str, values: tuple[int, ...]) -> None:
        assert "pg_try_advisory_lock" in statement
        assert self.autocommit, "a transaction that stays open would block the migration"
        self.events.append("lock")

    def fetchone(self) -> tuple[bool]:
        self.busy -= 1
        return (self.busy < 0,)

    def close(self) -> None:
        self.events.append("close")


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: Script) -> Callable[[], list[dict[str, Any]]]:
    """An `airflow` that notes how it was called."""
    command = tmp_path / "bin" / "airflow"
    command.parent.mkdir()
    command.write_text(FAKE)
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{command.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("CALLS", str(tmp_path / "calls"))
    monkeypatch.setattr(script("migrate"), "connect", Connection)
    monkeypatch.setattr(script("wait_for_database"), "check_migrated", lambda *_: None)
    return lambda: [json.loads(line) for line in (tmp_path / "calls").read_text().splitlines()]


@pytest.fixture
def password(tmp_path: Path) -> Path:
    file = tmp_path / "admin-password"
    file.write_text("pä$$ w%rd'\"\n", encoding="utf-8")
    return file


@pytest.fixture
def admin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__AUTH_MANAGER", "airflow.providers.fab.x.FabAuthManager")
    for name, value in {
        "USERNAME": "ada",
        "EMAIL": "ada@example.com",
        "FIRST_NAME": "Ada",
        "LAST_NAME": "L",
        "ROLE": "Op",
    }.items():
        monkeypatch.setenv(f"KIT_ADMIN_{name}", value)


def test_the_database_is_migrated_even_when_nothing_seems_missing(script: Script, calls: Any) -> None:
    assert script("migrate").migrate() == 0
    assert [c["args"] for c in calls()] == [["db", "migrate"]]


def test_the_jobs_of_two_revisions_migrate_one_after_the_other(
    script: Script, calls: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    migrate, events = script("migrate"), []
    monkeypatch.setattr(migrate.time, "sleep", lambda _: events.append("sleep"))
    monkeypatch.setattr(migrate, "connect", lambda: Connection(busy=2, events=events))
    real = migrate.subprocess.run
    monkeypatch.setattr(migrate.subprocess, "run", lambda *a, **k: events.append("migrate") or real(*a, **k))
    assert migrate.migrate() == 0
    assert events == ["lock", "sleep", "lock", "sleep", "lock", "migrate", "close"]
    assert capsys.readouterr().out.count("the migrate Job of another revision runs") == 1


def test_a_failed_migration_makes_no_user(
    script: Script, calls: Any, admin: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXIT_DB", "9")
    assert script("migrate").main() == 9
    assert len(calls()) == 1


def test_a_database_that_is_behind_is_migrated(script: Script, calls: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def behind(*_: object) -> None:
        raise script("database").NotYetError("alembic_version is at nothing")

    monkeypatch.setattr(script("wait_for_database"), "check_migrated", behind)
    assert script("migrate").migrate() == 0
    assert len(calls()) == 1


def test_a_newer_database_is_left_alone(
    script: Script, calls: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def newer(*_: object) -> None:
        raise script("wait_for_database").NewerDatabaseError("NEWER")

    monkeypatch.setattr(script("wait_for_database"), "check_migrated", newer)
    assert script("migrate").main() == script("wait_for_database").EXIT_NEWER
    assert not (tmp_path / "calls").exists()
    assert "NEWER" in capsys.readouterr().err


def test_the_user_is_made_by_the_public_command(script: Script, calls: Any, admin: None, password: Path) -> None:
    assert script("migrate").create_admin(password) == 0
    (call,) = calls()
    assert call["args"] == [
        *("users", "create", "--username", "ada", "--email", "ada@example.com"),
        *("--firstname", "Ada", "--lastname", "L", "--role", "Op"),
    ]


def test_the_password_goes_by_standard_input_only(script: Script, calls: Any, admin: None, password: Path) -> None:
    script("migrate").create_admin(password)
    (call,) = calls()
    assert call["password"] == ["pä$$ w%rd'\""] * 2
    assert not [a for a in call["args"] if "w%rd" in a]
    assert not [v for v in call["env"].values() if "w%rd" in v]


def test_no_user_is_made_unless_one_is_named(script: Script, tmp_path: Path) -> None:
    assert script("migrate").create_admin(tmp_path / "absent") == 0


def test_no_user_is_made_for_another_auth_manager(
    script: Script, admin: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__AUTH_MANAGER", "airflow.api_fastapi.auth.managers.simple.SimpleAuthManager")
    assert script("migrate").create_admin(tmp_path / "absent") == 0
    assert "auth manager" in capsys.readouterr().out


def test_a_user_is_tried_again_after_a_race_with_the_api_server(
    script: Script, calls: Any, admin: None, password: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXIT_USERS", "1 0")
    assert script("migrate").create_admin(password) == 0
    assert len(calls()) == 2


def test_a_user_that_cannot_be_made_fails_the_job(
    script: Script, calls: Any, admin: None, password: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXIT_USERS", "1")
    assert script("migrate").create_admin(password) == 1
