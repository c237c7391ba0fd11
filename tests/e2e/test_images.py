"""The images themselves: built, then looked at from the inside."""

from __future__ import annotations

import re
import socket
import sys
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from kitctl.errors import KitError
from kitctl.images import recipes
from kitctl.model.image_ref import full
from kitctl.model.versions import data_dir
from kitctl.tools.builders.builder import Mount, find
from kitctl.tools.process import Result
from tests.e2e.official_like import ensure as official_like

pytestmark = [pytest.mark.e2e_all, pytest.mark.timeout(900)]

GOOD = """
from airflow.sdk import dag, task

@dag(schedule=None)
def good():
    @task
    def one():
        import cowsay
        return cowsay.__version__
    one()

good()
"""
STALE = """
import subprocess, sys
seen = subprocess.run([sys.executable, "-v", "-c", "import airflow.sdk.execution_time.execute_workload"],
                      capture_output=True, text=True)
lines = seen.stderr.splitlines()
bad = [l for l in lines if "is stale" in l or (l.startswith("# code object from") and ".pyc" not in l)]
good = [l for l in lines if "code object from" in l and ".pyc" in l]
print(seen.returncode, len(good), bad[:5])
"""


def progress(line: str) -> None:
    sys.stderr.write(f"{line}\n")


@pytest.fixture(scope="module")
def airflow() -> str:
    return recipes.ensure_airflow_image(progress)


@pytest.fixture(scope="module")
def official() -> str:
    return official_like(progress)


@pytest.fixture
def dags(tmp_path: Path) -> Path:
    folder = tmp_path / "dags"
    folder.mkdir()
    (folder / "good.py").write_text(GOOD)
    return folder


def run(reference: str, argv: Sequence[str], env: Mapping[str, str] | None = None) -> Result:
    """Run a command in a fresh container of an image, without its entrypoint, as the image's user."""
    return find().run(full(reference), argv, env=env, timeout=120.0)


def inside(reference: str, *argv: str, env: dict[str, str] | None = None) -> Result:
    done = run(reference, argv, env=env)
    assert done.ok, done.stderr
    return done


def build(dags: Path, requirements: Path | None, base: str) -> str:
    return recipes.ensure_dags_image(dags, requirements, base, True, progress)


# The kit's Airflow image


def test_no_module_of_a_worker_pod_is_compiled_anew(airflow: str) -> None:
    code, loaded, bad = inside(airflow, "python", "-c", STALE).stdout.split(maxsplit=2)
    assert (code, bad.strip()) == ("0", "[]")
    assert int(loaded) > 500


def test_every_pyc_is_unchecked(airflow: str) -> None:
    script = (
        "import pathlib, sysconfig\n"
        "n = 0\n"
        "for root in {sysconfig.get_path('purelib'), sysconfig.get_path('stdlib')}:\n"
        "    for pyc in pathlib.Path(root).rglob('*.pyc'):\n"
        "        n += 1\n"
        "        assert pyc.read_bytes()[4:8] == b'\\x01\\0\\0\\0', pyc\n"
        "print(n)"
    )
    assert int(inside(airflow, "python", "-c", script).stdout) > 5000


def test_it_runs_as_50000_0_and_nothing_raises_rights(airflow: str) -> None:
    script = "id -u; id -g; echo $HOME $AIRFLOW_HOME $LANG; find / -xdev -type f -perm /6000 2>/dev/null; true"
    assert inside(airflow, "sh", "-c", script).stdout.split() == [
        *("50000", "0", "/home/airflow", "/opt/airflow", "C.UTF-8")
    ]


def test_git_ssh_and_an_init_process_are_there(airflow: str) -> None:
    script = "cd /tmp && git init -q r && cd r && git -c user.name=a -c user.email=a@b commit -q --allow-empty -m x"
    inside(airflow, "sh", "-c", f"{script} && git log --oneline && ssh -V && dumb-init --version")


@pytest.mark.parametrize("argv", [["version"], ["airflow", "version"], ["sh", "-c", "airflow version"]])
def test_the_entrypoint_takes_sub_commands_and_commands(airflow: str, argv: list[str]) -> None:
    assert re.match(r"\d+\.\d+\.\d+", inside(airflow, "/entrypoint", *argv).stdout.splitlines()[-1])


def test_every_provider_and_driver_imports(airflow: str) -> None:
    names = ["psycopg2", "asyncpg", "celery", "kubernetes", "airflow.providers.celery.executors.celery_executor_utils"]
    names += [f"airflow.providers.{p}" for p in ("cncf.kubernetes", "celery", "fab", "git", "postgres", "standard")]
    inside(airflow, "python", "-c", "\n".join(f"import {name}" for name in names))


WORKER = {"AIRFLOW_IS_K8S_EXECUTOR_POD": "True"}
START = ("python", "-X", "importtime", "-m", "airflow.sdk.execution_time.execute_workload", "--json-string", "{}")
OFF = "AIRFLOW_KIT_DEFER_IMPORTS"
LATER = re.compile(r"\| +(?:sqlalchemy\.orm|libcst|airflow\.models)\b")
LIST = tomllib.loads((data_dir("docker") / "airflow" / "lazy_imports.toml").read_text())
REACH = (
    "import airflow_kit_deferral, sys\n"
    "airflow_kit_deferral.start()\n"
    f"import {', '.join(LIST['base'])}, airflow.providers.standard.operators.python\n"
    "waiting = [f'{p}.{n}' for p, names in airflow_kit_deferral.later.items() for n in names]\n"
    "assert not {'sqlalchemy', 'libcst', 'tabulate'} & sys.modules.keys()\n"
)


def test_a_worker_pod_imports_no_database_layer_and_no_parser(airflow: str) -> None:
    said = run(airflow, START, env=WORKER).stderr
    assert "airflow.executors.workloads" in said  # it came as far as reading the workload, which is none
    assert not LATER.search(said)


@pytest.mark.parametrize("env", [{}, {**WORKER, OFF: "False"}], ids=["no worker pod", "switch"])
def test_other_processes_import_as_released(airflow: str, env: dict[str, str]) -> None:
    assert LATER.search(run(airflow, START, env=env).stderr)


def test_a_python_that_a_task_starts_has_pythons_own_settings(airflow: str) -> None:
    ask = ("python", "-c", "import gc, sys; print(gc.get_threshold(), 'airflow_kit_deferral' in sys.modules)")
    assert inside(airflow, *ask, env=WORKER).stdout == inside(airflow, *ask).stdout


@pytest.mark.parametrize("model", ["connection.Connection", "xcom.XComModel", "taskinstance.TaskInstance"])
def test_a_worker_pod_can_still_make_an_object_of_one_model(airflow: str, model: str) -> None:
    """The Kubernetes hook makes a Connection: SQLAlchemy then wants every model that this one names."""
    module, _, name = model.partition(".")
    script = f"{REACH}from airflow.models.{module} import {name}\nfrom sqlalchemy.orm import configure_mappers\n"
    script += "configure_mappers()" if name != "Connection" else "print(Connection(conn_id='made').conn_id)"
    inside(airflow, "python", "-c", script, env=WORKER)


def test_what_is_deferred_is_there_when_it_is_asked_for(airflow: str) -> None:
    """tests/airflow/test_same_names.py compares names one by one; this is the image's own Python and packages."""
    script = f"{REACH}import importlib, operator\n"
    script += "for name in waiting:\n    top, _, path = name.partition('.')\n"
    script += "    operator.attrgetter(path)(importlib.import_module(top)) if top != '_openssl' else None\n"
    assert int(inside(airflow, "python", "-c", f"{script}print(len(waiting))", env=WORKER).stdout) > 300


PACKAGES = (
    "import importlib, sys\n"
    "import kubernetes, kubernetes_asyncio\n"
    "print(sum(name.startswith('kubernetes') for name in sys.modules))\n"
    "print(sum(isinstance(v, type) for name in sys.argv[1:] for v in vars(importlib.import_module(name)).values()))"
)


def test_the_client_of_kubernetes_loads_the_classes_that_are_asked_for(airflow: str) -> None:
    before, found = inside(airflow, "python", "-c", PACKAGES, *LIST["packages"]).stdout.split()
    assert int(before) < 200
    assert int(found) > 3000


VENV = """
import os, subprocess, tempfile
os.environ.update(AIRFLOW_HOME="/tmp/h", AIRFLOW__LOGGING__LOGGING_LEVEL="ERROR")
from airflow.providers.standard.utils.python_virtualenv import prepare_virtualenv
for packages in (True, False):
    python = prepare_virtualenv(tempfile.mkdtemp(), "python3", packages, [])
    print(subprocess.run([python, "-m", "pip", "--version"], stdout=subprocess.DEVNULL).returncode)
    print(subprocess.run([python, "-c", "import airflow"], capture_output=True).returncode)
"""


def test_a_task_can_make_a_virtual_environment_with_airflow_in_it_or_not(airflow: str) -> None:
    assert inside(airflow, "python", "-c", VENV).stdout.split() == ["0", "0", "0", "1"]
    assert inside(airflow, "uv", "--version").stdout.startswith("uv ")


def test_oauth_and_statsd_are_there(airflow: str) -> None:
    inside(airflow, "python", "-c", "import authlib.integrations.flask_client, statsd")


def test_it_stays_small_and_knows_its_version(airflow: str) -> None:
    assert recipes.archive(airflow).stat().st_size < 800e6
    assert recipes.airflow_version(airflow) in airflow


# DAG images, on the kit's own image and on one with the official layout


@pytest.mark.parametrize("base", ["airflow", "official"])
def test_dags_and_requirements_arrive_on_any_airflow_image(
    request: pytest.FixtureRequest, dags: Path, tmp_path: Path, base: str
) -> None:
    (tmp_path / "reqs.txt").write_text("cowsay==6.1\n")
    (dags / ".airflowignore").write_text("broken.py\n")
    (dags / "broken.py").write_text("airflow DAG (")
    reference = build(dags, tmp_path / "reqs.txt", request.getfixturevalue(base))
    script = (
        "import cowsay, pathlib\n"
        "pyc = pathlib.Path(cowsay.__cached__).read_bytes()\n"
        "dag = next(pathlib.Path('/opt/airflow/dags/__pycache__').glob('good.*.pyc')).read_bytes()\n"
        "print(pyc[4], dag[4], sorted(p.name for p in pathlib.Path('/opt/airflow/dags').iterdir()))\n"
        "print([str(p) for p in pathlib.Path('/opt/airflow').iterdir() if p.is_file()])"
    )
    listed, left = inside(reference, "python", "-c", script).stdout.splitlines()
    # 1: never checked, for packages. 3: checked by hash, for DAGs, which a later layer may replace.
    assert listed == "1 3 ['.airflowignore', '__pycache__', 'broken.py', 'good.py']"
    assert left == "[]"
    assert build(dags, tmp_path / "reqs.txt", request.getfixturevalue(base)) == reference


def test_a_dag_that_does_not_import_fails_the_build_with_its_traceback(airflow: str, dags: Path) -> None:
    (dags / "broken.py").write_text("from airflow.sdk import DAG\nimport nosuchmodule\n")
    with pytest.raises(KitError) as error:
        build(dags, None, airflow)
    assert error.value.id == "dag-import-failed"
    assert error.value.message.endswith(": broken.py")
    assert "No module named 'nosuchmodule'" in error.value.cause
    assert recipes.ensure_dags_image(dags, None, airflow, False, progress)


def test_the_same_dag_id_twice_fails_the_build(airflow: str, dags: Path) -> None:
    (dags / "twice.py").write_text(GOOD)
    with pytest.raises(KitError) as error:
        build(dags, None, airflow)
    assert "DuplicatedId" in error.value.cause


@pytest.mark.parametrize(
    ("line", "package"), [("sqlalchemy<2", "sqlalchemy"), ("langchain==0.0.300", "anyio")], ids=["direct", "indirect"]
)
def test_requirements_that_break_airflows_pins_are_refused(
    airflow: str, dags: Path, tmp_path: Path, line: str, package: str
) -> None:
    (tmp_path / "reqs.txt").write_text(f"{line}\n")
    with pytest.raises(KitError) as error:
        build(dags, tmp_path / "reqs.txt", airflow)
    assert error.value.id == "requirements-conflict"
    assert re.search(rf"{package}: .* wants <\S+, the image has \d", error.value.cause)


def test_an_image_without_airflow_is_refused(dags: Path) -> None:
    with pytest.raises(KitError) as error:
        build(dags, None, "docker.io/library/debian:trixie-slim")
    assert error.value.id == "image-no-airflow"


# The stand-in keeps the official contract


def test_the_stand_in_checks_the_database_unless_told_not_to(official: str) -> None:
    env = {"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": "postgresql+psycopg2://x:x@127.0.0.1:1/x"}
    argv = ["/usr/bin/dumb-init", "--", "/entrypoint", "version"]
    checked = run(official, argv, env={**env, "CONNECTION_CHECK_MAX_COUNT": "1"})
    assert checked.code == 1
    assert "did not answer after 1 tries" in checked.stderr
    unchecked = inside(official, *argv, env={**env, "CONNECTION_CHECK_MAX_COUNT": "0"})
    assert unchecked.stdout.splitlines()[-1] == recipes.airflow_version(official)


def test_the_stand_in_has_the_official_layout(official: str) -> None:
    script = "id -u; id -g; command -v airflow; find ~/.local -name '*.pyc' | grep -c pycache; true"
    assert inside(official, "sh", "-c", script).stdout.split() == [
        "50000",
        "0",
        "/home/airflow/.local/bin/airflow",
        "0",
    ]


# PostgreSQL

DATABASE = r"""
set -eu
export PGDATA=/tmp/pg/data POSTGRES_USER=airflow POSTGRES_DB='air flow' POSTGRES_PASSWORD_FILE=/tmp/password
mkdir -p /tmp/pg && rm -rf /tmp/pg/* && chmod 777 /tmp/pg
printf '%s\n' "$SECRET" >/tmp/password && chmod 644 /tmp/password
if [ -n "${LEFTOVER:-}" ]; then mkdir -p $PGDATA/.new $PGDATA/base/1 && chown -R "$AS" $PGDATA; fi
mkdir -p /docker-entrypoint-initdb.d && echo 'CREATE TABLE seen (n int);' >/docker-entrypoint-initdb.d/1.sql
start() { setpriv --reuid="$AS" --regid=0 --clear-groups docker-entrypoint.sh -c port="$PORT" >/tmp/pg.log 2>&1 & }
[ "$AS" != 0 ] || start() { docker-entrypoint.sh -c port="$PORT" >/tmp/pg.log 2>&1 & }
ready() {
  for _ in $(seq 900); do pg_isready -q -h 127.0.0.1 -p "$PORT" && return; sleep 0.1; done
  cat /tmp/pg.log
  exit 1
}
ask() { PGPASSWORD="$1" psql -XAtq -h 127.0.0.1 -p "$PORT" -U airflow -d 'air flow' -c "$2"; }
start; ready
ask "$SECRET" "select current_setting('server_encoding'), count(*) from seen"
ask wrong 'select 1' 2>&1 | grep -o 'password authentication failed'
ask "$SECRET" 'insert into seen values (1)'
kill -INT $!; wait $! || true
start; ready
ask "$SECRET" 'select count(*) from seen'
kill -INT $!; wait $! || true
"""


@pytest.mark.parametrize(
    ("uid", "leftover"), [("999", ""), ("12345", ""), ("0", ""), ("12345", "yes")], ids=["999", "any", "root", "killed"]
)
def test_postgres_speaks_the_official_contract(tmp_path: Path, uid: str, leftover: str) -> None:
    reference = recipes.ensure_postgres_image(progress)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    (tmp_path / "db.sh").write_text(DATABASE)
    env = {"SECRET": "p'a$s %w:@/\"d\\", "PORT": port, "AS": uid, "LEFTOVER": leftover}
    mounts = [Mount(tmp_path, "/script")]
    done = find().run(reference, ["bash", "/script/db.sh"], mounts=mounts, env=env, timeout=300)
    assert done.stdout.splitlines() == ["UTF8|0", "password authentication failed", "1"], done.stderr
