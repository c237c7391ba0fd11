"""The check of the database asks a real PostgreSQL, as its pod does, and each answer leads to the refusal that fits."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kitctl.errors import KitError
from kitctl.images.dag_import import REPORT
from kitctl.model.versions import data_dir
from kitctl.release.preflight import database_pod
from kitctl.release.preflight.database_refusal import refusal
from kitctl.release.preflight.source import Source
from tests.airflow.environment import drivers, run_python
from tests.airflow.postgres_server import Server, free_port, running

SCRIPT = (data_dir("docker") / "database" / "ask.py").read_text()
PASSWORD = "p@ss w/rd%"
ENCODED = "p%40ss%20w%2Frd%25"
FILES = {"postgres-password": Source("secret", "mine", "password")}
URL = {"database-url": Source("secret", "mine", "url")}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running() as started:
        started.sql("CREATE DATABASE other; ALTER USER with_proxy CONNECTION LIMIT 0")
        yield started


def look(files: dict[str, str], wanted: dict[str, Source], folder: Path, **env: str) -> dict[str, Any]:
    """Run the script as the pod does, with these files of Secrets; return its report."""
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    scripts = database_pod.scripts("database.py", "database_url.py")
    spec = {"scripts": scripts, "secrets": str(folder), "files": sorted(wanted), "tries": 2}
    done = run_python(["-c", SCRIPT, json.dumps(spec)], env={"HOME": str(folder), **env}, python=drivers())
    found = REPORT.search(done.stdout)
    assert found, done.stderr
    assert PASSWORD not in done.stdout
    assert ENCODED not in done.stdout
    return dict(json.loads(found[1]))


def by_parts(server: Server, folder: Path, password: str = PASSWORD, **env: str) -> dict[str, Any]:
    usual = {"HOST": "localhost", "PORT": str(server.port), "NAME": "airflow", "USER": "with_password"}
    named = {f"KIT_DATABASE_{key}": value for key, value in {**usual, **env}.items()}
    return look({"postgres-password": password}, FILES, folder, **named)


def refused(report: dict[str, Any], wanted: dict[str, Source] = FILES, *, own: bool = False) -> KitError:
    found = refusal(report, wanted, "airflow", own=own)
    assert found is not None, report
    assert found.fix
    return found


def grant(server: Server, *, create: bool) -> None:
    server.sql(
        f"{'GRANT CREATE ON SCHEMA public TO' if create else 'REVOKE CREATE ON SCHEMA public FROM'} with_password"
    )


def test_a_database_that_can_be_used(server: Server, tmp_path: Path) -> None:
    grant(server, create=True)
    report = by_parts(server, tmp_path)
    assert refusal(report, FILES, "airflow", own=False) is None, report
    assert (report["host"], report["port"], report["encoding"]) == ("localhost", str(server.port), "UTF8")
    assert report["version"].split(".")[0].isdigit()


def test_a_user_who_may_not_create_tables(server: Server, tmp_path: Path) -> None:
    grant(server, create=False)
    assert refused(by_parts(server, tmp_path)).id == "database-rights-missing"


def test_a_wrong_password_names_the_secret(server: Server, tmp_path: Path) -> None:
    error = refused(by_parts(server, tmp_path, "wrong"))
    assert error.id == "database-login-refused"
    assert "kubectl -n airflow patch secret mine" in error.fix
    assert "password" in error.fix
    own = refused(by_parts(server, tmp_path, "wrong"), own=True)
    assert (own.id, "patch" in own.fix) == ("database-login-refused", False)


def test_a_database_that_is_absent(server: Server, tmp_path: Path) -> None:
    error = refused(by_parts(server, tmp_path, NAME="nothing"))
    assert error.id == "database-absent"
    assert 'CREATE DATABASE "nothing"' in error.fix


def test_a_server_that_wants_tls(server: Server, tmp_path: Path) -> None:
    assert refused(by_parts(server, tmp_path, SSLMODE="disable")).id == "database-tls-refused"


def test_a_certificate_of_another_ca(server: Server, tmp_path: Path) -> None:
    ca = (server.folder / "other-ca.crt").read_text()
    env = {"HOST": "localhost", "PORT": str(server.port), "NAME": "airflow", "USER": "with_password"}
    named = {f"KIT_DATABASE_{key}": value for key, value in {**env, "SSLMODE": "verify-full"}.items()}
    report = look({"postgres-password": PASSWORD, "database-ca.crt": ca}, FILES, tmp_path, **named)
    assert refused(report).id == "database-tls-refused"


def test_a_server_that_is_full(server: Server, tmp_path: Path) -> None:
    assert refused(by_parts(server, tmp_path, USER="with_proxy")).id == "database-full"


def test_a_port_where_nothing_listens(server: Server, tmp_path: Path) -> None:
    report = by_parts(server, tmp_path, PORT=str(free_port()))
    assert refused(report).id == "database-unreachable"
    assert "kitctl logs postgres" in refused(report, own=True).fix


def test_a_host_that_nobody_knows(server: Server, tmp_path: Path) -> None:
    assert refused(by_parts(server, tmp_path, HOST="nowhere.invalid")).id == "database-host-unknown"


def test_a_url(server: Server, tmp_path: Path) -> None:
    grant(server, create=True)
    url = f"postgresql://with_password:{ENCODED}@localhost:{server.port}/airflow?sslmode=require"
    report = look({"database-url": url}, URL, tmp_path)
    assert refusal(report, URL, "airflow", own=False) is None, report


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("mysql://u:p@h/d", "database-not-postgresql"),
        ("nothing", "database-url-unfit"),
        ("postgresql://u:p@h/d?odd=1", "database-url-option"),
    ],
)
def test_a_url_that_cannot_be_used(url: str, error: str, tmp_path: Path) -> None:
    assert refused(look({"database-url": url}, URL, tmp_path), URL).id == error


def test_a_secret_that_is_missing(tmp_path: Path) -> None:
    error = refused(look({}, FILES, tmp_path))
    assert error.id == "database-secret-incomplete"
    assert "create secret generic mine --from-literal=password=" in error.fix
    config_map = {"database-ca.crt": Source("configMap", "ca", "ca.crt")}
    assert "create configmap ca" in refused(look({}, config_map, tmp_path), config_map).fix
