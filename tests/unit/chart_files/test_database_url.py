"""database_url.py: any character in user, password and name arrives unharmed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from urllib.parse import unquote, urlsplit

import pytest

from tests.unit.chart_files.conftest import FILES

Script = Callable[[str], ModuleType]
ODD = ["pw", "p@ss:w/rd?#[]", "100% + $HOME ${X}", "ümläut €", "a b\tc", "'\"\\`", "%41", "\n in the middle"]


@pytest.mark.parametrize("password", ODD)
def test_any_password_survives_the_url(script: Script, secrets: Path, password: str) -> None:
    (secrets / "postgres-password").write_text(password, encoding="utf-8")
    parts = urlsplit(script("database_url").url(use_async=False, secrets=secrets))
    assert unquote(parts.password or "") == password
    assert (parts.hostname, parts.port, parts.path) == ("db.local", 5432, "/airflow")


@pytest.mark.parametrize("password", ODD)
def test_airflow_finds_nothing_to_expand_in_it(script: Script, secrets: Path, password: str) -> None:
    (secrets / "postgres-password").write_text(password, encoding="utf-8")
    url = script("database_url").url(use_async=False, secrets=secrets)
    assert os.path.expandvars(url) == url


def test_one_newline_of_an_editor_is_dropped(script: Script, secrets: Path) -> None:
    (secrets / "postgres-password").write_text("pw\n")
    assert ":pw@" in script("database_url").url(use_async=False, secrets=secrets)


def test_the_drivers_are_named(script: Script, secrets: Path) -> None:
    module = script("database_url")
    assert module.url(use_async=False, secrets=secrets).startswith("postgresql+psycopg2://")
    assert module.url(use_async=True, secrets=secrets).startswith("postgresql+asyncpg://")


def test_each_driver_gets_the_tls_mode_under_its_own_name(
    script: Script, secrets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KIT_DATABASE_SSLMODE", "require")
    module = script("database_url")
    assert module.url(use_async=False, secrets=secrets).endswith("?sslmode=require")
    assert module.url(use_async=True, secrets=secrets).endswith("?ssl=require")


def test_a_user_of_the_secret_wins(script: Script, secrets: Path) -> None:
    (secrets / "database-user").write_text("us:er\n")
    assert "//us%3Aer:pw@" in script("database_url").url(use_async=False, secrets=secrets)


def test_an_ipv6_host_stands_in_brackets(script: Script, secrets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KIT_DATABASE_HOST", "fd00::1")
    assert "@[fd00::1]:5432/" in script("database_url").url(use_async=False, secrets=secrets)


def test_it_runs_without_site_packages_and_ends_without_a_newline(secrets: Path, tmp_path: Path) -> None:
    # Airflow takes the output as it is: a newline would become a part of the database's name.
    copy = tmp_path / "database_url.py"
    text = (FILES / "database_url.py").read_text(encoding="utf-8")
    copy.write_text(text.replace("/opt/airflow/secrets", str(secrets)), encoding="utf-8")
    done = subprocess.run([sys.executable, "-IS", str(copy)], capture_output=True, text=True, check=True)
    assert done.stdout == "postgresql+psycopg2://airflow:pw@db.local:5432/airflow"
