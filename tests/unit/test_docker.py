"""The files below docker/: pins agree with versions.toml, scripts do what their first lines say."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from kitctl.errors import ExitCode
from kitctl.images import extras
from kitctl.images.building import failure
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


def test_older_versions_of_airflow_have_constraints_with_the_providers_of_the_kit() -> None:
    files = sorted((DOCKER / "airflow" / "constraints").glob("*.txt"))
    assert pin("airflow.minimum") in {file.stem for file in files}
    for file in files:
        found = pins(f"constraints/{file.name}")
        assert found["apache-airflow"] == found["apache-airflow-core"] == file.stem
        assert {name: found.get(name) for name in pins("requirements.in")} == {
            **pins("requirements.in"), "apache-airflow": file.stem
        }  # fmt: skip
        # From 2.14 on, the API server of Airflow 3.2 does not start.
        assert found["pydantic"].split(".")[:2] == ["2", "13"]


def test_an_image_that_does_not_start_is_no_image(tmp_path: Path) -> None:
    app = tmp_path / "airflow" / "api_fastapi" / "execution_api"
    app.mkdir(parents=True)
    (app / "app.py").write_text("def create_task_execution_api_app():\n    raise TypeError('a discriminator field')\n")
    script = DOCKER / "airflow" / "try_start.py"
    env = {"PYTHONPATH": str(tmp_path)}
    done = subprocess.run([sys.executable, script, "3.4.0"], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    error = failure("kitctl.local/airflow:3.4.0-0123456789ab", done.stdout + done.stderr)
    assert (error.id, error.code) == ("airflow-does-not-start", ExitCode.PREFLIGHT)
    assert error.message == "Airflow 3.4.0 does not start with the packages that the index has today"
    assert "TypeError: a discriminator field" in error.cause
    assert "3.3.2, 3.3.1, 3.3.0, 3.2.2" in error.cause
    assert "--image docker.io/apache/airflow:3.4.0" in error.fix
    (app / "app.py").write_text("def create_task_execution_api_app():\n    return 1\n")
    assert subprocess.run([sys.executable, script, "3.4.0"], env=env, check=False).returncode == 0


def test_extras_are_locked_with_hashes_and_leave_the_other_pins_alone() -> None:
    locked, usual = pins("requirements-extras.txt"), pins("requirements.txt")
    assert {name: locked.get(name) for name in usual} == usual
    names = {name.removeprefix("apache-airflow-providers-") for name in locked}
    assert set(extras.known()) <= names
    assert {"amazon", "google", "keycloak", "microsoft-azure", "python-ldap"} <= set(extras.known())
    text = (DOCKER / "airflow" / "requirements-extras.txt").read_text()
    assert text.count("==") <= text.count("--hash=sha256:")


def test_the_locked_installer_has_hashes() -> None:
    assert "--hash=sha256:" in (DOCKER / "airflow" / "build-requirements.txt").read_text()
    assert "uv" in pins("build-requirements.txt")


@pytest.mark.parametrize("name", ["airflow", "postgres", "redis", "rabbitmq", "pgbouncer"])
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
