"""PgBouncer from Debian before a real PostgreSQL: by the chart's script, and by the variables and files of pods."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from kitctl.model.versions import data_dir
from tests.airflow.environment import drivers, run_python
from tests.airflow.pgbouncer_server import Objects, Pooler, environment, pooling, project
from tests.airflow.postgres_server import Server, certificates, running
from tests.chart.release import Release, render

RULES = """
local   all all                       trust
hostssl all with_certificate 127.0.0.1/32 cert
hostssl all over_tls         127.0.0.1/32 scram-sha-256
hostnossl all over_tls       127.0.0.1/32 reject
host    all all              127.0.0.1/32 scram-sha-256
"""
ODD = ["pw", "a b'\"\\$HOME`id`%41", 'twice""', "p@s:s/w?rd#", "ümläut €", "-n", "x" * 100]
POOLED = ("pgbouncer.enabled=true", "pgbouncer.poolSize=3", "pgbouncer.reservePoolSize=0")
EXTERNAL = (
    *POOLED,
    "postgres.enabled=false",
    "database.passwordSecret.name=pw",
    "database.passwordSecret.key=password",
)
SUM = sum(number + step for number in range(10) for step in range(30))


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running(RULES) as started:
        for number, password in enumerate(ODD):
            text = password.replace("'", "''")
            started.sql(f"CREATE USER odd{number} PASSWORD '{text}'")
        started.sql("CREATE USER over_tls PASSWORD 'pw'")
        yield started


def client(
    release: Release, server: Server, pooler: Pooler, objects: Objects, folder: Path, *more: str
) -> dict[str, Any]:
    """Do what a scheduler of the release does behind PgBouncer, and return what it says."""
    pod = release.pod("scheduler")
    project(pod, objects, folder / "secrets", "secrets")
    env = environment(pod, server) | {"KIT_DATABASE_HOST": "localhost", "KIT_DATABASE_PORT": str(pooler.port)}
    script = Path(__file__).with_name("pooled.py")
    argv = [str(script), str(data_dir("chart") / "files"), str(folder / "secrets"), *more]
    done = run_python(argv, env={**env, "HOME": str(folder)}, python=drivers())
    assert done.ok, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def external(server: Server, user: str, *sets: str) -> Release:
    return render(sets=(*EXTERNAL, "database.host=localhost", f"database.user={user}", *sets))


def connections(server: Server, user: str) -> int:
    return int(server.sql(f"SELECT count(*) FROM pg_stat_activity WHERE usename = '{user}'"))  # noqa: S608


@pytest.mark.parametrize("number", range(len(ODD)), ids=ODD)
def test_both_drivers_work_through_few_connections_with_any_password(
    server: Server, tmp_path: Path, number: int
) -> None:
    release, objects = external(server, f"odd{number}"), {"pw": {"password": ODD[number]}}
    with pooling(release, server, objects) as pooler:
        said = client(release, server, pooler, objects, tmp_path)
        assert said == {"wait": f"odd{number} airflow t", "engine": SUM, "async_engine": SUM}
        assert connections(server, f"odd{number}") <= 3


def test_a_wrong_password_is_refused_by_pgbouncer_itself(server: Server, tmp_path: Path) -> None:
    release = external(server, "odd0")
    with pooling(release, server, {"pw": {"password": "pw"}}) as pooler:
        said = client(release, server, pooler, {"pw": {"password": "other"}}, tmp_path)
    assert all(str(words).startswith("refused: ") for words in said.values()), said


def test_names_of_prepared_statements_would_meet_without_the_settings_of_the_kit(
    server: Server, tmp_path: Path
) -> None:
    release, objects = external(server, "odd0"), {"pw": {"password": "pw"}}
    # 0: as in versions before 1.21, and in pools that do not follow names.
    with pooling(release, server, objects) as pooler:
        said = client(release, server, pooler, objects, tmp_path, "named")
    assert "prepared statement" in str(said["async_engine"])
    assert said["engine"] == SUM


@pytest.mark.parametrize("key", ["uri", "database.url"])
def test_a_url_as_cloudnativepg_writes_it(server: Server, tmp_path: Path, key: str) -> None:
    for number, password in enumerate(ODD):
        url = f"postgresql://odd{number}:{quote(password, safe='')}@localhost:{server.port}/airflow"
        objects = {"cluster-app": {key: url}}
        sets = (
            "postgres.enabled=false",
            "database.urlSecret.name=cluster-app",
            "database.urlSecret.key=" + key.replace(".", "\\."),
        )
        release = render(sets=(*POOLED, *(s.replace("\\.", ".") for s in sets)))
        folder = tmp_path / str(number)
        with pooling(release, server, objects) as pooler:
            said = client(release, server, pooler, objects, folder)
        assert said == {"wait": f"odd{number} airflow t", "engine": SUM, "async_engine": SUM}


@pytest.mark.parametrize(("ca", "works"), [("ca.crt", True), ("other-ca.crt", False)])
def test_the_server_is_verified(server: Server, tmp_path: Path, ca: str, works: bool) -> None:
    release = external(server, "over_tls", "database.sslMode=verify-full", "database.ca.configMap=ca")
    objects: Objects = {"pw": {"password": "pw"}, "ca": {"ca.crt": server.folder / ca}}
    with pooling(release, server, objects, "query_wait_timeout = 3") as pooler:
        said = client(release, server, pooler, objects, tmp_path)
    assert (said["wait"] == "over_tls airflow t") is works, said
    assert (said["engine"] == SUM) is works


def test_a_client_certificate_opens_the_server_and_a_password_of_the_release_pgbouncer(
    server: Server, tmp_path: Path
) -> None:
    sets = ("database.password=false", "database.clientCertificate.secret=client", "database.passwordSecret.name=")
    verify = ("database.sslMode=verify-full", "database.ca.configMap=ca")
    release = external(server, "with_certificate", *sets, *verify)
    objects: Objects = {
        "airflow-keys": {"postgres-password": "of the keys"},
        "ca": {"ca.crt": server.folder / "ca.crt"},
        "client": {"tls.crt": server.folder / "client.crt", "tls.key": server.folder / "client.key"},
    }
    with pooling(release, server, objects) as pooler:
        said = client(release, server, pooler, objects, tmp_path)
        assert said == {"wait": "with_certificate airflow t", "engine": SUM, "async_engine": SUM}
        wrong = {**objects, "airflow-keys": {"postgres-password": "other"}}
        assert "refused" in str(client(release, server, pooler, wrong, tmp_path / "wrong")["wait"])


@pytest.mark.parametrize(("ca", "works"), [("ca.crt", True), ("other-ca.crt", False)])
def test_airflow_verifies_pgbouncer(server: Server, tmp_path: Path, ca: str, works: bool) -> None:
    made = tmp_path / "made"
    made.mkdir()
    certificates(made, "localhost", "unused")
    release = external(server, "odd0", "pgbouncer.tls.secret=tls")
    objects: Objects = {
        "pw": {"password": "pw"},
        "tls": {"tls.crt": made / "server.crt", "tls.key": made / "server.key", "ca.crt": made / ca},
    }
    with pooling(release, server, objects) as pooler:
        said = client(release, server, pooler, objects, tmp_path)
    expected = {"wait": "odd0 airflow t", "engine": SUM, "async_engine": SUM}
    assert (said == expected) is works, said
    if not works:
        assert all("certificate verify failed" in str(words) for words in said.values()), said


SLOW = """
import os, sys
sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from database import connect
connection = connect(Path(sys.argv[2]))
cursor = connection.cursor()
cursor.execute("SELECT 1")
print("open", flush=True)
sys.stdin.readline()
cursor.execute("SELECT 2")
connection.commit()
print("committed", flush=True)
"""


def test_a_stop_lets_an_open_transaction_end(server: Server, tmp_path: Path) -> None:
    release, objects = external(server, "odd0"), {"pw": {"password": "pw"}}
    with pooling(release, server, objects) as pooler:
        pod = release.pod("scheduler")
        project(pod, objects, tmp_path / "secrets", "secrets")
        env = environment(pod, server) | {"KIT_DATABASE_HOST": "localhost", "KIT_DATABASE_PORT": str(pooler.port)}
        argv = [str(drivers()), "-c", SLOW, str(data_dir("chart") / "files"), str(tmp_path / "secrets")]
        slow = subprocess.Popen(argv, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert slow.stdin
        assert slow.stdout
        assert slow.stdout.readline() == "open\n"
        pooler.process.terminate()
        with pytest.raises(subprocess.TimeoutExpired):
            pooler.process.wait(timeout=2)
        slow.stdin.write("\n")
        slow.stdin.flush()
        assert slow.stdout.readline() == "committed\n"
        assert slow.wait(timeout=20) == 0
        assert pooler.process.wait(timeout=20) == 0


def test_airflow_takes_the_settings_from_its_config_folder(tmp_path: Path) -> None:
    pod = render(sets=POOLED).pod("scheduler")
    (mount,) = [m for m in pod.spec.containers[0].volume_mounts if m.sub_path == "airflow_kit_pooler.py"]
    target = tmp_path / Path(mount.mount_path).relative_to("/opt/airflow")
    target.parent.mkdir(parents=True)
    target.write_text((data_dir("chart") / "files" / mount.sub_path).read_text(encoding="utf-8"), encoding="utf-8")
    env = {e.name: e.value for e in pod.spec.containers[0].env if e.name.endswith("CONNECT_ARGS_ASYNC")}
    assert len(env) == 1
    words = (
        "from airflow import settings; settings.prepare_syspath_for_config_and_plugins();"
        "args = settings._get_connect_args('async');"
        "print(sorted(args), repr(args['prepared_statement_name_func']()))"
    )
    done = run_python(["-c", words], env={**env, "AIRFLOW_HOME": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"})
    assert done.ok, done.stderr
    assert done.stdout.splitlines()[-1] == (
        "['prepared_statement_cache_size', 'prepared_statement_name_func', 'statement_cache_size'] ''"
    )
