"""An environment with the pinned Airflow, apart from the CLI's, whose dependencies it would clash with."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from kitctl.model.image_ref import digest
from kitctl.model.settings import cache_dir
from kitctl.model.versions import data_dir, pin
from kitctl.tools.process import Result

PROVIDERS = ("cncf-kubernetes", "fab", "git")
PACKAGES = [
    f"apache-airflow-core=={pin('airflow.version')}",
    *(f"apache-airflow-providers-{name}=={pin(f'airflow.providers.{name}')}" for name in PROVIDERS),
    # What the image has for log-ins by OAuth.
    "authlib",
]
OLDEST_EXECUTOR = "apache-airflow-providers-cncf-kubernetes==10.21.0"
OIDC = "oidc-provider-mock==0.3.4"


def run_python(
    words: list[str], text: str = "", env: Mapping[str, str] | None = None, *, python: Path | None = None
) -> Result:
    """Run Python with that Airflow.

    Args:
        words: Script and arguments.
        text: Standard input.
        env: More variables.
        python: Another interpreter.
    """
    argv = [str(python or interpreter()), *words]
    more = {**os.environ, **(env or {})}
    done = subprocess.run(argv, input=text, capture_output=True, text=True, check=False, timeout=300, env=more)
    return Result(done.returncode, done.stdout, done.stderr)


@cache
def interpreter() -> Path:
    """Return the Python of an environment with that Airflow, made once and kept beside the kit's other caches."""
    return _made(f"{PACKAGES} {sys.version}", None)


@cache
def with_pytest() -> Path:
    """Return the Python of an environment with that Airflow and pytest, as the tests of a project need it."""
    return _made(f"pytest {PACKAGES} {sys.version}", None, [*PACKAGES, "pytest"])


@cache
def keycloak() -> Path:
    """Return the Python of an environment with that Airflow and the provider of Keycloak."""
    provider = _locked("apache-airflow-providers-keycloak|python-keycloak", "requirements-extras.txt")
    return _made(f"keycloak {PACKAGES} {provider} {sys.version}", None, [*PACKAGES, *provider])


@cache
def with_ldap() -> Path:
    """Return the Python of an environment with that Airflow and what FAB needs for LDAP."""
    package = _locked("python-ldap", "requirements-extras.txt")
    return _made(f"ldap {PACKAGES} {package} {sys.version}", None, [*PACKAGES, *package])


@cache
def deferring() -> Path:
    """Return the Python of an environment with the same packages, on which the image's build steps have been."""
    docker = data_dir("docker") / "airflow"
    return _made(f"deferring {PACKAGES} {sys.version} {digest([docker])}", docker / "defer.sh")


@cache
def oldest_executor() -> Path:
    """Return the Python of an environment with the oldest KubernetesExecutor that the kit supports."""
    packages = [OLDEST_EXECUTOR if "-cncf-kubernetes==" in package else package for package in PACKAGES]
    return _made(f"{packages} {sys.version}", None, packages)


@cache
def drivers() -> Path:
    """Return the Python of an environment with the image's SQLAlchemy and drivers of PostgreSQL, and no Airflow."""
    packages = _locked("sqlalchemy|greenlet|asyncpg|psycopg2-binary")
    return _made(f"drivers {packages} {sys.version}", None, packages)


@cache
def celery() -> Path:
    """Return the Python of an environment with the image's Celery and its client of the broker, and no Airflow."""
    packages = _locked("celery|kombu|amqp|redis|packaging|sqlalchemy")
    return _made(f"celery {packages} {sys.version}", None, packages)


@cache
def flower() -> Path:
    """Return the Python of an environment with the image's Flower and Celery, and no Airflow."""
    packages = _locked("celery|kombu|amqp|redis|flower|tornado|prometheus-client|humanize|pytz|packaging")
    return _made(f"flower {packages} {sys.version}", None, packages)


@cache
def oidc_provider() -> Path:
    """Return the Python of an environment with a provider of OpenID Connect for tests, and no Airflow."""
    return _made(f"oidc {OIDC} {sys.version}", None, [OIDC])


def _locked(names: str, lock: str = "requirements.txt") -> list[str]:
    """Return packages of a lock of the image; `names` is a part of a regular expression."""
    locked = (data_dir("docker") / "airflow" / lock).read_text(encoding="utf-8")
    return re.findall(rf"^(?:{names})==[^ ]+", locked, re.MULTILINE)


def _made(facts: str, step: Path | None, packages: Sequence[str] = PACKAGES) -> Path:
    """Make an environment from facts that name it; `step` is a script that takes its folder."""
    folder = cache_dir() / "tests" / f"airflow-{hashlib.sha256(facts.encode()).hexdigest()[:12]}"
    python, done = folder / "bin" / "python", folder / ".complete"
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Two sessions that both miss it must not make it at once: each begins with an empty folder.
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            _make(folder, python, step, packages)
            done.touch()
    return python


def _make(folder: Path, python: Path, step: Path | None, packages: Sequence[str]) -> None:
    uv = [found] if (found := shutil.which("uv")) else [sys.executable, "-m", "uv"]
    subprocess.run([*uv, "venv", "-q", "--clear", "--python", sys.executable, str(folder)], check=True)
    # Bytecode once, here: else each run compiles a thousand modules anew. A step changes files, which must not be those
    # of uv's cache.
    install = [*uv, "pip", "install", "-q", "--compile-bytecode", "--python", str(python), *packages]
    subprocess.run([*install, *(["--link-mode", "copy"] if step else [])], check=True, timeout=900)
    if step:
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        subprocess.run([str(step), str(folder)], check=True, timeout=300, env={**os.environ, "PATH": path})


def ask(request: dict[str, Any]) -> dict[str, Any]:
    """Let Airflow's own readers judge what the kit made.

    Args:
        request: As tests/airflow/reader.py takes it.
    """
    done = run_python([str(Path(__file__).with_name("reader.py"))], json.dumps(request))
    assert done.ok, done.stderr[-4000:]
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer
