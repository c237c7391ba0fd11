"""wait_for_database.py: what it expects of an image, how it compares, how it waits."""

from __future__ import annotations

import subprocess
import sys
import types
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.unit.chart_files.conftest import FILES

Script = Callable[[str], ModuleType]


class Cursor:
    """Answers the two statements of the script."""

    def __init__(self, tables: dict[str, list[str]]) -> None:
        self.tables = tables
        self.rows: list[tuple[Any, ...]] = []

    def __enter__(self) -> Cursor:
        return self

    def __exit__(self, *_: object) -> None: ...

    def execute(self, statement: str, values: tuple[str, ...] = ()) -> None:
        if values:
            self.rows = [(values[0] if values[0] in self.tables else None,)]
        else:
            self.rows = [(revision,) for revision in self.tables[statement.rsplit(maxsplit=1)[-1]]]

    def fetchone(self) -> tuple[Any, ...]:
        return self.rows[0]

    def fetchall(self) -> list[tuple[Any, ...]]:
        return self.rows


class Connection:
    def __init__(self, **tables: list[str]) -> None:
        self.tables = tables

    def cursor(self) -> Cursor:
        return Cursor(self.tables)

    def close(self) -> None: ...


def migration(folder: Path, name: str, revision: str, down: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(f'"""A migration."""\nrevision = "{revision}"\ndown_revision = {down}\n')


@pytest.fixture
def image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: Script) -> Path:
    """Site-packages of an image: three migrations of the core, two of FAB."""
    core, fab = (tmp_path / "airflow" / p for p in ("migrations/versions", "providers/fab/migrations/versions"))
    migration(core, "0001.py", "aaa", "None")
    migration(core, "0002.py", "bbb", "'aaa'")
    migration(core, "0003.py", "ccc", '"bbb"')
    migration(fab, "0000.py", "fa0", "None")
    migration(fab, "0001.py", "fa1", '"fa0"')
    monkeypatch.setattr(script("wait_for_database"), "airflow_folders", lambda: iter([tmp_path / "airflow"]))
    return tmp_path


FAB = "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager"


def test_the_head_is_what_no_other_migration_follows(image: Path, script: Script) -> None:
    chain = script("wait_for_database").read_chain("alembic_version", image / "airflow/migrations/versions")
    assert chain.known == {"aaa", "bbb", "ccc"}
    assert chain.heads == {"ccc"}


def test_a_merge_of_two_branches_has_one_head(script: Script, tmp_path: Path) -> None:
    for name, revision, down in (("1", "a", "None"), ("2", "b", "'a'"), ("3", "c", "'a'"), ("4", "d", "('b', 'c')")):
        migration(tmp_path, f"{name}.py", revision, down)
    assert script("wait_for_database").read_chain("t", tmp_path).heads == {"d"}


def test_annotated_revisions_are_read_too(script: Script, tmp_path: Path) -> None:
    (tmp_path / "x.py").write_text("revision: str = 'a'\ndown_revision: str | None = None\n")
    assert script("wait_for_database").read_chain("t", tmp_path).heads == {"a"}


def test_a_folder_without_migrations_is_no_chain(script: Script, tmp_path: Path) -> None:
    (tmp_path / "__init__.py").write_text("")
    assert script("wait_for_database").read_chain("t", tmp_path) is None


def test_fabs_tables_count_only_with_fabs_auth_manager(
    image: Path, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = script("wait_for_database")
    monkeypatch.setenv("AIRFLOW__CORE__AUTH_MANAGER", FAB)
    assert [c.table for c in module.expected_chains()] == ["alembic_version", "alembic_version_fab"]
    monkeypatch.setenv("AIRFLOW__CORE__AUTH_MANAGER", "airflow.api_fastapi.auth.managers.simple.SimpleAuthManager")
    assert [c.table for c in module.expected_chains()] == ["alembic_version"]


def test_the_auth_manager_is_read_from_airflow_cfg(
    script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = script("wait_for_database")
    config = tmp_path / "airflow.cfg"
    monkeypatch.setattr(module, "CONFIG", config)
    assert not module.uses_fab()
    config.write_text(f"[core]\nauth_manager = {FAB}\nformat = %(x)s %%\n")
    assert module.uses_fab()


def check(script: Script, monkeypatch: pytest.MonkeyPatch, **tables: list[str]) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__AUTH_MANAGER", FAB)
    module = script("wait_for_database")
    module.check_migrated(Connection(**tables), module.expected_chains())


def test_a_migrated_database_passes(image: Path, script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    check(script, monkeypatch, alembic_version=["ccc"], alembic_version_fab=["fa1"])


@pytest.mark.parametrize(
    "tables",
    [
        {},
        {"alembic_version": []},
        {"alembic_version": ["bbb"], "alembic_version_fab": ["fa1"]},
        {"alembic_version": ["ccc"]},
        {"alembic_version": ["ccc"], "alembic_version_fab": ["fa0"]},
    ],
    ids=["empty", "no-revision", "behind", "fab-missing", "fab-behind"],
)
def test_a_database_that_is_behind_is_waited_for(
    image: Path, script: Script, monkeypatch: pytest.MonkeyPatch, tables: dict[str, list[str]]
) -> None:
    with pytest.raises(script("database").NotYetError, match="migrate Job"):
        check(script, monkeypatch, **tables)


def test_a_database_ahead_of_the_image_is_refused_at_once(
    image: Path, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(
        script("wait_for_database").NewerDatabaseError, match=r"NEWER(.|\n)*zzz(.|\n)*restore the backup"
    ):
        check(script, monkeypatch, alembic_version=["zzz"], alembic_version_fab=["fa1"])


def test_an_image_without_airflow_is_named(script: Script) -> None:
    with pytest.raises(script("database").NotYetError, match=r"image\.repository"):
        script("wait_for_database").check_migrated(Connection(), [])


def test_the_wait_tells_a_reason_once_and_then_every_15_seconds(
    script: Script, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    module, now = script("wait_for_database"), [0.0]
    monkeypatch.setattr(module.time, "sleep", lambda seconds: now.__setitem__(0, now[0] + seconds))

    def attempt() -> None:
        if now[0] < 40:
            raise script("database").NotYetError("not there")

    module.wait(attempt, timeout=100, clock=lambda: now[0])
    lines = capsys.readouterr().out.splitlines()
    assert [line[1:5].strip() for line in lines] == ["0", "15", "30"]


def test_the_wait_ends_with_the_last_reason(script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    module, now = script("wait_for_database"), [0.0]
    monkeypatch.setattr(module.time, "sleep", lambda seconds: now.__setitem__(0, now[0] + seconds))

    def attempt() -> None:
        raise script("database").NotYetError(f"reason at {now[0]:.0f}")

    with pytest.raises(TimeoutError, match="reason at 5"):
        module.wait(attempt, timeout=5, clock=lambda: now[0])


def test_the_exit_code_and_the_words_of_a_timeout(
    script: Script, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    module = script("wait_for_database")

    def refuse() -> None:
        raise script("database").NotYetError("connection refused")

    monkeypatch.setattr(module, "connect", refuse)
    monkeypatch.setenv("KIT_WAIT_TIMEOUT_SECONDS", "0")
    assert module.main("connect") == module.EXIT_TIMEOUT
    said = capsys.readouterr().err
    assert "database.waitTimeoutSeconds" in said
    assert "connection refused" in said


def test_a_pod_that_waits_for_a_migration_says_how_the_job_runs_again(
    image: Path, script: Script, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Once at a fresh install it only waits; after 15 s, and at the end, it says what to do."""
    module, now = script("wait_for_database"), [0.0]
    jobs = "-n data -l app.kubernetes.io/instance=air,app.kubernetes.io/component=migrate"
    monkeypatch.setenv("KIT_MIGRATE_JOBS", jobs)
    monkeypatch.setenv("KIT_WAIT_TIMEOUT_SECONDS", "20")
    monkeypatch.setattr(module, "connect", lambda: Connection(alembic_version=["bbb"]))
    monkeypatch.setattr(module.time, "sleep", lambda seconds: now.__setitem__(0, now[0] + seconds))
    real = module.wait
    monkeypatch.setattr(module, "wait", lambda attempt, timeout: real(attempt, timeout, clock=lambda: now[0]))
    assert module.main("migrated") == module.EXIT_TIMEOUT
    said = capsys.readouterr()
    assert said.out.count(f"kubectl delete jobs {jobs}") == 1
    assert f"kubectl delete jobs {jobs}" in said.err
    assert "`kitctl up`" in said.err


def test_the_exit_code_of_a_newer_database(
    image: Path, script: Script, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    module = script("wait_for_database")
    monkeypatch.setattr(module, "connect", lambda: Connection(alembic_version=["zzz"]))
    assert module.main("migrated") == module.EXIT_NEWER
    assert "NEWER" in capsys.readouterr().err


@pytest.fixture
def psycopg2(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    """A driver that remembers how it was called."""
    fake = types.ModuleType("psycopg2")
    fake.Error = type("Error", (Exception,), {})  # type: ignore[attr-defined]
    fake.calls = []  # type: ignore[attr-defined]
    fake.connect = lambda **options: fake.calls.append(options)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "psycopg2", fake)
    return fake


def test_a_connection_uses_the_settings_of_the_pod(
    script: Script, secrets: Path, psycopg2: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KIT_DATABASE_SSLMODE", "verify-full")
    script("database").connect(secrets)
    assert psycopg2.calls == [
        {
            "host": "db.local",
            "port": "5432",
            "dbname": "airflow",
            "user": "airflow",
            "password": "pw",
            "connect_timeout": 5,
            "sslmode": "verify-full",
        }
    ]


@pytest.mark.parametrize(
    ("claim", "said"),
    [("data-airflow-postgres-0", "kubectl delete pvc data-airflow-postgres-0"), ("", r"database\.passwordSecret")],
)
def test_a_wrong_password_names_the_likely_cause(
    script: Script, secrets: Path, psycopg2: Any, monkeypatch: pytest.MonkeyPatch, claim: str, said: str
) -> None:
    def refuse(**_: object) -> None:
        raise psycopg2.Error('FATAL:  password authentication failed for user "airflow"')

    psycopg2.connect = refuse
    monkeypatch.setenv("KIT_DATABASE_CLAIM", claim)
    with pytest.raises(script("database").NotYetError, match=said):
        script("database").connect(secrets)


def test_the_driver_is_found_in_the_users_home(tmp_path: Path) -> None:
    # The official image may keep its packages there, and -I hides them.
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    packages = tmp_path / "lib" / version / "site-packages"
    packages.mkdir(parents=True)
    (packages / "psycopg2.py").write_text("home = True\n")
    code = f"import sys; sys.path.insert(0, {str(FILES)!r}); import database; print(database.driver().home)"
    # -S: nothing of this environment may help out.
    done = subprocess.run(
        [sys.executable, "-BIS", "-c", code],
        env={"PYTHONUSERBASE": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "True\n", done.stderr


def test_it_imports_no_airflow() -> None:
    for path in FILES.glob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert "import airflow" not in text
        assert "from airflow" not in text


def test_the_migrations_of_a_user_installation_are_found(tmp_path: Path) -> None:
    """The official image keeps Airflow in the user's home, which `python3 -I` alone does not see."""
    where = "import site; print(site.getusersitepackages())"
    env = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    home = subprocess.run([sys.executable, "-I", "-c", where], env=env, capture_output=True, text=True, check=True)
    versions = Path(home.stdout.strip()) / "airflow" / "migrations" / "versions"
    versions.mkdir(parents=True)
    (versions.parent.parent / "__init__.py").write_text("raise SystemExit('Airflow was imported')")
    (versions / "0001_first.py").write_text('revision = "abc123"\ndown_revision = None\n')
    code = f"import sys; sys.path.insert(0, {str(FILES)!r}); import wait_for_database as w; print(w.__name__); "
    code += "import importlib.util; print(importlib.util.find_spec('airflow').origin)"
    done = subprocess.run([sys.executable, "-BI", "-c", code], env=env, capture_output=True, text=True, check=False)
    assert str(versions.parent.parent) in done.stdout, done.stderr
