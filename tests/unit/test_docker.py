"""The files below docker/: pins agree with versions.toml, scripts do what their first lines say."""

from __future__ import annotations

import importlib.util
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from kitctl.model.versions import data_dir, document, pin

DOCKER = data_dir("docker")


def pins(name: str) -> dict[str, str]:
    text = (DOCKER / "airflow" / name).read_text()
    return dict(re.findall(r"^([a-z0-9-]+)==([^\s;\\]+)", text, re.MULTILINE))


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, DOCKER / "dags" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_direct_requirements_are_those_of_versions_toml() -> None:
    wanted = {f"apache-airflow-providers-{k}": v for k, v in document()["airflow"]["providers"].items()}
    assert pins("requirements.in") == {"apache-airflow": pin("airflow.version"), **wanted}


def test_the_lock_holds_each_direct_requirement_at_its_version_with_hashes() -> None:
    locked = pins("requirements.txt")
    for name, version in pins("requirements.in").items():
        assert locked[name] == version
    text = (DOCKER / "airflow" / "requirements.txt").read_text()
    assert text.count("==") <= text.count("--hash=sha256:")


def test_the_locked_installer_has_hashes() -> None:
    assert "--hash=sha256:" in (DOCKER / "airflow" / "build-requirements.txt").read_text()
    assert "uv" in pins("build-requirements.txt")


@pytest.mark.parametrize("name", ["airflow", "postgres"])
def test_images_start_from_the_pinned_debian(name: str) -> None:
    assert f"ARG BASE_IMAGE={pin('images.debian')}\n" in (DOCKER / name / "Dockerfile").read_text()


def test_the_image_compiles_bytecode_that_does_not_depend_on_mtimes() -> None:
    for name in ("Dockerfile", "runtime.sh"):
        text = (DOCKER / "airflow" / name).read_text()
        assert text.count("-m compileall") == text.count("--invalidation-mode unchecked-hash") == 1


@pytest.mark.parametrize(
    ("given", "run"),
    [
        ([], "airflow"),
        (["version"], "airflow version"),
        (["db", "migrate"], "airflow db migrate"),
        (["celery", "worker"], "airflow celery worker"),
        (["users", "list"], "airflow users list"),
        (["--help"], "airflow --help"),
        (["airflow", "scheduler"], "airflow scheduler"),
        (["sh", "-c", "exit 3"], "sh -c exit 3"),
        (["/bin/ls"], "/bin/ls"),
    ],
)
def test_the_entrypoint_takes_a_sub_command_or_any_command(tmp_path: Path, given: list[str], run: str) -> None:
    for name in ("airflow", "celery"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    (tmp_path / "dumb-init").write_text('#!/bin/sh\nshift\necho "$*"\n')
    (tmp_path / "dumb-init").chmod(0o755)
    env = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    done = subprocess.run(
        [str(DOCKER / "airflow" / "entrypoint.sh"), *given], env=env, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == run


def start_up(code: str, *argv: str, worker: bool) -> str:
    """Run the image's start-up hook and then some code, as a component or as a worker pod; returns what it prints."""
    path = DOCKER / "airflow" / "sitecustomize.py"
    env = {**os.environ, "AIRFLOW_IS_K8S_EXECUTOR_POD": str(worker)}
    program = [sys.executable, "-c", f"exec(open({str(path)!r}).read())\n{code}", *argv]
    return subprocess.run(program, env=env, capture_output=True, text=True, check=True).stdout.strip()


def test_only_worker_pods_get_wide_gc_thresholds() -> None:
    code = "import gc; print(gc.get_threshold()[0])"
    assert int(start_up(code, worker=False)) < 10_000 <= int(start_up(code, worker=True))


def test_only_worker_pods_leave_their_objects_to_the_system_at_the_end() -> None:
    code = "import atexit, gc; atexit._run_exitfuncs(); print(gc.get_freeze_count())"
    assert int(start_up(code, worker=False)) == 0
    assert int(start_up(code, worker=True)) > 1000


CRASH = """
import ctypes, os, signal
before = signal.signal(signal.SIGSEGV, lambda *_: None)
assert signal.signal(signal.SIGUSR1, signal.SIG_IGN) == signal.SIG_DFL == before
assert signal.getsignal(signal.SIGUSR1) == signal.SIG_IGN
if not (child := os.fork()):
    signal.setitimer(signal.ITIMER_REAL, 0.5)  # ends a child that would repeat its crash for ever
    ctypes.string_at(0)
print(os.WTERMSIG(os.waitpid(child, 0)[1]))
"""


def test_a_task_that_crashes_ends() -> None:
    assert int(start_up(CRASH, worker=True)) == signal.SIGSEGV
    assert int(start_up(CRASH, worker=False)) == signal.SIGALRM


ENTRY = "airflow.sdk.execution_time.execute_workload"
MARK = """
import os, sys
print(os.environ.get("_AIRFLOW__REEXECUTED_PROCESS"), flush=True)
if not os.fork():
    print(os.environ.get("_AIRFLOW__REEXECUTED_PROCESS"), flush=True)
    os._exit(0)
os.wait()
"""


def test_the_supervisor_of_a_task_sets_up_no_database_and_the_task_does_not_see_the_mark() -> None:
    assert start_up(MARK, ENTRY, worker=True).split() == ["1", "None"]
    assert start_up(MARK, ENTRY, worker=False).split() == ["None", "None"]
    assert start_up(MARK, "another.module", worker=True).split() == ["None", "None"]


FORKED = """
import gc, os
for _ in range(10):
    before = gc.get_freeze_count()
    if not os.fork():
        print(int(gc.get_freeze_count() > 1000), int(gc.get_freeze_count() > before), flush=True)
        os._exit(0)
    os.wait()
    kept = [[] for _ in range(100)]
"""


def test_the_schedulers_helpers_share_what_it_imported() -> None:
    assert start_up(FORKED, "/bin/airflow", "scheduler", worker=False).splitlines() == [*["1 1"] * 8, *["1 0"] * 2]
    assert set(start_up(FORKED, "/bin/airflow", "triggerer", worker=False).splitlines()) == {"0 0"}


HAVE = {"sqlalchemy": "2.1.9", "anyio": "4.16.0", "apache-airflow-core": "3.3.2"}


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("sqlalchemy<2", {"package": "sqlalchemy", "wanted": "<2", "installed": "2.1.9", "by": ""}),
        ("SQLAlchemy==2.0.1  # why", {"package": "sqlalchemy", "wanted": "==2.0.1", "installed": "2.1.9", "by": ""}),
        ("sqlalchemy[asyncio]>=2", None),
        ("sqlalchemy<2; python_version < '3'", None),
        ("pandas==2.0", None),
        ("--index-url https://example.com", None),
        ("./local", None),
    ],
)
def test_a_requirement_that_excludes_what_the_image_holds_is_named(line: str, found: dict[str, str] | None) -> None:
    assert script("install").direct_conflicts([line], HAVE) == ([found] if found else [])


def test_pips_explanation_gives_the_package_in_between() -> None:
    said = (
        "ERROR: Cannot install langchain==0.0.300 because these package versions have conflicting dependencies.\n"
        "The conflict is caused by:\n"
        "    langchain 0.0.300 depends on anyio<4.0\n"
        "    langchain 0.0.300 depends on requests>=2\n"
        "    The user requested (constraint) anyio==4.16.0\n"
    )
    assert script("install").indirect_conflicts(said, HAVE) == [
        {"package": "anyio", "wanted": "<4.0", "installed": "4.16.0", "by": "langchain 0.0.300"}
    ]


def test_a_conflict_is_reported_on_one_line() -> None:
    module = script("install")
    # A string as exit code: Python prints it on stderr and ends with 1.
    with pytest.raises(SystemExit) as ended:
        module.fail("requirements-conflict", conflicts=[{"package": "x\ny"}])
    assert ended.value.code == 'KITCTL-ERROR {"id": "requirements-conflict", "conflicts": [{"package": "x\\ny"}]}'
