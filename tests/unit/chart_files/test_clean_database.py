"""clean_database.py: the command line, and what becomes of the tables of deleted rows."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

import pytest

OLD = "_airflow_deleted__log__20200101000000"
LEFT = "_airflow_deleted__xcom__20260101000000__b1"


class Database:
    """A connection that knows tables of deleted rows; `new` come up once the cleaning has run."""

    def __init__(self, *tables: str) -> None:
        self.tables = {*tables}
        self.answer: list[tuple[Any]] = []
        self.closed = self.autocommit = False

    def cursor(self) -> Database:
        return self

    def __enter__(self) -> Database:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def close(self) -> None:
        self.closed = True

    def execute(self, query: str, _parameters: tuple[Any, ...] = ()) -> None:
        if "pg_try_advisory_lock" in query:
            self.answer = [(True,)]
        elif query.startswith("SELECT tablename"):
            self.answer = [(name,) for name in self.tables]
        else:
            self.tables.remove(query.partition('"')[2].rstrip('"'))

    def fetchone(self) -> tuple[Any]:
        return self.answer[0]

    def fetchall(self) -> list[tuple[Any]]:
        return self.answer


@pytest.fixture
def clean_database(script: Callable[[str], ModuleType]) -> ModuleType:
    return script("clean_database")


def cleaned(module: ModuleType, monkeypatch: pytest.MonkeyPatch, archive: str, code: int = 0) -> tuple[int, Database]:
    """Run it where Airflow leaves a table of deleted rows; return the exit code and the database."""
    database = Database(OLD)

    def run(_words: list[str]) -> int:
        assert not database.closed, "the lock must be held"
        database.tables.add(LEFT)
        return code

    monkeypatch.setattr(module, "connect", lambda: database)
    monkeypatch.setattr(module, "run", run)
    return module.main(["--days", "365", "--tables", "log", "--archive", archive]), database


@pytest.mark.parametrize(("archive", "left"), [("none", {OLD}), ("next-run", {LEFT}), ("keep", {OLD, LEFT})])
def test_what_becomes_of_deleted_rows(
    clean_database: ModuleType, monkeypatch: pytest.MonkeyPatch, archive: str, left: set[str]
) -> None:
    code, database = cleaned(clean_database, monkeypatch, archive)
    assert (code, database.tables, database.closed) == (0, left, True)


def test_a_run_that_fails_leaves_no_copy_and_says_so(
    clean_database: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, database = cleaned(clean_database, monkeypatch, "none", code=1)
    assert (code, database.tables) == (1, {OLD})
    assert "ERROR: airflow db clean ended with 1" in capsys.readouterr().out


def test_the_command_line(clean_database: ModuleType) -> None:
    before = datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC)
    words = clean_database.command(before, "log,job", 100, archive=False)
    assert " ".join(words) == (
        "airflow db clean --yes --clean-before-timestamp 2026-01-02T03:04:05+00:00 --tables log,job --skip-archive"
        " --batch-size 100"
    )
    assert clean_database.command(before, "log", None, archive=True)[-2:] == ["--tables", "log"]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("print('done')", 0),
        ("print('The following tables were not cleaned due to errors: [1]. Check the logs')", 1),
        ("raise SystemExit(3)", 3),
    ],
)
def test_a_table_that_airflow_gave_up_fails_the_run(clean_database: ModuleType, code: str, expected: int) -> None:
    """Airflow ends with 0 then."""
    assert clean_database.run([sys.executable, "-c", code]) == expected


def test_a_database_that_does_not_answer_is_told(
    clean_database: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def connect() -> None:
        raise clean_database.NotYetError("no route to host")

    monkeypatch.setattr(clean_database, "connect", connect)
    assert clean_database.main(["--days", "1", "--tables", "log"]) == 1
    assert "ERROR: no route to host" in capsys.readouterr().err
