"""Loads the scripts of chart/files as pods do: by their path, with nothing of the kit around them."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from kitctl.model.versions import data_dir

FILES = data_dir("chart") / "files"
SCRIPTS = (
    "database_url",
    "database",
    "wait_for_database",
    "heartbeat",
    "migrate",
    "make_keys",
    "kube_api",
    "clean_logs",
    "clean_database",
    "clean_worker_pods",
    "broker_url",
    "celery_alive",
    "simple_passwords",
)


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], ModuleType]]:
    """Import one script by its name."""
    # A __pycache__ in the chart would be packed into it.
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.syspath_prepend(str(FILES))
    # The scripts put their own folder on the path as well; the copy is dropped with it.
    monkeypatch.setattr(sys, "path", list(sys.path))
    for name in SCRIPTS:
        sys.modules.pop(name, None)
    yield importlib.import_module
    for name in SCRIPTS:
        sys.modules.pop(name, None)


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    """A folder like /opt/airflow/secrets."""
    folder = tmp_path / "secrets"
    folder.mkdir()
    (folder / "postgres-password").write_text("pw")
    return folder


@pytest.fixture(autouse=True)
def database(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment that kit.env.database gives to pods."""
    for name, value in {"HOST": "db.local", "PORT": "5432", "NAME": "airflow", "USER": "airflow"}.items():
        monkeypatch.setenv(f"KIT_DATABASE_{name}", value)
    for name in (
        "KIT_DATABASE_SSLMODE",
        "KIT_DATABASE_CLAIM",
        "KIT_DATABASE_PASSWORD",
        "AIRFLOW__CORE__AUTH_MANAGER",
        "KIT_ADMIN_USERNAME",
    ):
        monkeypatch.delenv(name, raising=False)
